/* The series that are watched, read from the ledger. */
#include <stdlib.h>
#include <string.h>

#include "app/desk_int.h"
#include "app/monitor_int.h"
#include "app/sums_int.h"
#include "base/check.h"
#include "base/date.h"
#include "base/map.h"
#include "plan/plan.h"

enum { SCRATCH_MAX = 1 << 30, PLAN_MAX = 8 * 1024, KEYS = 2, NONE = -1, RANKED_MONTHS = 3 };

/* ---- scopes ---- */

static const char *const level_names[FTH_LEVEL_NR] = {
    [FTH_LEVEL_TOTAL] = "total",     [FTH_LEVEL_ACCOUNT] = "account",
    [FTH_LEVEL_SERVICE] = "service", [FTH_LEVEL_ACCOUNT_SERVICE] = "account_service",
    [FTH_LEVEL_TAG] = "tag",
};

const char *fth_level_name(enum fth_level level)
{
    return level_names[level];
}

bool fth_level_named(struct fth_str name, enum fth_level *out)
{
    for (int i = 0; i < FTH_LEVEL_NR; i++)
        if (fth_str_eq_c(name, level_names[i])) {
            *out = (enum fth_level)i;
            return true;
        }
    return false;
}

static bool same(struct fth_str a, struct fth_str b)
{
    return a.p && b.p ? fth_str_eq(a, b) : a.p == b.p;
}

bool fth_monitor_scope_eq(const struct fth_monitor_scope *a, const struct fth_monitor_scope *b)
{
    return a->level == b->level && same(a->account, b->account) && same(a->service, b->service) &&
           same(a->tag, b->tag) && same(a->value, b->value);
}

bool fth_monitor_scope_within(const struct fth_monitor_scope *part,
                              const struct fth_monitor_scope *whole)
{
    if (part->level == whole->level)
        return false;
    if (whole->level == FTH_LEVEL_TOTAL)
        return true;
    if (part->level != FTH_LEVEL_ACCOUNT_SERVICE)
        return false;
    return whole->level == FTH_LEVEL_ACCOUNT   ? same(part->account, whole->account)
           : whole->level == FTH_LEVEL_SERVICE ? same(part->service, whole->service)
                                               : false;
}

/* ---- what is gathered ---- */

struct source {
    struct fth_str name;
    int64_t loaded_us;
    int64_t partial_us[2]; /* the latest ends in the middle of a day */
    int32_t open_day;      /* the first that it does not know whole */
    int32_t first, last;   /* with charges, before the open day */
    int32_t until;
    bool stale;
};
FTH_VEC(source_vec, struct source)

/* A series that could be watched. */
struct candidate {
    struct fth_monitor_scope scope;
    struct fth_str currency;
    struct {
        int32_t month;
        struct fth_money cost;
    } months[RANKED_MONTHS]; /* the last that it has of each */
    struct fth_money cost;
    double weight;
    bool chosen;
    struct fth_money **of; /* a source each: days from `first` on; NULL: it has none */
};
FTH_VEC(candidate_vec, struct candidate *)

/* A row's group, with the series that it counts in. */
struct leaf {
    struct candidate *in[4];
    size_t source;
};

struct reader {
    const struct fth_asked *asked;
    struct fth_arena *keep;               /* the request's */
    struct fth_str tag;                   /* p NULL: by account and service */
    const struct fth_monitor_scope *only; /* NULL: all */
    struct source_vec sources;
    struct candidate_vec candidates;
    struct fth_map by_key, leaves;
    struct fth_buf key;
    int32_t first, days; /* of the arrays */
    int32_t last_month;
    int64_t version;
    bool daily, timed;
    /* of the answer that is being read: */
    const struct fth_answer_col *cols;
    size_t col_nr;
    struct fth_str currency;
};

struct row {
    struct fth_str source, currency, key[KEYS], label[KEYS];
    int32_t date;
    struct fth_money cost;
};

/* ---- rows ---- */

static enum fth_rc begin(void *ctx, const struct fth_answer_col *cols, size_t col_nr,
                         struct fth_str currency, struct fth_err *err)
{
    struct reader *reader = ctx;

    reader->cols = cols;
    reader->col_nr = col_nr;
    return fth_arena_str(reader->keep, currency, &reader->currency, err);
}

/* Dimensions come in the order of the plan: the currency where there are several, the source, keys.
 */
