/*
 * The tag dictionary in memory: an open-addressed table from the hash of a set to its id.
 *
 * The hash is the first half of the SHA-256 of the set in canonical form: its keys in order, each
 * key and value with its length in front, a null value with the length -1. Only new texts come here
 * (the readers remember the raw texts that they have seen), so that the strong hash costs nothing,
 * and a customer's tags cannot be made to collide.
 *
 * Ids are given out in memory and reach the engine in the transaction of the segment that uses
 * them. A killed load takes its ids with it, together with the segment; one that fails leaves them
 * here, and the next load writes them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/sha256.h"
#include "base/sql.h"
#include "ledger/ledger_int.h"

enum { FIRST_CAP = 1024, SMALL_SET = 64 };

void fth_tagsets_init(struct fth_tagsets *tags)
{
    *tags = (struct fth_tagsets){.next_id = 1};
    fth_mutex_init(&tags->mutex, FTH_LOCK_TAGSETS);
    fth_map_init(&tags->keys);
}

void fth_tagsets_release(struct fth_tagsets *tags)
{
    for (size_t i = 0; i < tags->fresh_nr; i++)
        fth_free(tags->fresh[i].block);
    fth_free(tags->fresh);
    fth_free(tags->slots);
    fth_map_release(&tags->keys);
    fth_mutex_release(&tags->mutex);
}

/* ---- the table ---- */

static struct fth_tagset_slot *slot_of(const struct fth_tagsets *tags, uint64_t high, uint64_t low)
{
    size_t at = high & (tags->cap - 1);

    while (tags->slots[at].id && (tags->slots[at].high != high || tags->slots[at].low != low))
        at = (at + 1) & (tags->cap - 1);
    return &tags->slots[at];
}

/* Room for one more at no more than two thirds full. */
static enum fth_rc grow(struct fth_tagsets *tags, struct fth_err *err)
{
    struct fth_tagsets more = {.cap = tags->cap ? tags->cap * 2 : FIRST_CAP};

    if (tags->cap && (tags->nr + 1) * 3 <= tags->cap * 2)
        return FTH_OK;
    more.slots = fth_calloc(more.cap, sizeof(*more.slots));
    if (!more.slots)
        return fth_err_nomem(err);
    for (size_t i = 0; i < tags->cap; i++)
        if (tags->slots[i].id)
            *slot_of(&more, tags->slots[i].high, tags->slots[i].low) = tags->slots[i];
    fth_free(tags->slots);
    tags->slots = more.slots;
    tags->cap = more.cap;
    return FTH_OK;
}

/* ---- hashing ---- */

struct pair {
    struct fth_str key, value;
};

static int by_key(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;

    return fth_str_cmp(x->key, y->key);
}

static void add_text(struct fth_sha256 *sha, struct fth_str text)
{
    int64_t n = text.p ? (int64_t)text.n : -1;

    fth_sha256_add(sha, &n, sizeof(n));
    if (n > 0)
        fth_sha256_add(sha, text.p, text.n);
}

/* Sorts the pairs by key on the way. */
static enum fth_rc hash_pairs(struct pair *pairs, size_t nr, uint64_t *high, uint64_t *low,
                              struct fth_err *err)
{
    unsigned char digest[FTH_SHA256_LEN];
    struct fth_sha256 sha;

    qsort(pairs, nr, sizeof(*pairs), by_key);
    if (fth_sha256_init(&sha, err))
        return err->rc;
    for (size_t i = 0; i < nr; i++) {
        add_text(&sha, pairs[i].key.p ? pairs[i].key : FTH_STR(""));
        add_text(&sha, pairs[i].value);
    }
    fth_sha256_done(&sha, digest);
    memcpy(high, digest, sizeof(*high));
    memcpy(low, digest + sizeof(*high), sizeof(*low));
    return FTH_OK;
}

/* ---- new sets ---- */

static struct fth_str keep_text(char **at, struct fth_str text)
{
    struct fth_str kept = {*at, text.n};

