/* Cases as rows of the state store. */
#include <math.h>
#include <string.h>

#include "app/anomaly_int.h"
#include "base/check.h"

#define SQL FTH_ANOMALY_SQL

enum { CASES_MOST = 200000, RANK_DIGITS = 2, MONEY_PARTS = 3 };

enum column {
    COL_ID,
    COL_NUMBER,
    COL_LEVEL,
    COL_ACCOUNT,
    COL_ACCOUNT_NAME,
    COL_SERVICE,
    COL_TAG,
    COL_TAG_VALUE,
    COL_CURRENCY,
    COL_DIRECTION,
    COL_CHANNEL,
    COL_SCORE,
    COL_START,
    COL_END,
    COL_DETECTED,
    COL_ONGOING,
    COL_ACTUAL,
    COL_EXPECTED,
    COL_IMPACT,
    COL_RANK,
    COL_SEVERITY,
    COL_LEVELS,
    COL_STATE,
    COL_SNOOZED_UNTIL,
    COL_REASON,
    COL_CAUSE,
    COL_KIND,
    COL_OWNER_ID,
    COL_OWNER,
    COL_MERGED_INTO,
    COL_COMMENTS,
    COL_REVISION,
    COL_CREATED,
    COL_UPDATED,
    COL_NR
};

/* ---- out of the store ---- */

static struct fth_str text_at(const struct fth_table *table, size_t row, enum column col)
{
    const struct fth_val *val = fth_table_val(table, row, col);

    return val->type == FTH_V_NULL ? (struct fth_str){0} : val->text;
}

static int64_t number_at(const struct fth_table *table, size_t row, enum column col)
{
    return fth_table_val(table, row, col)->i64;
}

static bool read_days(const struct fth_table *table, size_t row, struct fth_anomaly *out)
{
    return fth_date_parse(text_at(table, row, COL_START), &out->start) &&
           fth_date_parse(text_at(table, row, COL_END), &out->end) &&
           fth_date_parse(text_at(table, row, COL_DETECTED), &out->detected) &&
           out->start <= out->end;
}

static bool read_amounts(const struct fth_table *table, size_t row, struct fth_anomaly *out)
{
    struct fth_err ignored = {0};

    return !fth_money_parse(text_at(table, row, COL_ACTUAL), &out->actual, &ignored) &&
           !fth_money_parse(text_at(table, row, COL_EXPECTED), &out->expected, &ignored) &&
           !fth_money_parse(text_at(table, row, COL_IMPACT), &out->impact, &ignored);
}

static void read_decision(const struct fth_table *table, size_t row, struct fth_anomaly *out)
{
    out->state = text_at(table, row, COL_STATE);
    out->snoozed_until = text_at(table, row, COL_SNOOZED_UNTIL);
    out->reason = text_at(table, row, COL_REASON);
    out->cause = text_at(table, row, COL_CAUSE);
    out->kind = text_at(table, row, COL_KIND);
    out->owner_id = text_at(table, row, COL_OWNER_ID);
    out->owner = text_at(table, row, COL_OWNER);
    out->merged_into = text_at(table, row, COL_MERGED_INTO);
    out->comments = number_at(table, row, COL_COMMENTS);
    out->revision = number_at(table, row, COL_REVISION);
    out->created_us = number_at(table, row, COL_CREATED);
    out->updated_us = number_at(table, row, COL_UPDATED);
}

enum fth_rc fth_anomaly_of_row(const struct fth_table *table, size_t row, struct fth_anomaly *out,
                               struct fth_err *err)
{
    struct fth_anomaly read = {.id = text_at(table, row, COL_ID),
                               .number = number_at(table, row, COL_NUMBER),
                               .currency = text_at(table, row, COL_CURRENCY),
                               .up = fth_str_eq_c(text_at(table, row, COL_DIRECTION), "up"),
                               .ongoing = number_at(table, row, COL_ONGOING) != 0,
                               .channel = text_at(table, row, COL_CHANNEL),
                               .score_milli = number_at(table, row, COL_SCORE),
                               .rank = number_at(table, row, COL_RANK),
                               .severity = text_at(table, row, COL_SEVERITY),
                               .levels = text_at(table, row, COL_LEVELS)};

