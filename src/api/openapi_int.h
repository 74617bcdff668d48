/* openapi_int: what reads the document in parts. Nobody outside api/ includes it. */
#ifndef FTH_OPENAPI_INT_H
#define FTH_OPENAPI_INT_H

#include "api/http.h"
#include "api/openapi.h"

/* Texts live in `arena`. FTH_E_CORRUPT for dates that are none, or none there. */
enum fth_rc fth_deprecation_read(struct fth_arena *arena, const struct fth_json *json,
                                 struct fth_operation *out, struct fth_err *err);
/* Nothing for an operation that stays. Without memory for one the reply itself will fail. */
void fth_deprecation_headers(const struct fth_operation *operation, struct fth_reply *reply);

#endif
