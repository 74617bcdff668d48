#include "base/fault.h"

#ifdef FTH_FAULTS
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static atomic_ulong counts[FTH_FAULT_NR];
static atomic_ulong targets[FTH_FAULT_NR];

bool fth_fault_hit(enum fth_fault kind)
{
    unsigned long n = atomic_fetch_add(&counts[kind], 1) + 1;

    return n == atomic_load(&targets[kind]);
}

void fth_fault_arm(enum fth_fault kind, unsigned long n)
{
    atomic_store(&targets[kind], n);
    atomic_store(&counts[kind], 0);
}

unsigned long fth_fault_count(enum fth_fault kind)
{
    return atomic_load(&counts[kind]);
}

void fth_fault_from_env(void)
{
    static const char *const names[FTH_FAULT_NR] = {"alloc", "write", "sql", "net"};
    const char *spec = getenv("FARTHING_FAULT");
    const char *colon = spec ? strchr(spec, ':') : NULL;

    if (!colon)
        return;
    for (int kind = 0; kind < FTH_FAULT_NR; kind++)
        if (strncmp(spec, names[kind], (size_t)(colon - spec)) == 0)
            fth_fault_arm((enum fth_fault)kind, strtoul(colon + 1, NULL, 10));
}
#endif
