/* jobs: what is promised to those who submit, watch, cancel and are run. */
#include "jobs/jobs.h"

#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/check.h"
#include "base/date.h"
#include "test_db.h"

/* A kind of work that does what the test tells it, and what it saw. */
struct bench {
    struct fth_clock clock;
    struct fth_jobs *jobs;
    struct fth_arena *arena;
    atomic_bool go;      /* "wait" jobs wait for this */
    atomic_uint running; /* how many are inside run() */
    atomic_uint told, told_done;
    atomic_uint began, dropped; /* of "wait" jobs */
};

static enum fth_rc run_wait(void *ctx, struct fth_job *job, const struct fth_json *params,
                            struct fth_err *err)
{
    struct bench *bench = ctx;
    enum fth_rc rc = FTH_OK;

    (void)params;
    atomic_fetch_add(&bench->began, 1);
    fth_job_phase(job, "waiting");
    fth_job_progress(job, 5, 10, 50, 200, 2500000);
    atomic_fetch_add(&bench->running, 1);
    while (!rc && !atomic_load(&bench->go)) {
        usleep(1000);
        rc = fth_cancel_check(fth_job_cancel(job), err);
    }
    atomic_fetch_sub(&bench->running, 1);
    return rc;
}

static void drop_wait(void *ctx)
{
    struct bench *bench = ctx;

    atomic_fetch_add(&bench->dropped, 1);
}

static enum fth_rc run_echo(void *ctx, struct fth_job *job, const struct fth_json *params,
                            struct fth_err *err)
{
    struct fth_str text = fth_json_str(params, "say", FTH_STR("nothing")), json = {0};

    (void)ctx;
    fth_job_progress(job, 3, -1, 0, -1, 0);
    if (fth_arena_printf(fth_job_arena(job), &json, err, "{\"said\":\"" FTH_STR_F "\"}",
                         FTH_STR_A(text)))
        return err->rc;
    return fth_job_result(job, json, err);
}

static enum fth_rc run_fail(void *ctx, struct fth_job *job, const struct fth_json *params,
                            struct fth_err *err)
{
    (void)ctx;
    (void)job;
    (void)params;
    fth_err_set(err, FTH_E_CONFLICT, "bill \"x\" is loaded already");
    fth_err_hint(err, "Say --replace.");
    return err->rc;
}

static void changed(void *ctx, const struct fth_job_info *info)
{
    struct bench *bench = ctx;

    atomic_fetch_add(&bench->told, 1);
    if (info->state == FTH_JOB_DONE)
        atomic_fetch_add(&bench->told_done, 1);
}

static void open_jobs(struct bench *bench, struct fth_db *db, unsigned threads, unsigned max_queued)
{
    const struct fth_job_kind kinds[] = {
        {"wait", run_wait, bench, drop_wait}, {"echo", run_echo, bench}, {"fail", run_fail, bench}};
    static struct fth_job_kind kept[3];
    struct fth_jobs_conf conf = {.db = db,
                                 .clock = &bench->clock,
                                 .kinds = kept,
                                 .kind_nr = FTH_NR(kept),
                                 .threads = threads,
                                 .max_queued = max_queued,
                                 .changed = changed,
                                 .changed_ctx = bench};
    struct fth_err err = {0};

    memcpy(kept, kinds, sizeof(kept));
    bench->arena = test_arena(1 << 20);
    bench->clock = fth_clock_system();
    assert_ok(fth_jobs_open(&conf, &bench->jobs, &err), &err);
}

static struct fth_str submit(struct bench *bench, const char *kind, const char *params)
{
    char *id = fth_arena_alloc(bench->arena, FTH_JOB_ID_LEN + 1);
    struct fth_err err = {0};

    assert_ok(fth_jobs_submit(bench->jobs, kind, fth_str_c(params), (struct fth_job_of){0}, "req-1",
                              id, &err),
              &err);
    return fth_str_c(id);
}

static struct fth_job_info await_end(struct bench *bench, struct fth_str id)
{
    struct fth_job_info info = {0};
    struct fth_err err = {0};

    assert_ok(fth_jobs_wait(bench->jobs, bench->arena, id, 20000, NULL, &info, &err), &err);
    assert_true(fth_job_has_ended(info.state));
    return info;
}

static void await_running(struct bench *bench, unsigned nr)
{
    for (int i = 0; i < 10000 && atomic_load(&bench->running) != nr; i++)
        usleep(1000);
    assert_int_equal(atomic_load(&bench->running), nr);
}

