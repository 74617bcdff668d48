/* run_int: one validation while it runs. Private to focus/. */
#ifndef FTH_FOCUS_RUN_INT_H
#define FTH_FOCUS_RUN_INT_H

#include "focus/bind_int.h"

/* Counts and samples of a rule. */
struct fth_focus_tally {
    uint64_t count;
    uint64_t checked; /* files in which it was looked at */
    unsigned marks;   /* FTH_FOCUS_SAW_… */
    const char *aside;
    int64_t cpu_ns;
    size_t sample_nr;
    uint32_t tries; /* texts that were made without a new sample coming of it */
    struct fth_focus_held {
        struct fth_focus_place place;
        char *values; /* on the heap */
        size_t n;
    } samples[FTH_FOCUS_SAMPLES];
};

struct fth_focus_tallies {
    struct fth_focus_tally *at; /* by rule */
    size_t nr;
};

enum fth_rc fth_focus_tallies_init(struct fth_focus_tallies *tallies, struct fth_err *err);
void fth_focus_tallies_release(struct fth_focus_tallies *tallies);
/* Adds `from`, so that the samples are those of the first places. */
void fth_focus_tallies_merge(struct fth_focus_tallies *into, const struct fth_focus_tallies *from);
/* Counts; keeps the text when it is among the first samples that differ. */
void fth_focus_tally(struct fth_focus_tally *tally, struct fth_focus_place place,
                     struct fth_str values);
/* Would a sample at `record` be kept? (To spare making its text.) */
bool fth_focus_tally_wants(const struct fth_focus_tally *tally, struct fth_focus_place place);

/* ---- what is remembered over all rows (keys.c, sums.c) ---- */

/* Texts with a number each, in the order in which they came. Bounded by bytes. */
struct fth_focus_texts {
    char *bytes;
    size_t used, cap;
    struct fth_focus_text {
        size_t at;
        uint32_t n;
        uint32_t next; /* of the same hash chain, + 1 */
        uint64_t hash;
    } * items;
    size_t nr, item_cap;
    uint32_t *slots;
    size_t slot_nr;
    uint64_t seed;
    size_t max; /* bytes of all it holds */
};

void fth_focus_texts_init(struct fth_focus_texts *texts, size_t max, uint64_t seed);
void fth_focus_texts_release(struct fth_focus_texts *texts);
/* SIZE_MAX: no room, or not there. */
size_t fth_focus_texts_put(struct fth_focus_texts *texts, struct fth_str text, bool *is_new);
size_t fth_focus_texts_find(const struct fth_focus_texts *texts, struct fth_str text);
struct fth_str fth_focus_texts_at(const struct fth_focus_texts *texts, size_t i);

/* Of each key the first value, and where it was. */
struct fth_focus_keys {
    struct fth_focus_texts keys, values;
    struct fth_focus_key {
        size_t value;
        struct fth_focus_place place;
        bool broken;
    } * at;
    size_t cap;
    bool full; /* the memory was used up: later keys were not looked at */
};

enum fth_focus_sum_kind {
    FTH_FOCUS_S_COMMITMENT,
    FTH_FOCUS_S_RATIO,
    FTH_FOCUS_S_INVOICE,
    FTH_FOCUS_S_INVOICE_LINES,
    FTH_FOCUS_S_NR
};

struct fth_focus_sum {
    struct fth_money once, fees, effective, ratio; /* of invoices: once is BilledCost */
    int64_t rows, purchases, uses;
    int64_t buy_from, buy_to, use_from, use_to; /* microseconds */
    int64_t once_from, once_to;                 /* of purchases that are paid once */
    struct fth_focus_place place;
};

struct fth_focus_sums {
    struct fth_focus_texts keys;
    struct fth_focus_sum *at;
    size_t cap;
    bool full;
};

/* Texts that refer to another dataset, with the first place of each. */
enum fth_focus_ref_kind {
    FTH_FOCUS_REF_INVOICE,
    FTH_FOCUS_REF_INVOICE_DETAIL,
    FTH_FOCUS_REF_PERIOD,
    FTH_FOCUS_REF_CONTRACT,
    FTH_FOCUS_REF_NR
};

struct fth_focus_memory {
    struct fth_focus_keys *keys; /* by rule; NULL where none */
    struct fth_focus_sums sums[FTH_FOCUS_S_NR];
    struct fth_focus_keys uses[FTH_FOCUS_REF_NR], has[FTH_FOCUS_REF_NR];
    int64_t first_us, last_us; /* of all charge periods */
    size_t max;
    uint64_t seed;
};

