#include "auth/people.h"

#include <string.h>

#include "auth/attempt_int.h"
#include "auth/people_int.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/rand.h"
#include "state/audit.h"

enum { DETAIL_MAX = 16 * 1024, SCOPE_MAX = 64 * 1024 };

/* ---- who there is ---- */

enum fth_rc fth_people_open(const struct fth_people_conf *conf, struct fth_people **out,
                            struct fth_err *err)
{
    struct fth_people *people = fth_calloc(1, sizeof(*people));
    bool any;

    if (!people)
        return fth_err_nomem(err);
    people->conf = *conf;
    atomic_init(&people->looked, false);
    atomic_init(&people->any, false);
    atomic_init(&people->exposed, false);
    if (fth_people_any(people, &any, err)) {
        fth_free(people);
        return err->rc;
    }
    *out = people;
    return FTH_OK;
}

void fth_people_close(struct fth_people *people)
{
    fth_free(people);
}

void fth_people_expose(struct fth_people *people)
{
    atomic_store(&people->exposed, true);
}

enum fth_login fth_people_login(const struct fth_people *people)
{
    return people->conf.login;
}

void people_came(struct fth_people *people)
{
    atomic_store(&people->any, true);
}

static bool is_alone(const struct fth_people *people)
{
    return fth_db_kind(people->conf.db) == FTH_DB_SQLITE;
}

enum fth_rc fth_people_any(struct fth_people *people, bool *any, struct fth_err *err)
{
    struct fth_arena *arena;
    struct fth_table table = {0};

    /* Nobody is ever deleted, and SQLite has no other writer than this process. Several may share
     * one PostgreSQL: until somebody is there, each looks anew, because another may have let them
     * in. */
    if (atomic_load(&people->any) || (atomic_load(&people->looked) && is_alone(people))) {
        *any = atomic_load(&people->any);
        return FTH_OK;
    }
    arena = fth_arena_new(DETAIL_MAX);
    if (!arena)
        return fth_err_nomem(err);
    if (!fth_db_read(people->conf.db, PEOPLE "count", NULL, 0, arena, 1, &table, err)) {
        *any = fth_table_val(&table, 0, 0)->i64 > 0;
        if (*any)
            atomic_store(&people->any, true);
        atomic_store(&people->looked, true);
    }
    fth_arena_free(arena);
    return err->rc;
}

enum fth_rc fth_people_needed(struct fth_people *people, bool *needed, struct fth_err *err)
{
    if (people->conf.login != FTH_LOGIN_AUTO || atomic_load(&people->exposed)) {
        *needed = people->conf.login != FTH_LOGIN_OFF;
        return FTH_OK;
    }
    return fth_people_any(people, needed, err);
}

/* ---- what is done ---- */

static enum fth_rc put_detail(struct fth_arena *arena, const struct detail *details,
                              size_t detail_nr, struct fth_str *out, struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(DETAIL_MAX);
    struct fth_jw jw;

    fth_jw_init(&jw, &buf);
    fth_jw_object(&jw);
    for (size_t i = 0; i < detail_nr; i++)
        fth_jw_kv(&jw, details[i].key, details[i].value);
    fth_jw_object_end(&jw);
    if (!fth_jw_done(&jw, err))
        (void)fth_arena_str(arena, fth_buf_view(&buf), out, err);
    fth_buf_release(&buf);
    return err->rc;
}

enum fth_rc deed_audit(struct fth_tx *tx, const struct fth_deed *deed, struct fth_str actor,
                       const char *action, const char *kind, struct fth_str id,
                       const struct detail *details, size_t detail_nr, struct fth_err *err)
{
    struct fth_audit audit = {.at_us = deed_now(deed),
                              .actor = actor.n ? actor : fth_who_id(deed->who),
                              .action = fth_str_c(action),
                              .request_id = deed->request_id};

    if (put_detail(deed->arena, details, detail_nr, &audit.detail, err) ||
        fth_arena_printf(deed->arena, &audit.object, err, "%s:" FTH_STR_F, kind, FTH_STR_A(id)))
        return err->rc;
    return fth_audit_add(tx, &audit, err);
}

