#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "jobs/jobs_int.h"

enum { PROBLEM_MAX = 16 << 10, SWEEP_ARENA = 8 << 20 };

#define SQL "state/job/"

static const char *const names[] = {
    [FTH_JOB_QUEUED] = "queued", [FTH_JOB_RUNNING] = "running",     [FTH_JOB_DONE] = "done",
    [FTH_JOB_FAILED] = "failed", [FTH_JOB_CANCELLED] = "cancelled",
};

const char *fth_job_state_name(enum fth_job_state state)
{
    return names[state];
}

bool fth_job_has_ended(enum fth_job_state state)
{
    return state >= FTH_JOB_DONE;
}

/* ---- rows ---- */

static struct fth_val total_or_null(int64_t total)
{
    return total < 0 ? FTH_VAL_NULL : FTH_VAL_I64(total);
}

static int64_t number(const struct fth_val *val, int64_t or_else)
{
    return val->type == FTH_V_I64 ? val->i64 : or_else;
}

enum fth_rc fth_job_row_add(struct fth_db *db, const struct fth_job *job, struct fth_err *err)
{
    struct fth_val vals[] = {FTH_VAL_C(job->id),
                             FTH_VAL_C(job->kind->name),
                             FTH_VAL_C(job->params),
                             FTH_VAL_I64(job->created_us),
                             fth_val_opt(fth_str_c(job->user)),
                             fth_val_opt(fth_str_c(job->scope))};

    return fth_db_exec(db, SQL "add", vals, FTH_NR(vals), NULL, err);
}

enum fth_rc fth_job_row_start(struct fth_db *db, const struct fth_job *job, int64_t now_us,
                              struct fth_err *err)
{
    struct fth_val vals[] = {FTH_VAL_C(job->id), FTH_VAL_I64(now_us)};

    return fth_db_exec(db, SQL "start", vals, FTH_NR(vals), NULL, err);
}

static void finish_vals(const struct fth_job_info *info, struct fth_val vals[10])
{
    vals[0] = FTH_VAL_STR(info->id);
    vals[1] = FTH_VAL_C(names[info->state]);
    vals[2] = FTH_VAL_STR(info->phase);
    vals[3] = FTH_VAL_I64(info->rows_done);
    vals[4] = total_or_null(info->rows_total);
    vals[5] = FTH_VAL_I64(info->bytes_done);
    vals[6] = total_or_null(info->bytes_total);
    vals[7] = FTH_VAL_I64(info->finished_us);
    vals[8] = fth_val_opt(info->result);
    vals[9] = fth_val_opt(info->error);
}

enum fth_rc fth_job_row_finish(struct fth_db *db, const struct fth_job_info *info,
                               struct fth_err *err)
{
    struct fth_val vals[10];

    finish_vals(info, vals);
    return fth_db_exec(db, SQL "finish", vals, FTH_NR(vals), NULL, err);
}

static enum fth_rc info_of(const struct fth_val *row, struct fth_job_info *out, struct fth_err *err)
{
    *out = (struct fth_job_info){
        .id = row[0].text,
        .kind = row[1].text,
        .phase = row[3].text,
        .rows_done = row[4].i64,
        .rows_total = number(&row[5], -1),
        .bytes_done = row[6].i64,
        .bytes_total = number(&row[7], -1),
        .created_us = row[8].i64,
        .started_us = number(&row[9], 0),
        .finished_us = number(&row[10], 0),
        .params = row[11].text,
        .result = row[12].text,
        .error = row[13].text,
        .of = {row[14].text, row[15].text},
    };
    if (out->started_us && out->finished_us > out->started_us)
        out->ran_us = out->finished_us - out->started_us;
    for (size_t i = 0; i < FTH_NR(names); i++)
        if (fth_str_eq_c(row[2].text, names[i])) {
            out->state = (enum fth_job_state)i;
            return FTH_OK;
        }
    return fth_err_set(err, FTH_E_CORRUPT, "job state \"" FTH_STR_F "\"", FTH_STR_A(row[2].text));
}