    FTH_CHECK(table->col_nr == COL_NR);
    read.scope = (struct fth_monitor_scope){.account = text_at(table, row, COL_ACCOUNT),
                                            .account_name = text_at(table, row, COL_ACCOUNT_NAME),
                                            .service = text_at(table, row, COL_SERVICE),
                                            .tag = text_at(table, row, COL_TAG),
                                            .value = text_at(table, row, COL_TAG_VALUE)};
    if (!fth_level_named(text_at(table, row, COL_LEVEL), &read.scope.level) ||
        !read_days(table, row, &read) || !read_amounts(table, row, &read))
        return fth_err_set(err, FTH_E_CORRUPT, "anomaly " FTH_STR_F " cannot be read",
                           FTH_STR_A(read.id));
    read_decision(table, row, &read);
    *out = read;
    return FTH_OK;
}

enum fth_rc fth_anomalies_since(const struct fth_asked *asked, struct fth_tx *tx, int32_t day,
                                struct fth_anomaly **out, size_t *nr, struct fth_err *err)
{
    char text[10];
    const struct fth_val val = FTH_VAL_STR(((struct fth_str){text, sizeof(text)}));
    struct fth_anomaly *cases;
    struct fth_table table;

    fth_date_text(day, text);
    if (tx ? fth_tx_read(tx, SQL "since", &val, 1, asked->arena, CASES_MOST, &table, err)
           : fth_db_read(asked->app->db, SQL "since", &val, 1, asked->arena, CASES_MOST, &table,
                         err))
        return err->rc;
    cases = FTH_NEW_ARRAY(asked->arena, struct fth_anomaly, table.row_nr + 1);
    if (!cases)
        return fth_err_nomem(err);
    for (size_t i = 0; i < table.row_nr; i++)
        if (fth_anomaly_of_row(&table, i, &cases[i], err))
            return err->rc;
    *out = cases;
    *nr = table.row_nr;
    return FTH_OK;
}

/* ---- into the store ---- */

static enum fth_rc money_val(struct fth_money amount, struct fth_arena *arena, struct fth_val *out,
                             struct fth_err *err)
{
    char text[FTH_MONEY_TEXT_MAX];
    struct fth_str kept;

    if (fth_arena_str(arena, (struct fth_str){text, fth_money_text(amount, text)}, &kept, err))
        return err->rc;
    *out = FTH_VAL_STR(kept);
    return FTH_OK;
}

static enum fth_rc date_val(int32_t date, struct fth_arena *arena, struct fth_val *out,
                            struct fth_err *err)
{
    char text[10];
    struct fth_str kept;

    fth_date_text(date, text);
    if (fth_arena_str(arena, (struct fth_str){text, sizeof(text)}, &kept, err))
        return err->rc;
    *out = FTH_VAL_STR(kept);
    return FTH_OK;
}

/* Null is where there is no text, which is not the empty one. */
static struct fth_val text_val(struct fth_str text)
{
    return text.p ? FTH_VAL_STR(text) : FTH_VAL_NULL;
}

enum fth_rc fth_anomaly_vals(const struct fth_anomaly *anomaly, struct fth_arena *arena,
                             int64_t now_us, struct fth_val vals[FTH_ANOMALY_VALS],
                             struct fth_err *err)
{
    const struct fth_monitor_scope *scope = &anomaly->scope;
    size_t at = 0;

    vals[at++] = FTH_VAL_STR(anomaly->id);
    vals[at++] = FTH_VAL_I64(anomaly->number);
    vals[at++] = FTH_VAL_C(fth_level_name(scope->level));
    vals[at++] = text_val(scope->account);
    vals[at++] = fth_val_opt(scope->account_name);
    vals[at++] = text_val(scope->service);
    vals[at++] = text_val(scope->tag);
    vals[at++] = text_val(scope->value);
    vals[at++] = FTH_VAL_STR(anomaly->currency);
    vals[at++] = FTH_VAL_C(anomaly->up ? "up" : "down");
    vals[at++] = FTH_VAL_STR(anomaly->channel);
    vals[at++] = FTH_VAL_I64(anomaly->score_milli);
    if (date_val(anomaly->start, arena, &vals[at++], err) ||
        date_val(anomaly->end, arena, &vals[at++], err) ||
        date_val(anomaly->detected, arena, &vals[at++], err))
        return err->rc;
    vals[at++] = FTH_VAL_BOOL(anomaly->ongoing);
    if (money_val(anomaly->actual, arena, &vals[at++], err) ||
        money_val(anomaly->expected, arena, &vals[at++], err) ||
        money_val(anomaly->impact, arena, &vals[at++], err))
        return err->rc;
    vals[at++] = FTH_VAL_I64(anomaly->rank);
    vals[at++] = FTH_VAL_STR(anomaly->severity);
    vals[at++] = FTH_VAL_STR(anomaly->levels);
    vals[at++] = FTH_VAL_I64(now_us);
    FTH_CHECK(at == FTH_ANOMALY_VALS);
    return FTH_OK;
}