    if (!text.p)
        return (struct fth_str){0};
    if (text.n)
        memcpy(*at, text.p, text.n);
    *at += text.n;
    return kept;
}

static enum fth_rc copy_set(const struct fth_str *keys, const struct fth_str *values, size_t nr,
                            struct fth_str **out, struct fth_err *err)
{
    size_t bytes = 1;
    struct fth_str *block;
    char *at;

    for (size_t i = 0; i < nr; i++)
        bytes += keys[i].n + values[i].n;
    block = fth_calloc(1, 2 * nr * sizeof(*block) + bytes);
    if (!block)
        return fth_err_nomem(err);
    at = (char *)(block + 2 * nr);
    for (size_t i = 0; i < nr; i++) {
        block[i] = keep_text(&at, keys[i]);
        block[nr + i] = keep_text(&at, values[i]);
    }
    *out = block;
    return FTH_OK;
}

static enum fth_rc note_keys(struct fth_tagsets *tags, const struct fth_str *keys, size_t nr,
                             struct fth_err *err)
{
    for (size_t i = 0; i < nr; i++)
        if (!fth_map_has(&tags->keys, keys[i]) &&
            fth_map_put(&tags->keys, keys[i], tags, NULL, err))
            return err->rc;
    return FTH_OK;
}

static enum fth_rc room_for_fresh(struct fth_tagsets *tags, struct fth_err *err)
{
    size_t cap = tags->fresh_cap ? tags->fresh_cap * 2 : FIRST_CAP;
    void *more;

    if (tags->fresh_nr < tags->fresh_cap)
        return FTH_OK;
    more = fth_realloc(tags->fresh, cap, sizeof(*tags->fresh));
    if (!more)
        return fth_err_nomem(err);
    tags->fresh = more;
    tags->fresh_cap = cap;
    return FTH_OK;
}

/* Under the lock. */
static enum fth_rc find_or_add(struct fth_tagsets *tags, uint64_t high, uint64_t low,
                               const struct fth_str *keys, const struct fth_str *values, size_t nr,
                               int32_t *out, struct fth_err *err)
{
    struct fth_tagset_slot *slot;
    struct fth_str *block;

    if (grow(tags, err))
        return err->rc;
    slot = slot_of(tags, high, low);
    if (slot->id) {
        *out = slot->id;
        return FTH_OK;
    }
    if (tags->next_id == INT32_MAX)
        return fth_err_set(err, FTH_E_LIMIT, "the tag dictionary is full: %d sets", INT32_MAX);
    if (room_for_fresh(tags, err) || note_keys(tags, keys, nr, err) ||
        copy_set(keys, values, nr, &block, err))
        return err->rc;
    *slot = (struct fth_tagset_slot){high, low, tags->next_id++};
    tags->nr++;
    tags->fresh[tags->fresh_nr++] = (struct fth_tagset_new){high, low, slot->id, block, nr};
    *out = slot->id;
    return FTH_OK;
}

enum fth_rc fth_tagsets_id(struct fth_ledger *ledger, const struct fth_str *keys,
                           const struct fth_str *values, size_t nr, int32_t *out,
                           struct fth_err *err)
{
    struct pair small[SMALL_SET], *pairs = small;
    uint64_t high = 0, low = 0;

    if (nr == 0) {
        *out = 0;
        return FTH_OK;
    }
    if (nr > SMALL_SET) {
        pairs = fth_calloc(nr, sizeof(*pairs));
        if (!pairs)
            return fth_err_nomem(err);
    }
    for (size_t i = 0; i < nr; i++)
        pairs[i] = (struct pair){keys[i], values[i]};
    hash_pairs(pairs, nr, &high, &low, err);
    if (pairs != small)
        fth_free(pairs);
    if (err->rc)
        return err->rc;
    fth_mutex_lock(&ledger->tags.mutex);
    find_or_add(&ledger->tags, high, low, keys, values, nr, out, err);
    fth_mutex_unlock(&ledger->tags.mutex);
    return err->rc;
}

static int by_text(const void *a, const void *b)
{
    return fth_str_cmp(*(const struct fth_str *)a, *(const struct fth_str *)b);
}