enum fth_rc deed_read(struct fth_tx *tx, const struct fth_deed *deed, const char *name,
                      const struct fth_val *vals, size_t val_nr, size_t most, struct fth_table *out,
                      struct fth_err *err)
{
    if (tx)
        return fth_tx_read(tx, name, vals, val_nr, deed->arena, most, out, err);
    return fth_db_read(deed->people->conf.db, name, vals, val_nr, deed->arena, most, out, err);
}

/* ---- permissions ---- */

enum fth_rc permissions_read(struct fth_arena *arena, struct fth_str json,
                             const struct fth_str **out, size_t *nr, struct fth_err *err)
{
    const struct fth_json *list = NULL;
    struct fth_str *names;

    *out = NULL;
    *nr = 0;
    if (json.n == 0)
        return FTH_OK;
    if (fth_json_parse(arena, json, NULL, &list, err))
        return err->rc;
    names = FTH_NEW_ARRAY(arena, struct fth_str, list->nr);
    if (!names)
        return fth_err_nomem(err);
    /* One that a newer program knew allows nothing here. */
    for (size_t i = 0; list->type == FTH_JSON_ARRAY && i < list->nr; i++)
        if (fth_permission_named(list->items[i].text))
            names[(*nr)++] = list->items[i].text;
    *out = names;
    return FTH_OK;
}

enum fth_rc permissions_text(struct fth_arena *arena, const struct fth_str *permissions, size_t nr,
                             struct fth_str *out, struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(DETAIL_MAX);
    struct fth_jw jw;

    fth_jw_init(&jw, &buf);
    fth_jw_array(&jw);
    for (size_t i = 0; i < nr; i++)
        fth_jw_str(&jw, permissions[i]);
    fth_jw_array_end(&jw);
    if (!fth_jw_done(&jw, err))
        (void)fth_arena_str(arena, fth_buf_view(&buf), out, err);
    fth_buf_release(&buf);
    return err->rc;
}

static enum fth_rc unknown_permission(struct fth_str name, size_t i, struct fth_err *err)
{
    struct fth_nearest nearest = {.text = name};

    for (size_t k = 0; k < fth_permission_nr(); k++)
        fth_nearest_offer(&nearest, fth_permission_at(k)->name);
    fth_err_set(err, FTH_E_INVALID, "no permission \"" FTH_STR_F "\"", FTH_STR_A(name));
    if (nearest.best.n)
        fth_err_hint(err, "Did you mean \"" FTH_STR_F "\"?", FTH_STR_A(nearest.best));
    fth_err_at(err, "/permissions/%zu", i);
    return err->rc;
}

enum fth_rc permissions_check(const struct fth_deed *deed, const struct fth_str *permissions,
                              size_t nr, struct fth_err *err)
{
    for (size_t i = 0; i < nr; i++) {
        if (!fth_permission_named(permissions[i]))
            return unknown_permission(permissions[i], i, err);
        if (!fth_who_may(deed->who, permissions[i]))
            return fth_err_set(err, FTH_E_DENIED, "who may not do it cannot give it: " FTH_STR_F,
                               FTH_STR_A(permissions[i]));
    }
    return FTH_OK;
}

enum fth_rc scope_check(struct fth_arena *arena, struct fth_str scope, struct fth_str *out,
                        struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(SCOPE_MAX);
    const struct fth_filter *filter;

    *out = (struct fth_str){0};
    if (scope.n == 0)
        return FTH_OK;
    if (fth_filter_parse(arena, scope, &filter, err)) {
        if (err->rc == FTH_E_SYNTAX)
            err->rc = FTH_E_INVALID;
        fth_err_prefix(err, "scope");
        fth_err_at(err, "/scope");
        return err->rc;
    }
    fth_filter_put(&text, filter);
    if (!fth_buf_done(&text, err))
        (void)fth_arena_str(arena, fth_buf_view(&text), out, err);
    fth_buf_release(&text);
    return err->rc;
}

