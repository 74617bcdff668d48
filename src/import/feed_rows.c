/* Records to rows: the period, the rules, what is counted, and what is set aside. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/file.h"
#include "import/feed_dates.h"
#include "import/feed_demand.h"
#include "import/feed_parts.h"

enum { MAX_SHOWN = 200 };

/* ---- refusing ---- */

static struct fth_str shown(struct fth_str value)
{
    while (value.n > MAX_SHOWN && (value.p[MAX_SHOWN] & 0xc0) == 0x80)
        value.n--;
    return fth_str_sub(value, 0, MAX_SHOWN);
}

static enum fth_rc keep_text(struct fth_import_feed *feed, struct fth_str text, struct fth_str *out,
                             struct fth_err *err)
{
    return fth_arena_str(feed->arena, shown(text), out, err);
}

/* The file of bad records is made when there is one. */
static enum fth_rc open_rejects(struct fth_import_feed *feed, struct fth_err *err)
{
    const char *path = feed->request.rejects;

    if (feed->reject_fd >= 0)
        return FTH_OK;
    feed->reject_fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (feed->reject_fd < 0)
        return fth_err_errno(err, errno, "%s", path);
    return fth_file_write_all(feed->reject_fd, path,
                              FTH_STR("line,record,file,column,rule,value,text\n"), err);
}

/* A line of it, its texts quoted. */
static enum fth_rc write_reject(struct fth_import_feed *feed, const struct fth_feed_reject *reject,
                                struct fth_str record, struct fth_err *err)
{
    const struct fth_str texts[] = {reject->file, reject->column, reject->rule, reject->value,
                                    record};
    struct fth_buf line = fth_buf_max(64 << 20);
    enum fth_rc rc;

    fth_buf_printf(&line, "%lld,%lld", (long long)reject->line, (long long)reject->record);
    for (size_t i = 0; i < FTH_NR(texts); i++) {
        fth_buf_c(&line, ",\"");
        for (size_t k = 0; k < texts[i].n; k++) {
            if (texts[i].p[k] == '"')
                fth_buf_char(&line, '"');
            fth_buf_char(&line, texts[i].p[k]);
        }
        fth_buf_char(&line, '"');
    }
    fth_buf_char(&line, '\n');
    rc = fth_buf_done(&line, err);
    if (!rc)
        rc = fth_file_write_all(feed->reject_fd, feed->request.rejects, fth_buf_view(&line), err);
    fth_buf_release(&line);
    return rc;
}

/* Under the lock. `record` is the whole of it, as far as it is known. */
static enum fth_rc set_aside(struct fth_import_feed *feed, struct fth_feed_reject *reject,
                             struct fth_str record, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    if (feed->request.rejects)
        rc = open_rejects(feed, err);
    if (!rc && feed->request.rejects)
        rc = write_reject(feed, reject, record, err);
    if (!rc && feed->counts.rejected < FTH_FEED_REJECTS) {
        rc = keep_text(feed, reject->value, &reject->value, err);
        if (!rc)
            feed->rejects[feed->counts.reject_nr++] = *reject;
    }
    if (!rc) {
        feed->counts.rejected++;
        feed->counts.rows_read++;
    }
    return rc;
}

static enum fth_rc refuse(struct fth_import_feed *feed, struct fth_feed_reject *reject,
                          struct fth_str record, const struct fth_feed_fault *fault,
                          struct fth_err *err)
{
    struct fth_str value = shown(reject->value);
    enum fth_rc rc = FTH_OK;
    bool tolerated;

