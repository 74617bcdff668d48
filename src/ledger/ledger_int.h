/* ledger_int: what the files behind ledger.h share. Private. */
#ifndef FTH_LEDGER_INT_H
#define FTH_LEDGER_INT_H

#include <stdatomic.h>

#include "base/map.h"
#include "base/thread.h"
#include "ledger/ledger.h"
#include "ledger/statement.h"

/* A slot of the dictionary's table; id 0 with a zero hash is free. */
struct fth_tagset_slot {
    uint64_t high, low; /* first half of the SHA-256 of the set in canonical form */
    int32_t id;
};

/* A set that no table holds yet: its pairs, in one block with their texts. */
struct fth_tagset_new {
    uint64_t high, low;
    int32_t id;
    struct fth_str *block; /* keys, then values, then their texts; one allocation */
    size_t nr;
};

/*
 * The tag dictionary in memory: from the hash of a set to its id. What is in `fresh` is not in the
 * engine yet; a load that commits writes it and moves `written`.
 */
struct fth_tagsets {
    struct fth_mutex mutex;
    struct fth_tagset_slot *slots;
    size_t nr, cap; /* cap is 0 or a power of two */
    int32_t next_id;
    struct fth_tagset_new *fresh;
    size_t fresh_nr, fresh_cap;
    struct fth_map keys; /* every tag key in use; the values mean nothing */
};

/* A snapshot with what keeps it. `pub` comes first. */
struct fth_pinned {
    struct fth_snapshot pub;
    struct fth_pinned *next;
    struct fth_arena *arena;
    unsigned pins;
};

struct fth_ledger {
    struct fth_engine *engine;
    struct fth_db *db;
    struct fth_log *log;
    const struct fth_clock *clock;
    char *archive; /* absolute; NULL: none */
    char **hot_tags;
    size_t hot_tag_nr;

    struct fth_mutex write_mutex; /* guards `writing` */
    struct fth_cond write_free;
    bool writing;

    struct fth_mutex mutex;       /* guards snapshots and their pins */
    struct fth_pinned *snapshots; /* all that are pinned; the newest is pinned by the ledger */
    struct fth_pinned *newest;
    unsigned reading; /* readers of the catalogue who have not pinned yet what they read */
    atomic_int_fast64_t version;
    atomic_bool stale; /* the catalogue moved and could not be read: try again when asked */

    struct fth_tagsets tags;
};

/* ledger.c */

/* Drops a segment's table and rows in one transaction of `session`. */
enum fth_rc fth_ledger_drop(struct fth_session *session, int64_t segment_id, struct fth_err *err);
/* Ids of segments, ascending. */
struct fth_ids {
    int64_t *at;
    size_t nr;
};

bool fth_ids_has(const struct fth_ids *ids, int64_t id);
/* Those that have a table. */
enum fth_rc fth_ledger_tables(struct fth_session *session, struct fth_arena *arena,
                              struct fth_ids *out, struct fth_err *err);

/* archive.c */

/* The file of an archived segment, or of its side rows; how a statement selects from it. */
enum fth_rc fth_archive_path(const struct fth_ledger *ledger, struct fth_arena *arena, int64_t id,
                             bool side, const char **out, struct fth_err *err);
enum fth_rc fth_archive_table(const struct fth_ledger *ledger, struct fth_arena *arena, int64_t id,
                              bool side, const char **out, struct fth_err *err);

/* load.c */

/* The sums in a row of ledger/lake/sums, or of a longer one that begins alike. */
enum fth_rc fth_segment_sums_read(const struct fth_batch *batch, size_t row,
                                  struct fth_segment_sums *sums, struct fth_err *err);

/* snapshot.c */

/* Reads the newest version and pins it for the ledger in place of the one before. */
enum fth_rc fth_snapshots_refresh(struct fth_ledger *ledger, struct fth_err *err);
void fth_snapshots_release(struct fth_ledger *ledger);

/* tagset.c */

void fth_tagsets_init(struct fth_tagsets *tags);
void fth_tagsets_release(struct fth_tagsets *tags);
/* Fills the dictionary from the engine; writes the empty set when there is none. */
enum fth_rc fth_tagsets_load(struct fth_tagsets *tags, struct fth_session *session,
                             struct fth_err *err);
/* Forgets all and fills it anew. Nobody else may use the dictionary meanwhile. */
enum fth_rc fth_tagsets_reload(struct fth_tagsets *tags, struct fth_session *session,
                               struct fth_err *err);
/* Writes the sets that are new through `session`; *written says how many, for fth_tagsets_keep()
 * once the transaction has been committed. */
enum fth_rc fth_tagsets_write(struct fth_tagsets *tags, struct fth_session *session,
                              struct fth_cancel *cancel, size_t *written, struct fth_err *err);
void fth_tagsets_keep(struct fth_tagsets *tags, size_t written);

#endif
