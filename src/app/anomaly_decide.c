/* What people decide of a case, and say to it. */
#include <string.h>

#include "app/anomaly_int.h"
#include "base/check.h"
#include "state/audit.h"

#define SQL FTH_ANOMALY_SQL

enum { DETAIL_MAX = 16 * 1024 };

struct decision {
    const struct fth_asked *asked;
    const struct fth_anomaly *before;
    struct fth_anomaly after;
    struct fth_str request_id;
    int64_t now_us;
};

static enum fth_rc refuse(struct fth_err *err, const char *pointer, const char *what)
{
    fth_err_set(err, FTH_E_INVALID, "%s: %s", pointer, what);
    fth_err_at(err, "%s", pointer);
    return err->rc;
}

/* ---- what is asked for ---- */

/* A member that was given; null gives a p of NULL. */
static bool given(const struct fth_json *patch, const char *key, struct fth_str *out)
{
    const struct fth_json *value = fth_json_get(patch, key);

    if (value)
        *out = value->type == FTH_JSON_STRING ? value->text : (struct fth_str){0};
    return value != NULL;
}

static enum fth_rc owner_of(const struct fth_asked *asked, struct fth_str email,
                            struct fth_anomaly *out, struct fth_err *err)
{
    const struct fth_val val = FTH_VAL_STR(email);
    struct fth_table table;

    out->owner = email;
    out->owner_id = (struct fth_str){0};
    if (!email.p)
        return FTH_OK;
    if (fth_who_scope(asked->who) && !fth_str_caseeq(email, asked->who->name)) {
        fth_err_set(err, FTH_E_DENIED, "who has a scope names no owner but himself");
        fth_err_at(err, "/owner");
        return err->rc;
    }
    if (fth_db_read(asked->app->db, SQL "user", &val, 1, asked->arena, 1, &table, err))
        return err->rc;
    if (table.row_nr == 0)
        return refuse(err, "/owner", "there is no such user");
    out->owner_id = fth_table_val(&table, 0, 0)->text;
    out->owner = fth_table_val(&table, 0, 1)->text;
    return FTH_OK;
}

/* Its own parts go with it no further: a case that has some is merged into none. `tx` may be NULL.
 */
static enum fth_rc check_merge(const struct decision *d, struct fth_tx *tx,
                               const struct fth_anomaly *other, struct fth_err *err)
{
    const struct fth_val id = FTH_VAL_STR(d->before->id);
    struct fth_arena *arena = d->asked->arena;
    struct fth_table table;

    if (fth_str_eq(other->id, d->before->id))
        return refuse(err, "/merged_into", "a case cannot be a part of itself");
    if (fth_anomaly_is(other, "merged"))
        return refuse(err, "/merged_into", "that case is a part of another");
    if (other->up != d->before->up || !fth_str_eq(other->currency, d->before->currency))
        return refuse(err, "/merged_into", "that case is of another currency or direction");
    if (tx ? fth_tx_read(tx, SQL "parts", &id, 1, arena, 1, &table, err)
           : fth_db_read(d->asked->app->db, SQL "parts", &id, 1, arena, 1, &table, err))
        return err->rc;
    if (fth_table_val(&table, 0, 0)->i64 > 0)
        return refuse(err, "/merged_into", "this case has parts of its own");
    return FTH_OK;
}

static enum fth_rc read_merge(struct decision *d, const struct fth_json *patch, struct fth_err *err)
{
    const struct fth_anomaly *other = NULL;
    struct fth_str into = {0};

    if (!given(patch, "merged_into", &into))
        return FTH_OK;
    if (!into.p) {
        if (fth_anomaly_is(d->before, "merged") && !fth_json_get(patch, "state"))
            d->after.state = FTH_STR("open");
        d->after.merged_into = into;
        return FTH_OK;
    }
    if (fth_json_get(patch, "state"))
        return refuse(err, "/state", "a case that is merged has the state of the other");
    if (fth_anomaly_find(d->asked, into, &other, err)) {
        if (err->rc == FTH_E_NOTFOUND) {
            fth_err_clear(err);
            return refuse(err, "/merged_into", "there is no such case");
        }
        return err->rc;
    }
    if (check_merge(d, NULL, other, err))
        return err->rc;
    d->after.state = FTH_STR("merged");
    d->after.merged_into = into;
    return FTH_OK;
}

/* What a state has and others have not; what it wants is checked, what it has no use for goes. */
static enum fth_rc check_state(struct decision *d, struct fth_err *err)
{
    struct fth_anomaly *after = &d->after;
    int32_t day;

