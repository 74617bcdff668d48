/*
 * map: from text to a pointer, on the heap, keys copied. For long-lived tables and caches.
 *
 * Open addressing with a random seed for each map, so that no outside text can be chosen to
 * collide.
 *
 * Thread rule: many readers or one writer; the owner locks.
 */
#ifndef FTH_MAP_H
#define FTH_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct fth_map_slot;

struct fth_map {
    struct fth_map_slot *slots;
    size_t nr, cap; /* cap is 0 or a power of two */
    uint64_t seed;
};

/* Empty; allocates nothing yet. Release it; values are the caller's. */
void fth_map_init(struct fth_map *map);
void fth_map_release(struct fth_map *map);

/* The value of `key`, or NULL when there is none (or when NULL was put). */
void *fth_map_get(const struct fth_map *map, struct fth_str key);
bool fth_map_has(const struct fth_map *map, struct fth_str key);

/* Sets the value of `key`; when *old is asked for it gets the one before, or NULL. FTH_E_NOMEM. */
enum fth_rc fth_map_put(struct fth_map *map, struct fth_str key, void *value, void **old,
                        struct fth_err *err);

/* Takes `key` out; its value, or NULL. */
void *fth_map_take(struct fth_map *map, struct fth_str key);

/* Walks all entries in no order: start with *at = 0; false at the end. */
bool fth_map_each(const struct fth_map *map, size_t *at, struct fth_str *key, void **value);

#endif