static struct fth_str json_of(const struct fth_job_info *info)
{
    struct fth_buf buf = fth_buf_max(1 << 16);
    struct fth_err err = {0};
    struct fth_str out = {0};
    struct fth_jw jw;

    fth_jw_init(&jw, &buf);
    fth_job_put(&jw, info);
    assert_ok(fth_jw_done(&jw, &err), &err);
    assert_ok(fth_arena_str(test_arena(1 << 17), fth_buf_view(&buf), &out, &err), &err);
    fth_buf_release(&buf);
    return out;
}

static void a_job_runs_and_its_result_outlives_the_process(void **state)
{
    struct fth_db *db = test_db(state);
    struct bench bench = {0};
    struct fth_job_info info;
    struct fth_err err = {0};
    struct fth_str id;

    open_jobs(&bench, db, 2, 0);
    id = submit(&bench, "echo", "{\"say\":\"hello\"}");
    info = await_end(&bench, id);
    assert_int_equal(info.state, FTH_JOB_DONE);
    assert_str(info.result, "{\"said\":\"hello\"}");
    assert_str(info.kind, "echo");
    assert_int_equal(info.rows_done, 3);
    assert_true(info.finished_us >= info.started_us && info.started_us >= info.created_us);
    fth_jobs_close(bench.jobs);
    assert_int_equal(atomic_load(&bench.told_done), 1);

    open_jobs(&bench, db, 1, 0);
    assert_ok(fth_jobs_get(bench.jobs, test_arena(1 << 16), id, &info, &err), &err);
    assert_int_equal(info.state, FTH_JOB_DONE);
    assert_str(info.result, "{\"said\":\"hello\"}");
    assert_str(info.params, "{\"say\":\"hello\"}");
    fth_jobs_close(bench.jobs);
}

static void a_failed_job_carries_its_problem(void **state)
{
    struct fth_db *db = test_db(state);
    struct bench bench = {0};
    const struct fth_json *problem = NULL;
    struct fth_job_info info;
    struct fth_err err = {0};

    open_jobs(&bench, db, 1, 0);
    info = await_end(&bench, submit(&bench, "fail", "{}"));
    assert_int_equal(info.state, FTH_JOB_FAILED);
    assert_ok(fth_json_parse(test_arena(1 << 16), info.error, NULL, &problem, &err), &err);
    assert_str(fth_json_str(problem, "type", FTH_STR("")), "/problems/conflict");
    assert_str(fth_json_str(problem, "detail", FTH_STR("")), "bill \"x\" is loaded already");
    assert_str(fth_json_str(problem, "hint", FTH_STR("")), "Say --replace.");
    assert_str(fth_json_str(problem, "request_id", FTH_STR("")), "req-1");
    fth_jobs_close(bench.jobs);
}

static void progress_is_seen_while_it_runs(void **state)
{
    struct fth_db *db = test_db(state);
    struct bench bench = {0};
    struct fth_job_info info;
    struct fth_err err = {0};
    struct fth_str id, json;

    open_jobs(&bench, db, 1, 0);
    id = submit(&bench, "wait", "{}");
    await_running(&bench, 1);
    assert_ok(fth_jobs_get(bench.jobs, test_arena(1 << 16), id, &info, &err), &err);
    assert_int_equal(info.state, FTH_JOB_RUNNING);
    assert_str(info.phase, "waiting");
    assert_int_equal(info.rows_total, 10);
    assert_int_equal(info.bytes_done, 50);
    json = json_of(&info);
    assert_int_not_equal(fth_str_search(json, FTH_STR("\"progress\":0.25,")), SIZE_MAX);
    /* By the time that this was counted, not that the job runs. */
    assert_int_not_equal(fth_str_search(json, FTH_STR("\"rate_rows_s\":2,\"eta_s\":7.5,")),
                         SIZE_MAX);
    assert_int_not_equal(fth_str_search(json, FTH_STR("\"finished_at\":null")), SIZE_MAX);
    assert_true(atomic_load(&bench.told) >= 3); /* queued, running, phase */
    atomic_store(&bench.go, true);
    info = await_end(&bench, id);
    json = json_of(&info);
    assert_int_not_equal(fth_str_search(json, FTH_STR("\"progress\":1,")), SIZE_MAX);
    assert_int_not_equal(fth_str_search(json, FTH_STR("\"eta_s\":null")), SIZE_MAX);
    fth_jobs_close(bench.jobs);
}