    if (fth_anomaly_is(after, "snoozed")) {
        if (!fth_date_parse(after->snoozed_until, &day) || day <= fth_instant_date(d->now_us))
            return refuse(err, "/snoozed_until", "expected a day after today");
    } else {
        after->snoozed_until = (struct fth_str){0};
    }
    if (fth_anomaly_is(after, "resolved") && !after->cause.n)
        return refuse(err, "/cause", "say what it came from");
    if (!after->reason.n)
        after->reason = (struct fth_str){0};
    if (fth_anomaly_is(after, "false_positive")) {
        if (!after->kind.n)
            return refuse(err, "/kind", "expected \"one_off\", \"seasonal\" or \"planned\"");
    } else {
        after->kind = (struct fth_str){0};
    }
    if (!fth_anomaly_is(after, "merged"))
        after->merged_into = (struct fth_str){0};
    return FTH_OK;
}

/* Nobody is told that something was done when it was not. */
static enum fth_rc check_given(const struct decision *d, const struct fth_json *patch,
                               struct fth_err *err)
{
    struct fth_str text;

    if (given(patch, "snoozed_until", &text) && text.p && !fth_anomaly_is(&d->after, "snoozed"))
        return refuse(err, "/snoozed_until", "only with the state \"snoozed\"");
    if (given(patch, "kind", &text) && text.p && !fth_anomaly_is(&d->after, "false_positive"))
        return refuse(err, "/kind", "only with the state \"false_positive\"");
    return FTH_OK;
}

static enum fth_rc read_patch(struct decision *d, const struct fth_json *patch, struct fth_err *err)
{
    struct fth_str text;

    if (given(patch, "state", &text)) {
        d->after.state = text;
        if (!fth_str_eq(text, d->before->state))
            d->after.reason = d->after.cause = (struct fth_str){0};
    }
    if (given(patch, "snoozed_until", &text))
        d->after.snoozed_until = text;
    if (given(patch, "reason", &text))
        d->after.reason = text;
    if (given(patch, "cause", &text))
        d->after.cause = text;
    if (given(patch, "kind", &text))
        d->after.kind = text;
    if (given(patch, "owner", &text) && owner_of(d->asked, text, &d->after, err))
        return err->rc;
    if (read_merge(d, patch, err) || check_given(d, patch, err))
        return err->rc;
    return check_state(d, err);
}

/* ---- doing it ---- */

static void put_opt(struct fth_jw *jw, const char *key, struct fth_str text)
{
    if (text.p)
        fth_jw_kv(jw, key, text);
}

static void put_state_members(const struct decision *d, struct fth_jw *jw)
{
    fth_jw_kv(jw, "from", d->before->state);
    fth_jw_kv(jw, "to", d->after.state);
    put_opt(jw, "until", d->after.snoozed_until);
    put_opt(jw, "cause", d->after.cause);
    put_opt(jw, "kind", d->after.kind);
}

static void put_state(const struct decision *d, struct fth_jw *jw)
{
    fth_jw_object(jw);
    put_state_members(d, jw);
    fth_jw_object_end(jw);
}

static void put_owner(const struct decision *d, struct fth_jw *jw)
{
    fth_jw_object(jw);
    fth_jw_kv_opt(jw, "from", d->before->owner);
    fth_jw_kv_opt(jw, "to", d->after.owner);
    fth_jw_object_end(jw);
}

static void put_merged_members(const struct decision *d, struct fth_jw *jw)
{
    put_opt(jw, "into", d->after.merged_into);
    put_opt(jw, "out_of", d->before->merged_into);
}

static void put_merged(const struct decision *d, struct fth_jw *jw)
{
    fth_jw_object(jw);
    put_merged_members(d, jw);
    fth_jw_object_end(jw);
}

static struct fth_str user_of(const struct fth_asked *asked)
{
    return asked->who ? asked->who->id : (struct fth_str){0};
}

static enum fth_rc say_one(const struct decision *d, struct fth_tx *tx, const char *what,
                           void (*put)(const struct decision *d, struct fth_jw *jw),
                           struct fth_err *err)
{
    struct fth_buf detail = fth_buf_max(DETAIL_MAX);
    struct fth_jw jw;

    fth_jw_init(&jw, &detail);
    put(d, &jw);
    if (!fth_jw_done(&jw, err))
        (void)fth_anomaly_say(tx, d->after.id, d->now_us, user_of(d->asked), what,
                              d->after.reason.p ? d->after.reason : (struct fth_str){0},
                              fth_buf_view(&detail), err);
    fth_buf_release(&detail);
    return err->rc;
}

static bool differ(struct fth_str a, struct fth_str b)
{
    return a.p && b.p ? !fth_str_eq(a, b) : a.p != b.p;
}

static bool is_merge(const struct decision *d)
{
    return differ(d->before->merged_into, d->after.merged_into);
}

/* That a part is merged, and one that is taken out open, is said by that. */
static bool is_state(const struct decision *d)
{
    if (is_merge(d))
        return !fth_anomaly_is(&d->after, "merged") && !fth_anomaly_is(&d->after, "open");
    return (differ(d->before->state, d->after.state) ||
            differ(d->before->snoozed_until, d->after.snoozed_until) ||
            differ(d->before->reason, d->after.reason) ||
            differ(d->before->cause, d->after.cause) || differ(d->before->kind, d->after.kind));
}