enum fth_rc fth_anomaly_write_state(struct fth_tx *tx, const struct fth_anomaly *anomaly,
                                    int64_t now_us, struct fth_err *err)
{
    const struct fth_val vals[] = {FTH_VAL_STR(anomaly->id),       FTH_VAL_I64(anomaly->revision),
                                   FTH_VAL_STR(anomaly->state),    text_val(anomaly->snoozed_until),
                                   text_val(anomaly->reason),      text_val(anomaly->cause),
                                   text_val(anomaly->kind),        text_val(anomaly->owner_id),
                                   text_val(anomaly->merged_into), FTH_VAL_I64(now_us)};
    int64_t changed = 0;

    if (fth_tx_exec(tx, SQL "decide", vals, FTH_NR(vals), &changed, err))
        return err->rc;
    if (changed == 1)
        return FTH_OK;
    fth_err_set(err, FTH_E_CONFLICT, FTH_STR_F " has changed since it was read",
                FTH_STR_A(anomaly->id));
    fth_err_hint(err, "Read it again, then change that.");
    return err->rc;
}

enum fth_rc fth_anomaly_say(struct fth_tx *tx, struct fth_str id, int64_t at_us,
                            struct fth_str user, const char *what, struct fth_str text,
                            struct fth_str detail, struct fth_err *err)
{
    const struct fth_val vals[] = {
        FTH_VAL_STR(id), FTH_VAL_I64(at_us), fth_val_opt(user),
        FTH_VAL_C(what), fth_val_opt(text),  FTH_VAL_STR(detail.n ? detail : FTH_STR("{}"))};

    return fth_tx_exec(tx, SQL "say", vals, FTH_NR(vals), NULL, err);
}

/* ---- a case of what was found ---- */

/* Rounded down to hundredths; what is too large for that sorts in front all the same. */
static int64_t rank_of(struct fth_money impact)
{
    double hundredths = fth_money_to_double(fth_money_abs(impact)) * pow(10, RANK_DIGITS);

    return hundredths < 9e18 ? (int64_t)hundredths : INT64_MAX - 1;
}

static struct fth_str severity_of(const struct fth_app *app, double a_day)
{
    if (a_day >= (double)app->anomalies.critical)
        return FTH_STR("critical");
    if (a_day >= (double)app->anomalies.high)
        return FTH_STR("high");
    return a_day >= (double)app->anomalies.medium ? FTH_STR("medium") : FTH_STR("low");
}

static void put_level(struct fth_jw *jw, const struct fth_monitor_event *event)
{
    fth_jw_object(jw);
    fth_jw_key(jw, "scope");
    fth_monitor_scope_put(jw, &event->series->scope);
    fth_jw_kv_date(jw, "start", event->start);
    fth_jw_kv_date(jw, "end", event->end);
    fth_jw_kv_money(jw, "impact", event->impact);
    fth_jw_key(jw, "score");
    fth_jw_double(jw, round(event->score * 1000) / 1000);
    fth_jw_object_end(jw);
}

/* The largest come first; what many small parts there are beside them, nobody reads. */
enum { LEVELS_MOST = 20 };

static enum fth_rc levels_of(const struct fth_monitor_case *found, struct fth_arena *arena,
                             struct fth_str *out, struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(FTH_ANOMALY_JSON_MAX);
    struct fth_jw jw;

    fth_jw_init(&jw, &buf);
    fth_jw_array(&jw);
    for (size_t i = 0; i < found->seen_nr && i < LEVELS_MOST; i++)
        put_level(&jw, found->seen[i]);
    fth_jw_array_end(&jw);
    if (!fth_jw_done(&jw, err))
        (void)fth_arena_str(arena, fth_buf_view(&buf), out, err);
    fth_buf_release(&buf);
    return err->rc;
}

