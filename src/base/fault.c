#include "base/fault.h"

#ifdef FTH_FAULTS
#include <execinfo.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unwind.h>

enum { DEPTH_MAX = 128, FAILED_MAX = 1 << 14 };

static atomic_ulong counts[FTH_FAULT_NR];
static atomic_ulong targets[FTH_FAULT_NR];
static atomic_bool by_place[FTH_FAULT_NR];
static const char *kill_at; /* set before there are threads */

/* Under the lock: hashes of the places that have failed, 0 where there is none, and the last one's
 * stack. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t failed[FAILED_MAX];
static size_t failed_nr;
static const fth_fault_function *passed_over;
static void *stack[DEPTH_MAX];
static size_t stack_nr;

/* ---- places ---- */

/* Where the linker put this program's own code. */
extern const char __executable_start, etext;

static bool is_own(const void *address)
{
    return (uintptr_t)address >= (uintptr_t)&__executable_start &&
           (uintptr_t)address < (uintptr_t)&etext;
}

/* The stack without frames of libraries, and its hash, which is never 0. */
static uint64_t look_around(void *out[DEPTH_MAX], size_t *nr)
{
    void *all[DEPTH_MAX];
    int depth = backtrace(all, DEPTH_MAX);
    uint64_t hash = UINT64_C(14695981039346656037);

    *nr = 0;
    for (int i = 0; i < depth; i++) {
        if (!is_own(all[i]))
            continue;
        out[(*nr)++] = all[i];
        hash = (hash ^ (uintptr_t)all[i]) * UINT64_C(1099511628211);
        hash ^= hash >> 29;
    }
    return hash ? hash : 1;
}

static bool is_inside(void *const *at, size_t nr, const fth_fault_function *of)
{
    for (size_t i = 0; i < nr && of && *of; i++) {
        const void *begin = _Unwind_FindEnclosingFunction((char *)at[i] - 1);

        for (size_t k = 0; of[k]; k++)
            if ((uintptr_t)begin == (uintptr_t)of[k])
                return true;
    }
    return false;
}

/* Under the lock: true when the place was not there yet. */
static bool add_place(uint64_t hash)
{
    size_t at = hash % FAILED_MAX;

    while (failed[at] && failed[at] != hash)
        at = (at + 1) % FAILED_MAX;
    if (failed[at])
        return false;
    if (++failed_nr == FAILED_MAX)
        abort();
    failed[at] = hash;
    return true;
}

/* Is the `n`-th call, which is made here, one that fails? */
static bool fails_here(enum fth_fault kind, unsigned long n)
{
    void *here[DEPTH_MAX];
    size_t nr;
    uint64_t hash = look_around(here, &nr) + (uint64_t)kind;
    bool fails;

    pthread_mutex_lock(&lock);
    fails = n == atomic_load(&targets[kind]) ||
            (atomic_load(&by_place[kind]) && add_place(hash ? hash : 1) &&
             !is_inside(here, nr, passed_over));
    if (fails) {
        atomic_store(&by_place[kind], false);
        memcpy(stack, here, nr * sizeof(*here));
        stack_nr = nr;
    }
    pthread_mutex_unlock(&lock);
    return fails;
}

static void arm(enum fth_fault kind, unsigned long n, bool place)
{
    atomic_store(&by_place[kind], false);
    atomic_store(&targets[kind], n);
    atomic_store(&counts[kind], 0);
    if (n || place) {
        pthread_mutex_lock(&lock);
        stack_nr = 0;
        pthread_mutex_unlock(&lock);
    }
    atomic_store(&by_place[kind], place);
}

void fth_fault_arm_place(enum fth_fault kind)
{
    arm(kind, 0, true);
}

size_t fth_fault_place(void *const **out)
{
    *out = stack;
    return stack_nr;
}

bool fth_fault_is_inside(const fth_fault_function *of)
{
    return is_inside(stack, stack_nr, of);
}

void fth_fault_forget(const fth_fault_function *inside)
{
    pthread_mutex_lock(&lock);
    passed_over = inside;
    memset(failed, 0, sizeof(failed));
    failed_nr = stack_nr = 0;
    pthread_mutex_unlock(&lock);
}

/* ---- calls ---- */

bool fth_fault_hit(enum fth_fault kind)
{
    unsigned long n = atomic_fetch_add(&counts[kind], 1) + 1;

    return (n == atomic_load(&targets[kind]) || atomic_load(&by_place[kind])) &&
           fails_here(kind, n);
}

void fth_fault_arm(enum fth_fault kind, unsigned long n)
{
    arm(kind, n, false);
}

unsigned long fth_fault_count(enum fth_fault kind)
{
    return atomic_load(&counts[kind]);
}

void fth_fault_moment(const char *name)
{
    if (kill_at && strcmp(name, kill_at) == 0)
        raise(SIGKILL);
}

void fth_fault_from_env(void)
{
    static const char *const names[FTH_FAULT_NR] = {"alloc", "write", "sql", "net"};
    const char *spec = getenv("FARTHING_FAULT");
    const char *colon = spec ? strchr(spec, ':') : NULL;

    if (!colon)
        return;
    if (strncmp(spec, "kill", (size_t)(colon - spec)) == 0)
        kill_at = colon + 1;
    for (int kind = 0; kind < FTH_FAULT_NR; kind++)
        if (strncmp(spec, names[kind], (size_t)(colon - spec)) == 0)
            fth_fault_arm((enum fth_fault)kind, strtoul(colon + 1, NULL, 10));
}
#endif
