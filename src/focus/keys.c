/* What is remembered over all rows: texts with numbers, and what hangs on them. */
#include <string.h>

#include "base/alloc.h"
#include "focus/run_int.h"

enum { FIRST_SLOTS = 256 };

void fth_focus_texts_init(struct fth_focus_texts *texts, size_t max, uint64_t seed)
{
    *texts = (struct fth_focus_texts){.max = max, .seed = seed};
}

void fth_focus_texts_release(struct fth_focus_texts *texts)
{
    fth_free(texts->bytes);
    fth_free(texts->items);
    fth_free(texts->slots);
    texts->bytes = NULL;
    texts->items = NULL;
    texts->slots = NULL;
    texts->nr = texts->slot_nr = texts->used = texts->cap = texts->item_cap = 0;
}

struct fth_str fth_focus_texts_at(const struct fth_focus_texts *texts, size_t i)
{
    return (struct fth_str){texts->bytes + texts->items[i].at, texts->items[i].n};
}

static size_t look(const struct fth_focus_texts *texts, struct fth_str text, uint64_t hash)
{
    if (texts->slot_nr == 0)
        return SIZE_MAX;
    for (uint32_t i = texts->slots[hash & (texts->slot_nr - 1)]; i; i = texts->items[i - 1].next)
        if (texts->items[i - 1].hash == hash && fth_str_eq(fth_focus_texts_at(texts, i - 1), text))
            return i - 1;
    return SIZE_MAX;
}

size_t fth_focus_texts_find(const struct fth_focus_texts *texts, struct fth_str text)
{
    return look(texts, text, fth_str_hash(text, texts->seed));
}

static bool more_slots(struct fth_focus_texts *texts)
{
    size_t nr = texts->slot_nr ? texts->slot_nr * 2 : FIRST_SLOTS;
    uint32_t *slots = fth_calloc(nr, sizeof(*slots));

    if (!slots)
        return false;
    for (size_t i = 0; i < texts->nr; i++) {
        uint32_t *slot = &slots[texts->items[i].hash & (nr - 1)];

        texts->items[i].next = *slot;
        *slot = (uint32_t)i + 1;
    }
    fth_free(texts->slots);
    texts->slots = slots;
    texts->slot_nr = nr;
    return true;
}

static bool room(struct fth_focus_texts *texts, size_t n)
{
    size_t bytes = texts->cap ? texts->cap : 4096, items = texts->item_cap * 2;
    size_t taken = texts->used + n + texts->nr * (sizeof(*texts->items) + 2 * sizeof(uint32_t));

    if (taken > texts->max || texts->nr >= UINT32_MAX - 1)
        return false;
    while (bytes < texts->used + n)
        bytes *= 2;
    if (bytes != texts->cap) {
        char *more = fth_realloc(texts->bytes, bytes, 1);

        if (!more)
            return false;
        texts->bytes = more;
        texts->cap = bytes;
    }
    if (texts->nr == texts->item_cap) {
        struct fth_focus_text *more =
            fth_realloc(texts->items, items ? items : FIRST_SLOTS, sizeof(*more));

        if (!more)
            return false;
        texts->items = more;
        texts->item_cap = items ? items : FIRST_SLOTS;
    }
    return texts->nr < texts->slot_nr || more_slots(texts);
}

size_t fth_focus_texts_put(struct fth_focus_texts *texts, struct fth_str text, bool *is_new)
{
    uint64_t hash = fth_str_hash(text, texts->seed);
    size_t at = look(texts, text, hash);
    uint32_t *slot;

    *is_new = at == SIZE_MAX;
    if (!*is_new)
        return at;
    if (text.n > UINT32_MAX || !room(texts, text.n))
        return SIZE_MAX;
    slot = &texts->slots[hash & (texts->slot_nr - 1)];
    texts->items[texts->nr] = (struct fth_focus_text){texts->used, (uint32_t)text.n, *slot, hash};
    if (text.n)
        memcpy(texts->bytes + texts->used, text.p, text.n);
    texts->used += text.n;
    *slot = (uint32_t)++texts->nr;
    return texts->nr - 1;
}

/* ---- keys with a value ---- */

struct fth_focus_key *fth_focus_keys_at(struct fth_focus_keys *keys, struct fth_str key,
                                        struct fth_focus_place place, bool *is_new)
{
    size_t at = fth_focus_texts_put(&keys->keys, key, is_new);

    if (at != SIZE_MAX && at >= keys->cap) {
        size_t cap = keys->cap ? keys->cap * 2 : FIRST_SLOTS;
        struct fth_focus_key *more = fth_realloc(keys->at, cap, sizeof(*more));

        if (!more)
            at = SIZE_MAX;
        else {
            keys->at = more;
            keys->cap = cap;
        }
    }
    if (at == SIZE_MAX) {
        keys->full = true;
        return NULL;
    }
    if (*is_new)
        keys->at[at] = (struct fth_focus_key){.value = SIZE_MAX, .place = place};
    return &keys->at[at];
}