static struct row row_of(const struct reader *reader, const struct fth_cell *cells)
{
    struct row row = {.currency = reader->currency, .date = INT32_MIN};
    size_t key = 0;

    for (size_t i = 0; i < reader->col_nr; i++) {
        const struct fth_answer_col *col = &reader->cols[i];
        struct fth_str text = cells[i].null ? (struct fth_str){0} : cells[i].text;

        if (col->kind == FTH_CELL_TIME)
            (void)fth_date_parse(text, &row.date);
        else if (col->kind == FTH_CELL_MONEY)
            row.cost = cells[i].null ? FTH_MONEY_ZERO : cells[i].money;
        else if (strcmp(col->name, "currency") == 0)
            row.currency = text;
        else if (strcmp(col->name, "source") == 0)
            row.source = text;
        else if (col->kind == FTH_CELL_LABEL && key > 0)
            row.label[key - 1] = text;
        else if (col->kind == FTH_CELL_DIMENSION && key < KEYS)
            row.key[key++] = text;
    }
    return row;
}

static enum fth_rc keep_text(struct fth_arena *arena, struct fth_str *text, struct fth_err *err)
{
    return text->p ? fth_arena_str(arena, *text, text, err) : FTH_OK;
}

static size_t known_source(const struct reader *reader, struct fth_str name)
{
    size_t i = 0;

    while (i < reader->sources.nr && !same(reader->sources.at[i].name, name))
        i++;
    return i;
}

static enum fth_rc source_of(struct reader *reader, struct fth_str name, size_t *out,
                             struct fth_err *err)
{
    struct source fresh = {.name = name, .first = INT32_MAX, .last = INT32_MIN};

    *out = known_source(reader, name);
    if (*out < reader->sources.nr)
        return FTH_OK;
    if (keep_text(reader->keep, &fresh.name, err))
        return err->rc;
    return source_vec_push(&reader->sources, fresh, err);
}

/* Lengths in front, so that no two keys are the same text. */
static void put_key(struct fth_buf *buf, struct fth_str text)
{
    if (text.p)
        fth_buf_printf(buf, "%zu:" FTH_STR_F, text.n, FTH_STR_A(text));
    else
        fth_buf_char(buf, '-');
}

static void key_of_scope(struct reader *reader, const struct fth_monitor_scope *scope,
                         struct fth_str currency)
{
    fth_buf_clear(&reader->key);
    fth_buf_printf(&reader->key, "%d", (int)scope->level);
    put_key(&reader->key, scope->account);
    put_key(&reader->key, scope->service);
    put_key(&reader->key, scope->tag);
    put_key(&reader->key, scope->value);
    put_key(&reader->key, currency);
}

static enum fth_rc add_candidate(struct reader *reader, const struct fth_monitor_scope *scope,
                                 struct fth_str currency, struct candidate **out,
                                 struct fth_err *err)
{
    struct candidate *made = FTH_NEW(reader->keep, struct candidate);

    if (!made)
        return fth_err_nomem(err);
    made->scope = *scope;
    made->currency = currency;
    if (keep_text(reader->keep, &made->scope.account, err) ||
        keep_text(reader->keep, &made->scope.account_name, err) ||
        keep_text(reader->keep, &made->scope.service, err) ||
        keep_text(reader->keep, &made->scope.tag, err) ||
        keep_text(reader->keep, &made->scope.value, err) ||
        keep_text(reader->keep, &made->currency, err) ||
        candidate_vec_push(&reader->candidates, made, err) ||
        fth_map_put(&reader->by_key, fth_buf_view(&reader->key), made, NULL, err))
        return err->rc;
    *out = made;
    return FTH_OK;
}

/* *out NULL: there is none, and `add` was not asked for. */
static enum fth_rc candidate_of(struct reader *reader, const struct fth_monitor_scope *scope,
                                struct fth_str currency, bool add, struct candidate **out,
                                struct fth_err *err)
{
    key_of_scope(reader, scope, currency);
    if (fth_buf_done(&reader->key, err))
        return err->rc;
    *out = fth_map_get(&reader->by_key, fth_buf_view(&reader->key));
    if (!*out && add)
        return add_candidate(reader, scope, currency, out, err);
    if (*out && !(*out)->scope.account_name.n && scope->account_name.n) {
        (*out)->scope.account_name = scope->account_name;
        return keep_text(reader->keep, &(*out)->scope.account_name, err);
    }
    return FTH_OK;
}

