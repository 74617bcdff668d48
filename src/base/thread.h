/*
 * thread: locks with ranks, and the token that says "stop".
 *
 * A lock has a row in lock.def. In debug builds taking a lock whose rank is not above that of every
 * lock the thread holds is a broken invariant. No lock is held across SQL or network.
 */
#ifndef FTH_THREAD_H
#define FTH_THREAD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum fth_lock_id {
#define FTH_LOCK(name, rank, what) FTH_LOCK_##name,
#include "base/lock.def"
#undef FTH_LOCK
    FTH_LOCK_NR
};

struct fth_mutex {
    pthread_mutex_t mutex;
    enum fth_lock_id id;
};

void fth_mutex_init(struct fth_mutex *mutex, enum fth_lock_id id);
void fth_mutex_release(struct fth_mutex *mutex);
void fth_mutex_lock(struct fth_mutex *mutex);
void fth_mutex_unlock(struct fth_mutex *mutex);

struct fth_cond {
    pthread_cond_t cond;
};

void fth_cond_init(struct fth_cond *cond);
void fth_cond_release(struct fth_cond *cond);
/* Waits at most `timeout_ms` (forever when negative); false when the time ran out. */
bool fth_cond_wait(struct fth_cond *cond, struct fth_mutex *mutex, int64_t timeout_ms);
void fth_cond_signal(struct fth_cond *cond);
void fth_cond_broadcast(struct fth_cond *cond);

/*
 * Cancel token: whoever wants work to stop sets it, whoever works polls it in every long loop.
 * An optional hook lets a blocking engine be interrupted at once.
 */
struct fth_cancel {
    atomic_bool set;
    atomic_int_fast64_t deadline_mono_us; /* 0: none */
    _Atomic(const char *) why;            /* a literal, for the message */
};

void fth_cancel_set(struct fth_cancel *cancel, const char *why);
/* FTH_E_CANCELLED or FTH_E_TIMEOUT when it is time to stop; NULL is a token that never says so. */
enum fth_rc fth_cancel_check(const struct fth_cancel *cancel, struct fth_err *err);
bool fth_cancel_is_set(const struct fth_cancel *cancel);

/* Cores of this machine, at least 1: what "as many threads as there are" means. */
unsigned fth_cores(void);

/* Starts a thread with signals blocked; it must be joined. */
enum fth_rc fth_thread_start(pthread_t *thread, void *(*run)(void *), void *arg,
                             struct fth_err *err);

#endif
