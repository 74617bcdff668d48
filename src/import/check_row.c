/* check_row: conditions that each row of a segment satisfies, all counted in one pass. */
#include <inttypes.h>
#include <stdio.h>

#include "base/check.h"
#include "base/sql.h"
#include "import/check_int.h"

enum { COUNTS_MAX = 64 * 1024, WRONG = 0, ODD = 1 };

static const struct check {
    const char *id;
    bool odd;
    const char *rows, *one, *several;
} checks[] = {
#define FTH_IMPORT_CHECK(id, text)
#define FTH_IMPORT_CHECK_ROW(id, weight, rows, one, several, text) \
    {id, (weight) == ODD, rows, one, several},
#include "import/check.def"
#undef FTH_IMPORT_CHECK
#undef FTH_IMPORT_CHECK_ROW
};

enum { CHECK_NR = sizeof(checks) / sizeof(*checks) };

struct counted {
    int64_t told[CHECK_NR], wrong[CHECK_NR];
};

static struct fth_str condition(const struct check *check)
{
    char name[128];

    snprintf(name, sizeof(name), "import/check/holds/%s", check->id);
    return fth_sql(name);
}

static enum fth_rc put_counts(struct fth_arena *arena, struct fth_buf *out, struct fth_err *err)
{
    for (size_t i = 0; i < CHECK_NR; i++) {
        const struct fth_word words[] = {{"holds", condition(&checks[i])}};
        struct fth_str pair;

        if (fth_statement(arena, "import/check/row_count", words, FTH_NR(words), &pair, err))
            return err->rc;
        fth_buf_c(out, i ? ", " : "");
        fth_buf_str(out, pair);
    }
    return fth_buf_done(out, err);
}

static enum fth_rc take_counts(void *ctx, const struct fth_batch *batch, size_t i,
                               struct fth_err *err)
{
    struct counted *counted = ctx;

    (void)err;
    FTH_CHECK(batch->col_nr == 2 * (size_t)CHECK_NR);
    for (size_t k = 0; k < CHECK_NR; k++) {
        counted->told[k] = fth_check_i64(batch, 2 * k, i);
        counted->wrong[k] = fth_check_i64(batch, 2 * k + 1, i);
    }
    return FTH_OK;
}

/* The file that a record is of, and its number in there. */
static struct fth_str file_of(const struct fth_lot *lot, int64_t record, int64_t *in_file)
{
    *in_file = record;
    for (size_t i = 0; i < lot->counts.file_nr; i++) {
        if (*in_file <= lot->counts.files[i].rows)
            return fth_check_base(lot->counts.files[i].path);
        *in_file -= lot->counts.files[i].rows;
    }
    return FTH_STR("?");
}

static enum fth_rc tell_place(void *ctx, const struct fth_batch *batch, size_t i,
                              struct fth_err *err)
{
    struct fth_lot *lot = ctx;
    struct fth_str service = fth_check_text(batch, 0, i), account = fth_check_text(batch, 2, i);
    int64_t charges = fth_check_i64(batch, 3, i), in_file;
    struct fth_str path = file_of(lot, fth_check_i64(batch, 4, i), &in_file);

    return fth_check_where(lot, err,
                           FTH_STR_F ", " FTH_STR_F ", account " FTH_STR_F ": %" PRId64
                                     " charge%s, the first record %" PRId64 " of " FTH_STR_F,
                           FTH_STR_A(service.n ? service : FTH_STR("no service")),
                           FTH_STR_A(fth_check_text(batch, 1, i)),
                           FTH_STR_A(account.n ? account : FTH_STR("none")), charges,
                           charges == 1 ? "" : "s", in_file, FTH_STR_A(path));
}

static enum fth_rc conclude(struct fth_session *session, struct fth_run *run, struct fth_lot *lot,
                            const struct counted *counted, size_t at, struct fth_err *err)
{
    const struct check *check = &checks[at];
    const struct fth_word words[] = {{"holds", condition(check)}};
    int64_t wrong = counted->wrong[at];
    enum fth_rc rc;

    if (!counted->told[at])
        return FTH_OK;
    rc = fth_check_add(lot, check->id, !wrong, err, "%" PRId64 " of %" PRId64 " %s %s", wrong,
                       counted->told[at], check->rows, wrong == 1 ? check->one : check->several);
    if (rc || !wrong)
        return rc;
    lot->checks.at[lot->checks.nr - 1].remark = check->odd;
    return fth_check_query(session, run, lot, "import/check/row_where", words, FTH_NR(words),
                           tell_place, lot, err);
}

enum fth_rc fth_check_rows(struct fth_session *session, struct fth_run *run, struct fth_lot *lot,
                           struct fth_err *err)
{
    struct fth_buf counts = fth_buf_max(COUNTS_MAX);
    struct counted counted = {{0}, {0}};
    enum fth_rc rc = put_counts(run->arena, &counts, err);

    if (!rc) {
        const struct fth_word words[] = {{"counts", fth_buf_view(&counts)}};

        rc = fth_check_query(session, run, lot, "import/check/row_counts", words, FTH_NR(words),
                             take_counts, &counted, err);
    }
    fth_buf_release(&counts);
    for (size_t i = 0; i < CHECK_NR && !rc; i++)
        rc = conclude(session, run, lot, &counted, i, err);
    return rc;
}