/* The scopes that a row's group counts in. A row without a service or account is in those of none.
 */
static size_t scopes_of(const struct reader *reader, const struct row *row,
                        struct fth_monitor_scope out[4])
{
    if (reader->tag.p) {
        out[0] = (struct fth_monitor_scope){
            .level = FTH_LEVEL_TAG, .tag = reader->tag, .value = row->key[0]};
        return 1;
    }
    out[0] = (struct fth_monitor_scope){.level = FTH_LEVEL_TOTAL};
    out[1] = (struct fth_monitor_scope){
        .level = FTH_LEVEL_ACCOUNT, .account = row->key[0], .account_name = row->label[0]};
    out[2] = (struct fth_monitor_scope){.level = FTH_LEVEL_SERVICE, .service = row->key[1]};
    out[3] = (struct fth_monitor_scope){.level = FTH_LEVEL_ACCOUNT_SERVICE,
                                        .account = row->key[0],
                                        .account_name = row->label[0],
                                        .service = row->key[1]};
    return 4;
}

/* ---- first, by months: which there are, and what they cost ---- */

/* Of the months that share a place the last one stays. */
static enum fth_rc add_month(struct candidate *candidate, int32_t month, struct fth_money cost,
                             struct fth_err *err)
{
    size_t at = (size_t)month % RANKED_MONTHS;

    if (candidate->months[at].month > month)
        return FTH_OK;
    if (candidate->months[at].month < month) {
        candidate->months[at].month = month;
        candidate->months[at].cost = FTH_MONEY_ZERO;
    }
    return fth_money_add(&candidate->months[at].cost, cost, err);
}

static enum fth_rc count_month(struct reader *reader, const struct row *row, struct fth_err *err)
{
    struct fth_monitor_scope scopes[4];
    size_t nr = scopes_of(reader, row, scopes), source;
    int32_t month = fth_month_of_date(row->date);

    if (source_of(reader, row->source, &source, err))
        return err->rc;
    if (row->date < reader->first)
        reader->first = row->date;
    if (month > reader->last_month)
        reader->last_month = month;
    for (size_t i = 0; i < nr; i++) {
        struct candidate *candidate = NULL;

        if (reader->only && !fth_monitor_scope_eq(reader->only, &scopes[i]))
            continue;
        if (candidate_of(reader, &scopes[i], row->currency, true, &candidate, err) || !candidate ||
            add_month(candidate, month, row->cost, err))
            return err->rc;
    }
    return FTH_OK;
}

/* ---- then by days ---- */

static enum fth_rc leaf_of(struct reader *reader, const struct row *row, struct leaf **out,
                           struct fth_err *err)
{
    struct fth_monitor_scope scopes[4];
    struct leaf *leaf;
    size_t nr;

    fth_buf_clear(&reader->key);
    put_key(&reader->key, row->source);
    put_key(&reader->key, row->currency);
    put_key(&reader->key, row->key[0]);
    put_key(&reader->key, row->key[1]);
    if (fth_buf_done(&reader->key, err))
        return err->rc;
    *out = fth_map_get(&reader->leaves, fth_buf_view(&reader->key));
    if (*out)
        return FTH_OK;
    leaf = FTH_NEW(reader->keep, struct leaf);
    if (!leaf)
        return fth_err_nomem(err);
    leaf->source = known_source(reader, row->source);
    if (fth_map_put(&reader->leaves, fth_buf_view(&reader->key), leaf, NULL, err))
        return err->rc;
    nr = scopes_of(reader, row, scopes);
    for (size_t i = 0; i < nr; i++)
        if (candidate_of(reader, &scopes[i], row->currency, false, &leaf->in[i], err))
            return err->rc;
    *out = leaf;
    return FTH_OK;
}

static enum fth_rc count_day(struct reader *reader, const struct row *row, struct fth_err *err)
{
    int32_t at = row->date - reader->first;
    struct leaf *leaf = NULL;
    struct source *source;

