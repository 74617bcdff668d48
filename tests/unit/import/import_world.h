/*
 * import_world: a fresh ledger for a test of the import, and questions to it in SQL.
 *
 * One world at a time, in test_dir().
 */
#ifndef IMPORT_WORLD_H
#define IMPORT_WORLD_H

#include "import/import.h"
#include "test.h"

struct import_world {
    struct fth_db *db;
    struct fth_ledger *ledger;
    struct fth_log *log;
    struct fth_clock clock;
    int64_t now_us;
    char dir[256];           /* its folder; the engine's is "ledger" in there */
    struct fth_arena *arena; /* of all that it answers; freed when it is closed */
};

void import_world_open(struct import_world *world);
void import_world_close(struct import_world *world);
/* Closes and opens its ledger, as the next process would. */
void import_world_reopen(struct import_world *world);

/* What an import says: its code, its error, its report. The report lives as long as the world.
 */
struct import_said {
    enum fth_rc rc;
    struct fth_err err;
    struct fth_str report;
    const struct fth_json *json;
};

/* Runs it in `world`; paths and options as in `request`, the rest is filled in. */
struct import_said import_run(struct import_world *world, struct fth_import_request request);

/* Is every delivery of it loaded, without a difference, and does every check hold that is held
 * against a delivery? Fails. */
void import_said_well(const struct import_said *said);

/*
 * Sums of all current charges: a row of texts for each group, "" for null: the groups' values,
 * billed cost, effective cost, charges. `by` are column names of a charge, "day", "month",
 * "tag:KEY". Ordered by the groups' values, nulls first.
 */
struct import_sums {
    struct fth_str *cells;
    size_t row_nr, col_nr;
};
struct import_sums import_sums(struct import_world *world, const struct fth_str *by, size_t by_nr);

/* Do the daily cubes and the roll-up by resource say the same totals as the charges? Fails. */
void import_cubes_agree(struct import_world *world);

#endif
