#include "base/cache.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/map.h"
#include "base/thread.h"

/* In the cache it is linked between its neighbours by age and has one reference of the cache's. */
struct fth_cache_entry {
    struct fth_cache_entry *newer, *older;
    struct fth_str key, bytes;
    size_t size;
    unsigned refs;
    char data[]; /* key, then bytes */
};

struct fth_cache {
    struct fth_mutex mutex;
    struct fth_map by_key;
    struct fth_cache_entry *newest, *oldest;
    size_t used, max;
};

enum fth_rc fth_cache_new(size_t max_bytes, struct fth_cache **out, struct fth_err *err)
{
    struct fth_cache *cache = fth_calloc(1, sizeof(*cache));

    if (!cache)
        return fth_err_nomem(err);
    cache->max = max_bytes;
    fth_mutex_init(&cache->mutex, FTH_LOCK_CACHE);
    fth_map_init(&cache->by_key);
    *out = cache;
    return FTH_OK;
}

/* ---- with the lock held ---- */

static void unlink_entry(struct fth_cache *cache, struct fth_cache_entry *entry)
{
    if (entry->newer)
        entry->newer->older = entry->older;
    else
        cache->newest = entry->older;
    if (entry->older)
        entry->older->newer = entry->newer;
    else
        cache->oldest = entry->newer;
    entry->newer = entry->older = NULL;
}

static void link_newest(struct fth_cache *cache, struct fth_cache_entry *entry)
{
    entry->older = cache->newest;
    if (cache->newest)
        cache->newest->newer = entry;
    else
        cache->oldest = entry;
    cache->newest = entry;
}

static void unref(struct fth_cache_entry *entry)
{
    if (--entry->refs == 0)
        fth_free(entry);
}

static void drop(struct fth_cache *cache, struct fth_cache_entry *entry)
{
    (void)fth_map_take(&cache->by_key, entry->key);
    unlink_entry(cache, entry);
    cache->used -= entry->size;
    unref(entry);
}

/* ---- */

void fth_cache_free(struct fth_cache *cache)
{
    if (!cache)
        return;
    while (cache->oldest) {
        FTH_CHECK(cache->oldest->refs == 1);
        drop(cache, cache->oldest);
    }
    fth_map_release(&cache->by_key);
    fth_mutex_release(&cache->mutex);
    fth_free(cache);
}

struct fth_cache_entry *fth_cache_get(struct fth_cache *cache, struct fth_str key)
{
    struct fth_cache_entry *entry;

    fth_mutex_lock(&cache->mutex);
    entry = fth_map_get(&cache->by_key, key);
    if (entry) {
        entry->refs++;
        unlink_entry(cache, entry);
        link_newest(cache, entry);
    }
    fth_mutex_unlock(&cache->mutex);
    return entry;
}

static struct fth_cache_entry *make_entry(struct fth_str key, struct fth_str bytes)
{
    size_t size = sizeof(struct fth_cache_entry) + key.n + bytes.n;
    struct fth_cache_entry *entry = fth_calloc(1, size);

    if (!entry)
        return NULL;
    entry->size = size;
    entry->refs = 1;
    entry->key = (struct fth_str){entry->data, key.n};
    entry->bytes = (struct fth_str){entry->data + key.n, bytes.n};
    if (key.n)
        memcpy(entry->data, key.p, key.n);
    if (bytes.n)
        memcpy(entry->data + key.n, bytes.p, bytes.n);
    return entry;
}

void fth_cache_put(struct fth_cache *cache, struct fth_str key, struct fth_str bytes)
{
    struct fth_cache_entry *entry, *old;
    struct fth_err ignored = {0};

    if (key.n + bytes.n > cache->max / 8)
        return;
    entry = make_entry(key, bytes);
    if (!entry)
        return;
    fth_mutex_lock(&cache->mutex);
    old = fth_map_get(&cache->by_key, key);
    if (old)
        drop(cache, old);
    while (cache->oldest && cache->used + entry->size > cache->max)
        drop(cache, cache->oldest);
    if (cache->used + entry->size <= cache->max &&
        fth_map_put(&cache->by_key, entry->key, entry, NULL, &ignored) == FTH_OK) {
        link_newest(cache, entry);
        cache->used += entry->size;
    } else {
        fth_free(entry);
    }
    fth_mutex_unlock(&cache->mutex);
}

struct fth_str fth_cache_bytes(const struct fth_cache_entry *entry)
{
    return entry->bytes;
}

void fth_cache_release(struct fth_cache *cache, struct fth_cache_entry *entry)
{
    fth_mutex_lock(&cache->mutex);
    unref(entry);
    fth_mutex_unlock(&cache->mutex);
}

size_t fth_cache_used(struct fth_cache *cache)
{
    size_t used;

    fth_mutex_lock(&cache->mutex);
    used = cache->used;
    fth_mutex_unlock(&cache->mutex);
    return used;
}
