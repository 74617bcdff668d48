#include "test_db.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"

#define PG_BIN "/usr/lib/postgresql/15/bin/"

static struct {
    char dir[64], url[256];
    pid_t pid;
    bool tried;
    unsigned schema_nr;
} pg;

static struct fth_db *open_db;
static const char *open_url;

/* ---- a private PostgreSQL ---- */

/* Runs a program, its output to a log; as the user that PostgreSQL insists on when we are root. */
static pid_t start(const char *log, const char *const *argv)
{
    static const char *const as_root[] = {"setpriv", "--reuid=postgres", "--regid=postgres",
                                          "--clear-groups", "--pdeathsig=INT"};
    size_t nr = geteuid() == 0 ? FTH_NR(as_root) : 0, argc = 0;
    char *args[32] = {0};
    pid_t pid;
    int fd;

    while (argv[argc])
        argc++;
    /* exec() promises not to write to them, but its type does not say so. */
    memcpy(args, as_root, nr * sizeof(*args));
    memcpy(args + nr, argv, argc * sizeof(*args));
    pid = fork();
    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(fd, 1);
    dup2(fd, 2);
    prctl(PR_SET_PDEATHSIG, SIGINT);
    execvp(args[0], args);
    _exit(127);
}

static void stop_pg(void)
{
    struct fth_err err = {0};

    if (pg.pid > 0) {
        kill(pg.pid, SIGINT);
        waitpid(pg.pid, NULL, 0);
    }
    if (pg.dir[0])
        fth_file_remove(pg.dir, &err);
}

static bool answers(void)
{
    struct fth_err err = {0};
    struct fth_db *db = NULL;
    bool ok = fth_db_open(pg.url, &db, &err) == FTH_OK;

    fth_db_close(db);
    return ok;
}

static void give_to_postgres(const char *dir)
{
    char command[128];

    snprintf(command, sizeof(command), "chown postgres:postgres %s", dir);
    if (geteuid() == 0 && system(command) != 0)
        print_message("# cannot give %s to postgres\n", dir);
}

static void start_pg(void)
{
    char data[96], log[96];
    int status = 0;

    snprintf(pg.dir, sizeof(pg.dir), "/tmp/farthing-pg-XXXXXX");
    assert_non_null(mkdtemp(pg.dir));
    atexit(stop_pg);
    give_to_postgres(pg.dir);
    snprintf(data, sizeof(data), "%s/data", pg.dir);
    snprintf(log, sizeof(log), "%s/log", pg.dir);
    /* An order that is not that of bytes, so that a forgotten COLLATE "C" shows. */
    const char *const initdb[] = {
        PG_BIN "initdb",   "-D", data, "-U",   "postgres",         "-A",
        "trust",           "-N", "-E", "UTF8", "--locale=C.UTF-8", "--locale-provider=icu",
        "--icu-locale=en", NULL};
    waitpid(start(log, initdb), &status, 0);
    assert_int_equal(status, 0);
    const char *const server[] = {PG_BIN "postgres",
                                  "-D",
                                  data,
                                  "-k",
                                  pg.dir,
                                  "-c",
                                  "listen_addresses=",
                                  "-F",
                                  "-c",
                                  "full_page_writes=off",
                                  "-c",
                                  "max_connections=60",
                                  NULL};
    pg.pid = start(log, server);
    snprintf(pg.url, sizeof(pg.url), "postgres://postgres@/postgres?host=%s", pg.dir);
    for (int i = 0; i < 1000 && !answers(); i++)
        usleep(20000);
    assert_true(answers());
}

static bool has_pg(void)
{
    const char *url = getenv("FARTHING_TEST_PG");

    if (pg.tried)
        return pg.url[0];
    pg.tried = true;
    if (url)
        snprintf(pg.url, sizeof(pg.url), "%s", url);
    else if (access(PG_BIN "initdb", X_OK) == 0)
        start_pg();
    return pg.url[0];
}

static void need_pg(void)
{
    const char *required = getenv("FARTHING_REQUIRE_PG");

    if (has_pg())
        return;
    if (required && strcmp(required, "1") == 0)
        fail_msg("no PostgreSQL 15 here: install Debian's package postgresql");
    print_message("# no PostgreSQL 15 here\n");
    skip();
}

/* A schema of its own for each store; they go away with the server, or by name in a shared one. */
static const char *fresh_schema_url(void)
{
    char *url = fth_arena_alloc(test_arena(1024), 512);
    char sql[128];
    struct fth_err err = {0};
    struct fth_db *db = NULL;
    struct fth_tx *tx = NULL;

    snprintf(sql, sizeof(sql), "CREATE SCHEMA test_%d_%u", (int)getpid(), ++pg.schema_nr);
    assert_ok(fth_db_open(pg.url, &db, &err), &err);
    assert_ok(fth_tx_begin(db, &tx, &err), &err);
    assert_ok(fth_tx_exec_text(tx, fth_str_c(sql), NULL, 0, NULL, &err), &err);
    assert_ok(fth_tx_commit(tx, &err), &err);
    fth_db_close(db);
    snprintf(url, 512, "%s%coptions=-csearch_path%%3Dtest_%d_%u", pg.url,
             strchr(pg.url, '?') ? '&' : '?', (int)getpid(), pg.schema_nr);
    return url;
}

/* ---- stores ---- */

const char *test_db_url(void **state)
{
    static unsigned file_nr;
    char *url;

    if ((uintptr_t)*state == FTH_DB_POSTGRES) {
        need_pg();
        return fresh_schema_url();
    }
    url = fth_arena_alloc(test_arena(PATH_MAX * 2), PATH_MAX);
    snprintf(url, PATH_MAX, "sqlite:%s/state-%u.db", test_dir(), ++file_nr);
    return url;
}

struct fth_db *test_db(void **state)
{
    struct fth_err err = {0};

    open_url = test_db_url(state);
    assert_ok(fth_db_open(open_url, &open_db, &err), &err);
    assert_ok(fth_db_migrate(open_db, NULL, NULL, &err), &err);
    return open_db;
}

struct fth_db *test_db_again(void)
{
    struct fth_err err = {0};
    struct fth_db *db = NULL;

    assert_ok(fth_db_open(open_url, &db, &err), &err);
    return db;
}

int test_db_end(void **state)
{
    fth_db_close(open_db);
    open_db = NULL;
    return test_end(state);
}
