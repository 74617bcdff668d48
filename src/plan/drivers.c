/*
 * Drivers: which dimension explains a change. Of the candidates that is the one whose three largest
 * movers hold the greatest part of all movement, leaving out dimensions that do not divide the
 * change (a single value). Ties go to the earlier one: they are listed from what people look at
 * first.
 */
#include <stdlib.h>

#include "base/check.h"
#include "plan/answer_int.h"

static const char *const candidates[] = {"service", "sub_account", "charge_category", "region",
                                         "service_category"};

static int by_size(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;

    return (a < b) - (a > b);
}

static enum fth_rc concentration(struct fth_answer *a, double *out, struct fth_err *err)
{
    const struct fth_column_of what = {.role = FTH_ROLE_CHANGE, .measure = a->plan->measures[0]};
    size_t nr = a->grid.rows.nr;
    double *moves = FTH_NEW_ARRAY(a->arena, double, nr), all = 0, top = 0;

    *out = 0;
    if (!moves)
        return fth_err_nomem(err);
    for (size_t i = 0; i < nr; i++) {
        struct fth_cell cell;

        if (fth_answer_cell(a, a->grid.rows.at[i], &what, &cell, err))
            return err->rc;
        moves[i] = cell.null ? 0 : fth_money_to_double(cell.money);
        moves[i] = moves[i] < 0 ? -moves[i] : moves[i];
        all += moves[i];
    }
    if (nr < 2 || all <= 0)
        return FTH_OK;
    qsort(moves, nr, sizeof(*moves), by_size);
    for (size_t i = 0; i < 3 && i < nr; i++)
        top += moves[i];
    /* Three of three are always everything: few values say less than the same part of many. */
    *out = top / all * (1 - 1 / (double)nr);
    return FTH_OK;
}

enum fth_rc fth_answer_driver(struct fth_ask *ask, struct fth_str *out, struct fth_err *err)
{
    double best = -1;

    for (size_t i = 0; i < FTH_NR(candidates); i++) {
        struct fth_ask one = *ask;
        struct fth_plan plan = *ask->plan;
        struct fth_answer *a = FTH_NEW(ask->env.arena, struct fth_answer);
        double score;

        if (!a)
            return fth_err_nomem(err);
        plan.group_by[0] = fth_str_c(candidates[i]);
        plan.group_nr = 1;
        one.plan = &plan;
        if (fth_answer_prepare(a, &one, err) || fth_answer_gather(a, err) ||
            concentration(a, &score, err))
            return err->rc;
        if (score > best) {
            best = score;
            *out = fth_str_c(candidates[i]);
        }
    }
    return FTH_OK;
}