    fth_mutex_lock(&feed->lock);
    tolerated = feed->rejected < feed->request.tolerate;
    if (tolerated) {
        feed->rejected++;
        rc = set_aside(feed, reject, record, err);
    } else if (!feed->counts.has_fatal) {
        rc = keep_text(feed, reject->value, &reject->value, err);
        feed->counts.fatal = *reject;
        feed->counts.has_fatal = !rc;
    }
    fth_mutex_unlock(&feed->lock);
    if (tolerated || rc)
        return rc;
    if (reject->column.n)
        fth_err_set(err, fault->rc,
                    FTH_STR_F ": line %lld (record %lld), column \"" FTH_STR_F "\": \"" FTH_STR_F
                              "\" %s (%s)",
                    FTH_STR_A(reject->file), (long long)reject->line, (long long)reject->record,
                    FTH_STR_A(reject->column), FTH_STR_A(value), fault->why, fault->rule);
    else
        fth_err_set(err, fault->rc, FTH_STR_F ": line %lld (record %lld): %s (%s)",
                    FTH_STR_A(reject->file), (long long)reject->line, (long long)reject->record,
                    fault->why, fault->rule);
    if (feed->request.tolerate)
        fth_err_hint(err, "%lld bad records were set aside before this one.",
                     (long long)feed->request.tolerate);
    return err->rc;
}

int64_t fth_feed_record_in_file(const struct fth_feed_block *block, size_t record)
{
    if (block->chunk)
        return fth_csv_chunk_record(block->chunk, block->first + record);
    if (block->lines)
        return block->lines->first_record + (int64_t)(block->first + record);
    return block->place[block->first + record] + 1;
}

int64_t fth_feed_record_nr(const struct fth_feed_block *block, size_t record)
{
    return block->base + fth_feed_record_in_file(block, record);
}

static struct fth_str whole_record(const struct fth_feed_block *block, size_t record)
{
    struct fth_str first, last;

    if (block->lines)
        return fth_lines_text(block->lines, block->first + record);
    if (!block->chunk)
        return (struct fth_str){0};
    first = fth_csv_raw(block->chunk, block->first + record, 0);
    last = fth_csv_raw(block->chunk, block->first + record, block->chunk->columns - 1);
    return (struct fth_str){first.p, (size_t)(last.p + last.n - first.p)};
}

/* A Parquet file has no lines: its records count, as they would under one line of header. */
static int64_t line_of(const struct fth_feed_block *block, size_t record)
{
    if (block->chunk)
        return fth_csv_chunk_line(block->chunk, block->first + record);
    if (block->lines)
        return fth_lines_line(block->lines, block->first + record);
    return fth_feed_record_in_file(block, record) + 1;
}

enum fth_rc fth_feed_refuse(struct fth_feed_worker *worker, size_t record,
                            const struct fth_feed_fault *fault, struct fth_err *err)
{
    const struct fth_feed_block *block = &worker->block;
    struct fth_feed_reject reject = {
        .file = fth_str_c(block->file->path),
        .value = fault->value,
        .rule = fth_str_c(fault->rule),
        .record = fth_feed_record_in_file(block, record),
    };
    enum fth_rc rc;

    if (worker->set_aside[record] || worker->quiet)
        return FTH_OK;
    if (fault->column != SIZE_MAX)
        reject.column = block->file->binding.headers[fault->column];
    reject.line = line_of(block, record);
    rc = refuse(worker->feed, &reject, whole_record(block, record), fault, err);
    if (rc)
        return rc;
    worker->set_aside[record] = true;
    worker->again = true;
    return FTH_OK;
}

enum fth_rc fth_feed_refuse_bad(struct fth_import_feed *feed, const struct fth_feed_file *file,
                                const struct fth_csv_bad *bad, size_t columns, struct fth_err *err)
{
    bool count = bad->fields != columns;
    char why[96];
    const struct fth_feed_fault fault = {.column = SIZE_MAX,
                                         .rule = count ? "field-count" : "not-utf8",
                                         .why = why,
                                         .rc = FTH_E_SYNTAX};
    struct fth_feed_reject reject = {.file = fth_str_c(file->path),
                                     .value = bad->text,
                                     .rule = fth_str_c(fault.rule),
                                     .line = bad->line,
                                     .record = bad->record};

    if (count)
        snprintf(why, sizeof(why), "%zu fields, but the first has %zu", bad->fields, columns);
    else
        snprintf(why, sizeof(why), "not UTF-8, or it has a zero byte");
    return refuse(feed, &reject, bad->text, &fault, err);
}

/* ---- choosing ---- */

