#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fault.h"

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 1024 * 1024 };

struct block {
    struct block *prev;
    size_t size, used;
    alignas(max_align_t) unsigned char bytes[];
};

struct hook {
    struct hook *prev;
    void (*run)(void *);
    void *object;
};

struct fth_arena {
    struct block *top;
    struct hook *hooks;
    size_t cap, total;
};

struct fth_arena *fth_arena_new(size_t cap)
{
    struct fth_arena *arena = fth_calloc(1, sizeof(*arena));

    if (arena)
        arena->cap = cap;
    return arena;
}

void fth_arena_free(struct fth_arena *arena)
{
    if (!arena)
        return;
    fth_arena_clear(arena);
    fth_free(arena->top);
    fth_free(arena);
}

/* A block that holds at least `size`; blocks double, so that a large arena has few of them. */
static struct block *add_block(struct fth_arena *arena, size_t size)
{
    size_t want = arena->top ? arena->top->size * 2 : FIRST_BLOCK;
    struct block *block;

    if (want > LARGEST_BLOCK)
        want = LARGEST_BLOCK;
    if (want < size)
        want = size;
    block = fth_calloc(1, sizeof(*block) + want);
    if (!block)
        return NULL;
    block->size = want;
    block->prev = arena->top;
    arena->top = block;
    return block;
}

void *fth_arena_alloc(struct fth_arena *arena, size_t size)
{
    const size_t align = alignof(max_align_t);
    struct block *block = arena->top;
    void *p;

    if (size > arena->cap)
        return NULL;
    size = (size + align - 1) / align * align;
    if (size > arena->cap - arena->total || fth_fault_hit(FTH_FAULT_ALLOC))
        return NULL;
    if (!block || block->size - block->used < size) {
        block = add_block(arena, size);
        if (!block)
            return NULL;
    }
    p = block->bytes + block->used;
    block->used += size;
    arena->total += size;
    return p;
}

void *fth_arena_array(struct fth_arena *arena, size_t nr, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(nr, size, &bytes))
        return NULL;
    return fth_arena_alloc(arena, bytes);
}

enum fth_rc fth_arena_str(struct fth_arena *arena, struct fth_str text, struct fth_str *out,
                          struct fth_err *err)
{
    char *copy = text.n < SIZE_MAX ? fth_arena_alloc(arena, text.n + 1) : NULL;

    if (!copy)
        return fth_err_nomem(err);
    if (text.n)
        memcpy(copy, text.p, text.n);
    *out = (struct fth_str){copy, text.n};
    return FTH_OK;
}

enum fth_rc fth_arena_printf(struct fth_arena *arena, struct fth_str *out, struct fth_err *err,
                             const char *format, ...)
{
    va_list args, again;
    char *text;
    int n;

    va_start(args, format);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    text = n < 0 ? NULL : fth_arena_alloc(arena, (size_t)n + 1);
    if (text) {
        vsnprintf(text, (size_t)n + 1, format, again);
        *out = (struct fth_str){text, (size_t)n};
    }
    va_end(again);
    return text ? FTH_OK : fth_err_nomem(err);
}

enum fth_rc fth_arena_hook(struct fth_arena *arena, void (*run)(void *), void *object,
                           struct fth_err *err)
{
    struct hook *hook = FTH_NEW(arena, struct hook);

    if (!hook)
        return fth_err_nomem(err);
    *hook = (struct hook){arena->hooks, run, object};
    arena->hooks = hook;
    return FTH_OK;
}

struct fth_arena_mark fth_arena_mark(const struct fth_arena *arena)
{
    return (struct fth_arena_mark){arena->top, arena->top ? arena->top->used : 0, arena->hooks,
                                   arena->total};
}

void fth_arena_rewind(struct fth_arena *arena, struct fth_arena_mark mark)
{
    struct block *block;

    while (arena->hooks != mark.hook) {
        struct hook *hook = arena->hooks;

        arena->hooks = hook->prev;
        hook->run(hook->object);
    }
    while (arena->top != mark.block) {
        block = arena->top;
        arena->top = block->prev;
        fth_free(block);
    }
    block = arena->top;
    if (block) {
        memset(block->bytes + mark.used, 0, block->used - mark.used);
        block->used = mark.used;
    }
    arena->total = mark.total;
}

void fth_arena_clear(struct fth_arena *arena)
{
    struct block *first = arena->top;

    while (first && first->prev)
        first = first->prev;
    fth_arena_rewind(arena, (struct fth_arena_mark){.block = first});
}

size_t fth_arena_used(const struct fth_arena *arena)
{
    return arena->total;
}

size_t fth_arena_cap(const struct fth_arena *arena)
{
    return arena->cap;
}
