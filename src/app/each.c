#include "app/each.h"

enum { THREADS_MOST = 64 };

void *fth_each_keep(struct fth_each *each, size_t nr, size_t size)
{
    void *kept;

    fth_mutex_lock(&each->lock);
    kept = fth_arena_array(each->results, nr, size);
    fth_mutex_unlock(&each->lock);
    return kept;
}

static void *work(void *arg)
{
    struct fth_each *each = arg;
    struct fth_arena *arena = fth_arena_new(each->work_cap);
    struct fth_err err = {0};

    if (!arena)
        fth_err_nomem(&err);
    while (!err.rc && !atomic_load(&each->failed)) {
        size_t i = atomic_fetch_add(&each->next, 1);

        if (i >= each->nr)
            break;
        if (!fth_cancel_check(each->cancel, &err))
            each->run(each, i, arena, &err);
        fth_arena_clear(arena);
    }
    fth_arena_free(arena);
    if (err.rc) {
        atomic_store(&each->failed, true);
        fth_mutex_lock(&each->lock);
        if (!each->err.rc)
            each->err = err;
        fth_mutex_unlock(&each->lock);
    }
    return NULL;
}

static unsigned threads_of(const struct fth_each *each)
{
    size_t nr = each->threads ? each->threads : fth_cores();

    nr = nr < each->nr ? nr : each->nr;
    return (unsigned)(nr < THREADS_MOST ? nr : THREADS_MOST);
}

/* This thread works, too. */
enum fth_rc fth_each_run(struct fth_each *each, struct fth_err *err)
{
    unsigned nr = threads_of(each), started = 0;
    pthread_t threads[THREADS_MOST];
    struct fth_err start = {0};

    fth_mutex_init(&each->lock, FTH_LOCK_EACH);
    while (started + 1 < nr && !fth_thread_start(&threads[started], work, each, &start))
        started++;
    work(each);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    if (each->err.rc)
        *err = each->err;
    fth_mutex_release(&each->lock);
    return err->rc;
}