static enum fth_rc see_periods(struct fth_feed_worker *w, struct fth_err *err)
{
    const struct fth_import_feed *feed = w->feed;
    size_t column = fth_feed_period_column(feed, w->block.file);

    memset(w->other, 0, sizeof(w->other));
    for (size_t r = 0; r < w->block.nr; r++)
        w->period[r] = INT64_MIN;
    if (column == SIZE_MAX)
        return FTH_OK;
    for (size_t r = 0; r < w->block.nr; r++) {
        int64_t period;
        bool has;
        enum fth_rc rc;

        if (w->set_aside[r])
            continue;
        w->quiet = w->aside[r];
        rc = fth_feed_period(w, r, &period, &has, err);
        w->quiet = false;
        if (rc)
            return rc;
        if (!has && !w->set_aside[r] && !w->aside[r]) {
            const struct fth_feed_fault fault = {.column = column,
                                                 .rule = "not-a-time",
                                                 .why = "is no billing period",
                                                 .rc = FTH_E_SYNTAX};

            rc = fth_feed_refuse(w, r, &fault, err);
            if (rc)
                return rc;
        }
        if (has)
            w->period[r] = period;
        w->other[r] = has && period != feed->period_us;
    }
    return FTH_OK;
}

/* A money column of the elements. */
static enum fth_rc see_elements(struct fth_feed_worker *w, size_t col, struct fth_money *money,
                                bool *has, struct fth_err *err)
{
    for (size_t r = 0; r < w->block.nr; r++) {
        size_t end = (size_t)w->element_at[r] + w->element_nr[r];

        for (size_t e = w->element_at[r]; e < end; e++) {
            enum fth_rc rc = FTH_OK;

            has[e] = false;
            if (!w->set_aside[r] && !w->other[r])
                rc = fth_feed_element_amount(w, r, e, col, &money[e], &has[e], err);
            if (rc)
                return rc;
        }
    }
    return FTH_OK;
}

static enum fth_rc see_money(struct fth_feed_worker *w, struct fth_err *err)
{
    for (size_t m = 0; m < w->money_nr; m++) {
        struct fth_money *money = w->money + m * FTH_BATCH_MAX;
        bool *has = w->has_money + m * FTH_BATCH_MAX;
        const struct fth_feed_source *source = &w->block.file->binding.source[w->money_col[m]];

        if (source->at == SIZE_MAX) {
            memset(has, 0, FTH_BATCH_MAX * sizeof(*has));
            continue;
        }
        if (source->member) {
            enum fth_rc rc = see_elements(w, w->money_col[m], money, has, err);

            if (rc)
                return rc;
            continue;
        }
        for (size_t r = 0; r < w->block.nr; r++) {
            enum fth_rc rc;

            has[r] = false;
            if (w->set_aside[r] || w->other[r])
                continue;
            w->quiet = w->aside[r];
            rc = fth_feed_amount(w, r, w->money_col[m], &money[r], &has[r], err);
            w->quiet = false;
            if (rc)
                return rc;
        }
    }
    return FTH_OK;
}

const struct fth_money *fth_feed_seen(const struct fth_feed_worker *w, size_t col, size_t r)
{
    size_t at = (size_t)w->money_slot[col] * FTH_BATCH_MAX + r;

    return w->has_money[at] ? &w->money[at] : NULL;
}

/* The value itself, or its beginning with a star behind it. */
static bool is_value(struct fth_str text, struct fth_str value)
{
    if (value.n && value.p[value.n - 1] == '*')
        return fth_str_starts(text, fth_str_sub(value, 0, value.n - 1));
    return fth_str_eq(text, value);
}

static bool is_among(const char *const *values, struct fth_str value)
{
    while (*values && !is_value(value, fth_str_c(*values)))
        values++;
    return *values != NULL;
}

/* Does the rule speak of files of this role, in this company? */
static bool is_for_file(const struct fth_feed_worker *w, const struct fth_feed_rule *rule)
{
    const struct fth_import_feed *feed = w->feed;

    if (rule->role && !fth_str_eq_c(w->block.file->role, rule->role))
        return false;
    for (size_t i = 0; rule->with && i < feed->file_nr; i++)
        if (fth_str_eq_c(feed->files[i].role, rule->with))
            return true;
    return !rule->with;
}

