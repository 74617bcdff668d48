/*
 * Feeds as a table function of the engine.
 *
 * One function serves all: FROM <name> becomes farthing_feed('<name>') when a session has a feed of
 * that name, and binding finds the feed of the connection that asks. Each thread of the engine that
 * scans opens a worker.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "ledger/duckdb/duckdb_int.h"

/* About so many rows a feed has, for the engine's choice of plan. */
enum { FEED_ROWS = 10 * 1000 * 1000 };

#define FUNCTION "farthing_feed"

enum fth_rc fth_session_feed(struct fth_session *session, struct fth_feed *feed,
                             struct fth_err *err)
{
    struct fth_feed_slot *slot = fth_calloc(1, sizeof(*slot));

    if (!slot)
        return fth_err_nomem(err);
    FTH_CHECK(!session->running);
    slot->feed = feed;
    slot->engine = session->engine;
    fth_cond_init(&slot->ended);
    fth_mutex_lock(&session->engine->mutex);
    slot->next = session->feeds;
    session->feeds = slot;
    fth_mutex_unlock(&session->engine->mutex);
    return FTH_OK;
}

void fth_session_unfeed(struct fth_session *session, struct fth_feed *feed)
{
    struct fth_feed_slot **at, *slot;

    FTH_CHECK(!session->running);
    fth_mutex_lock(&session->engine->mutex);
    for (at = &session->feeds; *at && (*at)->feed != feed;)
        at = &(*at)->next;
    slot = *at;
    if (slot)
        *at = slot->next;
    /* A statement can be over before the last thread that worked on it has put its scan away. */
    while (slot && slot->scans)
        fth_cond_wait(&slot->ended, &session->engine->mutex, -1);
    fth_mutex_unlock(&session->engine->mutex);
    if (!slot)
        return;
    fth_cond_release(&slot->ended);
    fth_free(slot);
}

static struct fth_feed_slot *find(struct fth_engine *engine, const idx_t *con_id, const char *name)
{
    struct fth_feed_slot *found = NULL;

    fth_mutex_lock(&engine->mutex);
    for (struct fth_session *session = engine->sessions; session; session = session->next) {
        if (con_id && session->con_id != *con_id)
            continue;
        for (struct fth_feed_slot *slot = session->feeds; slot && !found; slot = slot->next)
            if (strcmp(slot->feed->name, name) == 0)
                found = slot;
    }
    fth_mutex_unlock(&engine->mutex);
    return found;
}

/* The engine does not know a table of that name and asks whether somebody does. */
static void replace(duckdb_replacement_scan_info info, const char *name, void *data)
{
    duckdb_value value;

    if (!find(data, NULL, name))
        return;
    value = duckdb_create_varchar(name);
    duckdb_replacement_scan_set_function_name(info, FUNCTION);
    duckdb_replacement_scan_add_parameter(info, value);
    duckdb_destroy_value(&value);
}

static void bind(duckdb_bind_info info)
{
    struct fth_engine *engine = duckdb_bind_get_extra_info(info);
    duckdb_value value = duckdb_bind_get_parameter(info, 0);
    char *name = duckdb_get_varchar(value);
    duckdb_client_context context = NULL;
    struct fth_feed_slot *slot;
    idx_t con_id;

    duckdb_table_function_get_client_context(info, &context);
    con_id = duckdb_client_context_get_connection_id(context);
    duckdb_destroy_client_context(&context);
    slot = name ? find(engine, &con_id, name) : NULL;
    duckdb_free(name);
    duckdb_destroy_value(&value);
    if (!slot) {
        duckdb_bind_set_error(info, "no such feed in this session");
        return;
    }
    for (size_t i = 0; i < slot->feed->col_nr; i++) {
        duckdb_logical_type type = fth_duckdb_type(slot->feed->cols[i].type);

        duckdb_bind_add_result_column(info, slot->feed->cols[i].name, type);
        duckdb_destroy_logical_type(&type);
    }
    /* Else the engine thinks of a row or two, and builds the hash tables of joins from the bill. */
    duckdb_bind_set_cardinality(info, FEED_ROWS, false);
    duckdb_bind_set_bind_data(info, slot, NULL);
}

/* The first error of a feed is kept for the statement; the engine only learns that there is one. */
static void keep_error(struct fth_feed_slot *slot, const struct fth_err *err)
{
    fth_mutex_lock(&slot->engine->mutex);
    if (!slot->err.rc)
        slot->err = *err;
    fth_mutex_unlock(&slot->engine->mutex);
}

static void init(duckdb_init_info info)
{
    const struct fth_feed_slot *slot = duckdb_init_get_bind_data(info);
    unsigned max = slot->feed->max_workers;

    duckdb_init_set_max_threads(info,
                                max && max < slot->engine->threads ? max : slot->engine->threads);
}

