/*
 * origin: what a charge is known by outside, and the charges that one source record became.
 *
 * A charge's id is "DELIVERY-RECORD-PART", what identifies its row; it stays when segments are
 * merged, archived or restored.
 *
 * Thread rule: as the session's.
 */
#ifndef FTH_ORIGIN_H
#define FTH_ORIGIN_H

#include "ledger/ledger.h"

enum { FTH_CHARGE_ID_MAX = 48 };

struct fth_charge_id {
    int64_t delivery, record;
    int32_t part;
};

struct fth_str fth_charge_id_text(struct fth_charge_id id, char out[FTH_CHARGE_ID_MAX]);
/* FTH_E_INVALID for what is none. */
enum fth_rc fth_charge_id_parse(struct fth_str text, struct fth_charge_id *out,
                                struct fth_err *err);

/* The costs are 0 where the row has none. */
struct fth_origin_charge {
    int32_t part;
    struct fth_str category, description, service, sub_account, resource, currency;
    int64_t start_us, end_us; /* of the charge period; INT64_MIN: not known */
    struct fth_money billed, effective, list, contracted;
};

/* The charges of one record, by part, in `arena`; none when the record became none. */
enum fth_rc fth_origin_charges(struct fth_session *session, const struct fth_snapshot *snapshot,
                               const struct fth_delivery *delivery, int64_t record,
                               struct fth_cancel *cancel, struct fth_arena *arena,
                               struct fth_origin_charge **out, size_t *out_nr, struct fth_err *err);

#endif
