/*
 * cache: answers in memory, the least recently used one leaves first.
 *
 * An entry is immutable bytes under a key that says all that they depend on (canonical plan, ledger
 * version, scope, form), so nothing is ever invalidated: what is old is not asked for any more and
 * leaves. Whoever gets an entry holds it until he gives it back, also when it has left the cache
 * meanwhile.
 *
 * Thread rule: any thread.
 */
#ifndef FTH_CACHE_H
#define FTH_CACHE_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct fth_cache;
struct fth_cache_entry;

/* Keeps at most `max_bytes` (keys and bookkeeping counted); 0 keeps nothing. */
enum fth_rc fth_cache_new(size_t max_bytes, struct fth_cache **out, struct fth_err *err);
/* All entries must have been given back. NULL is allowed. */
void fth_cache_free(struct fth_cache *cache);

/* The entry of `key`, held, or NULL. */
struct fth_cache_entry *fth_cache_get(struct fth_cache *cache, struct fth_str key);
/* Keeps a copy of `bytes`, in place of what was there. What is larger than an eighth of the cache,
 * or does not find memory, is not kept, and that is no error. */
void fth_cache_put(struct fth_cache *cache, struct fth_str key, struct fth_str bytes);

struct fth_str fth_cache_bytes(const struct fth_cache_entry *entry);
void fth_cache_release(struct fth_cache *cache, struct fth_cache_entry *entry);

/* Bytes that are kept now. */
size_t fth_cache_used(struct fth_cache *cache);

#endif
