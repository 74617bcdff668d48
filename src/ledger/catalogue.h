/*
 * catalogue: what was delivered, which segments are current, and since when. In the state store.
 *
 * Every committed change moves the ledger's version by one. A segment is current for the versions
 * since_version <= v < until_version (until_version NULL: still). Superseded segments are kept, so
 * any past version can be asked until it is swept.
 *
 * Thread rule: as the state store's.
 */
#ifndef FTH_CATALOGUE_H
#define FTH_CATALOGUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/money.h"
#include "base/str.h"
#include "state/audit.h"
#include "state/db.h"

/* A source is (provider, billing account, dataset). */
struct fth_source {
    int64_t id;
    struct fth_str name; /* unique; "aws-111122223333-cur" unless the user named it */
    struct fth_str provider, billing_account, dataset, format;
    int64_t created_us;
    int64_t removed_us; /* its charges are out, earlier versions have them; 0: it was not removed */
};

struct fth_delivery_file {
    struct fth_str path, sha256; /* of the file as it was delivered */
    int64_t bytes, rows, first_record;
};

enum fth_delivery_status {
    FTH_DELIVERY_LOADED,
    FTH_DELIVERY_UNCHANGED, /* not stored: the same as one that is */
    FTH_DELIVERY_SUPERSEDED,
    FTH_DELIVERY_REFUSED
};

struct fth_delivery {
    int64_t id, source_id;
    struct fth_str source, provider, format;
    struct fth_str identity;       /* manifest's run or assembly id, else hash over file hashes */
    struct fth_str billing_period; /* "2025-01" */
    enum fth_delivery_status status;
    int64_t received_us, submitted_us /* by the provider, 0 unknown */;
    int64_t version;       /* that it brought; 0: it changed nothing */
    int64_t until_version; /* that replaced it; 0: none yet. Set by the catalogue */
    int64_t rows_read, rows_stored;
    struct fth_str report; /* JSON of contract.md §5, whole */
    int64_t supersedes;    /* delivery id, 0: none */
    int final;             /* 1 true, 0 false, -1 the provider does not say */
    const struct fth_delivery_file *files;
    size_t file_nr;
};

/* What of a segment the catalogue keeps; see ledger.h for the meaning. */
struct fth_catalogue_segment {
    int64_t id, source_id, delivery_id;
    struct fth_str billing_period;
    int32_t charge_from, charge_to;
    int64_t rows, charges_until_us;
    struct fth_str currency; /* empty: several */
    bool has_tail, has_cubes, has_side, has_long, has_values;
    bool archived; /* only read */
    /* JSON: [{"currency","rows","billed_cost","effective_cost","list_cost","contracted_cost"}] */
    struct fth_str sums;
    struct fth_str cube_tags; /* JSON: the tag keys of cubes 100, 101, …; empty: none */
    int64_t received_us;      /* of its delivery; only read, as is final */
    int final;                /* 1, 0, -1: the provider does not say */
};

struct fth_segment_stats; /* ledger.h */

/* The segment that a load has made, to be given its ids, period and sums. Its texts are those of
 * `stats`. */
struct fth_catalogue_segment fth_catalogue_segment_of(const struct fth_segment_stats *stats);

/* Numbers that are used up even when nothing comes of them. */
enum fth_rc fth_catalogue_next_segment_id(struct fth_db *db, int64_t *out, struct fth_err *err);
enum fth_rc fth_catalogue_next_delivery_id(struct fth_db *db, int64_t *out, struct fth_err *err);
/* Nothing came of it, and nobody has seen it: it may be given out again. A later one stays. */
enum fth_rc fth_catalogue_delivery_id_back(struct fth_db *db, int64_t id, struct fth_err *err);

/* The source of that (provider, account, dataset), made when there is none. `name` may be empty:
 * then it keeps its name, or a new one is named after what it is; else it is called that from now
 * on. FTH_E_CONFLICT when the name belongs to another. */
enum fth_rc fth_catalogue_source(struct fth_db *db, struct fth_arena *arena, struct fth_str name,
                                 struct fth_str provider, struct fth_str billing_account,
                                 struct fth_str dataset, struct fth_str format, int64_t now_us,
                                 struct fth_source *out, struct fth_err *err);
/* One that must be new, with its row of the audit chain, whose object is filled in: both or
 * neither. `want` without id. FTH_E_CONFLICT when it or its name is known. */
enum fth_rc fth_catalogue_source_add(struct fth_db *db, struct fth_arena *arena,
                                     const struct fth_source *want, const struct fth_audit *audit,
                                     struct fth_source *out, struct fth_err *err);
enum fth_rc fth_catalogue_sources(struct fth_db *db, struct fth_arena *arena,
                                  struct fth_source **out, size_t *out_nr, struct fth_err *err);

/*
 * Takes a source out. One that never held a charge in any version that can be asked goes with all
 * its deliveries; else, `with_charges`, its charges leave the ledger with a new version, and it
 * stays known for the sake of the earlier ones. Written into the audit chain.
 *
 * FTH_E_NOTFOUND
 * FTH_E_CONFLICT  it holds charges and `with_charges` is false, or held some and holds none
 */
struct fth_source_removal {
    bool gone;       /* nothing is left of it */
    int64_t charges; /* that left the ledger */
    int64_t version; /* that they left with; 0: none did */
};
enum fth_rc fth_catalogue_source_remove(struct fth_db *db, int64_t id, bool with_charges,
                                        const struct fth_audit *audit,
                                        struct fth_source_removal *out, struct fth_err *err);