/* Is the rule one of elements, or of all of them? */
static bool is_of_elements(const struct fth_import_feed *feed, size_t rule)
{
    return feed->layout->rules[rule].action == FTH_RULE_EACH ||
           (feed->rule_col[rule] != SIZE_MAX && feed->layout->cols[feed->rule_col[rule]].member);
}

static enum fth_rc fits(struct fth_feed_worker *w, size_t rule, struct fth_str value, size_t r,
                        bool *out, struct fth_err *err)
{
    const struct fth_feed_rule *it = &w->feed->layout->rules[rule];
    const struct fth_money *amount;
    struct fth_str also;
    enum fth_rc rc = FTH_OK;

    *out =
        (it->values ? is_among(it->values, value) : !it->column || value.n) && is_for_file(w, it);
    if (*out && it->zero) {
        amount = fth_feed_seen(w, w->feed->rule_zero[rule], r);
        *out = amount && fth_money_is_zero(*amount);
    }
    if (*out && it->also) {
        rc = fth_feed_value(w, r, w->feed->rule_also[rule], &also, err);
        *out = !rc && is_among(it->among, also);
    }
    return rc;
}

/* Rules mostly ask the same column: its text is read once a record. */
static enum fth_rc see_rules(struct fth_feed_worker *w, struct fth_err *err)
{
    const struct fth_import_feed *feed = w->feed;

    for (size_t r = 0; r < w->block.nr; r++) {
        struct fth_str value = {0};
        size_t col = SIZE_MAX;

        w->rule_of[r] = -1;
        if (w->set_aside[r] || w->other[r])
            continue;
        for (size_t i = 0; i < feed->layout->rule_nr && w->rule_of[r] < 0; i++) {
            enum fth_rc rc;
            bool fit;

            if (is_of_elements(feed, i))
                continue;
            if (feed->rule_col[i] != col && feed->rule_col[i] != SIZE_MAX) {
                col = feed->rule_col[i];
                rc = fth_feed_value(w, r, col, &value, err);
                if (rc)
                    return rc;
            }
            rc = fits(w, i, value, r, &fit, err);
            if (rc)
                return rc;
            if (fit)
                w->rule_of[r] = (int16_t)i;
        }
    }
    return FTH_OK;
}

/* The rule of each element. */
static void see_element_rules(struct fth_feed_worker *w)
{
    const struct fth_import_feed *feed = w->feed;

    for (size_t e = 0; e < w->elements_nr; e++) {
        w->element_rule[e] = -1;
        for (size_t i = 0; i < feed->layout->rule_nr && w->element_rule[e] < 0; i++) {
            const struct fth_feed_rule *rule = &feed->layout->rules[i];
            size_t member = 0;

            if (is_of_elements(feed, i) && rule->values)
                member = w->block.file->binding.source[feed->rule_col[i]].member;
            if (member && is_among(rule->values, fth_feed_member(w, e, member)))
                w->element_rule[e] = (int16_t)i;
        }
    }
}

static enum fth_feed_action action_of(const struct fth_feed_worker *w, int rule)
{
    return rule < 0 ? FTH_RULE_COUNT : w->feed->layout->rules[rule].action;
}

static void add_row(struct fth_feed_worker *w, size_t record, size_t part, size_t element)
{
    FTH_CHECK(w->row_nr < FTH_BATCH_MAX);
    w->rows[w->row_nr++] =
        (struct fth_feed_row){(uint16_t)record, (uint16_t)part, (uint16_t)element};
}

/* The rows of the elements of a record. */
static void add_elements(struct fth_feed_worker *w, size_t r)
{
    for (size_t k = 0; k < w->element_nr[r]; k++) {
        size_t e = w->element_at[r] + k;
        enum fth_feed_action action = action_of(w, w->element_rule[e]);

        if (action == FTH_RULE_DROP)
            continue;
        add_row(w, r, k + 1, e);
        if (action == FTH_RULE_TWICE)
            add_row(w, r, k + 1 + FTH_FEED_TWIN, e);
    }
}

