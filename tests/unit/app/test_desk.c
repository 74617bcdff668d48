/* desk: places for heavy questions go round by user. */
#include <pthread.h>
#include <unistd.h>

#include "app/desk_int.h"
#include "base/check.h"
#include "test.h"

enum { FLOOD = 6 };

/* Everybody waits for the one place; who has got it notes it and leaves. */
struct line {
    struct fth_app *app;
    pthread_mutex_t mutex;
    char order[32];
    size_t nr;
};

struct one {
    struct line *line;
    char name[2];
    pthread_t thread;
};

static void *ask(void *arg)
{
    struct one *one = arg;
    struct fth_arena *arena = fth_arena_new(1 << 20);
    const struct fth_who who = {.id = fth_str_c(one->name)};
    const struct fth_asked asked = {.app = one->line->app, .arena = arena, .who = &who};
    struct fth_err err = {0};
    struct fth_seat seat;

    if (!fth_desk_take(&asked, false, &seat, &err)) {
        pthread_mutex_lock(&one->line->mutex);
        one->line->order[one->line->nr++] = one->name[0];
        pthread_mutex_unlock(&one->line->mutex);
        fth_desk_give(&seat);
    }
    fth_arena_free(arena);
    return NULL;
}

static struct fth_app *open_with_one_place(void)
{
    struct fth_app_conf conf = fth_app_conf_default();
    struct fth_app *app;
    struct fth_err err = {0};

    conf.log_fd = -1;
    conf.query_concurrency = 1;
    assert_ok(fth_app_open(test_dir(), &conf, &app, &err), &err);
    return app;
}

static void start(struct one *one, struct line *line, char name)
{
    size_t before = fth_desk_waiting(line->app);

    *one = (struct one){.line = line, .name = {name, 0}};
    assert_int_equal(pthread_create(&one->thread, NULL, ask, one), 0);
    while (fth_desk_waiting(line->app) == before)
        usleep(1000);
}

static void a_flood_of_one_user_does_not_starve_another(void **state)
{
    struct line line = {.app = open_with_one_place(), .mutex = PTHREAD_MUTEX_INITIALIZER};
    const struct fth_who flooder = {.id = FTH_STR("A")};
    const struct fth_asked asked = {.app = line.app, .arena = test_arena(1 << 20), .who = &flooder};
    struct one all[FLOOD + 2];
    struct fth_seat seat;
    struct fth_err err = {0};

    (void)state;
    assert_ok(fth_desk_take(&asked, false, &seat, &err), &err);
    for (size_t i = 0; i < FLOOD; i++)
        start(&all[i], &line, 'A');
    start(&all[FLOOD], &line, 'B');
    start(&all[FLOOD + 1], &line, 'B');
    fth_desk_give(&seat);
    for (size_t i = 0; i < FTH_NR(all); i++)
        pthread_join(all[i].thread, NULL);
    assert_string_equal(line.order, "BABAAAAA");
    fth_app_close(line.app);
}

static void who_gives_up_waiting_keeps_no_place(void **state)
{
    struct fth_app *app = open_with_one_place();
    struct fth_cancel cancel = {0};
    struct fth_asked asked = {.app = app, .arena = test_arena(1 << 20)};
    struct fth_seat seat, other;
    struct fth_err err = {0};

    (void)state;
    assert_ok(fth_desk_take(&asked, false, &seat, &err), &err);
    asked.cancel = &cancel;
    atomic_store(&cancel.deadline_mono_us, 1);
    assert_int_equal(fth_desk_take(&asked, false, &other, &err), FTH_E_TIMEOUT);
    fth_desk_give(&seat);
    fth_err_clear(&err);
    asked.cancel = NULL;
    assert_ok(fth_desk_take(&asked, false, &seat, &err), &err);
    fth_desk_give(&seat);
    fth_app_close(app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_flood_of_one_user_does_not_starve_another),
        TEST(who_gives_up_waiting_keeps_no_place),
    };

    return cmocka_run_group_tests_name("desk", tests, NULL, NULL);
}