enum fth_rc fth_job_row_get(struct fth_db *db, struct fth_arena *arena, struct fth_str id,
                            struct fth_job_info *out, struct fth_err *err)
{
    struct fth_val val = FTH_VAL_STR(id);
    struct fth_job_info info;
    struct fth_table table = {0};
    enum fth_rc rc = fth_db_read(db, SQL "get", &val, 1, arena, 1, &table, err);

    if (!rc && table.row_nr == 0)
        rc = fth_err_set(err, FTH_E_NOTFOUND, "no job \"" FTH_STR_F "\"", FTH_STR_A(id));
    if (!rc)
        rc = info_of(table.at, &info, err);
    if (!rc)
        *out = info;
    return rc;
}

enum fth_rc fth_job_row_list(struct fth_db *db, struct fth_arena *arena, size_t limit,
                             struct fth_str before, struct fth_job_of of, struct fth_job_info **out,
                             size_t *out_nr, struct fth_err *err)
{
    struct fth_val vals[] = {FTH_VAL_I64((int64_t)limit), FTH_VAL_STR(before), FTH_VAL_STR(of.user),
                             FTH_VAL_STR(of.scope)};
    struct fth_table table = {0};
    struct fth_job_info *infos;
    enum fth_rc rc = fth_db_read(db, SQL "list", vals, FTH_NR(vals), arena, limit, &table, err);

    if (rc)
        return rc;
    infos = FTH_NEW_ARRAY(arena, struct fth_job_info, table.row_nr);
    if (!infos)
        return fth_err_nomem(err);
    for (size_t i = 0; i < table.row_nr && !rc; i++)
        rc = info_of(fth_table_val(&table, i, 0), &infos[i], err);
    if (rc)
        return rc;
    *out = infos;
    *out_nr = table.row_nr;
    return FTH_OK;
}

/* ---- what an earlier process left ---- */

struct sweep_call {
    struct fth_arena *arena;
    int64_t now_us;
};

static enum fth_rc sweep_one(struct fth_tx *tx, struct fth_str id, int64_t now_us,
                             struct fth_err *err)
{
    struct fth_err ended = {0};
    struct fth_job_info info = {.id = id,
                                .state = FTH_JOB_FAILED,
                                .rows_total = -1,
                                .bytes_total = -1,
                                .finished_us = now_us};
    struct fth_val vals[10];
    char *problem;
    enum fth_rc rc;

    (void)fth_err_set(&ended, FTH_E_FAILED, "the process ended before the job did");
    fth_err_hint(&ended, "Nothing of it was kept. Start it again.");
    problem = fth_job_problem(id.p, "", &ended);
    if (!problem)
        return fth_err_nomem(err);
    info.error = fth_str_c(problem);
    finish_vals(&info, vals);
    rc = fth_tx_exec(tx, SQL "finish", vals, FTH_NR(vals), NULL, err);
    fth_free(problem);
    return rc;
}

static enum fth_rc sweep_work(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    const struct sweep_call *call = ctx;
    struct fth_table open = {0};
    enum fth_rc rc =
        fth_tx_read(tx, SQL "open", NULL, 0, call->arena, FTH_JOB_LIST_MAX, &open, err);

    for (size_t i = 0; !rc && i < open.row_nr; i++)
        rc = sweep_one(tx, open.at[i].text, call->now_us, err);
    return rc;
}

enum fth_rc fth_job_rows_prune(struct fth_db *db, int64_t before_us, struct fth_err *err)
{
    struct fth_val val = FTH_VAL_I64(before_us);

    return fth_db_exec(db, SQL "prune", &val, 1, NULL, err);
}

enum fth_rc fth_job_rows_sweep(struct fth_db *db, int64_t now_us, struct fth_err *err)
{
    struct sweep_call call = {fth_arena_new(SWEEP_ARENA), now_us};
    enum fth_rc rc = call.arena ? fth_db_in_tx(db, sweep_work, &call, err) : fth_err_nomem(err);

    fth_arena_free(call.arena);
    return rc;
}

/* ---- JSON ---- */