/* ---- reading people ---- */

enum fth_rc email_fold(struct fth_arena *arena, struct fth_str email, struct fth_str *out,
                       struct fth_err *err)
{
    char *text = fth_arena_alloc(arena, email.n + 1);

    if (!text)
        return fth_err_nomem(err);
    for (size_t i = 0; i < email.n; i++) {
        char c = email.p[i];

        text[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    *out = (struct fth_str){text, email.n};
    return FTH_OK;
}

static enum fth_rc take_role(struct fth_arena *arena, struct fth_user *user,
                             struct fth_str own_permissions, struct fth_err *err)
{
    const struct fth_built_in *role = fth_built_in_named(user->role);

    if (!role || !fth_str_eq(role->id, user->role))
        return permissions_read(arena, own_permissions, &user->permissions, &user->permission_nr,
                                err);
    user->role_name = role->name;
    return permissions_built_in(arena, role, &user->permissions, &user->permission_nr, err);
}

/* The columns of state/people/one. */
static enum fth_rc take_user(struct fth_arena *arena, const struct fth_val *row,
                             struct fth_user *out, struct fth_err *err)
{
    *out = (struct fth_user){.id = row[0].text,
                             .email = row[1].text,
                             .name = row[2].text,
                             .role = row[3].text,
                             .scope = row[4].text,
                             .password_hash = row[5].text,
                             .must_change = row[6].i64 != 0,
                             .totp_secret = row[7].text,
                             .totp_pending = row[8].text,
                             .totp_step = row[9].i64,
                             .created_us = row[10].i64,
                             .disabled_us = row[11].i64,
                             .signed_in_us = row[12].i64,
                             .role_name = row[13].text};
    return take_role(arena, out, row[14].text, err);
}

enum fth_rc user_read(struct fth_tx *tx, const struct fth_deed *deed, struct fth_str name,
                      struct fth_user *out, struct fth_err *err)
{
    struct fth_val vals[1];
    struct fth_table table = {0};
    struct fth_str folded;

    if (email_fold(deed->arena, name, &folded, err))
        return err->rc;
    vals[0] = FTH_VAL_STR(folded);
    if (deed_read(tx, deed, PEOPLE "one", vals, 1, 1, &table, err))
        return err->rc;
    if (table.row_nr == 0)
        return fth_err_set(err, FTH_E_NOTFOUND, "no such user: " FTH_STR_F,
                           FTH_STR_A(fth_str_sub(name, 0, 254)));
    return take_user(deed->arena, table.at, out, err);
}

enum fth_rc fth_user_find(const struct fth_deed *deed, struct fth_str name, struct fth_user *out,
                          struct fth_err *err)
{
    return user_read(NULL, deed, name, out, err) ? err->rc : attempt_locks(deed, out, 1, err);
}

enum fth_rc fth_user_list(const struct fth_deed *deed, size_t limit, struct fth_str after,
                          struct fth_user **out, size_t *nr, struct fth_err *err)
{
    const struct fth_val vals[] = {FTH_VAL_I64((int64_t)limit), FTH_VAL_STR(after)};
    struct fth_table table = {0};
    struct fth_user *users;

    if (deed_read(NULL, deed, PEOPLE "list", vals, FTH_NR(vals), limit, &table, err))
        return err->rc;
    users = FTH_NEW_ARRAY(deed->arena, struct fth_user, table.row_nr);
    if (!users)
        return fth_err_nomem(err);
    for (size_t i = 0; i < table.row_nr; i++)
        if (take_user(deed->arena, fth_table_val(&table, i, 0), &users[i], err))
            return err->rc;
    *out = users;
    *nr = table.row_nr;
    return attempt_locks(deed, users, *nr, err);
}

/* ---- changing people ---- */

enum fth_rc fth_user_may_change(const struct fth_deed *deed, const struct fth_user *user,
                                struct fth_err *err)
{
    if (fth_who_scope(deed->who))
        return fth_err_set(err, FTH_E_DENIED,
                           "who sees only a part of the charges cannot change people");
    for (size_t i = 0; i < user->permission_nr; i++)
        if (!fth_who_may(deed->who, user->permissions[i]))
            return fth_err_set(err, FTH_E_DENIED,
                               "who may not do it cannot change somebody who may: " FTH_STR_F,
                               FTH_STR_A(user->permissions[i]));
    return FTH_OK;
}

/* A role that may be given: by id or name. */
static enum fth_rc choose_role(struct fth_tx *tx, const struct fth_deed *deed, struct fth_str name,
                               struct fth_role *out, struct fth_err *err)
{
    if (role_read(tx, deed, name, out, err)) {
        if (err->rc == FTH_E_NOTFOUND)
            err->rc = FTH_E_INVALID;
        fth_err_at(err, "/role");
        return err->rc;
    }
    return permissions_check(deed, out->permissions, out->permission_nr, err);
}

struct addition {
    const struct fth_deed *deed;
    struct fth_user user;
};

bool fth_user_may(const struct fth_user *user, struct fth_str permission)
{
    return fth_permission_among(user->permissions, user->permission_nr, permission);
}

enum fth_rc people_any(struct fth_tx *tx, const struct fth_deed *deed, bool *out,
                       struct fth_err *err)
{
    struct fth_table table = {0};

    if (!deed_read(tx, deed, PEOPLE "count", NULL, 0, 1, &table, err))
        *out = table.at[0].i64 > 0;
    return err->rc;
}

/* With the first everybody has to sign in: there must be one who can let others in. */
static enum fth_rc check_first(struct fth_tx *tx, const struct addition *addition,
                               struct fth_err *err)
{
    const struct fth_user *user = &addition->user;
    bool any = false;

    if (people_any(tx, addition->deed, &any, err))
        return err->rc;
    if (any || (fth_str_eq_c(user->role, "administrator") && user->scope.n == 0))
        return FTH_OK;
    fth_err_set(err, FTH_E_CONFLICT, "the first user has to be an administrator who sees all");
    fth_err_hint(err, "farthing users setup-token prints a link that makes one.");
    return err->rc;
}

static enum fth_rc add_user(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    const struct addition *addition = ctx;
    const struct fth_user *user = &addition->user;
    const struct detail details[] = {
        {"email", user->email}, {"role", user->role}, {"scope", user->scope}};
    const struct fth_val vals[] = {
        FTH_VAL_STR(user->id),           FTH_VAL_STR(user->email),
        FTH_VAL_STR(user->name),         FTH_VAL_STR(user->role),
        fth_val_opt(user->scope),        fth_val_opt(user->password_hash),
        FTH_VAL_BOOL(user->must_change), FTH_VAL_I64(user->created_us)};

    if (check_first(tx, addition, err))
        return err->rc;
    if (fth_tx_exec(tx, PEOPLE "add", vals, FTH_NR(vals), NULL, err) == FTH_E_CONFLICT) {
        fth_err_clear(err);
        fth_err_set(err, FTH_E_CONFLICT, "there is somebody with the address " FTH_STR_F " already",
                    FTH_STR_A(user->email));
        fth_err_at(err, "/email");
    }
    if (err->rc)
        return err->rc;
    return deed_audit(tx, addition->deed, (struct fth_str){0}, "user.add", "user", user->id,
                      details, FTH_NR(details), err);
}

enum fth_rc fth_user_add(const struct fth_deed *deed, const struct fth_user_wish *wish,
                         struct fth_user *out, struct fth_err *err)
{
    struct addition addition = {.deed = deed};
    struct fth_user *user = &addition.user;
    struct fth_role role = {0};
    char id[37];

    if (fth_who_scope(deed->who))
        return fth_user_may_change(deed, user, err);
    if (email_fold(deed->arena, fth_str_trim(wish->email), &user->email, err) ||
        choose_role(NULL, deed, wish->role, &role, err) ||
        scope_check(deed->arena, wish->scope, &user->scope, err))
        return err->rc;
    if (wish->password.n && (password_check(wish->password, user->email, err) ||
                             password_make(deed, wish->password, &user->password_hash, err)))
        return err->rc;
    user->created_us = deed_now(deed);
    fth_rand_uuid7(user->created_us, id);
    user->id = fth_str_c(id);
    user->role = role.id;
    user->name = wish->name.n ? wish->name : user->email;
    user->must_change = wish->password.n > 0;
    if (fth_db_in_tx(deed->people->conf.db, add_user, &addition, err))
        return err->rc;
    people_came(deed->people);
    return user_read(NULL, deed, user->email, out, err);
}

struct alteration {
    const struct fth_deed *deed;
    struct fth_str name; /* whose */
    const struct fth_user_change *change;
    struct fth_str scope; /* canonical */
};

/* One of those of whom the last has to stay. */
static bool is_keeper(const struct fth_user *user)
{
    return fth_str_eq(user->role, fth_administrator) && user->password_hash.n &&
           !user->disabled_us && user->scope.n == 0;
}

static enum fth_rc keep_an_administrator(struct fth_tx *tx, const struct fth_deed *deed,
                                         const struct fth_user *user, struct fth_err *err)
{
    const struct fth_val vals[] = {FTH_VAL_STR(user->id)};
    struct fth_table table = {0};

    if (deed_read(tx, deed, PEOPLE "other_administrators", vals, 1, 1, &table, err))
        return err->rc;
    if (table.at[0].i64 == 0) {
        fth_err_set(err, FTH_E_CONFLICT,
                    FTH_STR_F " is the last administrator who can sign in and sees all",
                    FTH_STR_A(user->email));
        fth_err_hint(err, "Make somebody else one first.");
    }
    return err->rc;
}

static enum fth_rc end_sessions(struct fth_tx *tx, struct fth_str user, struct fth_err *err)
{
    const struct fth_val vals[] = {FTH_VAL_STR(user), FTH_VAL_C("")};

    return fth_tx_exec(tx, CREDENTIAL "sessions_end", vals, FTH_NR(vals), NULL, err);
}

static enum fth_rc write_user(struct fth_tx *tx, const struct alteration *alteration,
                              const struct fth_user *before, const struct fth_user *after,
                              struct fth_err *err)
{
    const struct fth_val vals[] = {FTH_VAL_STR(after->id), FTH_VAL_STR(after->name),
                                   FTH_VAL_STR(after->role), fth_val_opt(after->scope),
                                   after->disabled_us ? FTH_VAL_I64(after->disabled_us)
                                                      : FTH_VAL_NULL};
    const struct detail details[] = {
        {"email", after->email},
        {"name", after->name},
        {"role", after->role},
        {"role_before", before->role},
        {"scope", after->scope},
        {"scope_before", before->scope},
        {"disabled", after->disabled_us ? FTH_STR("true") : FTH_STR("false")}};

    if (fth_tx_exec(tx, PEOPLE "change", vals, FTH_NR(vals), NULL, err))
        return err->rc;
    return deed_audit(tx, alteration->deed, (struct fth_str){0}, "user.change", "user", after->id,
                      details, FTH_NR(details), err);
}

/* Sets *after to `before` with what is to be changed. */
static enum fth_rc merge_user(struct fth_tx *tx, const struct alteration *alteration,
                              const struct fth_user *before, struct fth_user *after,
                              struct fth_err *err)
{
    const struct fth_user_change *change = alteration->change;
    struct fth_role role = {.id = before->role};

    if (change->role && choose_role(tx, alteration->deed, *change->role, &role, err))
        return err->rc;
    *after = *before;
    after->role = role.id;
    if (change->name)
        after->name = *change->name;
    if (change->scope)
        after->scope = alteration->scope;
    if (change->disabled && !*change->disabled)
        after->disabled_us = 0;
    else if (change->disabled && !before->disabled_us)
        after->disabled_us = deed_now(alteration->deed);
    return FTH_OK;
}

static enum fth_rc alter_user(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    const struct alteration *alteration = ctx;
    const struct fth_deed *deed = alteration->deed;
    struct fth_user before = {0}, after = {0};
    bool other;

    if (user_read(tx, deed, alteration->name, &before, err) ||
        fth_user_may_change(deed, &before, err) || merge_user(tx, alteration, &before, &after, err))
        return err->rc;
    other = after.disabled_us || !fth_str_eq(after.role, before.role) ||
            !fth_str_eq(after.scope, before.scope);
    if ((is_keeper(&before) && !is_keeper(&after) &&
         keep_an_administrator(tx, deed, &before, err)) ||
        (other && end_sessions(tx, before.id, err)))
        return err->rc;
    return write_user(tx, alteration, &before, &after, err);
}

enum fth_rc fth_user_set(const struct fth_deed *deed, struct fth_str name,
                         const struct fth_user_change *change, struct fth_user *out,
                         struct fth_err *err)
{
    struct alteration alteration = {.deed = deed, .name = name, .change = change};

    if ((change->scope && scope_check(deed->arena, *change->scope, &alteration.scope, err)) ||
        fth_db_in_tx(deed->people->conf.db, alter_user, &alteration, err))
        return err->rc;
    return fth_user_find(deed, name, out, err);
}

struct farewell {
    const struct fth_deed *deed;
    struct fth_str name;
};

static enum fth_rc sign_out_user(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    const struct farewell *farewell = ctx;
    struct fth_user user = {0};

    if (user_read(tx, farewell->deed, farewell->name, &user, err) ||
        fth_user_may_change(farewell->deed, &user, err) || end_sessions(tx, user.id, err))
        return err->rc;
    return deed_audit(tx, farewell->deed, (struct fth_str){0}, "user.sign_out", "user", user.id,
                      NULL, 0, err);
}

enum fth_rc fth_user_sign_out(const struct fth_deed *deed, struct fth_str name, struct fth_err *err)
{
    struct farewell farewell = {deed, name};

    return fth_db_in_tx(deed->people->conf.db, sign_out_user, &farewell, err);
}

/* ---- what else is written down ---- */

struct remark {
    const struct fth_deed *deed;
    const char *action, *kind;
    struct fth_str what; /* of that kind */
    struct detail more;  /* key NULL: none */
};

static enum fth_rc write_remark(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    const struct remark *remark = ctx;
    const struct detail details[] = {{"address", remark->deed->address}, remark->more};

    return deed_audit(tx, remark->deed, (struct fth_str){0}, remark->action, remark->kind,
                      remark->what, details, remark->more.key ? 2 : 1, err);
}

enum fth_rc fth_deed_denied(const struct fth_deed *deed, struct fth_str operation,
                            struct fth_str why, struct fth_err *err)
{
    struct remark remark = {deed, "access.deny", "operation", operation, {"why", why}};

    return fth_db_in_tx(deed->people->conf.db, write_remark, &remark, err);
}

enum fth_rc fth_deed_exported(const struct fth_deed *deed, struct fth_str operation,
                              struct fth_str job, struct fth_err *err)
{
    struct remark remark = {deed, "data.export", "operation", operation, {0}};

    if (job.n) {
        remark.kind = "job";
        remark.what = job;
        remark.more = (struct detail){"operation", operation};
    }
    return fth_db_in_tx(deed->people->conf.db, write_remark, &remark, err);
}