    if (at < 0 || at >= reader->days)
        return FTH_OK;
    if (leaf_of(reader, row, &leaf, err) || !leaf || leaf->source == reader->sources.nr)
        return err->rc; /* a source that has come since the months were read: next time */
    source = &reader->sources.at[leaf->source];
    if (row->date < source->open_day) {
        source->first = row->date < source->first ? row->date : source->first;
        source->last = row->date > source->last ? row->date : source->last;
    }
    for (size_t i = 0; i < FTH_NR(leaf->in); i++) {
        struct candidate *candidate = leaf->in[i];

        if (!candidate || !candidate->chosen)
            continue;
        if (!candidate->of[leaf->source]) {
            candidate->of[leaf->source] =
                FTH_NEW_ARRAY(reader->keep, struct fth_money, (size_t)reader->days);
            if (!candidate->of[leaf->source])
                return fth_err_nomem(err);
        }
        if (fth_money_add(&candidate->of[leaf->source][at], row->cost, err))
            return err->rc;
    }
    return FTH_OK;
}

static enum fth_rc row(void *ctx, const struct fth_cell *cells, struct fth_err *err)
{
    struct reader *reader = ctx;
    struct row row = row_of(reader, cells);

    if (row.date == INT32_MIN)
        return FTH_OK;
    return reader->daily ? count_day(reader, &row, err) : count_month(reader, &row, err);
}

/* ---- sources ---- */

static enum fth_rc end(void *ctx, const struct fth_answer_end *end, struct fth_err *err)
{
    struct reader *reader = ctx;

    reader->version = end->ledger_version;
    for (size_t i = 0; i < end->freshness_nr && !reader->daily; i++) {
        const struct fth_freshness *fresh = &end->freshness[i];
        size_t at = 0;
        struct source *source;

        if (source_of(reader, fresh->source, &at, err))
            return err->rc;
        source = &reader->sources.at[at];
        if (fresh->loaded_us > source->loaded_us)
            source->loaded_us = fresh->loaded_us;
        if (fresh->charges_until_us % FTH_DAY_US == 0)
            continue;
        if (fresh->charges_until_us > source->partial_us[0]) {
            source->partial_us[1] = source->partial_us[0];
            source->partial_us[0] = fresh->charges_until_us;
        } else if (fresh->charges_until_us > source->partial_us[1]) {
            source->partial_us[1] = fresh->charges_until_us;
        }
    }
    return FTH_OK;
}

static bool ends_within(const struct source *source, int32_t date)
{
    return (source->partial_us[0] && fth_instant_date(source->partial_us[0]) == date) ||
           (source->partial_us[1] && fth_instant_date(source->partial_us[1]) == date);
}

/* The last day that each knows whole, and which of them have fallen behind. */
static void judge_sources(struct reader *reader)
{
    int32_t newest = INT32_MIN;

    for (size_t i = 0; i < reader->sources.nr; i++) {
        struct source *source = &reader->sources.at[i];

        source->until = source->last;
        if (source->last != INT32_MIN && ends_within(source, source->last))
            source->until = source->last - 1;
        newest = source->until > newest ? source->until : newest;
    }
    for (size_t i = 0; i < reader->sources.nr; i++) {
        struct source *source = &reader->sources.at[i];

        source->stale = source->until == INT32_MIN || source->until < newest - FTH_MONITOR_STALE;
    }
}

/* ---- asking ---- */

static void put_filter(struct fth_jw *jw, struct fth_str field, struct fth_str value)
{
    fth_jw_object(jw);
    fth_jw_kv(jw, "field", field);
    fth_jw_kv_c(jw, "op", value.p ? "in" : "missing");
    fth_jw_key(jw, "values");
    fth_jw_array(jw);
    if (value.p)
        fth_jw_str(jw, value);
    fth_jw_array_end(jw);
    fth_jw_object_end(jw);
}

static void put_tag(struct fth_jw *jw, struct fth_str key,
                    void (*put)(struct fth_jw *jw, struct fth_str field, struct fth_str value),
                    struct fth_str value)
{
    struct fth_buf name = fth_buf_max(PLAN_MAX);

    fth_buf_printf(&name, "tag:" FTH_STR_F, FTH_STR_A(key));
    put(jw, fth_buf_view(&name), value);
    fth_buf_release(&name);
}

static void put_name(struct fth_jw *jw, struct fth_str field, struct fth_str ignored)
{
    (void)ignored;
    fth_jw_str(jw, field);
}