static void make_rows(struct fth_feed_worker *w)
{
    bool listed = w->feed->list_col != SIZE_MAX;

    w->row_nr = 0;
    for (size_t r = 0; r < w->block.nr; r++) {
        enum fth_feed_action action = action_of(w, w->rule_of[r]);

        if (w->set_aside[r] || w->other[r] || action == FTH_RULE_DROP)
            continue;
        add_row(w, r, 0, FTH_FEED_NO_ELEMENT);
        if (action == FTH_RULE_TWICE)
            add_row(w, r, listed ? FTH_FEED_TWIN : 1, FTH_FEED_NO_ELEMENT);
        if (listed)
            add_elements(w, r);
    }
}

/* Lines between the records are found before anything is asked of them. */
static enum fth_rc see_aside(struct fth_feed_worker *w, struct fth_err *err)
{
    const struct fth_feed_layout *layout = w->feed->layout;
    enum fth_rc rc = FTH_OK;

    memset(w->aside, 0, sizeof(w->aside));
    for (size_t i = 0; i < layout->rule_nr; i++)
        for (size_t r = 0; layout->rules[i].aside && !rc && r < w->block.nr; r++) {
            struct fth_str value;
            bool fit = false;

            if (w->set_aside[r] || w->aside[r])
                continue;
            rc = fth_feed_value(w, r, w->feed->rule_col[i], &value, err);
            if (!rc)
                rc = fits(w, i, value, r, &fit, err);
            w->aside[r] = fit;
        }
    return rc;
}

enum fth_rc fth_feed_choose(struct fth_feed_worker *worker, struct fth_err *err)
{
    enum fth_rc rc = see_aside(worker, err);

    if (!rc)
        rc = see_periods(worker, err);

    if (!rc)
        rc = see_money(worker, err);
    if (!rc)
        rc = see_rules(worker, err);
    if (!rc && worker->feed->layout->demand_nr)
        rc = fth_feed_see_demands(worker, err);
    if (!rc && worker->feed->list_col != SIZE_MAX)
        see_element_rules(worker);
    if (!rc)
        make_rows(worker);
    return rc;
}

/* ---- counting ---- */

static bool add_period(struct fth_feed_counts *counts, int64_t period)
{
    size_t at = counts->period_nr;

    while (at && counts->periods[at - 1] >= period)
        at--;
    if (at < counts->period_nr && counts->periods[at] == period)
        return true;
    if (counts->period_nr == FTH_FEED_PERIOD_MAX)
        return false;
    memmove(&counts->periods[at + 1], &counts->periods[at],
            (counts->period_nr - at) * sizeof(*counts->periods));
    counts->periods[at] = period;
    counts->period_nr++;
    return true;
}

static enum fth_rc see_period(struct fth_feed_counts *counts, int64_t period, struct fth_err *err)
{
    if (counts->period_nr && counts->periods[counts->period_nr - 1] == period)
        return FTH_OK;
    if (add_period(counts, period))
        return FTH_OK;
    return fth_err_set(err, FTH_E_LIMIT, "more than %d billing periods in one delivery",
                       FTH_FEED_PERIOD_MAX);
}

static bool is_of(const struct fth_feed_totals *sums, struct fth_str currency)
{
    return fth_str_eq_c(currency, sums->currency);
}

/* The sums of a currency, which are begun when there are none. */
static enum fth_rc find_sums(struct fth_feed_counts *counts, struct fth_str currency, size_t *at,
                             struct fth_err *err)
{
    struct fth_feed_totals *sums;

    for (*at = 0; *at < counts->sum_nr; (*at)++)
        if (is_of(&counts->sums[*at], currency))
            return FTH_OK;
    sums = &counts->sums[*at];
    if (counts->sum_nr == FTH_FEED_CURRENCY_MAX || currency.n >= sizeof(sums->currency))
        return fth_err_set(err, FTH_E_LIMIT, "more than %d currencies in one delivery",
                           FTH_FEED_CURRENCY_MAX);
    memcpy(sums->currency, currency.n ? currency.p : "", currency.n);
    counts->sum_nr++;
    return FTH_OK;
}