char *fth_job_problem(const char *id, const char *request_id, const struct fth_err *problem)
{
    const struct fth_rc_info *info = fth_rc_info(problem->rc);
    struct fth_buf buf = fth_buf_max(PROBLEM_MAX);
    struct fth_err ignored = {0};
    char text[128], *out = NULL;
    struct fth_jw jw;

    fth_jw_init(&jw, &buf);
    fth_jw_object(&jw);
    snprintf(text, sizeof(text), "/problems/%s", info->type);
    fth_jw_kv_c(&jw, "type", text);
    fth_jw_kv_c(&jw, "title", info->title);
    fth_jw_kv_i64(&jw, "status", info->http_status);
    fth_jw_kv_c(&jw, "detail", problem->msg);
    snprintf(text, sizeof(text), "/api/v1/jobs/%s", id);
    fth_jw_kv_c(&jw, "instance", text);
    fth_jw_kv_c(&jw, "request_id", request_id[0] ? request_id : id);
    if (problem->hint[0])
        fth_jw_kv_c(&jw, "hint", problem->hint);
    fth_jw_kv_bool(&jw, "retryable", info->retryable);
    fth_jw_object_end(&jw);
    if (fth_jw_done(&jw, &ignored) == FTH_OK) {
        fth_buf_char(&buf, '\0');
        if (fth_buf_done(&buf, &ignored) == FTH_OK)
            out = fth_strdup(buf.p);
    }
    fth_buf_release(&buf);
    return out;
}

static void put_count(struct fth_jw *jw, const char *key, int64_t count)
{
    fth_jw_key(jw, key);
    if (count < 0)
        fth_jw_null(jw);
    else
        fth_jw_i64(jw, count);
}

static void put_ratio(struct fth_jw *jw, const char *key, double value)
{
    fth_jw_key(jw, key);
    if (value < 0)
        fth_jw_null(jw);
    else
        fth_jw_double(jw, value);
}

static void put_raw_or_null(struct fth_jw *jw, const char *key, struct fth_str json)
{
    fth_jw_key(jw, key);
    if (json.n)
        fth_jw_raw(jw, json);
    else
        fth_jw_null(jw);
}

/* How much of it is done, 0 to 1; -1 when nobody knows. Bytes are the better measure: they are
 * known from the start. */
static double share_done(const struct fth_job_info *info)
{
    int64_t done = info->bytes_total > 0 ? info->bytes_done : info->rows_done;
    int64_t total = info->bytes_total > 0 ? info->bytes_total : info->rows_total;

    if (info->state == FTH_JOB_DONE)
        return 1;
    if (total <= 0)
        return -1;
    return done >= total ? 1 : (double)done / (double)total;
}

void fth_job_put(struct fth_jw *jw, const struct fth_job_info *info)
{
    int64_t us = info->counted_us > 0 ? info->counted_us : info->ran_us;
    double seconds = (double)us / 1e6, share = share_done(info);
    bool moving = info->state == FTH_JOB_RUNNING && seconds > 0;

    fth_jw_object(jw);
    fth_jw_kv(jw, "id", info->id);
    fth_jw_kv(jw, "kind", info->kind);
    fth_jw_kv_c(jw, "state", names[info->state]);
    fth_jw_key(jw, "phase");
    if (info->phase.n)
        fth_jw_str(jw, info->phase);
    else
        fth_jw_null(jw);
    put_ratio(jw, "progress", share);
    put_count(jw, "rows_done", info->rows_done);
    put_count(jw, "rows_total", info->rows_total);
    put_count(jw, "bytes_done", info->bytes_done);
    put_count(jw, "bytes_total", info->bytes_total);
    put_ratio(jw, "rate_rows_s",
              seconds > 0 && info->rows_done > 0 ? (double)info->rows_done / seconds : -1);
    put_ratio(jw, "eta_s", moving && share > 0 ? seconds / share - seconds : -1);
    fth_jw_kv_instant(jw, "created_at", info->created_us);
    fth_jw_kv_instant(jw, "started_at", info->started_us);
    fth_jw_kv_instant(jw, "finished_at", info->finished_us);
    put_raw_or_null(jw, "result", info->result);
    put_raw_or_null(jw, "error", info->error);
    fth_jw_object_end(jw);
}
