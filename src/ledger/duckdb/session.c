/* Sessions: one connection each, one statement at a time. */
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/fault.h"
#include "ledger/duckdb/duckdb_int.h"

enum { PAUSE_MIN_NS = 20 * 1000, PAUSE_MAX_NS = 1000 * 1000 };

/* One session less on its store; returns the store when it is past and that was the last. */
static struct fth_store *leave(struct fth_session *session)
{
    struct fth_engine *engine = session->engine;
    struct fth_store *store = session->store, *past = NULL;

    fth_mutex_lock(&engine->mutex);
    if (--store->sessions == 0 && store->past) {
        engine->past_nr--;
        past = store;
    }
    fth_mutex_unlock(&engine->mutex);
    return past;
}

/* `store` NULL: the engine's. */
static enum fth_rc open_on(struct fth_engine *engine, struct fth_store *store,
                           struct fth_session **out, struct fth_err *err)
{
    struct fth_session *session = fth_calloc(1, sizeof(*session));
    duckdb_client_context context = NULL;

    if (!session)
        return fth_err_nomem(err);
    session->engine = engine;
    fth_mutex_lock(&engine->mutex);
    session->store = store ? store : engine->store;
    session->store->sessions++;
    fth_mutex_unlock(&engine->mutex);
    if (duckdb_connect(session->store->db, &session->con) != DuckDBSuccess) {
        fth_store_drop(engine, leave(session));
        fth_free(session);
        return fth_err_set(err, FTH_E_FAILED, "ledger engine: no connection");
    }
    duckdb_connection_get_client_context(session->con, &context);
    session->con_id = duckdb_client_context_get_connection_id(context);
    duckdb_destroy_client_context(&context);

    fth_mutex_lock(&engine->mutex);
    session->next = engine->sessions;
    engine->sessions = session;
    fth_mutex_unlock(&engine->mutex);
    *out = session;
    return FTH_OK;
}

enum fth_rc fth_session_open(struct fth_engine *engine, struct fth_session **out,
                             struct fth_err *err)
{
    return open_on(engine, NULL, out, err);
}

enum fth_rc fth_session_on(struct fth_engine *engine, struct fth_store *store,
                           struct fth_session **out, struct fth_err *err)
{
    return open_on(engine, store, out, err);
}

bool fth_session_is_current(struct fth_session *session)
{
    bool is;

    fth_mutex_lock(&session->engine->mutex);
    is = session->store == session->engine->store;
    fth_mutex_unlock(&session->engine->mutex);
    return is;
}

void fth_session_close(struct fth_session *session)
{
    struct fth_session **at;

    if (!session)
        return;
    FTH_CHECK(!session->running && !session->feeds);
    fth_mutex_lock(&session->engine->mutex);
    for (at = &session->engine->sessions; *at != session;)
        at = &(*at)->next;
    *at = session->next;
    fth_mutex_unlock(&session->engine->mutex);
    duckdb_disconnect(&session->con);
    fth_store_drop(session->engine, leave(session));
    fth_free(session);
}

void fth_session_interrupt(struct fth_session *session)
{
    duckdb_interrupt(session->con);
}

static void begin(struct fth_session *session, struct fth_cancel *cancel)
{
    struct fth_engine *engine = session->engine;

    FTH_CHECK(!session->running);
    session->running = true;
    fth_mutex_lock(&engine->mutex);
    session->cancel = cancel;
    for (struct fth_feed_slot *slot = session->feeds; slot; slot = slot->next)
        fth_err_clear(&slot->err);
    if (cancel)
        fth_cond_signal(&engine->wake);
    fth_mutex_unlock(&engine->mutex);
}

void fth_session_done(struct fth_session *session)
{
    fth_mutex_lock(&session->engine->mutex);
    session->cancel = NULL;
    fth_mutex_unlock(&session->engine->mutex);
    session->running = false;
}

static duckdb_state bind_one(duckdb_prepared_statement statement, idx_t at,
                             const struct fth_param *param)
{
    if (param->null)
        return duckdb_bind_null(statement, at);
    switch (param->type) {
    case FTH_T_BOOL:
        return duckdb_bind_boolean(statement, at, param->boolean);
    case FTH_T_I32:
        return duckdb_bind_int32(statement, at, (int32_t)param->i64);
    case FTH_T_I64:
        return duckdb_bind_int64(statement, at, param->i64);
    case FTH_T_DATE:
        return duckdb_bind_date(statement, at, (duckdb_date){(int32_t)param->i64});
    case FTH_T_INSTANT:
        return duckdb_bind_timestamp(statement, at, (duckdb_timestamp){param->i64});
    case FTH_T_DOUBLE:
        return duckdb_bind_double(statement, at, param->f64);
    case FTH_T_TEXT:
    case FTH_T_DEC: /* as text: the statement casts it, so that no digit is lost on the way */
    case FTH_T_DEC_WIDE:
        return duckdb_bind_varchar_length(statement, at, param->text.n ? param->text.p : "",
                                          param->text.n);
    case FTH_T_I128:
    case FTH_T_TEXT_MAP:
        break;
    }
    return DuckDBError;
}