/* Where a record's amounts go. Records beside each other mostly are of one currency. */
static enum fth_rc sums_of(struct fth_feed_worker *w, size_t r, struct fth_feed_totals **out,
                           struct fth_err *err)
{
    struct fth_feed_counts *counts = &w->counts;
    struct fth_str currency = {0};
    enum fth_rc rc = FTH_OK;

    if (w->feed->currency_col != SIZE_MAX)
        rc = fth_feed_value(w, r, w->feed->currency_col, &currency, err);
    if (!currency.n)
        currency = w->feed->currency_else;
    if (!rc && (w->sum_at >= counts->sum_nr || !is_of(&counts->sums[w->sum_at], currency)))
        rc = find_sums(counts, currency, &w->sum_at, err);
    *out = &counts->sums[w->sum_at];
    return rc;
}

/* A total over the elements of a record. */
static enum fth_rc count_elements(struct fth_feed_worker *w, size_t r, size_t total,
                                  struct fth_feed_totals *sums, struct fth_feed_group *group,
                                  struct fth_err *err)
{
    size_t end = (size_t)w->element_at[r] + w->element_nr[r];
    struct fth_feed_group names = {.currency = fth_str_c(sums->currency)}, *credit = NULL;
    enum fth_rc rc = FTH_OK;

    for (size_t e = w->element_at[r]; !rc && e < end; e++) {
        const struct fth_money *amount = fth_feed_seen(w, w->feed->total_col[total], e);

        if (!amount)
            continue;
        sums->total_nr[total]++;
        rc = fth_money_add(&sums->total[total], *amount, err);
        if (!rc && group && total <= FTH_GROUP_SECOND)
            rc = fth_money_add(&group->amount[total], *amount, err);
        if (rc || w->feed->credit_type_col == SIZE_MAX)
            continue;
        names.name =
            fth_feed_member(w, e, w->block.file->binding.source[w->feed->credit_type_col].member);
        rc = fth_feed_group_find(&w->credits, &names, &credit, err);
        if (!rc && credit)
            rc = fth_money_add(&credit->amount[FTH_GROUP_CREDIT], *amount, err);
    }
    return rc;
}

/* The rules of a record's elements, and that of the list itself. */
static void count_element_rules(struct fth_feed_worker *w, size_t r)
{
    const struct fth_feed_layout *layout = w->feed->layout;

    if (action_of(w, w->rule_of[r]) == FTH_RULE_DROP)
        return;
    for (size_t i = 0; i < layout->rule_nr; i++)
        if (layout->rules[i].action == FTH_RULE_EACH)
            w->counts.rule_rows[i] += w->element_nr[r];
    for (size_t k = 0; k < w->element_nr[r]; k++)
        if (w->element_rule[w->element_at[r] + k] >= 0)
            w->counts.rule_rows[w->element_rule[w->element_at[r] + k]]++;
}

/* The cost of the record, or NULL. */
static const struct fth_money *cost_of(struct fth_feed_worker *w, size_t r)
{
    const struct fth_money *cost = NULL;

    for (size_t i = 0; i < w->feed->cost_nr && !cost; i++)
        cost = fth_feed_seen(w, w->feed->cost_col[i], r);
    return cost;
}

/* A line between the records belongs to no total; its cost is told where it says in what. */
static enum fth_rc count_aside(struct fth_feed_worker *w, size_t r, struct fth_err *err)
{
    const struct fth_money *cost = cost_of(w, r);
    struct fth_feed_counts *counts = &w->counts;
    struct fth_str currency = w->feed->currency_else;
    size_t rule = (size_t)w->rule_of[r], at;
    enum fth_rc rc = FTH_OK;

    counts->rows_read++;
    counts->rule_rows[rule]++;
    if (w->feed->currency_col != SIZE_MAX)
        rc = fth_feed_value(w, r, w->feed->currency_col, &currency, err);
    if (rc || !cost || currency.n != 3)
        return rc;
    counts->rule_costed[rule]++;
    rc = find_sums(counts, currency, &at, err);
    return rc ? rc : fth_money_add(&counts->sums[at].rule_cost[rule], *cost, err);
}

