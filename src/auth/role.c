/* Roles: those that are built in, and those that people make. */
#include "auth/people_int.h"
#include "base/check.h"
#include "base/rand.h"

enum fth_rc permissions_built_in(struct fth_arena *arena, const struct fth_built_in *role,
                                 const struct fth_str **out, size_t *nr, struct fth_err *err)
{
    struct fth_str *names = FTH_NEW_ARRAY(arena, struct fth_str, fth_permission_nr());

    if (!names)
        return fth_err_nomem(err);
    *out = names;
    *nr = 0;
    for (size_t i = 0; i < fth_permission_nr(); i++)
        if (fth_built_in_may(role, fth_permission_at(i)))
            names[(*nr)++] = fth_permission_at(i)->name;
    return FTH_OK;
}

static enum fth_rc built_in_role(struct fth_arena *arena, const struct fth_built_in *from,
                                 struct fth_role *out, struct fth_err *err)
{
    *out = (struct fth_role){
        .id = from->id, .name = from->name, .text = fth_str_c(from->text), .built_in = true};
    return permissions_built_in(arena, from, &out->permissions, &out->permission_nr, err);
}

static enum fth_rc count_users(struct fth_tx *tx, const struct fth_deed *deed,
                               struct fth_role *roles, size_t nr, struct fth_err *err)
{
    struct fth_table table = {0};

    if (deed_read(tx, deed, PEOPLE "role_counts", NULL, 0, LIST_MAX, &table, err))
        return err->rc;
    for (size_t i = 0; i < nr; i++)
        for (size_t k = 0; k < table.row_nr; k++)
            if (fth_str_eq(roles[i].id, fth_table_val(&table, k, 0)->text))
                roles[i].users = fth_table_val(&table, k, 1)->i64;
    return FTH_OK;
}

static enum fth_rc list_roles(struct fth_tx *tx, const struct fth_deed *deed, struct fth_role **out,
                              size_t *nr, struct fth_err *err)
{
    size_t first = fth_built_in_nr();
    struct fth_table table = {0};
    struct fth_role *roles;

    if (deed_read(tx, deed, PEOPLE "roles", NULL, 0, LIST_MAX, &table, err))
        return err->rc;
    roles = FTH_NEW_ARRAY(deed->arena, struct fth_role, first + table.row_nr);
    if (!roles)
        return fth_err_nomem(err);
    for (size_t i = 0; i < first; i++)
        if (built_in_role(deed->arena, fth_built_in_at(i), &roles[i], err))
            return err->rc;
    for (size_t i = 0; i < table.row_nr; i++) {
        struct fth_role *role = &roles[first + i];

        role->id = fth_table_val(&table, i, 0)->text;
        role->name = fth_table_val(&table, i, 1)->text;
        role->text = fth_table_val(&table, i, 2)->text;
        if (permissions_read(deed->arena, fth_table_val(&table, i, 3)->text, &role->permissions,
                             &role->permission_nr, err))
            return err->rc;
    }
    *out = roles;
    *nr = first + table.row_nr;
    return count_users(tx, deed, roles, *nr, err);
}

enum fth_rc fth_role_list(const struct fth_deed *deed, struct fth_role **out, size_t *nr,
                          struct fth_err *err)
{
    return list_roles(NULL, deed, out, nr, err);
}

enum fth_rc role_read(struct fth_tx *tx, const struct fth_deed *deed, struct fth_str name,
                      struct fth_role *out, struct fth_err *err)
{
    struct fth_nearest nearest = {.text = name};
    struct fth_role *roles = NULL;
    size_t nr = 0;

    if (list_roles(tx, deed, &roles, &nr, err))
        return err->rc;
    for (size_t i = 0; i < nr; i++) {
        if (fth_str_eq(roles[i].id, name) || fth_str_caseeq(roles[i].name, name)) {
            *out = roles[i];
            return FTH_OK;
        }
        fth_nearest_offer(&nearest, roles[i].name);
    }
    fth_err_set(err, FTH_E_NOTFOUND, "no role \"" FTH_STR_F "\"", FTH_STR_A(name));
    if (nearest.best.n)
        fth_err_hint(err, "Did you mean \"" FTH_STR_F "\"?", FTH_STR_A(nearest.best));
    return err->rc;
}

enum fth_rc fth_role_find(const struct fth_deed *deed, struct fth_str name, struct fth_role *out,
                          struct fth_err *err)
{
    return role_read(NULL, deed, name, out, err);
}

/* ---- changing them ---- */

struct work {
    const struct fth_deed *deed;
    struct fth_role *role;
    struct fth_str name; /* of the one to be changed */
    const struct fth_role_change *change;
};

/* Exactly one row is meant by the statement. */
static enum fth_rc write_role(struct fth_tx *tx, const struct work *work, bool is_new,
                              struct fth_err *err)
{
    const struct fth_role *role = work->role;
    struct fth_val vals[5] = {FTH_VAL_STR(role->id), FTH_VAL_STR(role->name),
                              FTH_VAL_STR(role->text)};
    struct detail details[] = {{"name", role->name}, {"permissions", {0}}};
    struct fth_str *permissions = &details[1].value;
    int64_t changed = 0;