static void jobs_that_run_and_jobs_that_wait_can_be_cancelled(void **state)
{
    struct fth_db *db = test_db(state);
    struct bench bench = {0};
    struct fth_job_info info;
    struct fth_err err = {0};
    struct fth_str running, waiting;
    size_t running_nr, queued_nr;

    open_jobs(&bench, db, 1, 0);
    running = submit(&bench, "wait", "{}");
    await_running(&bench, 1);
    waiting = submit(&bench, "echo", "{}");
    fth_jobs_count(bench.jobs, &running_nr, &queued_nr);
    assert_int_equal(running_nr, 1);
    assert_int_equal(queued_nr, 1);
    assert_ok(fth_jobs_cancel(bench.jobs, waiting, &err), &err);
    info = await_end(&bench, waiting);
    assert_int_equal(info.state, FTH_JOB_CANCELLED);
    assert_int_equal(info.started_us, 0);
    assert_ok(fth_jobs_cancel(bench.jobs, running, &err), &err);
    info = await_end(&bench, running);
    assert_int_equal(info.state, FTH_JOB_CANCELLED);
    assert_ok(fth_jobs_cancel(bench.jobs, running, &err), &err); /* has ended: stays as it is */
    assert_int_equal(fth_jobs_cancel(bench.jobs, FTH_STR("no-such-job"), &err), FTH_E_NOTFOUND);
    fth_jobs_close(bench.jobs);
}

static void what_a_process_leaves_is_marked_failed_by_the_next(void **state)
{
    struct fth_db *db = test_db(state);
    struct fth_val vals[] = {FTH_VAL_C("0190-a"), FTH_VAL_C("wait"), FTH_VAL_C("{}"),
                             FTH_VAL_I64(1000),   FTH_VAL_NULL,      FTH_VAL_NULL};
    struct fth_val start[] = {FTH_VAL_C("0190-a"), FTH_VAL_I64(2000)};
    struct bench bench = {0};
    struct fth_job_info info;
    struct fth_err err = {0};

    assert_ok(fth_db_exec(db, "state/job/add", vals, FTH_NR(vals), NULL, &err), &err);
    assert_ok(fth_db_exec(db, "state/job/start", start, 2, NULL, &err), &err);
    vals[0] = FTH_VAL_C("0190-b");
    assert_ok(fth_db_exec(db, "state/job/add", vals, FTH_NR(vals), NULL, &err), &err);
    open_jobs(&bench, db, 1, 0);
    assert_ok(fth_jobs_get(bench.jobs, test_arena(1 << 16), FTH_STR("0190-a"), &info, &err), &err);
    assert_int_equal(info.state, FTH_JOB_FAILED);
    assert_int_not_equal(fth_str_search(info.error, FTH_STR("the process ended")), SIZE_MAX);
    assert_ok(fth_jobs_get(bench.jobs, test_arena(1 << 16), FTH_STR("0190-b"), &info, &err), &err);
    assert_int_equal(info.state, FTH_JOB_FAILED);
    fth_jobs_close(bench.jobs);
}

static void closing_cancels_what_runs_and_what_waits(void **state)
{
    struct fth_db *db = test_db(state);
    struct bench bench = {0};
    struct fth_job_info *infos = NULL;
    struct fth_err err = {0};
    size_t nr = 0;

    open_jobs(&bench, db, 1, 0);
    submit(&bench, "wait", "{}");
    await_running(&bench, 1);
    submit(&bench, "echo", "{}");
    fth_jobs_close(bench.jobs);
    open_jobs(&bench, db, 1, 0);
    assert_ok(fth_jobs_list(bench.jobs, test_arena(1 << 16), 10, FTH_STR(""),
                            (struct fth_job_of){0}, &infos, &nr, &err),
              &err);
    assert_int_equal(nr, 2);
    assert_int_equal(infos[0].state, FTH_JOB_CANCELLED);
    assert_int_equal(infos[1].state, FTH_JOB_CANCELLED);
    fth_jobs_close(bench.jobs);
}

static void a_job_is_either_run_or_dropped(void **state)
{
    struct fth_db *db = test_db(state);
    struct bench bench = {0};
    struct fth_err err = {0};
    struct fth_str waits;

    open_jobs(&bench, db, 1, 0);
    submit(&bench, "wait", "{}");
    await_running(&bench, 1);
    waits = submit(&bench, "wait", "{}");
    assert_ok(fth_jobs_cancel(bench.jobs, waits, &err), &err);
    assert_int_equal(await_end(&bench, waits).state, FTH_JOB_CANCELLED);
    assert_int_equal(atomic_load(&bench.dropped), 1);
    submit(&bench, "wait", "{}");
    fth_jobs_close(bench.jobs); /* one runs, one waits */
    assert_int_equal(atomic_load(&bench.began), 1);
    assert_int_equal(atomic_load(&bench.dropped), 2);
}

