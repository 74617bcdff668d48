/*
 * origin: where a charge comes from, as the API's object (schema ChargeOrigin).
 *
 * Thread rule: any thread.
 */
#ifndef FTH_APP_ORIGIN_H
#define FTH_APP_ORIGIN_H

#include "app/costs.h"
#include "base/json.h"

/* The delivery, file, line and record of the charge `id` (x_id of a raw row), the record as it was
 * delivered, and every charge that came of it. A file that is not kept is no error: the object says
 * so. FTH_E_INVALID for what is no id, FTH_E_NOTFOUND when no delivery has that record. */
enum fth_rc fth_charge_origin(const struct fth_asked *asked, struct fth_str id, struct fth_str *out,
                              struct fth_err *err);

#endif