static enum fth_rc prepare(struct fth_session *session, struct fth_str sql,
                           const struct fth_param *params, size_t param_nr,
                           duckdb_prepared_statement *out, struct fth_err *err)
{
    duckdb_prepared_statement statement = NULL;
    char *text;

    if (fth_fault_hit(FTH_FAULT_SQL))
        return fth_err_set(err, FTH_E_IO, "ledger engine: the statement failed");
    text = fth_calloc(sql.n + 1, 1);
    if (!text)
        return fth_err_nomem(err);
    memcpy(text, sql.p, sql.n);
    /* Even on failure there is an object, which holds the reason. Its kind is only in the words. */
    if (duckdb_prepare(session->con, text, &statement) != DuckDBSuccess)
        fth_duckdb_session_error(session, err, DUCKDB_ERROR_BINDER,
                                 duckdb_prepare_error(statement));
    else if (duckdb_nparams(statement) != param_nr)
        fth_err_set(err, FTH_E_FAILED, "ledger engine: %zu values for %llu parameters", param_nr,
                    (unsigned long long)duckdb_nparams(statement));
    for (size_t i = 0; i < param_nr && !err->rc; i++)
        if (bind_one(statement, i + 1, &params[i]) != DuckDBSuccess)
            fth_err_set(err, FTH_E_FAILED, "ledger engine: value %zu cannot be bound", i + 1);
    fth_free(text);
    if (err->rc)
        duckdb_destroy_prepare(&statement);
    else
        *out = statement;
    return err->rc;
}

/*
 * Works until the result is ready; what the engine says when it failed, NULL where it has not, or
 * where only duckdb_execute_pending goes on (a task that waits). Left to itself the engine asks for
 * work without a pause while other threads hold all there is: CPU for nothing, and locks taken from
 * those who work.
 */
static const char *work(duckdb_pending_result pending)
{
    long pause = PAUSE_MIN_NS;
    const char *why;

    for (;;)
        switch (duckdb_pending_execute_task(pending)) {
        case DUCKDB_PENDING_RESULT_NOT_READY:
            pause = PAUSE_MIN_NS;
            break;
        case DUCKDB_PENDING_NO_TASKS_AVAILABLE:
            nanosleep(&(struct timespec){.tv_nsec = pause}, NULL);
            pause = pause * 2 < PAUSE_MAX_NS ? pause * 2 : PAUSE_MAX_NS;
            break;
        case DUCKDB_PENDING_RESULT_READY:
            return NULL;
        default:
            why = duckdb_pending_error(pending);
            return why && *why ? why : NULL;
        }
}

/* The result, also a failed one, is the caller's to destroy. */
static enum fth_rc execute(struct fth_session *session, duckdb_prepared_statement statement,
                           bool streaming, duckdb_result *result, struct fth_err *err)
{
    duckdb_pending_result pending = NULL;
    const char *why;

    memset(result, 0, sizeof(*result));
    if ((streaming ? duckdb_pending_prepared_streaming
                   : duckdb_pending_prepared)(statement, &pending) != DuckDBSuccess)
        fth_duckdb_session_error(session, err, DUCKDB_ERROR_EXECUTOR,
                                 duckdb_pending_error(pending));
    else if ((why = work(pending)) != NULL) /* its kind is only in the words */
        fth_duckdb_session_error(session, err, fth_duckdb_type_in_words(why), why);
    else if (duckdb_execute_pending(pending, result) != DuckDBSuccess)
        fth_duckdb_session_error(session, err, duckdb_result_error_type(result),
                                 duckdb_result_error(result));
    duckdb_destroy_pending(&pending);
    return err->rc;
}

enum fth_rc fth_session_query(struct fth_session *session, struct fth_str sql,
                              const struct fth_param *params, size_t param_nr,
                              struct fth_cancel *cancel, struct fth_result **out,
                              struct fth_err *err)
{
    duckdb_prepared_statement statement = NULL;
    duckdb_result result;
    enum fth_rc rc;

    if (fth_cancel_check(cancel, err))
        return err->rc;
    begin(session, cancel);
    rc = prepare(session, sql, params, param_nr, &statement, err);
    if (!rc) {
        rc = execute(session, statement, true, &result, err);
        if (rc)
            duckdb_destroy_result(&result);
        else
            rc = fth_result_new(session, &result, out, err);
    }
    duckdb_destroy_prepare(&statement);
    if (rc)
        fth_session_done(session);
    return rc;
}

enum fth_rc fth_session_exec(struct fth_session *session, struct fth_str sql,
                             const struct fth_param *params, size_t param_nr,
                             struct fth_cancel *cancel, int64_t *changed, struct fth_err *err)
{
    duckdb_prepared_statement statement = NULL;
    duckdb_result result;
    enum fth_rc rc;

    if (fth_cancel_check(cancel, err))
        return err->rc;
    begin(session, cancel);
    rc = prepare(session, sql, params, param_nr, &statement, err);
    if (!rc) {
        rc = execute(session, statement, false, &result, err);
        if (!rc && changed)
            *changed = (int64_t)duckdb_rows_changed(&result);
        duckdb_destroy_result(&result);
    }
    duckdb_destroy_prepare(&statement);
    fth_session_done(session);
    return rc;
}
