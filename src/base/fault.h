/*
 * fault: makes the n-th call of a kind fail, so that tests can walk every failure.
 *
 * Each place that can fail for reasons outside of the program asks fth_fault_hit() first. In
 * release builds the question costs nothing and the answer is always no. In builds with FTH_FAULTS
 * it counts calls, process-wide, and says yes at the n-th; the counters are the one piece of shared
 * mutable state that the house allows, because a fault does not travel through arguments.
 *
 * Thread rule: any thread; counting is atomic.
 */
#ifndef FTH_FAULT_H
#define FTH_FAULT_H

#include <stdbool.h>

enum fth_fault {
    FTH_FAULT_ALLOC, /* memory */
    FTH_FAULT_WRITE, /* a write, sync or rename on disk */
    FTH_FAULT_SQL,   /* a statement of the state store or of the ledger engine */
    FTH_FAULT_NET,   /* a network call */
    FTH_FAULT_NR
};

#ifdef FTH_FAULTS
/* Counts this call; true when it is the one that has to fail. */
bool fth_fault_hit(enum fth_fault kind);
/* From now on the `n`-th call of `kind` fails (1 is the next one), once; 0 turns it off. Resets the
 * count to 0. */
void fth_fault_arm(enum fth_fault kind, unsigned long n);
/* Calls of `kind` since it was last armed. */
unsigned long fth_fault_count(enum fth_fault kind);
/* Reads FARTHING_FAULT ("alloc:12", "write:3", "sql:1", "net:1"), for tests of the whole program.
 */
void fth_fault_from_env(void);
#else
static inline bool fth_fault_hit(enum fth_fault kind)
{
    (void)kind;
    return false;
}
static inline void fth_fault_from_env(void)
{
}
#endif

#endif
