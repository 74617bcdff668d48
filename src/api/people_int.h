/* people_int: what the handlers of people, tokens and the audit share. */
#ifndef FTH_API_PEOPLE_INT_H
#define FTH_API_PEOPLE_INT_H

#include "api/call.h"

struct fth_pass;

/* A string of the body; p is NULL without it. */
static inline struct fth_str fth_body_text(const struct fth_call *call, const char *key)
{
    return fth_json_str(call->body, key, (struct fth_str){0});
}

/* A list of names. */
void fth_put_names(struct fth_jw *jw, const char *key, const struct fth_str *names, size_t nr);

/* What is only for who has signed in, by the cookie: their session, or NULL with FTH_E_CONFLICT or
 * FTH_E_DENIED. */
const struct fth_pass *fth_need_session(const struct fth_call *call, struct fth_err *err);

/* The strings of a list of the body; *out is NULL when it is missing or null. */
enum fth_rc fth_body_names(const struct fth_call *call, const char *key, const struct fth_str **out,
                           size_t *nr, struct fth_err *err);

#endif
