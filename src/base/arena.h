/*
 * arena: memory that is given back all at once, with a cap.
 *
 * One arena per request, job step or import batch, passed explicitly. Nothing in it is freed alone:
 * rewinding to a mark, or clearing, gives back everything taken since, newest first, and runs the
 * hooks that were registered since (they close results, files, statements).
 *
 * Thread rule: one thread at a time; two threads take two arenas.
 */
#ifndef FTH_ARENA_H
#define FTH_ARENA_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct fth_arena;

/* A place to rewind to. */
struct fth_arena_mark {
    void *block;
    size_t used;
    void *hook;
    size_t total;
};

/* A new arena that will hand out at most `cap` bytes; NULL when there is no memory. */
struct fth_arena *fth_arena_new(size_t cap);

/* Clears it and gives it back. NULL is allowed. */
void fth_arena_free(struct fth_arena *arena);

/* `size` zeroed bytes, aligned for any type; NULL at the cap or out of memory. Size 0 gives a
 * pointer that must not be read. */
void *fth_arena_alloc(struct fth_arena *arena, size_t size);

/* The same for `nr` elements, with the multiplication checked. */
void *fth_arena_array(struct fth_arena *arena, size_t nr, size_t size);

/* A copy of `text` with a zero byte behind it (not counted in n). FTH_E_NOMEM. */
enum fth_rc fth_arena_str(struct fth_arena *arena, struct fth_str text, struct fth_str *out,
                          struct fth_err *err);

/* printf into the arena; the result is zero-terminated. FTH_E_NOMEM. */
enum fth_rc fth_arena_printf(struct fth_arena *arena, struct fth_str *out, struct fth_err *err,
                             const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Calls run(object) when the arena is rewound past this point or cleared. FTH_E_NOMEM. */
enum fth_rc fth_arena_hook(struct fth_arena *arena, void (*run)(void *), void *object,
                           struct fth_err *err);

struct fth_arena_mark fth_arena_mark(const struct fth_arena *arena);
void fth_arena_rewind(struct fth_arena *arena, struct fth_arena_mark mark);

/* Rewinds to the beginning and keeps one block for the next round. */
void fth_arena_clear(struct fth_arena *arena);

/* Bytes handed out now, and the most that may be. */
size_t fth_arena_used(const struct fth_arena *arena);
size_t fth_arena_cap(const struct fth_arena *arena);

#define FTH_NEW(arena, type) ((type *)fth_arena_alloc((arena), sizeof(type)))
#define FTH_NEW_ARRAY(arena, type, nr) ((type *)fth_arena_array((arena), (nr), sizeof(type)))

#endif