static void jobs_are_listed_newest_first_page_by_page(void **state)
{
    struct fth_db *db = test_db(state);
    struct bench bench = {0};
    struct fth_job_info *infos = NULL;
    struct fth_err err = {0};
    struct fth_str ids[3];
    size_t nr = 0;

    open_jobs(&bench, db, 1, 0);
    for (size_t i = 0; i < FTH_NR(ids); i++) {
        ids[i] = submit(&bench, "echo", "{}");
        await_end(&bench, ids[i]);
        usleep(2000); /* ids are ordered by the millisecond */
    }
    assert_ok(fth_jobs_list(bench.jobs, test_arena(1 << 16), 2, FTH_STR(""), (struct fth_job_of){0},
                            &infos, &nr, &err),
              &err);
    assert_int_equal(nr, 2);
    assert_true(fth_str_eq(infos[0].id, ids[2]));
    assert_true(fth_str_eq(infos[1].id, ids[1]));
    assert_ok(fth_jobs_list(bench.jobs, test_arena(1 << 16), 2, ids[1], (struct fth_job_of){0},
                            &infos, &nr, &err),
              &err);
    assert_int_equal(nr, 1);
    assert_true(fth_str_eq(infos[0].id, ids[0]));
    fth_jobs_close(bench.jobs);
}

static void what_cannot_be_run_is_refused(void **state)
{
    struct fth_db *db = test_db(state);
    struct bench bench = {0};
    char id[FTH_JOB_ID_LEN + 1] = "";
    struct fth_err err = {0}, syntax = {0}, array = {0}, full = {0};

    open_jobs(&bench, db, 1, 1);
    assert_int_equal(
        fth_jobs_submit(bench.jobs, "dance", FTH_STR("{}"), (struct fth_job_of){0}, NULL, id, &err),
        FTH_E_INVALID);
    assert_int_equal(fth_jobs_submit(bench.jobs, "echo", FTH_STR("{"), (struct fth_job_of){0}, NULL,
                                     id, &syntax),
                     FTH_E_INVALID);
    assert_int_equal(fth_jobs_submit(bench.jobs, "echo", FTH_STR("[]"), (struct fth_job_of){0},
                                     NULL, id, &array),
                     FTH_E_INVALID);
    submit(&bench, "wait", "{}");
    await_running(&bench, 1);
    submit(&bench, "echo", "{}");
    assert_int_equal(
        fth_jobs_submit(bench.jobs, "echo", FTH_STR("{}"), (struct fth_job_of){0}, NULL, id, &full),
        FTH_E_QUOTA);
    assert_string_equal(id, ""); /* untouched on failure */
    fth_jobs_close(bench.jobs);
}

static void waiting_ends_with_the_time(void **state)
{
    struct fth_db *db = test_db(state);
    struct fth_cancel enough = {0};
    struct bench bench = {0};
    struct fth_job_info info;
    struct fth_err err = {0};
    struct fth_str id;

    open_jobs(&bench, db, 1, 0);
    id = submit(&bench, "wait", "{}");
    assert_ok(fth_jobs_wait(bench.jobs, test_arena(1 << 16), id, 20, NULL, &info, &err), &err);
    assert_false(fth_job_has_ended(info.state));
    fth_cancel_set(&enough, "enough");
    assert_ok(fth_jobs_wait(bench.jobs, test_arena(1 << 16), id, -1, &enough, &info, &err), &err);
    assert_false(fth_job_has_ended(info.state));
    fth_jobs_close(bench.jobs);
}

static void many_jobs_on_many_threads_all_end_once(void **state)
{
    enum { NR = 60 };
    struct fth_db *db = test_db(state);
    struct bench bench = {0};
    struct fth_str ids[NR];

    open_jobs(&bench, db, 4, 0);
    for (size_t i = 0; i < NR; i++)
        ids[i] = submit(&bench, "echo", "{\"say\":\"x\"}");
    for (size_t i = 0; i < NR; i++)
        assert_int_equal(await_end(&bench, ids[i]).state, FTH_JOB_DONE);
    fth_jobs_close(bench.jobs);
    assert_int_equal(atomic_load(&bench.told_done), NR);
}