/* The commit: adds the delivery with its files, opens `segments`, closes those of the same source
 * and period when `replace`, moves the version. *version is the new one. All of it or nothing.
 * FTH_E_BUSY when another writer was first. */
struct fth_commit {
    const struct fth_delivery *delivery;
    const struct fth_catalogue_segment *segments;
    size_t segment_nr;
    bool replace;
    int64_t now_us;
};
enum fth_rc fth_catalogue_commit(struct fth_db *db, const struct fth_commit *commit,
                                 int64_t *version, struct fth_err *err);
/* The commit of a merge: opens `segment` (its delivery is filled in: the period's newest) in place
 * of the segments `ids`, and moves the version. FTH_E_BUSY when one of them is not current any
 * more. */
enum fth_rc fth_catalogue_merge(struct fth_db *db, const struct fth_catalogue_segment *segment,
                                const int64_t *ids, size_t id_nr, int64_t now_us, int64_t *version,
                                struct fth_err *err);
/* A delivery that changes no segment (refused, superseded on arrival) is kept too. One that was
 * refused under the same id before is written anew. */
enum fth_rc fth_catalogue_note(struct fth_db *db, const struct fth_delivery *delivery,
                               struct fth_err *err);
/* The id of the delivery with that identity that was refused, 0: there is none. */
enum fth_rc fth_catalogue_refused(struct fth_db *db, int64_t source_id,
                                  struct fth_str billing_period, struct fth_str identity,
                                  int64_t *out, struct fth_err *err);

/* Deliveries, newest first; of one source when `source_id` is not 0. Files only by the second. */
enum fth_rc fth_catalogue_deliveries(struct fth_db *db, struct fth_arena *arena, int64_t source_id,
                                     struct fth_delivery **out, size_t *out_nr,
                                     struct fth_err *err);
enum fth_rc fth_catalogue_delivery(struct fth_db *db, struct fth_arena *arena, int64_t id,
                                   struct fth_delivery *out, struct fth_err *err);
/* The delivery that is current for a source and period, or FTH_E_NOTFOUND. */
enum fth_rc fth_catalogue_current(struct fth_db *db, struct fth_arena *arena, int64_t source_id,
                                  struct fth_str billing_period, struct fth_delivery *out,
                                  struct fth_err *err);
/* By its identity within a source and period, or FTH_E_NOTFOUND. One that was loaded before others,
 * then the newest; never one that was refused. */
enum fth_rc fth_catalogue_find(struct fth_db *db, struct fth_arena *arena, int64_t source_id,
                               struct fth_str billing_period, struct fth_str identity,
                               struct fth_delivery *out, struct fth_err *err);

/* Segments current at `version`, ordered by source, period, id. */
enum fth_rc fth_catalogue_segments(struct fth_db *db, struct fth_arena *arena, int64_t version,
                                   struct fth_catalogue_segment **out, size_t *out_nr,
                                   struct fth_err *err);
/* Every segment that should be in the engine: those that are not archived. */
enum fth_rc fth_catalogue_segment_ids(struct fth_db *db, struct fth_arena *arena, int64_t **out,
                                      size_t *out_nr, struct fth_err *err);
/* Whether it knows a segment, current or past. */
enum fth_rc fth_catalogue_has_segment(struct fth_db *db, struct fth_arena *arena, int64_t id,
                                      bool *out, struct fth_err *err);
/* Past segments that are in the engine, and the commit of one that is archived: then it has no
 * cubes and no lists of values any more. FTH_E_CONFLICT for one that is current, or archived
 * already. */
struct fth_catalogue_closed {
    int64_t id;
    bool has_side;
};
enum fth_rc fth_catalogue_closed(struct fth_db *db, struct fth_arena *arena,
                                 struct fth_catalogue_closed **out, size_t *out_nr,
                                 struct fth_err *err);
enum fth_rc fth_catalogue_archive(struct fth_db *db, int64_t id, int64_t now_us,
                                  struct fth_err *err);
/* Those that are archived; those of them that ended before a moment. */
enum fth_rc fth_catalogue_archived(struct fth_db *db, struct fth_arena *arena, int64_t **out,
                                   size_t *out_nr, struct fth_err *err);
enum fth_rc fth_catalogue_past(struct fth_db *db, struct fth_arena *arena, int64_t before_us,
                               int64_t **out, size_t *out_nr, struct fth_err *err);
/* Forgets closed segments that were archived and dropped; ids that are not known are fine.
 * FTH_E_CONFLICT, and nothing forgotten, when one is current. */
enum fth_rc fth_catalogue_forget(struct fth_db *db, const int64_t *ids, size_t id_nr,
                                 struct fth_err *err);

/* The newest version, 0 before the first. */
enum fth_rc fth_catalogue_version(struct fth_db *db, int64_t *out, struct fth_err *err);
/* The oldest version that can still be asked: no segment of it has been forgotten. */
enum fth_rc fth_catalogue_oldest(struct fth_db *db, int64_t *out, struct fth_err *err);
/* The version that stood at an instant. FTH_E_NOTFOUND before the first. */
enum fth_rc fth_catalogue_version_at(struct fth_db *db, int64_t instant_us, int64_t *out,
                                     struct fth_err *err);

#endif