enum fth_rc fth_tagsets_keys(struct fth_ledger *ledger, struct fth_arena *arena,
                             struct fth_str **out, size_t *out_nr, struct fth_err *err)
{
    struct fth_tagsets *tags = &ledger->tags;
    struct fth_arena_mark mark = fth_arena_mark(arena);
    struct fth_str *keys, key;
    size_t nr = 0, at = 0;
    void *value;

    fth_mutex_lock(&tags->mutex);
    keys = FTH_NEW_ARRAY(arena, struct fth_str, tags->keys.nr);
    if (!keys)
        fth_err_nomem(err);
    while (!err->rc && fth_map_each(&tags->keys, &at, &key, &value))
        if (!fth_arena_str(arena, key, &keys[nr], err))
            nr++;
    fth_mutex_unlock(&tags->mutex);
    if (err->rc) {
        fth_arena_rewind(arena, mark);
        return err->rc;
    }
    qsort(keys, nr, sizeof(*keys), by_text);
    *out = keys;
    *out_nr = nr;
    return FTH_OK;
}

/* ---- to and from the engine ---- */

static enum fth_rc read_sets(struct fth_tagsets *tags, struct fth_session *session, bool *has_empty,
                             struct fth_err *err)
{
    struct fth_result *result = NULL;
    struct fth_batch batch;

    if (fth_session_query(session, fth_sql("ledger/open/tag_sets"), NULL, 0, NULL, &result, err))
        return err->rc;
    while (!fth_result_next(result, &batch, err) && batch.nr) {
        for (size_t i = 0; i < batch.nr && !grow(tags, err); i++) {
            int32_t id = batch.cols[0].i32[i];
            uint64_t high = (uint64_t)batch.cols[1].i64[i], low = (uint64_t)batch.cols[2].i64[i];

            if (id == 0) {
                *has_empty = true;
                continue;
            }
            *slot_of(tags, high, low) = (struct fth_tagset_slot){high, low, id};
            tags->nr++;
            if (id >= tags->next_id)
                tags->next_id = id + 1;
        }
        if (err->rc)
            break;
    }
    fth_result_free(result);
    return err->rc;
}

static enum fth_rc read_keys(struct fth_tagsets *tags, struct fth_session *session,
                             struct fth_err *err)
{
    struct fth_result *result = NULL;
    struct fth_batch batch;

    if (fth_session_query(session, fth_sql("ledger/open/tag_keys"), NULL, 0, NULL, &result, err))
        return err->rc;
    while (!fth_result_next(result, &batch, err) && batch.nr)
        if (note_keys(tags, batch.cols[0].text, batch.nr, err))
            break;
    fth_result_free(result);
    return err->rc;
}

enum fth_rc fth_tagsets_load(struct fth_tagsets *tags, struct fth_session *session,
                             struct fth_err *err)
{
    static const struct fth_str no_pairs[1];
    bool has_empty = false;

    if (read_sets(tags, session, &has_empty, err) || read_keys(tags, session, err))
        return err->rc;
    if (has_empty)
        return FTH_OK;
    /* So that a join with the dictionary finds every row. Written with the first load. */
    if (room_for_fresh(tags, err))
        return err->rc;
    tags->fresh[tags->fresh_nr] = (struct fth_tagset_new){0};
    if (copy_set(no_pairs, no_pairs, 0, &tags->fresh[tags->fresh_nr].block, err))
        return err->rc;
    tags->fresh_nr++;
    return FTH_OK;
}

enum fth_rc fth_tagsets_reload(struct fth_tagsets *tags, struct fth_session *session,
                               struct fth_err *err)
{
    fth_tagsets_release(tags);
    fth_tagsets_init(tags);
    return fth_tagsets_load(tags, session, err);
}

/* A feed of the first `nr` new sets. They do not move while a load writes them: others may append,
 * so that each batch looks them up under the lock. */
struct new_sets {
    struct fth_tagsets *tags;
    size_t at, nr;
};