    if (permissions_text(work->deed->arena, role->permissions, role->permission_nr, permissions,
                         err))
        return err->rc;
    vals[3] = FTH_VAL_STR(*permissions);
    vals[4] = FTH_VAL_I64(deed_now(work->deed));
    if (fth_tx_exec(tx, is_new ? PEOPLE "role_add" : PEOPLE "role_change", vals, is_new ? 5 : 4,
                    &changed, err))
        return err->rc;
    if (changed != 1)
        return fth_err_set(err, FTH_E_NOTFOUND, "no role \"" FTH_STR_F "\"", FTH_STR_A(role->name));
    return deed_audit(tx, work->deed, (struct fth_str){0}, is_new ? "role.add" : "role.change",
                      "role", role->id, details, FTH_NR(details), err);
}

/* Nobody may take the name, or the id, of another role. */
static enum fth_rc check_name(struct fth_tx *tx, const struct fth_deed *deed,
                              const struct fth_role *role, struct fth_err *err)
{
    struct fth_err missing = {0};
    struct fth_role other = {0};

    if (role_read(tx, deed, role->name, &other, &missing) == FTH_E_NOTFOUND)
        return FTH_OK;
    if (missing.rc) {
        *err = missing;
        return err->rc;
    }
    if (fth_str_eq(other.id, role->id))
        return FTH_OK;
    fth_err_set(err, FTH_E_CONFLICT, "there is a role \"" FTH_STR_F "\" already",
                FTH_STR_A(role->name));
    fth_err_at(err, "/name");
    return err->rc;
}

static enum fth_rc refuse_built_in(const struct fth_role *role, struct fth_err *err)
{
    if (!role->built_in)
        return FTH_OK;
    fth_err_set(err, FTH_E_CONFLICT, "role \"" FTH_STR_F "\" is built in", FTH_STR_A(role->name));
    fth_err_hint(err, "Make one of your own.");
    return err->rc;
}

static enum fth_rc add_role(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    const struct work *work = ctx;

    return check_name(tx, work->deed, work->role, err) ? err->rc : write_role(tx, work, true, err);
}

enum fth_rc fth_role_add(const struct fth_deed *deed, struct fth_role *role, struct fth_err *err)
{
    struct work work = {.deed = deed, .role = role};
    const struct fth_user nobody = {0};
    char *id;

    if (fth_user_may_change(deed, &nobody, err) ||
        permissions_check(deed, role->permissions, role->permission_nr, err))
        return err->rc;
    id = fth_arena_alloc(deed->arena, 37);
    if (!id)
        return fth_err_nomem(err);
    fth_rand_uuid7(deed_now(deed), id);
    role->id = fth_str_c(id);
    return fth_db_in_tx(deed->people->conf.db, add_role, &work, err);
}

/* Who has the role may neither lose nor win what the one who changes it may not do. */
static enum fth_rc alter_role(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    const struct work *work = ctx;
    const struct fth_role_change *change = work->change;
    const struct fth_deed *deed = work->deed;
    struct fth_role *role = work->role;

    *role = (struct fth_role){0};
    if (role_read(tx, deed, work->name, role, err) || refuse_built_in(role, err) ||
        permissions_check(deed, role->permissions, role->permission_nr, err))
        return err->rc;
    if (change->name)
        role->name = *change->name;
    if (change->text)
        role->text = *change->text;
    if (change->permissions) {
        role->permissions = change->permissions;
        role->permission_nr = change->permission_nr;
    }
    if (permissions_check(deed, role->permissions, role->permission_nr, err) ||
        check_name(tx, deed, role, err))
        return err->rc;
    return write_role(tx, work, false, err);
}

enum fth_rc fth_role_set(const struct fth_deed *deed, struct fth_str name,
                         const struct fth_role_change *change, struct fth_role *out,
                         struct fth_err *err)
{
    struct fth_role role = {0};
    struct work work = {.deed = deed, .role = &role, .name = name, .change = change};
    const struct fth_user nobody = {0};

    if (fth_user_may_change(deed, &nobody, err) ||
        fth_db_in_tx(deed->people->conf.db, alter_role, &work, err))
        return err->rc;
    *out = role;
    return FTH_OK;
}

static enum fth_rc delete_role(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    const struct work *work = ctx;
    const struct fth_deed *deed = work->deed;
    struct fth_role role = {0};

    if (role_read(tx, deed, work->name, &role, err) || refuse_built_in(&role, err) ||
        permissions_check(deed, role.permissions, role.permission_nr, err))
        return err->rc;
    if (role.users)
        return fth_err_set(err, FTH_E_CONFLICT, "somebody has role \"" FTH_STR_F "\"",
                           FTH_STR_A(role.name));
    {
        const struct fth_val vals[] = {FTH_VAL_STR(role.id)};
        const struct detail details[] = {{"name", role.name}};

        if (fth_tx_exec(tx, PEOPLE "role_delete", vals, 1, NULL, err))
            return err->rc;
        return deed_audit(tx, deed, (struct fth_str){0}, "role.delete", "role", role.id, details,
                          FTH_NR(details), err);
    }
}

enum fth_rc fth_role_delete(const struct fth_deed *deed, struct fth_str name, struct fth_err *err)
{
    const struct fth_user nobody = {0};
    struct work work = {.deed = deed, .name = name};

    if (fth_user_may_change(deed, &nobody, err))
        return err->rc;
    return fth_db_in_tx(deed->people->conf.db, delete_role, &work, err);
}
