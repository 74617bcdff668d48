/* pass_int: what the files about credentials share. Nobody outside of auth/ includes it. */
#ifndef FTH_PASS_INT_H
#define FTH_PASS_INT_H

#include "auth/pass.h"
#include "auth/people_int.h"
#include "crypt/secret.h"

#define HOUR_US (INT64_C(3600) * 1000000)
#define SESSION_IDLE_US (2 * HOUR_US)
#define SESSION_MOST_US (12 * HOUR_US)

enum { ADDRESS_MAX = 100, AGENT_MAX = 300, TOKEN_ID = 12 };

#define SESSION_PURPOSE "farthing session"
#define CSRF_PURPOSE "farthing csrf"
#define TOKEN_PURPOSE "farthing token"
#define ONCE_PURPOSE "farthing one-time"
#define RECOVERY_PURPOSE "farthing recovery"

/* The one answer to what does not count. */
enum fth_rc pass_refuse(struct fth_err *err);

/* A session or API token by its id, for access tokens. */
enum fth_rc pass_session_by_id(const struct fth_deed *deed, struct fth_str id, struct fth_pass *out,
                               struct fth_err *err);
enum fth_rc pass_token_by_id(const struct fth_deed *deed, struct fth_str id, struct fth_pass *out,
                             struct fth_err *err);
/* An access token. */
enum fth_rc pass_access(const struct fth_deed *deed, struct fth_str text, struct fth_pass *out,
                        struct fth_err *err);

/* Opens a session for a user, inside a transaction; *secret lives in the deed's arena. */
struct fth_opened;
enum fth_rc session_open(struct fth_tx *tx, const struct fth_deed *deed,
                         const struct fth_user *user, struct fth_str agent, struct fth_opened *out,
                         struct fth_err *err);

#endif