void fth_monitor_put_filters(struct fth_jw *jw, const struct fth_monitor_scope *scope)
{
    fth_jw_array(jw);
    put_filter(jw, FTH_STR("charge_category"), FTH_STR("Usage"));
    if (scope && (scope->level == FTH_LEVEL_ACCOUNT || scope->level == FTH_LEVEL_ACCOUNT_SERVICE))
        put_filter(jw, FTH_STR("sub_account"), scope->account);
    if (scope && (scope->level == FTH_LEVEL_SERVICE || scope->level == FTH_LEVEL_ACCOUNT_SERVICE))
        put_filter(jw, FTH_STR("service"), scope->service);
    if (scope && scope->level == FTH_LEVEL_TAG)
        put_tag(jw, scope->tag, put_filter, scope->value);
    fth_jw_array_end(jw);
}

static void put_time(const struct reader *reader, struct fth_jw *jw)
{
    char from[10], to[10];

    fth_jw_key(jw, "time");
    if (!reader->daily) {
        fth_jw_null(jw);
        return;
    }
    fth_date_text(reader->first, from);
    fth_date_text(reader->first + reader->days, to);
    fth_jw_object(jw);
    fth_jw_kv(jw, "start", (struct fth_str){from, sizeof(from)});
    fth_jw_kv(jw, "end", (struct fth_str){to, sizeof(to)});
    fth_jw_object_end(jw);
}

/* By month the cubes answer it; which series are the dearest need not be known without what is left
 * out of them. */
static void put_plan(const struct reader *reader, struct fth_jw *jw)
{
    fth_jw_object(jw);
    fth_jw_kv_c(jw, "kind", "query");
    fth_jw_kv_c(jw, "subject", "cost");
    fth_jw_key(jw, "measures");
    fth_jw_raw(jw, FTH_STR("[\"effective_cost\"]"));
    put_time(reader, jw);
    fth_jw_key(jw, "currency");
    fth_jw_null(jw);
    fth_jw_key(jw, "group_by");
    fth_jw_array(jw);
    fth_jw_c(jw, "source");
    if (reader->tag.p) {
        put_tag(jw, reader->tag, put_name, (struct fth_str){0});
    } else {
        fth_jw_c(jw, "sub_account");
        fth_jw_c(jw, "service");
    }
    fth_jw_array_end(jw);
    fth_jw_kv_c(jw, "grain", reader->daily ? "day" : "month");
    fth_jw_kv_bool(jw, "spread", reader->daily);
    fth_jw_kv_bool(jw, "labels", !reader->daily);
    if (reader->daily || reader->only) {
        fth_jw_key(jw, "filters");
        fth_monitor_put_filters(jw, reader->only);
    }
    fth_jw_object_end(jw);
}

static enum fth_rc ask(struct reader *reader, struct fth_err *err)
{
    const struct fth_answer_sink sink = {begin, row, end, reader};
    struct fth_arena *scratch = fth_arena_new(SCRATCH_MAX);
    struct fth_buf text = fth_buf_max(PLAN_MAX);
    const struct fth_plan *plan = NULL;
    const struct fth_json *json = NULL;
    struct fth_seat seat;
    struct fth_jw jw;

    fth_jw_init(&jw, &text);
    put_plan(reader, &jw);
    if (!scratch)
        fth_err_nomem(err);
    if (!err->rc && !fth_jw_done(&jw, err) &&
        !fth_json_parse(reader->keep, fth_buf_view(&text), NULL, &json, err) &&
        !fth_plan_parse(reader->keep, json, &plan, err) &&
        !fth_desk_take(reader->asked, reader->timed, &seat, err)) {
        seat.run.arena = scratch;
        (void)fth_plan_run(&seat.run, plan, &sink, err);
        fth_desk_give(&seat);
    }
    fth_buf_release(&text);
    fth_arena_free(scratch);
    return err->rc;
}

/* ---- choosing ---- */

static int by_weight(const void *a, const void *b)
{
    const struct candidate *x = *(struct candidate *const *)a, *y = *(struct candidate *const *)b;
    bool total_x = x->scope.level == FTH_LEVEL_TOTAL, total_y = y->scope.level == FTH_LEVEL_TOTAL;

    if (total_x != total_y)
        return total_x ? -1 : 1;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    return (int)x->scope.level - (int)y->scope.level;
}

static enum fth_rc choose(struct reader *reader, size_t most, struct fth_monitor *out,
                          struct fth_err *err)
{
    struct candidate_vec *all = &reader->candidates;
    struct fth_monitor_left *left =
        FTH_NEW_ARRAY(reader->keep, struct fth_monitor_left, FTH_MONITOR_LEFT_OUT);

