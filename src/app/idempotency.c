#include "app/idempotency.h"

#include "app/app_int.h"
#include "base/check.h"

#define SQL "state/idempotency/"
#define SECOND_US INT64_C(1000000)
#define KEPT_US (24 * 3600 * SECOND_US)
/* Longer than any request may run (http_server.h). */
#define RUNS_US (600 * SECOND_US)

enum { KEY_VALS = 3 };

enum fth_rc fth_idempotency_init(struct fth_idempotency *idempotency, const struct fth_asked *asked,
                                 struct fth_str operation, struct fth_str key,
                                 struct fth_str request, struct fth_err *err)
{
    idempotency->asked = asked;
    idempotency->operation = operation;
    if (fth_sha256_text(key, idempotency->key, err))
        return err->rc;
    return fth_sha256_text(request, idempotency->request, err);
}

static void put_key(const struct fth_idempotency *idempotency, struct fth_val *vals)
{
    vals[0] = FTH_VAL_STR(fth_who_id(idempotency->asked->who));
    vals[1] = FTH_VAL_STR(idempotency->operation);
    vals[2] = FTH_VAL_C(idempotency->key);
}

/* ---- beginning ---- */

struct beginning {
    const struct fth_idempotency *idempotency;
    struct fth_table known;
    int64_t now_us;
};

static enum fth_rc add(struct fth_tx *tx, const struct beginning *beginning, struct fth_err *err)
{
    struct fth_val vals[KEY_VALS + 2];
    const struct fth_val room[] = {FTH_VAL_STR(fth_who_id(beginning->idempotency->asked->who)),
                                   FTH_VAL_I64(FTH_IDEMPOTENCY_MOST - 1),
                                   FTH_VAL_I64(FTH_IDEMPOTENCY_BYTES),
                                   FTH_VAL_I64(beginning->now_us - KEPT_US)};

    if (fth_tx_exec(tx, SQL "make_room", room, FTH_NR(room), NULL, err))
        return err->rc;
    put_key(beginning->idempotency, vals);
    vals[3] = FTH_VAL_C(beginning->idempotency->request);
    vals[4] = FTH_VAL_I64(beginning->now_us);
    return fth_tx_exec(tx, SQL "add", vals, FTH_NR(vals), NULL, err);
}

static enum fth_rc look_or_add(struct fth_tx *tx, void *ctx, struct fth_err *err)
{
    struct beginning *beginning = ctx;
    struct fth_val key[KEY_VALS + 1];

    put_key(beginning->idempotency, key);
    key[KEY_VALS] = FTH_VAL_I64(beginning->now_us - KEPT_US);
    if (fth_tx_read(tx, SQL "one", key, FTH_NR(key), beginning->idempotency->asked->arena, 1,
                    &beginning->known, err))
        return err->rc;
    return beginning->known.row_nr ? FTH_OK : add(tx, beginning, err);
}

static enum fth_rc being_done(struct fth_err *err)
{
    fth_err_clear(err);
    return fth_err_set(err, FTH_E_CONFLICT, "the request with this key is being worked on");
}

static enum fth_rc not_told(int64_t status, struct fth_err *err)
{
    if (status >= 300) {
        fth_err_set(err, FTH_E_CONFLICT, "it ended with an error (%d) that says not how far it got",
                    (int)status);
        fth_err_hint(err, "See whether it was done; if not, send it with another key.");
        return err->rc;
    }
    fth_err_set(err, FTH_E_CONFLICT, "it was done, and its answer was not kept");
    fth_err_hint(err, "Secrets are shown once, and large answers are not kept.");
    return err->rc;
}

static enum fth_rc take_known(const struct beginning *beginning, struct fth_idempotency_answer *out,
                              bool *running, struct fth_err *err)
{
    const struct fth_val *row = fth_table_val(&beginning->known, 0, 0);

    if (!fth_str_eq_c(row[0].text, beginning->idempotency->request))
        return fth_err_set(err, FTH_E_INVALID,
                           "this Idempotency-Key was sent with another request");
    *running = row[2].type == FTH_V_NULL && row[1].i64 + RUNS_US > beginning->now_us;
    if (*running)
        return being_done(err);
    if (row[2].type == FTH_V_NULL) {
        fth_err_set(err, FTH_E_CONFLICT, "the request with this key was broken off");
        fth_err_hint(err, "See whether it was done; if not, send it with another key.");
        return err->rc;
    }
    if (row[6].type == FTH_V_NULL)
        return not_told(row[2].i64, err);
    *out = (struct fth_idempotency_answer){(int)row[2].i64, row[3].text, row[4].text, row[5].text,
                                           row[6].text};
    return FTH_OK;
}

enum fth_rc fth_idempotency_begin(const struct fth_idempotency *idempotency,
                                  struct fth_idempotency_answer *out, bool *running,
                                  struct fth_err *err)
{
    struct fth_app *app = idempotency->asked->app;
    struct beginning beginning = {.idempotency = idempotency,
                                  .now_us = fth_clock_now_us(&app->clock)};

    *running = false;
    *out = (struct fth_idempotency_answer){0};
    if (fth_db_in_tx(app->db, look_or_add, &beginning, err)) {
        /* Another has added it in between, and it was not seen yet. */
        *running = err->rc == FTH_E_CONFLICT;
        return *running ? being_done(err) : err->rc;
    }
    return beginning.known.row_nr ? take_known(&beginning, out, running, err) : FTH_OK;
}

/* ---- ending ---- */

enum fth_rc fth_idempotency_answer(const struct fth_idempotency *idempotency,
                                   const struct fth_idempotency_answer *answer, struct fth_err *err)
{
    bool kept = answer->body.p && answer->body.n <= FTH_IDEMPOTENCY_ANSWER;
    struct fth_val vals[KEY_VALS + 6];

    put_key(idempotency, vals);
    vals[3] = FTH_VAL_I64(answer->status);
    vals[4] = fth_val_opt(answer->content_type);
    vals[5] = fth_val_opt(answer->location);
    vals[6] = fth_val_opt(answer->etag);
    vals[7] = kept ? FTH_VAL_STR(answer->body) : FTH_VAL_NULL;
    vals[8] = FTH_VAL_I64(kept ? (int64_t)answer->body.n : 0);
    return fth_db_exec(idempotency->asked->app->db, SQL "answer", vals, FTH_NR(vals), NULL, err);
}

enum fth_rc fth_idempotency_release(const struct fth_idempotency *idempotency, struct fth_err *err)
{
    struct fth_val key[KEY_VALS];

    put_key(idempotency, key);
    return fth_db_exec(idempotency->asked->app->db, SQL "release", key, KEY_VALS, NULL, err);
}

enum fth_rc fth_idempotency_prune(struct fth_app *app, int64_t *ended, struct fth_err *err)
{
    const struct fth_val past = FTH_VAL_I64(fth_clock_now_us(&app->clock) - KEPT_US);

    return fth_db_exec(app->db, SQL "prune", &past, 1, ended, err);
}
