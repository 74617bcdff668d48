/* Parquet files: the ledger's engine reads them, in a folder of its own that goes when we end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/date.h"
#include "base/file.h"
#include "base/json.h"
#include "focus/judge_int.h"
#include "ledger/engine.h"

enum { ENGINE_MEMORY = 512 << 20, NAMES_CAP = 16 << 20, BATCH_TEXT = 256 << 20 };

static enum fth_rc engine_of(struct fth_focus_run *run, struct fth_engine **out,
                             struct fth_err *err)
{
    struct fth_engine_conf conf = {.memory_bytes = ENGINE_MEMORY, .threads = 1};
    const char *tmp = run->request->tmp ? run->request->tmp : getenv("TMPDIR");
    struct fth_str dir;

    if (run->engine) {
        *out = run->engine;
        return FTH_OK;
    }
    if (fth_arena_printf(run->arena, &dir, err, "%s/farthing-focus-XXXXXX",
                         tmp && *tmp ? tmp : "/tmp"))
        return err->rc;
    run->engine_dir = fth_strdup(dir.p);
    if (!run->engine_dir)
        return fth_err_nomem(err);
    if (!mkdtemp(run->engine_dir)) {
        fth_free(run->engine_dir);
        run->engine_dir = NULL;
        return fth_err_set(err, FTH_E_IO, "%s: cannot make a folder there", dir.p);
    }
    conf.dir = run->engine_dir;
    if (fth_engine_open(&conf, &run->engine, err))
        return err->rc;
    *out = run->engine;
    return FTH_OK;
}

void fth_focus_parquet_end(struct fth_focus_run *run)
{
    struct fth_err err = {0};

    if (run->engine)
        fth_engine_close(run->engine);
    run->engine = NULL;
    if (run->engine_dir)
        fth_file_remove(run->engine_dir, &err);
    fth_free(run->engine_dir);
    run->engine_dir = NULL;
}

/* ---- an open file ---- */

struct table {
    struct fth_engine *engine;
    struct fth_session *session;
    struct fth_arena *arena;
    const char *inside;
    struct fth_column *columns;
    size_t nr;
    uint64_t rows;
};

static void table_close(struct table *table)
{
    fth_session_close(table->session);
    if (table->inside)
        fth_engine_forget(table->engine, table->inside);
    fth_arena_free(table->arena);
    *table = (struct table){0};
}

static enum fth_rc table_open(struct fth_focus_run *run, uint32_t file, struct table *out,
                              struct fth_err *err)
{
    const char *path = run->files[file].path.p;

    if (engine_of(run, &out->engine, err))
        return err->rc;
    out->arena = fth_arena_new(NAMES_CAP);
    if (!out->arena)
        return fth_err_nomem(err);
    if (fth_engine_adopt(out->engine, path, out->arena, &out->inside, err) ||
        fth_session_open(out->engine, &out->session, err) ||
        fth_session_parquet_columns(out->session, out->inside, out->arena, &out->columns, &out->nr,
                                    &out->rows, err))
        return err->rc;
    return FTH_OK;
}

static enum fth_rc names_of(const struct table *table, struct fth_arena *arena,
                            struct fth_str **names, enum fth_type **types, struct fth_err *err)
{
    *names = FTH_NEW_ARRAY(arena, struct fth_str, table->nr);
    *types = FTH_NEW_ARRAY(arena, enum fth_type, table->nr);
    if (!*names || !*types)
        return fth_err_nomem(err);
    for (size_t i = 0; i < table->nr; i++) {
        (*types)[i] = table->columns[i].type;
        if (fth_arena_str(arena, fth_str_c(table->columns[i].name), &(*names)[i], err))
            return err->rc;
    }
    return FTH_OK;
}

enum fth_rc fth_focus_look_parquet(struct fth_focus_run *run, uint32_t file, struct fth_err *err)
{
    struct fth_focus_file *of = &run->files[file];
    struct table table = {0};
    struct fth_str *names;
    enum fth_type *types;
    const char *why = "";

    if (!table_open(run, file, &table, err) && !names_of(&table, run->arena, &names, &types, err)) {
        of->columns = table.nr;
        of->known = fth_focus_recognise(names, table.nr, &of->dataset, &of->version, &why);
        of->why = fth_str_c(why);
    }
    table_close(&table);
    if (err->rc)
        fth_focus_blames_file(run, file, err);
    return err->rc;
}

/* ---- values as text ---- */

static void put_map(struct fth_buf *buf, const struct fth_text_map *map)
{
    fth_buf_char(buf, '{');
    for (size_t i = 0; i < map->nr; i++) {
        fth_buf_c(buf, i ? "," : "");
        fth_json_put_string(buf, map->keys[i]);
        fth_buf_char(buf, ':');
        if (map->values[i].p)
            fth_json_put_string(buf, map->values[i]);
        else
            fth_buf_c(buf, "null");
    }
    fth_buf_char(buf, '}');
}