struct new_sets_worker {
    struct new_sets *of;
    size_t wanted[4], wanted_nr;
    int32_t ids[FTH_BATCH_MAX];
    struct fth_text_map maps[FTH_BATCH_MAX];
    int64_t high[FTH_BATCH_MAX], low[FTH_BATCH_MAX];
    struct fth_vec vecs[4];
};

static enum fth_rc new_sets_open(void *ctx, const size_t *wanted, size_t wanted_nr, void **worker,
                                 struct fth_err *err)
{
    struct new_sets_worker *made = fth_calloc(1, sizeof(*made));

    if (!made)
        return fth_err_nomem(err);
    FTH_CHECK(wanted_nr <= FTH_NR(made->wanted));
    made->of = ctx;
    made->wanted_nr = wanted_nr;
    memcpy(made->wanted, wanted, wanted_nr * sizeof(*wanted));
    *worker = made;
    return FTH_OK;
}

static enum fth_rc new_sets_next(void *worker, struct fth_batch *out, struct fth_err *err)
{
    struct new_sets_worker *w = worker;
    struct new_sets *of = w->of;
    const struct fth_vec vecs[] = {{.type = FTH_T_I32, .i32 = w->ids},
                                   {.type = FTH_T_TEXT_MAP, .map = w->maps},
                                   {.type = FTH_T_I64, .i64 = w->high},
                                   {.type = FTH_T_I64, .i64 = w->low}};
    size_t nr = 0;

    (void)err;
    fth_mutex_lock(&of->tags->mutex);
    for (; nr < FTH_BATCH_MAX && of->at < of->nr; nr++, of->at++) {
        const struct fth_tagset_new *set = &of->tags->fresh[of->at];

        w->ids[nr] = set->id;
        w->maps[nr] = (struct fth_text_map){set->block, set->block + set->nr, set->nr};
        w->high[nr] = (int64_t)set->high;
        w->low[nr] = (int64_t)set->low;
    }
    fth_mutex_unlock(&of->tags->mutex);
    for (size_t i = 0; i < w->wanted_nr; i++)
        w->vecs[i] = vecs[w->wanted[i]];
    *out = (struct fth_batch){nr, w->wanted_nr, w->vecs};
    return FTH_OK;
}

static void new_sets_close(void *worker)
{
    fth_free(worker);
}

enum fth_rc fth_tagsets_write(struct fth_tagsets *tags, struct fth_session *session,
                              struct fth_cancel *cancel, size_t *written, struct fth_err *err)
{
    static const struct fth_column cols[] = {{"TagSetId", FTH_T_I32},
                                             {"Tags", FTH_T_TEXT_MAP},
                                             {"HashHigh", FTH_T_I64},
                                             {"HashLow", FTH_T_I64}};
    struct new_sets sets = {.tags = tags};
    struct fth_feed feed = {.name = "new_tag_sets",
                            .cols = cols,
                            .col_nr = FTH_NR(cols),
                            .max_workers = 1,
                            .ctx = &sets,
                            .open = new_sets_open,
                            .next = new_sets_next,
                            .close = new_sets_close};

    fth_mutex_lock(&tags->mutex);
    sets.nr = tags->fresh_nr;
    fth_mutex_unlock(&tags->mutex);
    *written = sets.nr;
    if (sets.nr == 0)
        return FTH_OK;
    if (fth_session_feed(session, &feed, err))
        return err->rc;
    fth_session_exec(session, fth_sql("ledger/load/tag_sets"), NULL, 0, cancel, NULL, err);
    fth_session_unfeed(session, &feed);
    return err->rc;
}

void fth_tagsets_keep(struct fth_tagsets *tags, size_t written)
{
    fth_mutex_lock(&tags->mutex);
    for (size_t i = 0; i < written; i++)
        fth_free(tags->fresh[i].block);
    tags->fresh_nr -= written;
    if (tags->fresh_nr)
        memmove(tags->fresh, tags->fresh + written, tags->fresh_nr * sizeof(*tags->fresh));
    fth_mutex_unlock(&tags->mutex);
}