/* ---- sums ---- */

struct fth_focus_sum *fth_focus_sums_at(struct fth_focus_sums *sums, struct fth_str key,
                                        struct fth_focus_place place)
{
    bool is_new;
    size_t at = fth_focus_texts_put(&sums->keys, key, &is_new);

    if (at != SIZE_MAX && at >= sums->cap) {
        size_t cap = sums->cap ? sums->cap * 2 : FIRST_SLOTS;
        struct fth_focus_sum *more = fth_realloc(sums->at, cap, sizeof(*more));

        if (!more)
            at = SIZE_MAX;
        else {
            sums->at = more;
            sums->cap = cap;
        }
    }
    if (at == SIZE_MAX) {
        sums->full = true;
        return NULL;
    }
    if (is_new)
        sums->at[at] = (struct fth_focus_sum){.buy_from = INT64_MAX,
                                              .use_from = INT64_MAX,
                                              .once_from = INT64_MAX,
                                              .once_to = INT64_MIN,
                                              .buy_to = INT64_MIN,
                                              .use_to = INT64_MIN,
                                              .place = place};
    return &sums->at[at];
}

static enum fth_rc add(struct fth_focus_sum *into, const struct fth_focus_sum *from,
                       struct fth_err *err)
{
    if (fth_money_add(&into->once, from->once, err) ||
        fth_money_add(&into->fees, from->fees, err) ||
        fth_money_add(&into->effective, from->effective, err) ||
        fth_money_add(&into->ratio, from->ratio, err))
        return err->rc;
    into->rows += from->rows;
    into->purchases += from->purchases;
    into->uses += from->uses;
    into->buy_from = from->buy_from < into->buy_from ? from->buy_from : into->buy_from;
    into->buy_to = from->buy_to > into->buy_to ? from->buy_to : into->buy_to;
    into->once_from = from->once_from < into->once_from ? from->once_from : into->once_from;
    into->once_to = from->once_to > into->once_to ? from->once_to : into->once_to;
    into->use_from = from->use_from < into->use_from ? from->use_from : into->use_from;
    into->use_to = from->use_to > into->use_to ? from->use_to : into->use_to;
    if (from->place.file < into->place.file ||
        (from->place.file == into->place.file && from->place.record < into->place.record))
        into->place = from->place;
    return FTH_OK;
}

enum fth_rc fth_focus_sums_merge(struct fth_focus_sums *into, const struct fth_focus_sums *from,
                                 struct fth_err *err)
{
    into->full |= from->full;
    for (size_t i = 0; i < from->keys.nr; i++) {
        struct fth_focus_sum *sum =
            fth_focus_sums_at(into, fth_focus_texts_at(&from->keys, i), from->at[i].place);

        if (sum && add(sum, &from->at[i], err))
            return err->rc;
    }
    return FTH_OK;
}

/* ---- all of it ---- */

enum fth_rc fth_focus_memory_init(struct fth_focus_memory *memory, size_t max, uint64_t seed,
                                  struct fth_err *err)
{
    *memory = (struct fth_focus_memory){
        .max = max, .seed = seed, .first_us = INT64_MAX, .last_us = INT64_MIN};
    memory->keys = fth_calloc(fth_focus_rule_nr(), sizeof(*memory->keys));
    if (!memory->keys)
        return fth_err_nomem(err);
    for (size_t i = 0; i < fth_focus_rule_nr(); i++) {
        fth_focus_texts_init(&memory->keys[i].keys, max / 8, seed);
        fth_focus_texts_init(&memory->keys[i].values, max / 16, seed);
    }
    for (size_t i = 0; i < FTH_FOCUS_S_NR; i++)
        fth_focus_texts_init(&memory->sums[i].keys, max / 16, seed);
    for (size_t i = 0; i < FTH_FOCUS_REF_NR; i++) {
        fth_focus_texts_init(&memory->uses[i].keys, max / 16, seed);
        fth_focus_texts_init(&memory->uses[i].values, max / 16, seed);
        fth_focus_texts_init(&memory->has[i].keys, max / 16, seed);
        fth_focus_texts_init(&memory->has[i].values, max / 16, seed);
    }
    return FTH_OK;
}

static void release_keys(struct fth_focus_keys *keys)
{
    fth_focus_texts_release(&keys->keys);
    fth_focus_texts_release(&keys->values);
    fth_free(keys->at);
}

void fth_focus_memory_release(struct fth_focus_memory *memory)
{
    for (size_t i = 0; memory->keys && i < fth_focus_rule_nr(); i++)
        release_keys(&memory->keys[i]);
    for (size_t i = 0; i < FTH_FOCUS_S_NR; i++) {
        fth_focus_texts_release(&memory->sums[i].keys);
        fth_free(memory->sums[i].at);
    }
    for (size_t i = 0; i < FTH_FOCUS_REF_NR; i++) {
        release_keys(&memory->uses[i]);
        release_keys(&memory->has[i]);
    }
    fth_free(memory->keys);
    *memory = (struct fth_focus_memory){0};
}
