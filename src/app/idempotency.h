/*
 * idempotency: requests that a client sends again because it has not seen the answer
 * (draft-ietf-httpapi-idempotency-key-header): what has been done with a key is not done twice.
 *
 * A key is one principal's for one operation, for 24 hours. Of a principal at most
 * FTH_IDEMPOTENCY_MOST keys and FTH_IDEMPOTENCY_BYTES of answers are held; the oldest that are
 * answered give way. Key and request are kept as hashes alone, which whoever has the store can
 * guess at: a request that holds a password takes no key.
 *
 * Before the work there is a row that says "begun", behind it one that has the answer. The work has
 * transactions of its own, so a process that dies in between leaves "begun": then nobody can tell
 * whether it was done, and it is not done again (ADR 0027).
 *
 * Thread rule: any thread.
 */
#ifndef FTH_IDEMPOTENCY_H
#define FTH_IDEMPOTENCY_H

#include "app/costs.h"
#include "base/sha256.h"

enum {
    FTH_IDEMPOTENCY_MOST = 1000,
    FTH_IDEMPOTENCY_BYTES = 8 << 20,
    FTH_IDEMPOTENCY_ANSWER = 256 * 1024 /* bytes of an answer that is kept */
};

struct fth_idempotency {
    const struct fth_asked *asked;
    struct fth_str operation;
    char key[FTH_SHA256_HEX], request[FTH_SHA256_HEX];
};

/* What the headers of an answer need, and its body. */
struct fth_idempotency_answer {
    int status; /* 0: there is none */
    struct fth_str content_type, location, etag;
    struct fth_str body; /* p NULL: not kept */
};

/* `asked` and `operation` must outlive it. FTH_E_NOMEM. */
enum fth_rc fth_idempotency_init(struct fth_idempotency *idempotency, const struct fth_asked *asked,
                                 struct fth_str operation, struct fth_str key,
                                 struct fth_str request, struct fth_err *err);

/* Begins the work, or sets *out to the answer that was given.
 *
 * FTH_E_INVALID   the key was sent with another request
 * FTH_E_CONFLICT  the work is being done (*running), was broken off, or its answer was not kept */
enum fth_rc fth_idempotency_begin(const struct fth_idempotency *idempotency,
                                  struct fth_idempotency_answer *out, bool *running,
                                  struct fth_err *err);
/* Keeps the answer; of a body over FTH_IDEMPOTENCY_ANSWER only that there was one. */
enum fth_rc fth_idempotency_answer(const struct fth_idempotency *idempotency,
                                   const struct fth_idempotency_answer *answer,
                                   struct fth_err *err);
/* Nothing was done: the key is free. */
enum fth_rc fth_idempotency_release(const struct fth_idempotency *idempotency, struct fth_err *err);

/* Forgets everybody's keys whose time is over; *ended is how many. Such a key is free all the same:
 * this is for maintenance. */
enum fth_rc fth_idempotency_prune(struct fth_app *app, int64_t *ended, struct fth_err *err);

#endif
