#include "base/clock.h"

#include <time.h>

static int64_t read_us(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static int64_t system_now(void *ctx)
{
    (void)ctx;
    return read_us(CLOCK_REALTIME);
}

static int64_t system_mono(void *ctx)
{
    (void)ctx;
    return read_us(CLOCK_MONOTONIC);
}

static int64_t fixed(void *ctx)
{
    return *(const int64_t *)ctx;
}

struct fth_clock fth_clock_system(void)
{
    return (struct fth_clock){system_now, system_mono, 0};
}

struct fth_clock fth_clock_fixed(int64_t *now_us)
{
    return (struct fth_clock){fixed, fixed, now_us};
}

int64_t fth_clock_now_us(const struct fth_clock *clock)
{
    return clock->now_us(clock->ctx);
}

int64_t fth_clock_mono_us(const struct fth_clock *clock)
{
    return clock->mono_us(clock->ctx);
}

int64_t fth_clock_cpu_us(void)
{
    return read_us(CLOCK_PROCESS_CPUTIME_ID);
}

int64_t fth_clock_thread_cpu_us(void)
{
    return read_us(CLOCK_THREAD_CPUTIME_ID);
}