/* One thread's scan. */
struct scan {
    struct fth_feed_slot *slot;
    void *worker;
    size_t nr;      /* columns of the engine's chunk */
    size_t *source; /* for each its column in the feed's batches; SIZE_MAX: not the feed's */
};

static void count_scan(struct fth_feed_slot *slot)
{
    fth_mutex_lock(&slot->engine->mutex);
    slot->scans++;
    fth_mutex_unlock(&slot->engine->mutex);
}

/* Behind the unlock the slot, and the feed, may be gone. */
static void uncount_scan(struct fth_feed_slot *slot)
{
    struct fth_engine *engine = slot->engine;

    fth_mutex_lock(&engine->mutex);
    if (--slot->scans == 0)
        fth_cond_broadcast(&slot->ended);
    fth_mutex_unlock(&engine->mutex);
}

static void end_scan(void *data)
{
    struct scan *scan = data;

    if (scan->worker)
        scan->slot->feed->close(scan->worker);
    uncount_scan(scan->slot);
    fth_free(scan->source);
    fth_free(scan);
}

/* A statement that needs no column (count(*)) may ask for a row number that the feed does not have;
 * nobody looks at its values. */
static enum fth_rc open_scan(duckdb_init_info info, struct scan *scan, struct fth_err *err)
{
    const struct fth_feed *feed = scan->slot->feed;
    size_t *wanted, wanted_nr = 0;

    scan->nr = duckdb_init_get_column_count(info);
    scan->source = fth_calloc(scan->nr + 1, sizeof(*scan->source));
    wanted = fth_calloc(scan->nr + 1, sizeof(*wanted));
    if (!scan->source || !wanted) {
        fth_free(wanted);
        return fth_err_nomem(err);
    }
    for (size_t i = 0; i < scan->nr; i++) {
        idx_t index = duckdb_init_get_column_index(info, i);

        scan->source[i] = SIZE_MAX;
        if (index < feed->col_nr) {
            scan->source[i] = wanted_nr;
            wanted[wanted_nr++] = index;
        }
    }
    feed->open(feed->ctx, wanted, wanted_nr, &scan->worker, err);
    fth_free(wanted);
    return err->rc;
}

static void local_init(duckdb_init_info info)
{
    struct fth_feed_slot *slot = duckdb_init_get_bind_data(info);
    struct scan *scan = fth_calloc(1, sizeof(*scan));
    struct fth_err err = {0};

    if (!scan) {
        fth_err_nomem(&err);
    } else {
        scan->slot = slot;
        count_scan(slot);
        open_scan(info, scan, &err);
    }
    if (err.rc) {
        keep_error(slot, &err);
        if (scan)
            end_scan(scan);
        duckdb_init_set_error(info, err.msg);
        return;
    }
    duckdb_init_set_init_data(info, scan, end_scan);
}

static void next(duckdb_function_info info, duckdb_data_chunk out)
{
    struct scan *scan = duckdb_function_get_local_init_data(info);
    struct fth_batch batch = {0};
    struct fth_err err = {0};

    if (scan->slot->feed->next(scan->worker, &batch, &err)) {
        keep_error(scan->slot, &err);
        duckdb_function_set_error(info, err.msg);
        return;
    }
    FTH_CHECK(batch.nr <= FTH_BATCH_MAX);
    for (size_t i = 0; i < scan->nr && batch.nr; i++)
        if (scan->source[i] != SIZE_MAX)
            fth_vec_put(duckdb_data_chunk_get_vector(out, i), &batch.cols[scan->source[i]],
                        batch.nr, scan->slot->engine->copy_text);
    duckdb_data_chunk_set_size(out, batch.nr);
}

enum fth_rc fth_feed_register(struct fth_session *session, struct fth_err *err)
{
    duckdb_table_function function = duckdb_create_table_function();
    duckdb_logical_type text = duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);

    duckdb_table_function_set_name(function, FUNCTION);
    duckdb_table_function_add_parameter(function, text);
    duckdb_table_function_set_extra_info(function, session->engine, NULL);
    duckdb_table_function_set_bind(function, bind);
    duckdb_table_function_set_init(function, init);
    duckdb_table_function_set_local_init(function, local_init);
    duckdb_table_function_set_function(function, next);
    duckdb_table_function_supports_projection_pushdown(function, true);
    if (duckdb_register_table_function(session->con, function) != DuckDBSuccess)
        fth_err_set(err, FTH_E_FAILED, "ledger engine: feeds cannot be registered");
    else
        duckdb_add_replacement_scan(session->store->db, replace, session->engine, NULL);
    duckdb_destroy_logical_type(&text);
    duckdb_destroy_table_function(&function);
    return err->rc;
}
