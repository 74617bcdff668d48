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
#include <stddef.h>

enum fth_fault {
    FTH_FAULT_ALLOC, /* memory */
    FTH_FAULT_WRITE, /* a write, sync or rename on disk */
    FTH_FAULT_SQL,   /* a statement of the state store or of the ledger engine */
    FTH_FAULT_NET,   /* a network call */
    FTH_FAULT_NR
};

/* Any function; cast. */
typedef void (*fth_fault_function)(void);

#ifdef FTH_FAULTS
/* Counts this call; true when it is the one that has to fail. */
bool fth_fault_hit(enum fth_fault kind);
/* From now on the `n`-th call of `kind` fails (1 is the next one), once; 0 turns it off. Resets the
 * count to 0. Failures are armed one kind at a time. */
void fth_fault_arm(enum fth_fault kind, unsigned long n);
/* Calls of `kind` since it was last armed. */
unsigned long fth_fault_count(enum fth_fault kind);

/*
 * Places: a place is the stack of this program's functions in which a call of a kind was made.
 * What runs many times through the same lines is one place. Not the same are a call on a thread of
 * a library and one on the thread that called it.
 */
/* From now on the first call of `kind` at a place where none has failed like that before fails,
 * once. Resets the count to 0; fth_fault_arm(kind, 0) turns it off. */
void fth_fault_arm_place(enum fth_fault kind);
/* Forgets at which places calls have failed. From now on places inside one of the functions are
 * passed over, which have a walk of their own; `inside` ends in NULL and must live as long as that
 * holds. */
void fth_fault_forget(const fth_fault_function *inside);
/* The place of the call that failed since a failure was last armed, in whichever way: sets *out to
 * its return addresses, innermost first, and returns their number; 0: none failed. */
size_t fth_fault_place(void *const **out);
/* Is that place inside one of the functions? `of` ends in NULL. */
bool fth_fault_is_inside(const fth_fault_function *of);

/* A moment between two steps of work that a kill must not break; `name` is a literal. */
void fth_fault_moment(const char *name);
/* Reads FARTHING_FAULT, for tests of the whole program: "alloc:12", "write:3", "sql:1", "net:1", or
 * "kill:merge-loaded", which kills the process when it first comes to the moment of that name. */
void fth_fault_from_env(void);
#else
static inline bool fth_fault_hit(enum fth_fault kind)
{
    (void)kind;
    return false;
}
static inline void fth_fault_moment(const char *name)
{
    (void)name;
}
static inline void fth_fault_from_env(void)
{
}
#endif

#endif
