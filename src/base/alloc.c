#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

void *fth_calloc(size_t nr, size_t size)
{
    if (fth_fault_hit(FTH_FAULT_ALLOC))
        return NULL;
    return calloc(nr ? nr : 1, size);
}

void *fth_realloc(void *block, size_t nr, size_t size)
{
    if (fth_fault_hit(FTH_FAULT_ALLOC))
        return NULL;
    return reallocarray(block, nr ? nr : 1, size);
}

char *fth_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = fth_calloc(size, 1);

    if (copy)
        memcpy(copy, text, size);
    return copy;
}

void fth_free(void *block)
{
    free(block);
}
