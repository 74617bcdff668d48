/* links: short names for places, on SQLite and on PostgreSQL. */
#include "app/links.h"

#include <stdio.h>

#include "app/app.h"
#include "auth/who.h"
#include "base/check.h"
#include "base/date.h"
#include "test.h"
#include "test_db.h"

struct world {
    struct fth_app *app;
    struct fth_arena *arena;
    int64_t now_us;
};

static void open_world(struct world *world, void **state)
{
    struct fth_app_conf conf = fth_app_conf_default();
    struct fth_err err = {0};

    (void)test_db(state);
    *world = (struct world){.arena = fth_arena_new(16 << 20), .now_us = 20000 * FTH_DAY_US};
    assert_non_null(world->arena);
    conf.log_fd = -1;
    conf.state_url = test_db_url(state);
    conf.clock = fth_clock_fixed(&world->now_us);
    assert_ok(fth_app_open(test_dir(), &conf, &world->app, &err), &err);
}

static void close_world(struct world *world)
{
    fth_app_close(world->app);
    fth_arena_free(world->arena);
}

static struct fth_asked asked_by(const struct world *world, const char *who)
{
    struct fth_who *person = FTH_NEW(world->arena, struct fth_who);

    assert_non_null(person);
    person->id = fth_str_c(who);
    return (struct fth_asked){.app = world->app, .arena = world->arena, .who = person};
}

static struct fth_str made(const struct world *world, const char *who, const char *search)
{
    const struct fth_asked asked = asked_by(world, who);
    struct fth_err err = {0};
    struct fth_str id;

    assert_ok(fth_link_make(&asked, fth_str_c(search), &id, &err), &err);
    return id;
}

static enum fth_rc opened(const struct world *world, struct fth_str id, struct fth_str *search)
{
    const struct fth_asked asked = asked_by(world, "bo");
    struct fth_err err = {0};

    return fth_link_open(&asked, id, search, &err);
}

static void a_link_leads_whoever_has_it_to_the_same_place(void **state)
{
    struct fth_str id, search;
    struct world world;

    open_world(&world, state);
    id = made(&world, "ana", "by=[\"service\"]&time=30d");
    assert_int_equal(id.n, FTH_LINK_ID_LEN);
    for (size_t i = 0; i < id.n; i++)
        assert_true((id.p[i] >= '0' && id.p[i] <= '9') || (id.p[i] >= 'a' && id.p[i] <= 'z'));
    assert_int_equal(opened(&world, id, &search), FTH_OK);
    assert_str(search, "by=[\"service\"]&time=30d");
    assert_true(fth_str_eq(made(&world, "ana", "by=[\"service\"]&time=30d"), id));
    assert_false(fth_str_eq(made(&world, "bo", "by=[\"service\"]&time=30d"), id));
    assert_int_equal(opened(&world, FTH_STR("0000000000000000000000"), &search), FTH_E_NOTFOUND);
    close_world(&world);
}

static void one_that_nobody_opens_ends(void **state)
{
    struct fth_str read, unread, search;
    struct fth_err err = {0};
    struct world world;
    int64_t ended;

    open_world(&world, state);
    read = made(&world, "ana", "a");
    unread = made(&world, "ana", "b");
    world.now_us += 179 * FTH_DAY_US;
    assert_int_equal(opened(&world, read, &search), FTH_OK);
    world.now_us += FTH_DAY_US;
    assert_int_equal(opened(&world, unread, &search), FTH_E_NOTFOUND);
    assert_ok(fth_links_prune(world.app, &ended, &err), &err);
    assert_int_equal(ended, 1);
    world.now_us += 178 * FTH_DAY_US;
    assert_int_equal(opened(&world, read, &search), FTH_OK);
    close_world(&world);
}

/* Whether maintenance has been there or not. */
static void one_that_has_ended_is_made_anew(void **state)
{
    struct fth_str ended, again, search;
    struct world world;

    open_world(&world, state);
    ended = made(&world, "ana", "a");
    world.now_us += 180 * FTH_DAY_US;
    again = made(&world, "ana", "a");
    assert_false(fth_str_eq(ended, again));
    assert_int_equal(opened(&world, ended, &search), FTH_E_NOTFOUND);
    assert_int_equal(opened(&world, again, &search), FTH_OK);
    close_world(&world);
}

static void who_made_it_ends_it(void **state)
{
    struct fth_asked asked;
    struct fth_err err = {0};
    struct fth_str id, search;
    struct world world;

    open_world(&world, state);
    id = made(&world, "ana", "a");
    asked = asked_by(&world, "bo");
    assert_int_equal(fth_link_end(&asked, id, &err), FTH_E_NOTFOUND);
    err = (struct fth_err){0};
    asked = asked_by(&world, "ana");
    assert_ok(fth_link_end(&asked, id, &err), &err);
    assert_int_equal(opened(&world, id, &search), FTH_E_NOTFOUND);
    close_world(&world);
}

static void one_caller_has_so_many(void **state)
{
    struct fth_asked asked;
    struct fth_err err = {0};
    struct fth_str id;
    struct world world;
    char text[20];

    open_world(&world, state);
    for (int i = 0; i < FTH_LINKS_MAX; i++) {
        snprintf(text, sizeof(text), "%d", i);
        (void)made(&world, "ana", text);
    }
    asked = asked_by(&world, "ana");
    assert_int_equal(fth_link_make(&asked, FTH_STR("more"), &id, &err), FTH_E_LIMIT);
    (void)made(&world, "ana", "7");
    (void)made(&world, "bo", "more");
    world.now_us += 180 * FTH_DAY_US;
    (void)made(&world, "ana", "more");
    close_world(&world);
}

#define BOTH(function)                                                                            \
    {#function "_on_sqlite", function, NULL, test_db_end, (void *)(uintptr_t)FTH_DB_SQLITE},      \
    {                                                                                             \
#function "_on_postgres", function, NULL, test_db_end, (void *)(uintptr_t)FTH_DB_POSTGRES \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(a_link_leads_whoever_has_it_to_the_same_place),
        BOTH(one_that_nobody_opens_ends),
        BOTH(one_that_has_ended_is_made_anew),
        BOTH(who_made_it_ends_it),
        BOTH(one_caller_has_so_many),
    };

    return cmocka_run_group_tests_name("links", tests, NULL, NULL);
}
