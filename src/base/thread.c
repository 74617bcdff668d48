#include "base/thread.h"

#include <errno.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"

#ifndef NDEBUG
static const int ranks[] = {
#define FTH_LOCK(name, rank, what) rank,
#include "base/lock.def"
#undef FTH_LOCK
};

/* Which locks this thread holds, as bits: the rank check must not itself need a lock. */
static _Thread_local uint64_t held;

static void check_rank(enum fth_lock_id id)
{
    for (int other = 0; other < FTH_LOCK_NR; other++)
        FTH_CHECK(!(held >> other & 1) || ranks[other] < ranks[id]);
    held |= 1ull << id;
}

static void forget(enum fth_lock_id id)
{
    held &= ~(1ull << id);
}
#else
static void check_rank(enum fth_lock_id id)
{
    (void)id;
}

static void forget(enum fth_lock_id id)
{
    (void)id;
}
#endif

void fth_mutex_init(struct fth_mutex *mutex, enum fth_lock_id id)
{
    FTH_CHECK(pthread_mutex_init(&mutex->mutex, NULL) == 0);
    mutex->id = id;
}

void fth_mutex_release(struct fth_mutex *mutex)
{
    pthread_mutex_destroy(&mutex->mutex);
}

void fth_mutex_lock(struct fth_mutex *mutex)
{
    check_rank(mutex->id);
    FTH_CHECK(pthread_mutex_lock(&mutex->mutex) == 0);
}

void fth_mutex_unlock(struct fth_mutex *mutex)
{
    forget(mutex->id);
    FTH_CHECK(pthread_mutex_unlock(&mutex->mutex) == 0);
}

void fth_cond_init(struct fth_cond *cond)
{
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    FTH_CHECK(pthread_cond_init(&cond->cond, &attr) == 0);
    pthread_condattr_destroy(&attr);
}

void fth_cond_release(struct fth_cond *cond)
{
    pthread_cond_destroy(&cond->cond);
}

bool fth_cond_wait(struct fth_cond *cond, struct fth_mutex *mutex, int64_t timeout_ms)
{
    struct timespec until;

    if (timeout_ms < 0)
        return pthread_cond_wait(&cond->cond, &mutex->mutex) == 0;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += timeout_ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    return pthread_cond_timedwait(&cond->cond, &mutex->mutex, &until) != ETIMEDOUT;
}

void fth_cond_signal(struct fth_cond *cond)
{
    pthread_cond_signal(&cond->cond);
}

void fth_cond_broadcast(struct fth_cond *cond)
{
    pthread_cond_broadcast(&cond->cond);
}

void fth_cancel_set(struct fth_cancel *cancel, const char *why)
{
    atomic_store(&cancel->why, why);
    atomic_store(&cancel->set, true);
}

bool fth_cancel_is_set(const struct fth_cancel *cancel)
{
    return cancel && atomic_load(&cancel->set);
}

enum fth_rc fth_cancel_check(const struct fth_cancel *cancel, struct fth_err *err)
{
    int64_t deadline = cancel ? atomic_load(&cancel->deadline_mono_us) : 0;
    struct fth_clock clock = fth_clock_system();

    if (fth_cancel_is_set(cancel)) {
        const char *why = atomic_load(&cancel->why);

        return fth_err_set(err, FTH_E_CANCELLED, "%s", why ? why : "cancelled");
    }
    if (deadline && fth_clock_mono_us(&clock) > deadline)
        return fth_err_set(err, FTH_E_TIMEOUT, "took longer than allowed");
    return FTH_OK;
}

enum fth_rc fth_thread_start(pthread_t *thread, void *(*run)(void *), void *arg,
                             struct fth_err *err)
{
    sigset_t all, old;
    int failed;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    failed = pthread_create(thread, NULL, run, arg);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return failed ? fth_err_errno(err, failed, "cannot start a thread") : FTH_OK;
}

unsigned fth_cores(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    return cores > 0 ? (unsigned)cores : 1;
}
