/*
 * limit: how many requests a caller may send in a window of time (app/limit.def).
 *
 * Limited is who comes over the network and is known as somebody, or has to be: not the owner of
 * the data directory, be it by the socket, in the process, or where nobody signs in. ADR 0027.
 *
 * Thread rule: any thread.
 */
#ifndef FTH_LIMIT_H
#define FTH_LIMIT_H

#include "api/http.h"
#include "base/quota.h"

struct fth_call;

enum fth_limit {
#define FTH_LIMIT(id, name, window_s, by, what) FTH_LIMIT_##id,
#include "app/limit.def"
#undef FTH_LIMIT
    FTH_LIMIT_NR /* as that of an operation: none */
};

/* What was found of a request, for the headers of its answer. */
struct fth_limited {
    enum fth_limit limit;
    uint32_t most, window_s;
    struct fth_quota_state state;
};

/* By its name ("query", "none"); false when there is none of that name. */
bool fth_limit_named(struct fth_str name, enum fth_limit *out);

/* Counts the request of a call whose operation and caller are known, and sets request->limited when
 * it has a limit. FTH_E_QUOTA. */
enum fth_rc fth_limit_count(struct fth_call *call, struct fth_err *err);

/* RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-10), and Retry-After when it
 * was refused. What cannot be set for want of memory is left out. */
void fth_limit_headers(struct fth_reply *reply, const struct fth_limited *limited);

#endif