/* The group of invoice and service that a record belongs to; NULL: the layout has none. */
static enum fth_rc group_of(struct fth_feed_worker *w, size_t r, const char *currency,
                            struct fth_feed_group **out, struct fth_err *err)
{
    struct fth_feed_group names = {.currency = fth_str_c(currency)};
    enum fth_rc rc = FTH_OK;

    *out = NULL;
    if (w->feed->group_col == SIZE_MAX && w->feed->invoice_col == SIZE_MAX)
        return FTH_OK;
    if (w->feed->group_col != SIZE_MAX)
        rc = fth_feed_value(w, r, w->feed->group_col, &names.name, err);
    if (!rc && w->feed->invoice_col != SIZE_MAX)
        rc = fth_feed_value(w, r, w->feed->invoice_col, &names.invoice, err);
    return rc ? rc : fth_feed_group_find(&w->groups, &names, out, err);
}

static enum fth_rc count_totals(struct fth_feed_worker *w, size_t r, struct fth_feed_totals *sums,
                                struct fth_feed_group *group, struct fth_err *err)
{
    const struct fth_import_feed *feed = w->feed;
    const char *const *roles = feed->layout->total_roles;
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; !rc && i < feed->total_nr; i++) {
        const struct fth_money *amount;

        if (w->block.file->binding.source[feed->total_col[i]].member) {
            rc = count_elements(w, r, i, sums, group, err);
            continue;
        }
        amount = fth_feed_seen(w, feed->total_col[i], r);
        if (!amount || (roles && roles[i] && !fth_str_eq_c(w->block.file->role, roles[i])))
            continue;
        sums->total_nr[i]++;
        rc = fth_money_add(&sums->total[i], *amount, err);
        if (!rc && group && (i == FTH_GROUP_SECOND || (roles && i == FTH_GROUP_FIRST)))
            rc = fth_money_add(&group->amount[i], *amount, err);
    }
    return rc;
}

/* The start of the hour in which a record's cost cancels. */
static enum fth_rc cancel_hour(struct fth_feed_worker *w, size_t r, int64_t *out,
                               struct fth_err *err)
{
    const int64_t hour = INT64_C(3600) * 1000000;
    int64_t at = 0;
    bool has = false;
    enum fth_rc rc = FTH_OK;

    if (w->feed->cancel_hour_col != SIZE_MAX)
        rc = fth_feed_instant(w, r, w->feed->cancel_hour_col, &at, &has, err);
    *out = has ? at - at % hour : 0;
    return rc;
}

/* What of a record is told by its commitment: upfront fees that are amortised, and what cancels. */
static enum fth_rc count_commitment(struct fth_feed_worker *w, size_t r, const char *currency,
                                    const struct fth_money *cost, struct fth_err *err)
{
    const struct fth_import_feed *feed = w->feed;
    struct fth_feed_group names = {.currency = fth_str_c(currency)}, *group = NULL;
    const struct fth_money *upfront = NULL;
    int rule = w->rule_of[r];
    int at = rule < 0                   ? 0
             : rule == feed->cancels[0] ? FTH_GROUP_CANCELS
             : rule == feed->cancels[1] ? FTH_GROUP_CANCELLED
                                        : 0;
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < feed->upfront_nr && !upfront; i++) {
        upfront = fth_feed_seen(w, feed->upfront_col[i], r);
        if (upfront && fth_money_is_zero(*upfront))
            upfront = NULL;
    }
    if (!upfront && !(at && cost))
        return FTH_OK;
    for (size_t i = 0; i < feed->commitment_nr && !rc && !names.name.n; i++)
        rc = fth_feed_value(w, r, feed->commitment_col[i], &names.name, err);
    if (!rc && upfront)
        rc = fth_feed_group_find(&w->commitments, &names, &group, err);
    if (!rc && group)
        rc = fth_money_add(&group->amount[FTH_GROUP_UPFRONT], *upfront, err);
    if (rc || !at || !cost)
        return rc;
    rc = cancel_hour(w, r, &names.hour_us, err);
    if (!rc)
        rc = fth_feed_group_find(&w->commitments, &names, &group, err);
    if (!rc && group)
        rc = fth_money_add(&group->amount[at], *cost, err);
    return rc;
}