    if (!left)
        return fth_err_nomem(err);
    for (size_t i = 0; i < all->nr; i++) {
        struct candidate *candidate = all->at[i];

        for (size_t k = 0; k < RANKED_MONTHS; k++)
            if (candidate->months[k].month > reader->last_month - RANKED_MONTHS &&
                fth_money_add(&candidate->cost, candidate->months[k].cost, err))
                return err->rc;
        candidate->weight = fth_money_to_double(fth_money_abs(candidate->cost));
        candidate->of = FTH_NEW_ARRAY(reader->keep, struct fth_money *, reader->sources.nr);
        if (!candidate->of)
            return fth_err_nomem(err);
    }
    if (all->nr)
        qsort(all->at, all->nr, sizeof(*all->at), by_weight);
    for (size_t i = 0; i < all->nr; i++) {
        struct candidate *candidate = all->at[i];

        candidate->chosen = i < most;
        if (i >= most && out->left_nr < FTH_MONITOR_LEFT_OUT)
            left[out->left_nr++] =
                (struct fth_monitor_left){candidate->scope, candidate->currency, candidate->cost};
    }
    out->left = left;
    out->left_out_nr = all->nr > most ? all->nr - most : 0;
    return FTH_OK;
}

/* ---- series of what was read ---- */

/* From when to when a series of these sources goes, and whose days count. */
static bool span_of(const struct reader *reader, const struct candidate *candidate, bool *counts,
                    int32_t *first, int32_t *until)
{
    bool any_fresh = false;
    int32_t oldest = INT32_MAX;

    *first = INT32_MIN;
    *until = INT32_MAX;
    for (size_t i = 0; i < reader->sources.nr; i++) {
        counts[i] = candidate->of[i] && reader->sources.at[i].until != INT32_MIN;
        any_fresh |= counts[i] && !reader->sources.at[i].stale;
    }
    for (size_t i = 0; i < reader->sources.nr; i++) {
        const struct source *source = &reader->sources.at[i];

        counts[i] = counts[i] && !(any_fresh && source->stale);
        if (counts[i]) {
            oldest = source->first < oldest ? source->first : oldest;
            *until = source->until < *until ? source->until : *until;
        }
    }
    for (size_t i = 0; i < reader->sources.nr; i++) {
        const struct source *source = &reader->sources.at[i];

        counts[i] = counts[i] &&
                    (source->first == oldest || *until - source->first + 1 >= FTH_MONITOR_YOUNG);
        if (counts[i] && source->first > *first)
            *first = source->first;
    }
    return *first != INT32_MIN && *first <= *until;
}

static void add_uncounted(const struct reader *reader, const struct candidate *candidate,
                          const bool *counts, struct fth_monitored *series)
{
    for (size_t i = 0; i < reader->sources.nr; i++) {
        const struct source *source = &reader->sources.at[i];
        bool none = series->uncounted_first == series->uncounted_end;

        if (!candidate->of[i] || counts[i] || source->last < source->first)
            continue;
        if (none || source->first < series->uncounted_first)
            series->uncounted_first = source->first;
        if (none || source->last >= series->uncounted_end)
            series->uncounted_end = source->last + 1;
    }
}

static enum fth_rc make_series(struct reader *reader, const struct candidate *candidate,
                               bool *counts, struct fth_monitor *out, struct fth_err *err)
{
    struct fth_monitored *series = &out->at[out->nr];
    struct fth_money *amount;
    int32_t first, until;

    if (!candidate->chosen || !span_of(reader, candidate, counts, &first, &until))
        return FTH_OK;
    *series = (struct fth_monitored){.scope = candidate->scope,
                                     .currency = candidate->currency,
                                     .start = first,
                                     .n = (size_t)(until - first + 1)};
    amount = FTH_NEW_ARRAY(reader->keep, struct fth_money, series->n);
    if (!amount)
        return fth_err_nomem(err);
    add_uncounted(reader, candidate, counts, series);
    for (size_t s = 0; s < reader->sources.nr; s++)
        for (size_t i = 0; counts[s] && i < series->n; i++)
            if (fth_money_add(&amount[i], candidate->of[s][first - reader->first + (int32_t)i],
                              err))
                return err->rc;
    series->amount = amount;
    out->nr++;
    out->until = until > out->until ? until : out->until;
    return FTH_OK;
}

