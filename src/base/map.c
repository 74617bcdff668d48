#include "base/map.h"

#include <string.h>

#include "base/alloc.h"
#include "base/rand.h"

struct fth_map_slot {
    char *key; /* NULL: free */
    size_t n;
    uint64_t hash;
    void *value;
};

void fth_map_init(struct fth_map *map)
{
    *map = (struct fth_map){.seed = fth_rand_seed()};
}

void fth_map_release(struct fth_map *map)
{
    for (size_t i = 0; i < map->cap; i++)
        fth_free(map->slots[i].key);
    fth_free(map->slots);
    fth_map_init(map);
}

/* The slot of `key`, or the free one where it belongs. There always is a free one. */
static struct fth_map_slot *find(const struct fth_map *map, struct fth_str key, uint64_t hash)
{
    size_t i = hash & (map->cap - 1);

    for (;; i = (i + 1) & (map->cap - 1)) {
        struct fth_map_slot *slot = &map->slots[i];

        if (!slot->key ||
            (slot->hash == hash && fth_str_eq((struct fth_str){slot->key, slot->n}, key)))
            return slot;
    }
}

static const struct fth_map_slot *lookup(const struct fth_map *map, struct fth_str key)
{
    const struct fth_map_slot *slot;

    if (map->cap == 0)
        return NULL;
    slot = find(map, key, fth_str_hash(key, map->seed));
    return slot->key ? slot : NULL;
}

void *fth_map_get(const struct fth_map *map, struct fth_str key)
{
    const struct fth_map_slot *slot = lookup(map, key);

    return slot ? slot->value : NULL;
}

bool fth_map_has(const struct fth_map *map, struct fth_str key)
{
    return lookup(map, key) != NULL;
}

static enum fth_rc grow(struct fth_map *map, struct fth_err *err)
{
    struct fth_map bigger = {.cap = map->cap ? map->cap * 2 : 16, .seed = map->seed};

    bigger.slots = fth_calloc(bigger.cap, sizeof(*bigger.slots));
    if (!bigger.slots)
        return fth_err_nomem(err);
    for (size_t i = 0; i < map->cap; i++) {
        struct fth_map_slot *slot = &map->slots[i];

        if (slot->key)
            *find(&bigger, (struct fth_str){slot->key, slot->n}, slot->hash) = *slot;
    }
    fth_free(map->slots);
    map->slots = bigger.slots;
    map->cap = bigger.cap;
    return FTH_OK;
}

enum fth_rc fth_map_put(struct fth_map *map, struct fth_str key, void *value, void **old,
                        struct fth_err *err)
{
    uint64_t hash = fth_str_hash(key, map->seed);
    struct fth_map_slot *slot;

    if (map->nr >= map->cap - map->cap / 4 && grow(map, err))
        return err->rc;
    slot = find(map, key, hash);
    if (old)
        *old = slot->key ? slot->value : NULL;
    if (!slot->key) {
        char *copy = fth_calloc(key.n + 1, 1);

        if (!copy)
            return fth_err_nomem(err);
        if (key.n)
            memcpy(copy, key.p, key.n);
        *slot = (struct fth_map_slot){.key = copy, .n = key.n, .hash = hash};
        map->nr++;
    }
    slot->value = value;
    return FTH_OK;
}

void *fth_map_take(struct fth_map *map, struct fth_str key)
{
    struct fth_map_slot *slot = map->cap ? find(map, key, fth_str_hash(key, map->seed)) : NULL;
    void *value;
    size_t hole, i;

    if (!slot || !slot->key)
        return NULL;
    value = slot->value;
    fth_free(slot->key);
    *slot = (struct fth_map_slot){0};
    map->nr--;

    /* Close the gap: whoever was pushed past the hole moves back into it. */
    hole = (size_t)(slot - map->slots);
    for (i = (hole + 1) & (map->cap - 1); map->slots[i].key; i = (i + 1) & (map->cap - 1)) {
        size_t home = map->slots[i].hash & (map->cap - 1);

        if (((i - home) & (map->cap - 1)) >= ((i - hole) & (map->cap - 1))) {
            map->slots[hole] = map->slots[i];
            map->slots[i] = (struct fth_map_slot){0};
            hole = i;
        }
    }
    return value;
}

bool fth_map_each(const struct fth_map *map, size_t *at, struct fth_str *key, void **value)
{
    for (; *at < map->cap; (*at)++) {
        const struct fth_map_slot *slot = &map->slots[*at];

        if (slot->key) {
            *key = (struct fth_str){slot->key, slot->n};
            *value = slot->value;
            (*at)++;
            return true;
        }
    }
    return false;
}
