/*
 * pass: what somebody shows, and who they are by it: the cookie of a session, an API token, an
 * access token.
 *
 * A session ends two hours after it was used last and twelve after it was opened, when it is ended,
 * and when its user is disabled or may do something else than before. An API token ends when it
 * says so or is revoked; it can do what it was given and its user may do at the time. An access
 * token is signed and ends after 15 minutes, and with the session or API token that asked for it.
 *
 * Thread rule: any thread; a pass lives in the arena that it was made in.
 */
#ifndef FTH_PASS_H
#define FTH_PASS_H

#include "auth/people.h"

enum fth_shown { FTH_SHOWN_NOTHING, FTH_SHOWN_SESSION, FTH_SHOWN_TOKEN };

enum { FTH_CSRF_TEXT = 44, FTH_ACCESS_S = 15 * 60 };

struct fth_pass {
    enum fth_shown shown;
    bool by_access_token; /* of that session or API token */
    struct fth_str id;    /* of the session or API token */
    struct fth_user user;
    struct fth_who who;
    int64_t expires_us, used_us;
    char csrf[FTH_CSRF_TEXT]; /* of a session by its cookie: what unsafe requests carry, too */
};

/* Nobody: may do nothing. */
extern const struct fth_who fth_nobody;

/* By the secret of a session, respectively what stands behind "Bearer". FTH_E_UNAUTHENTICATED for
 * what is none, has expired, was ended or revoked, or whose user is disabled; the same words for
 * all. */
enum fth_rc fth_pass_session(const struct fth_deed *deed, struct fth_str secret,
                             struct fth_pass *out, struct fth_err *err);
enum fth_rc fth_pass_bearer(const struct fth_deed *deed, struct fth_str text, struct fth_pass *out,
                            struct fth_err *err);

/* Remembers, at most once a minute, that it was used. */
enum fth_rc fth_pass_used(const struct fth_deed *deed, const struct fth_pass *pass,
                          struct fth_err *err);

/* ---- sessions ---- */

struct fth_session_info {
    struct fth_str id, address, agent;
    int64_t created_us, used_us, expires_us;
};
enum fth_rc fth_sessions_of(const struct fth_deed *deed, struct fth_str user,
                            struct fth_session_info **out, size_t *nr, struct fth_err *err);
/* FTH_E_NOTFOUND when this user has no such session. */
enum fth_rc fth_session_end(const struct fth_deed *deed, struct fth_str user, struct fth_str id,
                            struct fth_err *err);

/* ---- API tokens ---- */

struct fth_token {
    struct fth_str id, name, user, user_email;
    struct fth_str scope;              /* empty: that of its user */
    const struct fth_str *permissions; /* NULL: all of its user's */
    size_t permission_nr;
    int64_t created_us, expires_us, used_us, revoked_us;
};
struct fth_token_wish {
    struct fth_str name, user; /* id or address; empty: the one who does it */
    struct fth_str scope;
    const struct fth_str *permissions;
    size_t permission_nr;
    int64_t days;
};
/* Sets *secret to the token itself, which is not kept. FTH_E_INVALID, FTH_E_DENIED, FTH_E_CONFLICT
 * for somebody who was invited and has no password yet. */
enum fth_rc fth_token_add(const struct fth_deed *deed, const struct fth_token_wish *wish,
                          struct fth_token *out, struct fth_str *secret, struct fth_err *err);
/* Of one user, or of all when `user` is empty; also those that ended in the last 90 days. */
enum fth_rc fth_token_list(const struct fth_deed *deed, struct fth_str user, struct fth_token **out,
                           size_t *nr, struct fth_err *err);
/* Of this user, or anybody's when `user` is empty: then FTH_E_DENIED for that of somebody whom the
 * one who does it may not change. FTH_E_NOTFOUND, also when it is revoked already. */
enum fth_rc fth_token_revoke(const struct fth_deed *deed, struct fth_str user, struct fth_str id,
                             struct fth_err *err);

/* ---- access tokens ---- */

enum fth_rc fth_access_token(const struct fth_deed *deed, const struct fth_pass *pass,
                             struct fth_str *out, struct fth_err *err);

struct fth_access_key {
    struct fth_str id, x; /* the public key in base64url */
};
/* Those that tokens may still be signed with. */
enum fth_rc fth_access_keys(const struct fth_deed *deed, struct fth_access_key **out, size_t *nr,
                            struct fth_err *err);

#endif