static enum fth_rc count_record(struct fth_feed_worker *w, size_t r, struct fth_err *err)
{
    struct fth_feed_counts *counts = &w->counts;
    const struct fth_import_feed *feed = w->feed;
    const struct fth_money *cost = cost_of(w, r);
    struct fth_feed_totals *sums;
    struct fth_feed_group *group = NULL;
    enum fth_rc rc = sums_of(w, r, &sums, err);

    counts->rows_read++;
    if (!rc)
        rc = group_of(w, r, sums->currency, &group, err);
    if (!rc && group && cost && !feed->layout->total_roles)
        rc = fth_money_add(&group->amount[FTH_GROUP_FIRST], *cost, err);
    if (!rc)
        rc = count_totals(w, r, sums, group, err);
    if (!rc && feed->commitment_nr)
        rc = count_commitment(w, r, sums->currency, cost, err);
    if (w->feed->list_col != SIZE_MAX)
        count_element_rules(w, r);
    if (!rc && w->rule_of[r] >= 0) {
        counts->rule_rows[w->rule_of[r]]++;
        counts->rule_costed[w->rule_of[r]] += cost != NULL;
        if (cost)
            rc = fth_money_add(&sums->rule_cost[w->rule_of[r]], *cost, err);
    }
    return rc;
}

enum fth_rc fth_feed_count_block(struct fth_feed_worker *worker, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (size_t r = 0; !rc && r < worker->block.nr; r++) {
        if (worker->set_aside[r])
            continue;
        if (worker->period[r] != INT64_MIN)
            rc = see_period(&worker->counts, worker->period[r], err);
        if (worker->other[r])
            worker->counts.rows_other++;
        else if (!rc)
            rc = worker->aside[r] ? count_aside(worker, r, err) : count_record(worker, r, err);
    }
    for (size_t i = 0; i < FTH_FEED_DEMAND_MAX; i++)
        worker->counts.lacking[i] += worker->lacking[i];
    worker->counts.rows_out += (int64_t)worker->row_nr;
    return rc;
}

static enum fth_rc merge_sums(struct fth_feed_counts *to, const struct fth_feed_totals *from,
                              struct fth_err *err)
{
    struct fth_feed_totals *sums;
    size_t at;
    enum fth_rc rc = find_sums(to, fth_str_c(from->currency), &at, err);

    sums = &to->sums[at];
    for (size_t i = 0; !rc && i < FTH_FEED_RULE_MAX; i++)
        rc = fth_money_add(&sums->rule_cost[i], from->rule_cost[i], err);
    for (size_t i = 0; !rc && i < FTH_FEED_TOTAL_MAX; i++) {
        sums->total_nr[i] += from->total_nr[i];
        rc = fth_money_add(&sums->total[i], from->total[i], err);
    }
    return rc;
}

enum fth_rc fth_feed_merge(struct fth_feed_counts *to, const struct fth_feed_counts *from,
                           struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    to->rows_read += from->rows_read;
    to->rows_out += from->rows_out;
    to->rows_other += from->rows_other;
    to->has_tail = to->has_tail || from->has_tail;
    to->read_cpu_us += from->read_cpu_us;
    to->convert_cpu_us += from->convert_cpu_us;
    for (size_t i = 0; i < FTH_FEED_DEMAND_MAX; i++)
        to->lacking[i] += from->lacking[i];
    for (size_t i = 0; i < FTH_FEED_RULE_MAX; i++) {
        to->rule_rows[i] += from->rule_rows[i];
        to->rule_costed[i] += from->rule_costed[i];
    }
    for (size_t i = 0; !rc && i < from->sum_nr; i++)
        rc = merge_sums(to, &from->sums[i], err);
    for (size_t i = 0; !rc && i < from->period_nr; i++)
        rc = see_period(to, from->periods[i], err);
    return rc;
}