/* A round: open, submit, wait, close. Whatever fails, what was accepted ends, and nothing hangs. */
static void one_round(struct bench *bench, struct fth_db *db)
{
    const struct fth_job_kind kinds[] = {{"echo", run_echo, bench}};
    struct fth_jobs_conf conf = {
        .db = db, .clock = &bench->clock, .kinds = kinds, .kind_nr = 1, .threads = 1};
    char id[FTH_JOB_ID_LEN + 1];
    struct fth_job_info info;
    struct fth_err err = {0};

    bench->clock = fth_clock_system();
    if (fth_jobs_open(&conf, &bench->jobs, &err))
        return;
    if (fth_jobs_submit(bench->jobs, "echo", FTH_STR("{}"), (struct fth_job_of){0}, NULL, id,
                        &err) == FTH_OK) {
        enum fth_rc rc = FTH_E_NOMEM;

        for (int i = 0; i < 100 && rc; i++) {
            struct fth_arena *arena = fth_arena_new(1 << 16);

            err = (struct fth_err){0};
            rc = arena ? fth_jobs_wait(bench->jobs, arena, fth_str_c(id), 20000, NULL, &info, &err)
                       : FTH_E_NOMEM;
            if (rc == FTH_OK)
                assert_true(fth_job_has_ended(info.state));
            fth_arena_free(arena);
        }
        assert_int_equal(rc, FTH_OK);
    }
    fth_jobs_close(bench->jobs);
}

static void what_ended_long_ago_is_forgotten(void **state)
{
    struct fth_db *db = test_db(state);
    static const struct fth_job_kind kind = {"echo", run_echo, NULL};
    struct fth_arena *arena = test_arena(1 << 20);
    struct fth_clock clock = fth_clock_system();
    struct fth_jobs_conf conf = {.db = db, .clock = &clock, .kinds = &kind, .kind_nr = 1};
    struct fth_job_info info, *list;
    struct fth_err err = {0};
    struct fth_jobs *jobs;
    char id[FTH_JOB_ID_LEN + 1];
    size_t nr;

    assert_ok(fth_jobs_open(&conf, &jobs, &err), &err);
    assert_ok(fth_jobs_submit(jobs, "echo", FTH_STR("{}"), (struct fth_job_of){0}, NULL, id, &err),
              &err);
    assert_ok(fth_jobs_wait(jobs, arena, fth_str_c(id), 20000, NULL, &info, &err), &err);
    fth_jobs_close(jobs);
    conf.keep_us = 3600 * INT64_C(1000000);
    assert_ok(fth_jobs_open(&conf, &jobs, &err), &err);
    assert_ok(fth_jobs_list(jobs, arena, 10, FTH_STR(""), (struct fth_job_of){0}, &list, &nr, &err),
              &err);
    assert_int_equal(nr, 1);
    fth_jobs_close(jobs);
    usleep(2000);
    conf.keep_us = 1000;
    assert_ok(fth_jobs_open(&conf, &jobs, &err), &err);
    assert_ok(fth_jobs_list(jobs, arena, 10, FTH_STR(""), (struct fth_job_of){0}, &list, &nr, &err),
              &err);
    assert_int_equal(nr, 0);
    fth_jobs_close(jobs);
}

static void whichever_statement_fails_nothing_hangs_and_the_next_round_is_clean(void **state)
{
    struct fth_db *db = test_db(state);
    struct bench bench = {0};

    for (unsigned n = 1; test_fault(FTH_FAULT_SQL, n); n++)
        one_round(&bench, db);
}

static void whichever_allocation_fails_nothing_hangs_and_nothing_leaks(void **state)
{
    struct fth_db *db = test_db(state);
    struct bench bench = {0};

    for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++)
        one_round(&bench, db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_DB(a_job_runs_and_its_result_outlives_the_process),
        TEST_DB(a_failed_job_carries_its_problem),
        TEST_DB(what_ended_long_ago_is_forgotten),
        TEST_DB(progress_is_seen_while_it_runs),
        TEST_DB(jobs_that_run_and_jobs_that_wait_can_be_cancelled),
        TEST_DB(what_a_process_leaves_is_marked_failed_by_the_next),
        TEST_DB(closing_cancels_what_runs_and_what_waits),
        TEST_DB(a_job_is_either_run_or_dropped),
        TEST_DB(jobs_are_listed_newest_first_page_by_page),
        TEST_DB(what_cannot_be_run_is_refused),
        TEST_DB(waiting_ends_with_the_time),
        TEST_DB(many_jobs_on_many_threads_all_end_once),
        TEST_DB(whichever_statement_fails_nothing_hangs_and_the_next_round_is_clean),
        TEST_DB(whichever_allocation_fails_nothing_hangs_and_nothing_leaks),
    };

    return cmocka_run_group_tests_name("jobs", tests, NULL, NULL);
}