static void put_double(struct fth_buf *buf, double value)
{
    struct fth_money money;
    struct fth_err err = {0};

    if (fth_money_from_double(value, &money, &err))
        fth_buf_printf(buf, "%.17g", value);
    else
        fth_money_put(buf, money);
}

static void put_cell(struct fth_buf *buf, const struct fth_vec *vec, size_t row)
{
    size_t at = vec->constant ? 0 : row;

    switch (vec->type) {
    case FTH_T_TEXT:
        fth_buf_str(buf, vec->text[at]);
        break;
    case FTH_T_BOOL:
        fth_buf_c(buf, vec->boolean[at] ? "true" : "false");
        break;
    case FTH_T_I32:
        fth_buf_printf(buf, "%d", vec->i32[at]);
        break;
    case FTH_T_I64:
        fth_buf_printf(buf, "%lld", (long long)vec->i64[at]);
        break;
    case FTH_T_DOUBLE:
        put_double(buf, vec->f64[at]);
        break;
    case FTH_T_DEC:
        fth_money_put(buf, (struct fth_money){.head = vec->i64[at]});
        break;
    case FTH_T_DEC_WIDE:
        fth_money_put(buf, (struct fth_money){.head = vec->i128[at]});
        break;
    case FTH_T_DATE:
        fth_date_put(buf, vec->i32[at]);
        break;
    case FTH_T_INSTANT:
        fth_instant_put(buf, vec->i64[at]);
        break;
    case FTH_T_TEXT_MAP:
        put_map(buf, &vec->map[at]);
        break;
    default:
        break;
    }
}

/* All cells of a batch, their texts one behind the other in `buf`. */
static enum fth_rc cells_of(const struct fth_batch *batch, size_t columns, struct fth_buf *buf,
                            struct fth_str *cells, struct fth_err *err)
{
    fth_buf_clear(buf);
    for (size_t row = 0; row < batch->nr; row++) {
        for (size_t c = 0; c < columns; c++) {
            size_t start = buf->n;

            if (fth_vec_is_valid(&batch->cols[c], row))
                put_cell(buf, &batch->cols[c], row);
            cells[row * columns + c].n = buf->n - start;
        }
    }
    if (fth_buf_done(buf, err))
        return err->rc;
    for (size_t i = 0, at = 0; i < batch->nr * columns; i++) {
        cells[i].p = buf->p + at;
        at += cells[i].n;
    }
    return FTH_OK;
}

static enum fth_rc scan(struct fth_focus_run *run, uint32_t file, struct table *table,
                        struct fth_focus_worker *worker, struct fth_result *result,
                        struct fth_err *err)
{
    struct fth_str *cells = fth_calloc(FTH_BATCH_MAX * table->nr, sizeof(*cells));
    struct fth_buf buf = fth_buf_max(BATCH_TEXT);
    struct fth_batch batch;

    if (!cells)
        fth_err_nomem(err);
    while (!err->rc && !fth_result_next(result, &batch, err) && batch.nr) {
        struct fth_focus_rows rows = {
            .cells = cells, .columns = table->nr, .nr = batch.nr, .file = file};

        rows.first_record = batch.cols[table->nr].i64[0] + 1;
        run->files[file].rows += batch.nr;
        fth_focus_tell(run, run->files[file].rows, 0);
        if (!cells_of(&batch, table->nr, &buf, cells, err))
            fth_focus_worker_rows(worker, &rows, err);
    }
    fth_buf_release(&buf);
    fth_free(cells);
    return err->rc;
}

static enum fth_rc read_table(struct fth_focus_run *run, uint32_t file, struct table *table,
                              struct fth_err *err)
{
    struct fth_focus_file *of = &run->files[file];
    struct fth_focus_plan plan = {.dataset = of->dataset, .version = of->version};
    struct fth_focus_worker *worker = NULL;
    struct fth_result *result = NULL;
    struct fth_str *header;
    enum fth_type *types;
    const char **names = FTH_NEW_ARRAY(table->arena, const char *, table->nr + 1);

    if (!names)
        return fth_err_nomem(err);
    if (names_of(table, run->arena, &header, &types, err) ||
        fth_focus_bind(run, file, header, types, table->nr, &plan, err) ||
        fth_focus_worker_new(run, &plan, &worker, err))
        return err->rc;
    for (size_t i = 0; i < table->nr; i++)
        names[i] = table->columns[i].name;
    names[table->nr] = FTH_PARQUET_PLACE;
    if (!fth_session_parquet_scan(table->session, table->inside, names, table->nr + 1,
                                  run->request->cancel, &result, err) &&
        !scan(run, file, table, worker, result, err))
        fth_focus_worker_end(worker, err);
    fth_result_free(result);
    fth_focus_worker_free(worker);
    return err->rc;
}

enum fth_rc fth_focus_read_parquet(struct fth_focus_run *run, uint32_t file, struct fth_err *err)
{
    struct table table = {0};

    if (!table_open(run, file, &table, err))
        read_table(run, file, &table, err);
    table_close(&table);
    if (err->rc)
        fth_focus_blames_file(run, file, err);
    return err->rc;
}
