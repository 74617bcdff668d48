/* Files of a lake: paths, hashes, and what is in them. */
#include <string.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/file_copy.h"
#include "base/vec.h"
#include "ledger/lake_int.h"

enum { PATH_TEXT = 8192 };

enum fth_rc fth_lake_path(struct fth_arena *arena, const char *dir, const char *path,
                          const char **out, struct fth_err *err)
{
    struct fth_str text = {0};

    if (!fth_arena_printf(arena, &text, err, "%s/%s", dir, path))
        *out = text.p;
    return err->rc;
}

enum fth_rc fth_lake_quote(struct fth_arena *arena, const char *path, struct fth_str *out,
                           struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(PATH_TEXT);

    for (const char *c = path; *c; c++)
        fth_buf_c(&buf, *c == '\'' ? "''" : (char[]){*c, 0});
    if (!fth_buf_done(&buf, err))
        fth_arena_str(arena, fth_buf_view(&buf), out, err);
    fth_buf_release(&buf);
    return err->rc;
}

/* ---- bytes ---- */

enum fth_rc fth_lake_read(const char *from, const char *to, struct fth_cancel *cancel,
                          struct fth_lake_file *out, struct fth_err *err)
{
    struct fth_file_digest digest;

    if (fth_file_copy(from, to, cancel, &digest, err))
        return err->rc;
    out->bytes = digest.bytes;
    memcpy(out->sha256, digest.sha256, sizeof(out->sha256));
    return FTH_OK;
}

/* ---- content ---- */

FTH_VEC(column_vec, struct fth_lake_column)
FTH_VEC(sums_vec, struct fth_segment_sums)

static enum fth_rc ask(struct fth_session *session, struct fth_arena *arena, const char *statement,
                       struct fth_str from, struct fth_cancel *cancel, struct fth_result **out,
                       struct fth_err *err)
{
    const struct fth_word words[] = {{"from", from}};
    struct fth_str sql = {0};

    if (fth_statement(arena, statement, words, FTH_NR(words), &sql, err))
        return err->rc;
    return fth_session_query(session, sql, NULL, 0, cancel, out, err);
}

static enum fth_rc read_columns(struct fth_session *session, struct fth_arena *arena,
                                struct fth_str from, struct fth_cancel *cancel,
                                struct fth_lake_content *out, struct fth_err *err)
{
    struct column_vec cols = column_vec_in(arena);
    struct fth_result *result = NULL;
    struct fth_batch batch;

    if (ask(session, arena, "ledger/lake/columns", from, cancel, &result, err))
        return err->rc;
    while (!fth_result_next(result, &batch, err) && batch.nr)
        for (size_t i = 0; i < batch.nr && !err->rc; i++) {
            struct fth_lake_column col = {0};

            if (!fth_arena_str(arena, batch.cols[0].text[i], &col.name, err) &&
                !fth_arena_str(arena, batch.cols[1].text[i], &col.type, err))
                column_vec_push(&cols, col, err);
        }
    fth_result_free(result);
    out->cols = cols.at;
    out->col_nr = cols.nr;
    return err->rc;
}

static enum fth_rc read_sums(struct fth_session *session, struct fth_arena *arena,
                             struct fth_str from, struct fth_cancel *cancel,
                             struct fth_lake_content *out, struct fth_err *err)
{
    struct sums_vec sums = sums_vec_in(arena);
    struct fth_result *result = NULL;
    struct fth_batch batch;

    if (ask(session, arena, "ledger/lake/sums", from, cancel, &result, err))
        return err->rc;
    while (!fth_result_next(result, &batch, err) && batch.nr)
        for (size_t i = 0; i < batch.nr && !err->rc; i++) {
            struct fth_segment_sums row = {0};

            if (fth_segment_sums_read(&batch, i, &row, err))
                break;
            out->rows += row.rows;
            sums_vec_push(&sums, row, err);
        }
    fth_result_free(result);
    out->sums = sums.at;
    out->sum_nr = sums.nr;
    return err->rc;
}

static enum fth_rc look(struct fth_session *session, struct fth_arena *arena, struct fth_str from,
                        struct fth_cancel *cancel, struct fth_lake_content *out,
                        struct fth_err *err)
{
    *out = (struct fth_lake_content){0};
    if (read_columns(session, arena, from, cancel, out, err))
        return err->rc;
    return read_sums(session, arena, from, cancel, out, err);
}

/* How statements name a file. */
static enum fth_rc file_in_sql(struct fth_arena *arena, const char *inside, struct fth_str *out,
                               struct fth_err *err)
{
    struct fth_str path = {0};

    if (fth_lake_quote(arena, inside, &path, err))
        return err->rc;
    const struct fth_word words[] = {{"path", path}};

    return fth_statement(arena, "ledger/lake/file", words, FTH_NR(words), out, err);
}

enum fth_rc fth_lake_look(struct fth_session *session, struct fth_arena *arena, const char *inside,
                          struct fth_cancel *cancel, struct fth_lake_content *out,
                          struct fth_err *err)
{
    struct fth_str from = {0};

    if (file_in_sql(arena, inside, &from, err))
        return err->rc;
    return look(session, arena, from, cancel, out, err);
}

enum fth_rc fth_lake_look_table(struct fth_session *session, struct fth_arena *arena,
                                const char *table, struct fth_cancel *cancel,
                                struct fth_lake_content *out, struct fth_err *err)
{
    return look(session, arena, fth_str_c(table), cancel, out, err);
}

enum fth_rc fth_lake_count(struct fth_session *session, struct fth_arena *arena, const char *inside,
                           struct fth_cancel *cancel, int64_t *out, struct fth_err *err)
{
    struct fth_result *result = NULL;
    struct fth_str from = {0};
    struct fth_batch batch;

    if (file_in_sql(arena, inside, &from, err) ||
        ask(session, arena, "ledger/lake/count", from, cancel, &result, err))
        return err->rc;
    if (!fth_result_next(result, &batch, err) && batch.nr)
        *out = batch.cols[0].i64[0];
    fth_result_free(result);
    return err->rc;
}

bool fth_lake_same_sums(const struct fth_segment_sums *a, size_t a_nr,
                        const struct fth_segment_sums *b, size_t b_nr)
{
    bool same = a_nr == b_nr;

    for (size_t i = 0; i < a_nr && same; i++)
        same = strcmp(a[i].currency, b[i].currency) == 0 && a[i].rows == b[i].rows &&
               fth_money_cmp(a[i].billed, b[i].billed) == 0 &&
               fth_money_cmp(a[i].effective, b[i].effective) == 0 &&
               fth_money_cmp(a[i].list, b[i].list) == 0 &&
               fth_money_cmp(a[i].contracted, b[i].contracted) == 0;
    return same;
}

unsigned fth_lake_wide(const struct fth_engine *engine, const struct fth_lake_content *content)
{
    static const char *const names[FTH_MONEY_COL_NR] = {[FTH_BILLED] = "BilledCost",
                                                        [FTH_EFFECTIVE] = "EffectiveCost",
                                                        [FTH_LIST] = "ListCost",
                                                        [FTH_CONTRACTED] = "ContractedCost"};
    const char *wide = fth_engine_type(engine, FTH_T_DEC_WIDE);
    unsigned bits = 0;

    for (size_t i = 0; i < content->col_nr; i++)
        for (unsigned k = 0; k < FTH_MONEY_COL_NR; k++)
            if (fth_str_eq_c(content->cols[i].name, names[k]) &&
                fth_str_eq_c(content->cols[i].type, wide))
                bits |= 1u << k;
    return bits;
}