/* All that was decided: the members of a state, owner and merge, as far as they changed. */
static void put_all(const struct decision *d, struct fth_jw *jw)
{
    fth_jw_object(jw);
    put_state_members(d, jw);
    if (differ(d->before->owner_id, d->after.owner_id)) {
        fth_jw_key(jw, "owner");
        put_owner(d, jw);
    }
    if (is_merge(d))
        put_merged_members(d, jw);
    fth_jw_object_end(jw);
}

static enum fth_rc audit_it(const struct decision *d, struct fth_tx *tx, struct fth_err *err)
{
    struct fth_buf detail = fth_buf_max(DETAIL_MAX), object = fth_buf_max(128);
    struct fth_jw jw;

    fth_jw_init(&jw, &detail);
    put_all(d, &jw);
    fth_buf_printf(&object, "anomaly:" FTH_STR_F, FTH_STR_A(d->after.id));
    if (!fth_jw_done(&jw, err) && !fth_buf_done(&object, err)) {
        const struct fth_audit audit = {.at_us = d->now_us,
                                        .actor = fth_who_id(d->asked->who),
                                        .action = FTH_STR("anomaly.decide"),
                                        .object = fth_buf_view(&object),
                                        .detail = fth_buf_view(&detail),
                                        .request_id = d->request_id};

        (void)fth_audit_add(tx, &audit, err);
    }
    fth_buf_release(&detail);
    fth_buf_release(&object);
    return err->rc;
}

/* Since it was checked another may have made either of both a part. */
static enum fth_rc check_again(const struct decision *d, struct fth_tx *tx, struct fth_err *err)
{
    const struct fth_val id = FTH_VAL_STR(d->after.merged_into);
    struct fth_anomaly other;
    struct fth_table table;

    if (!is_merge(d) || !d->after.merged_into.p)
        return FTH_OK;
    if (fth_tx_read(tx, SQL "one", &id, 1, d->asked->arena, 1, &table, err))
        return err->rc;
    FTH_CHECK(table.row_nr == 1);
    return fth_anomaly_of_row(&table, 0, &other, err) ? err->rc : check_merge(d, tx, &other, err);
}

static enum fth_rc write_it(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    const struct decision *d = ctx;

    if (check_again(d, tx, err) || fth_anomaly_write_state(tx, &d->after, d->now_us, err))
        return err->rc;
    if (is_state(d) && say_one(d, tx, "state", put_state, err))
        return err->rc;
    if (differ(d->before->owner_id, d->after.owner_id) && say_one(d, tx, "owner", put_owner, err))
        return err->rc;
    if (is_merge(d) &&
        say_one(d, tx, d->after.merged_into.p ? "merged" : "unmerged", put_merged, err))
        return err->rc;
    return audit_it(d, tx, err);
}

enum fth_rc fth_anomaly_decide(const struct fth_asked *asked, const struct fth_anomaly *anomaly,
                               const struct fth_json *patch, struct fth_str request_id,
                               const struct fth_anomaly **out, struct fth_err *err)
{
    struct decision d = {.asked = asked,
                         .before = anomaly,
                         .after = *anomaly,
                         .request_id = request_id,
                         .now_us = fth_clock_now_us(&asked->app->clock)};

    if (read_patch(&d, patch, err))
        return err->rc;
    if (!is_state(&d) && !is_merge(&d) && !differ(anomaly->owner_id, d.after.owner_id)) {
        *out = anomaly;
        return FTH_OK;
    }
    if (fth_db_in_tx(asked->app->db, write_it, &d, err) ||
        fth_anomaly_find(asked, anomaly->id, out, err))
        return err->rc;
    fth_anomaly_tell(asked->app, *out, "changed");
    return FTH_OK;
}

/* ---- comments ---- */

struct comment {
    const struct fth_asked *asked;
    struct fth_str id, text;
    int64_t now_us;
};

static enum fth_rc write_comment(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    const struct comment *comment = ctx;

    return fth_anomaly_say(tx, comment->id, comment->now_us, user_of(comment->asked), "comment",
                           comment->text, (struct fth_str){0}, err);
}

enum fth_rc fth_anomaly_comment(const struct fth_asked *asked, const struct fth_anomaly *anomaly,
                                struct fth_str text, struct fth_jw *jw, struct fth_err *err)
{
    struct comment comment = {asked, anomaly->id, text, fth_clock_now_us(&asked->app->clock)};

    if (fth_db_in_tx(asked->app->db, write_comment, &comment, err))
        return err->rc;
    fth_jw_object(jw);
    fth_jw_kv_instant(jw, "at", comment.now_us);
    fth_jw_kv_opt(jw, "by", asked->who ? asked->who->name : (struct fth_str){0});
    fth_jw_kv_c(jw, "what", "comment");
    fth_jw_kv(jw, "text", text);
    fth_jw_key(jw, "detail");
    fth_jw_raw(jw, FTH_STR("{}"));
    fth_jw_object_end(jw);
    fth_anomaly_tell(asked->app, anomaly, "changed");
    return FTH_OK;
}
