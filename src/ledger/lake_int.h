/* lake_int: what the files behind lake.h share. Private. */
#ifndef FTH_LAKE_INT_H
#define FTH_LAKE_INT_H

#include "base/json.h"
#include "base/sha256.h"
#include "ledger/lake.h"
#include "ledger/ledger_int.h"

enum {
    FTH_LAKE_FORMAT = 1,
    FTH_LAKE_ARENA = 1 << 30,  /* catalogue and manifest with all that hangs on them */
    FTH_LAKE_TEXT = 512 << 20, /* of either as text */
};

/* A file of the lake; `path` is below the lake's folder, NULL: there is none. */
struct fth_lake_file {
    const char *path;
    int64_t bytes, rows;
    char sha256[FTH_SHA256_HEX];
};

struct fth_lake_column {
    struct fth_str name, type;
};

/* What a file of charges, or a segment, holds. */
struct fth_lake_content {
    const struct fth_lake_column *cols;
    size_t col_nr;
    struct fth_segment_sums *sums;
    size_t sum_nr;
    int64_t rows;
};

struct fth_lake_segment {
    int64_t id;
    struct fth_str source, billing_period;
    struct fth_lake_file charges, side;
    struct fth_lake_content content;
};

struct fth_lake_manifest {
    int64_t version;
    int64_t version_at_us; /* when that version came to be; 0: there is none, or it is not told */
    struct fth_lake_file catalogue, tags;
    struct fth_lake_segment *segments;
    size_t segment_nr;
};

/* lake_file.c */

/* "DIR/PATH", in `arena`. */
enum fth_rc fth_lake_path(struct fth_arena *arena, const char *dir, const char *path,
                          const char **out, struct fth_err *err);
/* Hashes and counts `from`; copies it on the way when `to` is not NULL, so that it is on the disk
 * when this returns. Sets bytes and sha256. */
enum fth_rc fth_lake_read(const char *from, const char *to, struct fth_cancel *cancel,
                          struct fth_lake_file *out, struct fth_err *err);
/* Path as it stands in a statement between single quotes. */
enum fth_rc fth_lake_quote(struct fth_arena *arena, const char *path, struct fth_str *out,
                           struct fth_err *err);
/* What is in a file inside the engine's directory; in a segment's table. */
enum fth_rc fth_lake_look(struct fth_session *session, struct fth_arena *arena, const char *inside,
                          struct fth_cancel *cancel, struct fth_lake_content *out,
                          struct fth_err *err);
enum fth_rc fth_lake_look_table(struct fth_session *session, struct fth_arena *arena,
                                const char *table, struct fth_cancel *cancel,
                                struct fth_lake_content *out, struct fth_err *err);
/* Rows of a file inside the engine's directory. */
enum fth_rc fth_lake_count(struct fth_session *session, struct fth_arena *arena, const char *inside,
                           struct fth_cancel *cancel, int64_t *out, struct fth_err *err);
/* Bits of the costs whose column holds more digits than a narrow one, for a load. */
unsigned fth_lake_wide(const struct fth_engine *engine, const struct fth_lake_content *content);
bool fth_lake_same_sums(const struct fth_segment_sums *a, size_t a_nr,
                        const struct fth_segment_sums *b, size_t b_nr);

/* lake_manifest.c */

enum fth_rc fth_lake_put_manifest(struct fth_buf *out, const struct fth_lake_manifest *manifest,
                                  const char *program, int64_t now_us, struct fth_err *err);
enum fth_rc fth_lake_read_manifest(struct fth_arena *arena, const char *dir,
                                   struct fth_lake_manifest *out, struct fth_err *err);
/* Segments, files, rows and bytes of it. */
struct fth_lake_summary fth_lake_summary_of(const struct fth_lake_manifest *manifest);

/* lake_state.c */

/* A segment as a restore loaded it. */
struct fth_lake_loaded {
    int64_t id;
    struct fth_segment_stats stats;
};

/* All rows of the catalogue that the lake keeps, as JSON. */
enum fth_rc fth_lake_put_catalogue(struct fth_db *db, struct fth_arena *arena, struct fth_buf *out,
                                   struct fth_err *err);
/* Writes them into an empty store, with what the loads found of the segments, in one transaction.
 */
enum fth_rc fth_lake_fill_catalogue(struct fth_db *db, struct fth_arena *arena,
                                    const struct fth_json *catalogue, int64_t version,
                                    const struct fth_lake_loaded *loaded, size_t loaded_nr,
                                    struct fth_err *err);

#endif
