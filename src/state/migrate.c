#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/sql.h"
#include "state/db_int.h"

enum { MIGRATION_MAX = 1000, ARENA_MAX = 4 << 20, CHECKSUM_LEN = 24 };

/* FNV-1a, 64 bits: it finds a file that was edited after it ran, which is a mistake, not an attack.
 */
static void checksum_of(struct fth_str text, char out[CHECKSUM_LEN])
{
    uint64_t hash = 0xcbf29ce484222325u;

    for (size_t i = 0; i < text.n; i++)
        hash = (hash ^ (unsigned char)text.p[i]) * 0x100000001b3u;
    snprintf(out, CHECKSUM_LEN, "fnv1a:%016" PRIx64, hash);
}

/* "state/0001_foundation" is one, "state/schema/list" is not. */
static bool read_name(const char *name, struct fth_migration *out)
{
    static const char folder[] = "state/";
    const char *at = name + sizeof(folder) - 1;
    int version = 0;

    if (strncmp(name, folder, sizeof(folder) - 1) != 0)
        return false;
    for (int i = 0; i < 4; i++, at++) {
        if (*at < '0' || *at > '9')
            return false;
        version = version * 10 + (*at - '0');
    }
    if (*at != '_')
        return false;
    *out = (struct fth_migration){.version = version, .name = name + sizeof(folder) - 1};
    return true;
}

static enum fth_rc refuse_edited(const struct fth_migration *mine, const struct fth_val *row,
                                 struct fth_err *err)
{
    char checksum[CHECKSUM_LEN];

    checksum_of(mine->sql, checksum);
    if (row[0].i64 == mine->version && fth_str_eq_c(row[2].text, checksum))
        return FTH_OK;
    (void)fth_err_set(err, FTH_E_CORRUPT,
                      "state store: migration %" PRId64 " \"" FTH_STR_F
                      "\" is not the one that ran",
                      row[0].i64, FTH_STR_A(row[1].text));
    fth_err_hint(err, "The schema was made by another build. Use that one, or restore a backup.");
    return FTH_E_CORRUPT;
}

/* What has run must be the beginning of the list; *done is how much of it. */
static enum fth_rc compare(const struct fth_table *ran, const struct fth_migration *list, size_t nr,
                           size_t *done, struct fth_err *err)
{
    for (size_t i = 0; i < ran->row_nr; i++) {
        const struct fth_val *row = fth_table_val(ran, i, 0);
        enum fth_rc rc;

        if (i >= nr) {
            (void)fth_err_set(err, FTH_E_UNSUPPORTED,
                              "state store: its schema %" PRId64 " is newer than this program's %d",
                              fth_table_val(ran, ran->row_nr - 1, 0)->i64,
                              nr ? list[nr - 1].version : 0);
            fth_err_hint(err, "Use the program that wrote it, or a newer one.");
            return FTH_E_UNSUPPORTED;
        }
        rc = refuse_edited(&list[i], row, err);
        if (rc)
            return rc;
    }
    *done = ran->row_nr;
    return FTH_OK;
}

static enum fth_rc apply(struct fth_tx *tx, const struct fth_migration *one, struct fth_err *err)
{
    char checksum[CHECKSUM_LEN];
    struct fth_val vals[3];
    enum fth_rc rc = fth_tx_script(tx, one->sql, err);

    checksum_of(one->sql, checksum);
    vals[0] = FTH_VAL_I64(one->version);
    vals[1] = FTH_VAL_C(one->name);
    vals[2] = FTH_VAL_C(checksum);
    if (!rc)
        rc = fth_tx_exec(tx, "state/schema/add", vals, 3, NULL, err);
    if (rc)
        fth_err_prefix(err, "migration %s", one->name);
    return rc;
}

static enum fth_rc migrate_in(struct fth_tx *tx, struct fth_arena *arena,
                              const struct fth_migration *list, size_t nr, size_t *done,
                              struct fth_err *err)
{
    struct fth_table ran = {0};
    enum fth_rc rc = fth_tx_script(tx, fth_sql("state/schema/table"), err);

    if (!rc)
        rc = fth_tx_read(tx, "state/schema/list", NULL, 0, arena, MIGRATION_MAX, &ran, err);
    if (!rc)
        rc = compare(&ran, list, nr, done, err);
    for (size_t i = rc ? nr : *done; i < nr && !rc; i++)
        rc = apply(tx, &list[i], err);
    return rc;
}

/* All that is missing goes into one transaction: when the last of three fails, the store is still
 * the one that the program of before can use. */
enum fth_rc fth_db_migrate_list(struct fth_db *db, const struct fth_migration *list, size_t nr,
                                int *from, int *to, struct fth_err *err)
{
    struct fth_arena *arena = fth_arena_new(ARENA_MAX);
    struct fth_tx *tx = NULL;
    size_t done = 0;
    enum fth_rc rc;

    if (!arena)
        return fth_err_nomem(err);
    rc = fth_db_migrate_begin(db, &tx, err);
    if (rc)
        goto out;
    rc = migrate_in(tx, arena, list, nr, &done, err);
    if (rc)
        fth_tx_rollback(tx);
    else
        rc = fth_tx_commit(tx, err);
    if (rc)
        goto out;

    if (from)
        *from = done ? list[done - 1].version : 0;
    if (to)
        *to = nr ? list[nr - 1].version : 0;
out:
    fth_arena_free(arena);
    return rc;
}

enum fth_rc fth_db_migrate(struct fth_db *db, int *from, int *to, struct fth_err *err)
{
    struct fth_migration list[MIGRATION_MAX];
    size_t nr = 0;

    /* The table of statements is sorted by name, and so by number. */
    for (size_t i = 0; i < fth_sql_nr() && nr < MIGRATION_MAX; i++) {
        const char *name;
        struct fth_str sql = fth_sql_at(i, &name);

        if (read_name(name, &list[nr]))
            list[nr++].sql = sql;
    }
    return fth_db_migrate_list(db, list, nr, from, to, err);
}