enum fth_rc fth_focus_memory_init(struct fth_focus_memory *memory, size_t max, uint64_t seed,
                                  struct fth_err *err);
void fth_focus_memory_release(struct fth_focus_memory *memory);
/* The entry of `key`, made when it is new; NULL when there is no room. */
struct fth_focus_key *fth_focus_keys_at(struct fth_focus_keys *keys, struct fth_str key,
                                        struct fth_focus_place place, bool *is_new);
struct fth_focus_sum *fth_focus_sums_at(struct fth_focus_sums *sums, struct fth_str key,
                                        struct fth_focus_place place);
/* Adds the sums of a worker. */
enum fth_rc fth_focus_sums_merge(struct fth_focus_sums *into, const struct fth_focus_sums *from,
                                 struct fth_err *err);
/* Judges pairs, sums and references when all has been read. */
enum fth_rc fth_focus_conclude(struct fth_focus_run *run, struct fth_err *err);

struct fth_focus_run {
    const struct fth_focus_request *request;
    struct fth_arena *arena; /* the caller's */
    struct fth_mutex lock;   /* the CSV reader, memory.keys and uses */
    struct fth_focus_tallies tallies;
    struct fth_focus_memory memory;
    struct fth_focus_file *files;
    size_t file_nr;
    bool seen[FTH_FOCUS_DATASET_NR];
    bool all_criteria;
    unsigned workers;
    uint64_t seed;
    /* Bound expressions of each rule, parsed once. */
    const struct fth_focus_expr **when, **check;
    struct fth_engine *engine; /* for Parquet, opened when one comes */
    char *engine_dir;
    int64_t start_ns, read_ns, judge_ns;
    uint64_t rows; /* of files that have been read */
    int64_t bytes, bytes_all;
};

/* Adds the rules of the official model that join broken ones (joined.c); room for so many more. */
void fth_focus_join(struct fth_focus_report *report, struct fth_focus_finding *findings);
size_t fth_focus_joined_nr(void);

/* ---- blocks of rows (block.c) ---- */

enum { FTH_FOCUS_BLOCK = 64, FTH_FOCUS_MEMO = 1024 };

/* Where a worker's rows come from: a chunk of CSV, or texts row by row. */
struct fth_focus_rows {
    const struct fth_csv_chunk *chunk; /* or NULL */
    const struct fth_str *cells;       /* row-major, `columns` each */
    size_t columns, nr;
    int64_t first_record; /* of cells */
    uint32_t file;
};

struct fth_focus_worker;

enum fth_rc fth_focus_worker_new(struct fth_focus_run *run, const struct fth_focus_plan *plan,
                                 struct fth_focus_worker **out, struct fth_err *err);
/* Adds what it found to the run. */
enum fth_rc fth_focus_worker_end(struct fth_focus_worker *worker, struct fth_err *err);
void fth_focus_worker_free(struct fth_focus_worker *worker);
enum fth_rc fth_focus_worker_rows(struct fth_focus_worker *worker,
                                  const struct fth_focus_rows *rows, struct fth_err *err);

/* ---- files (file.c) ---- */

enum fth_rc fth_focus_read(struct fth_focus_run *run, uint32_t file, struct fth_err *err);
/* Sees which dataset a file is of. */
enum fth_rc fth_focus_look(struct fth_focus_run *run, uint32_t file, struct fth_err *err);
enum fth_rc fth_focus_look_parquet(struct fth_focus_run *run, uint32_t file, struct fth_err *err);
/* When it is the file's fault: into the report with it, and true. */
bool fth_focus_blames_file(struct fth_focus_run *run, uint32_t file, struct fth_err *err);
void fth_focus_parquet_end(struct fth_focus_run *run);
bool fth_focus_is_parquet(const char *path);
enum fth_rc fth_focus_read_parquet(struct fth_focus_run *run, uint32_t file, struct fth_err *err);
/* A finding about a file as a whole, or about a place in it, under the rule with this check. */
void fth_focus_report_file(struct fth_focus_run *run, const char *check,
                           struct fth_focus_place place, struct fth_str values);
/* Says how far it is: so much of the file that is being read. */
void fth_focus_tell(struct fth_focus_run *run, uint64_t rows, int64_t bytes);
size_t fth_focus_rule_by_check(const char *check);
int64_t fth_focus_cpu_ns(void);

#endif
