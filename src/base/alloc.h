/*
 * alloc: the only door to the heap. Outside of base/ nobody calls malloc.
 *
 * For long-lived objects with one owner; everything that lives as long as a request, a job step or
 * an import batch belongs in an arena. Every call can be made to fail (base/fault.h).
 *
 * Thread rule: any thread.
 */
#ifndef FTH_ALLOC_H
#define FTH_ALLOC_H

#include <stddef.h>

/* Zeroed memory for `nr` elements of `size` bytes; NULL when there is none or nr * size overflows.
 * The caller owns it and gives it back with fth_free(). */
void *fth_calloc(size_t nr, size_t size);

/* As realloc() for `nr` elements; on failure NULL, and the old block stands. */
void *fth_realloc(void *block, size_t nr, size_t size);

/* A zero-terminated copy, or NULL. */
char *fth_strdup(const char *text);

/* NULL is allowed. */
void fth_free(void *block);

#endif