enum fth_rc fth_anomaly_of_found(const struct fth_app *app, const struct fth_monitor_case *found,
                                 struct fth_arena *arena, struct fth_anomaly *out,
                                 struct fth_err *err)
{
    const struct fth_monitor_event *root = found->root;
    const struct fth_monitored *series = root->series;
    struct fth_anomaly made = {.scope = series->scope,
                               .currency = series->currency,
                               .up = root->up,
                               .channel = fth_str_c(root->channel),
                               .score_milli = (int64_t)round(fmin(root->score, 1e6) * 1000),
                               .start = root->start,
                               .end = root->end,
                               .detected = root->detected,
                               .actual = root->actual,
                               .expected = root->expected,
                               .impact = root->impact,
                               .rank = rank_of(root->impact),
                               .severity =
                                   severity_of(app, root->weight / (root->end - root->start + 1))};
    int32_t last = series->start + (int32_t)series->n - 1;

    made.ongoing = last - root->end <= FTH_MONITOR_QUIET;
    if (levels_of(found, arena, &made.levels, err))
        return err->rc;
    *out = made;
    return FTH_OK;
}

/* ---- what is read back ---- */

/* As fth_monitor_scope_put() writes it. */
static bool scope_of(const struct fth_json *json, struct fth_monitor_scope *out)
{
    const struct fth_json *tag = fth_json_get(json, "tag");
    const struct fth_str none = {0};

    *out = (struct fth_monitor_scope){.account = fth_json_str(json, "account", none),
                                      .account_name = fth_json_str(json, "account_name", none),
                                      .service = fth_json_str(json, "service", none),
                                      .tag = fth_json_str(tag, "key", none),
                                      .value = fth_json_str(tag, "value", none)};
    return fth_level_named(fth_json_str(json, "level", FTH_STR("")), &out->level);
}

enum fth_rc fth_anomaly_levels(const struct fth_anomaly *anomaly, struct fth_arena *arena,
                               struct fth_monitor_scope_vec *out, struct fth_err *err)
{
    const struct fth_json *json;
    struct fth_monitor_scope scope;

    *out = fth_monitor_scope_vec_in(arena);
    if (fth_json_parse(arena, anomaly->levels, NULL, &json, err))
        return err->rc;
    for (size_t i = 0; json->type == FTH_JSON_ARRAY && i < json->nr; i++)
        if (scope_of(fth_json_get(&json->items[i], "scope"), &scope) &&
            fth_monitor_scope_vec_push(out, scope, err))
            return err->rc;
    return FTH_OK;
}

static bool kind_of(struct fth_str text, enum fth_lesson_kind *out)
{
    static const char *const names[] = {[FTH_LESSON_ONE_OFF] = "one_off",
                                        [FTH_LESSON_SEASONAL] = "seasonal",
                                        [FTH_LESSON_PLANNED] = "planned"};

    for (size_t i = 0; i < FTH_NR(names); i++)
        if (fth_str_eq_c(text, names[i])) {
            *out = (enum fth_lesson_kind)i;
            return true;
        }
    return false;
}

/* In its own scope, and wherever else it was seen. */
enum fth_rc fth_anomaly_lessons(const struct fth_anomaly *cases, size_t nr, struct fth_arena *arena,
                                struct fth_lesson_vec *out, struct fth_err *err)
{
    *out = fth_lesson_vec_in(arena);
    for (size_t i = 0; i < nr; i++) {
        struct fth_monitor_scope_vec scopes;
        struct fth_lesson lesson = {.scope = cases[i].scope,
                                    .currency = cases[i].currency,
                                    .up = cases[i].up,
                                    .start = cases[i].start,
                                    .end = cases[i].end,
                                    .actual = fth_money_to_double(cases[i].actual),
                                    .expected = fth_money_to_double(cases[i].expected)};

        if (!fth_anomaly_is(&cases[i], "false_positive") || !kind_of(cases[i].kind, &lesson.kind))
            continue;
        if (fth_lesson_vec_push(out, lesson, err) ||
            fth_anomaly_levels(&cases[i], arena, &scopes, err))
            return err->rc;
        for (size_t k = 0; k < scopes.nr && lesson.kind != FTH_LESSON_PLANNED; k++) {
            lesson.scope = scopes.at[k];
            if (fth_lesson_vec_push(out, lesson, err))
                return err->rc;
        }
    }
    return FTH_OK;
}
