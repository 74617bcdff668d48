/*
 * clock: time as an argument, so that tests can set it.
 *
 * Thread rule: the system clock may be read by any thread; a test's clock says itself.
 */
#ifndef FTH_CLOCK_H
#define FTH_CLOCK_H

#include <stdint.h>

struct fth_clock {
    int64_t (*now_us)(void *ctx);  /* microseconds since 1970-01-01 UTC */
    int64_t (*mono_us)(void *ctx); /* microseconds that never jump, for durations */
    void *ctx;
};

/* The machine's clock. */
struct fth_clock fth_clock_system(void);

/* A clock that stands at *now_us until the caller moves it; both functions read it. */
struct fth_clock fth_clock_fixed(int64_t *now_us);

int64_t fth_clock_now_us(const struct fth_clock *clock);
int64_t fth_clock_mono_us(const struct fth_clock *clock);

/* CPU time of this process and of this thread in microseconds. */
int64_t fth_clock_cpu_us(void);
int64_t fth_clock_thread_cpu_us(void);

#endif