static enum fth_rc make_all(struct reader *reader, struct fth_monitor *out, struct fth_err *err)
{
    bool *counts = FTH_NEW_ARRAY(reader->keep, bool, reader->sources.nr + 1);

    if (!counts)
        return fth_err_nomem(err);
    judge_sources(reader);
    for (size_t i = 0; i < reader->candidates.nr; i++)
        if (make_series(reader, reader->candidates.at[i], counts, out, err))
            return err->rc;
    return FTH_OK;
}

/* ---- all together ---- */

/* By account and service, and then by each hot tag. */
static enum fth_rc ask_all(struct reader *reader, struct fth_err *err)
{
    size_t tag_nr;
    char *const *tags = fth_ledger_hot_tags(reader->asked->app->ledger, &tag_nr);

    if (reader->only) {
        reader->tag = reader->only->tag;
        return ask(reader, err);
    }
    reader->tag = (struct fth_str){0};
    (void)ask(reader, err);
    for (size_t i = 0; i < tag_nr && !err->rc; i++) {
        fth_map_release(&reader->leaves);
        fth_map_init(&reader->leaves);
        reader->tag = fth_str_c(tags[i]);
        (void)ask(reader, err);
    }
    return err->rc;
}

/* The arrays go from the first of a month to the end of the last one. */
static void set_days(struct reader *reader)
{
    int32_t today = fth_instant_date(fth_clock_now_us(&reader->asked->app->clock));
    int32_t end = fth_month_first_date(reader->last_month + 1);

    if (end - reader->first > FTH_MONITOR_DAYS)
        reader->first = fth_month_first_date(fth_month_of_date(end - FTH_MONITOR_DAYS));
    reader->days = end - reader->first;
    for (size_t i = 0; i < reader->sources.nr; i++)
        reader->sources.at[i].open_day = fth_open_day(today, reader->sources.at[i].loaded_us);
}

static enum fth_rc read_all(struct reader *reader, size_t most, struct fth_monitor *out,
                            struct fth_err *err)
{
    if (ask_all(reader, err))
        return err->rc;
    out->version = reader->version;
    if (reader->candidates.nr == 0)
        return FTH_OK;
    set_days(reader);
    if (choose(reader, most, out, err))
        return err->rc;
    reader->daily = true;
    out->at = FTH_NEW_ARRAY(reader->keep, struct fth_monitored, reader->candidates.nr);
    if (!out->at)
        return fth_err_nomem(err);
    if (ask_all(reader, err))
        return err->rc;
    return make_all(reader, out, err);
}

static enum fth_rc read_for(const struct fth_asked *asked, const struct fth_monitor_scope *only,
                            size_t most, bool timed, struct fth_monitor *out, struct fth_err *err)
{
    struct reader reader = {.asked = asked,
                            .only = only,
                            .timed = timed,
                            .keep = asked->arena,
                            .sources = source_vec_in(asked->arena),
                            .candidates = candidate_vec_in(asked->arena),
                            .key = fth_buf_max(64 * 1024),
                            .first = INT32_MAX,
                            .last_month = INT32_MIN};
    struct fth_monitor made = {.until = INT32_MIN};

    fth_map_init(&reader.by_key);
    fth_map_init(&reader.leaves);
    (void)read_all(&reader, most, &made, err);
    fth_map_release(&reader.by_key);
    fth_map_release(&reader.leaves);
    fth_buf_release(&reader.key);
    if (err->rc)
        return err->rc;
    if (made.nr == 0)
        made.until = 0;
    *out = made;
    return FTH_OK;
}

enum fth_rc fth_monitor_read(const struct fth_asked *asked, size_t most, bool timed,
                             struct fth_monitor *out, struct fth_err *err)
{
    return read_for(asked, NULL, most, timed, out, err);
}

enum fth_rc fth_monitor_read_one(const struct fth_asked *asked,
                                 const struct fth_monitor_scope *scope, struct fth_str currency,
                                 struct fth_monitored *out, struct fth_err *err)
{
    struct fth_monitor monitor;

    if (read_for(asked, scope, SIZE_MAX, true, &monitor, err))
        return err->rc;
    *out = (struct fth_monitored){.scope = *scope, .currency = currency};
    for (size_t i = 0; i < monitor.nr; i++)
        if (fth_str_eq(monitor.at[i].currency, currency))
            *out = monitor.at[i];
    return FTH_OK;
}
