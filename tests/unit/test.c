#include "test.h"

#include <errno.h>
#include <execinfo.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"

enum { MOST = 64 };

static struct fth_arena *arenas[MOST];
static size_t arena_nr;
static char dir[128];

struct fth_arena *test_arena(size_t cap)
{
    struct fth_arena *arena = fth_arena_new(cap);

    assert_non_null(arena);
    assert_true(arena_nr < MOST);
    arenas[arena_nr++] = arena;
    return arena;
}

const char *test_dir(void)
{
    if (!dir[0]) {
        snprintf(dir, sizeof(dir), "%.64s/farthing-test-XXXXXX",
                 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
        assert_non_null(mkdtemp(dir));
    }
    return dir;
}

const char *test_file_named(const char *name, struct fth_str text)
{
    char *path = fth_arena_alloc(test_arena(PATH_MAX * 2), PATH_MAX);
    FILE *file;

    snprintf(path, PATH_MAX, "%s/%s", test_dir(), name);
    file = fopen(path, "wb");
    assert_non_null(file);
    if (text.n)
        assert_int_equal(fwrite(text.p, 1, text.n, file), text.n);
    fclose(file);
    return path;
}

const char *test_file(struct fth_str text)
{
    char name[32];

    snprintf(name, sizeof(name), "file-%zu", arena_nr);
    return test_file_named(name, text);
}

const char *test_source(const char *path)
{
    const char *root = getenv("FARTHING_SOURCE");
    char *out = fth_arena_alloc(test_arena(PATH_MAX * 2), PATH_MAX);

    snprintf(out, PATH_MAX, "%s/%s", root ? root : ".", path);
    return access(out, R_OK) == 0 ? out : NULL;
}

const char *test_shared(const char *path)
{
    char relative[PATH_MAX];

    snprintf(relative, sizeof(relative), "../shared/%s", path);
    return test_source(relative);
}

struct fth_str test_repeat(const char *text, size_t n)
{
    size_t len = strlen(text);
    char *out = fth_arena_alloc(test_arena(len * n + 64), len * n + 1);

    for (size_t i = 0; i < len * n; i++)
        out[i] = text[i % len];
    return (struct fth_str){out, len * n};
}

/* ---- faults ---- */

#ifdef FTH_FAULTS
static const char *const fault_names[FTH_FAULT_NR] = {"alloc", "write", "sql", "net"};

/* The figure of a walk in tests/fault/sites.txt; 0: none. */
static uint64_t sites_figure(const char *walk, const char *kind)
{
    const char *path = test_source("tests/fault/sites.txt");
    struct fth_str text = {0}, line;
    struct fth_err err = {0};
    uint64_t figure = 0;

    if (!path || fth_file_read(test_arena(1 << 20), path, 1 << 18, &text, &err))
        return 0;
    while (fth_str_next(&text, '\n', &line)) {
        struct fth_str program = {0}, name = {0}, of = {0};

        if (fth_str_next(&line, ' ', &program) && fth_str_next(&line, ' ', &name) &&
            fth_str_next(&line, ' ', &of) && fth_str_eq_c(name, walk) && fth_str_eq_c(of, kind) &&
            fth_str_eq_c(program, program_invocation_short_name))
            (void)fth_str_to_u64(line, &figure);
    }
    return figure;
}
#endif

void test_fault_sites(enum fth_fault kind, const char *walk, unsigned long sites)
{
#ifdef FTH_FAULTS
    const char *name = fault_names[kind];
    unsigned long figure = (unsigned long)sites_figure(walk, name);

    print_message("# %s: %lu of %lu %s sites failed\n", walk, sites, sites, name);
    if (!figure)
        fail_msg("tests/fault/sites.txt needs a row: %s %s %s %lu", program_invocation_short_name,
                 walk, name, sites);
    if (sites * 10 < figure * 9)
        fail_msg("%s: %lu %s sites, tests/fault/sites.txt says %lu: are there really fewer?", walk,
                 sites, name, figure);
#else
    (void)kind;
    (void)walk;
    (void)sites;
#endif
}

bool test_fault_walk(enum fth_fault kind, unsigned n, const char *walk)
{
#ifdef FTH_FAULTS
    unsigned long reached = fth_fault_count(kind);

    if (n > 1 && reached < n - 1) {
        fth_fault_arm(kind, 0);
        test_fault_sites(kind, walk, n - 2);
        return false;
    }
    fth_fault_arm(kind, n);
    return true;
#else
    (void)kind;
    (void)walk;
    return n == 1;
#endif
}

bool test_fault_places(enum fth_fault kind, unsigned n, const char *walk)
{
#ifdef FTH_FAULTS
    void *const *place;

    if (n == 1)
        fth_fault_forget(NULL);
    else if (!fth_fault_place(&place)) {
        fth_fault_arm(kind, 0);
        test_fault_sites(kind, walk, n - 2);
        return false;
    }
    if (kind == FTH_FAULT_ALLOC)
        fth_fault_arm_place(kind);
    else
        fth_fault_arm(kind, n);
    return true;
#else
    (void)kind;
    (void)walk;
    return n == 1;
#endif
}

bool test_fault_off(void)
{
#ifdef FTH_FAULTS
    void *const *place;

    for (int kind = 0; kind < FTH_FAULT_NR; kind++)
        fth_fault_arm((enum fth_fault)kind, 0);
    return fth_fault_place(&place) > 0;
#else
    return false;
#endif
}

bool test_fault_spared(const fth_fault_function *by)
{
#ifdef FTH_FAULTS
    void *const *place;
    size_t nr = fth_fault_place(&place);

    if (fth_fault_is_inside(by))
        return true;
    fflush(stdout);
    backtrace_symbols_fd(place, (int)nr, STDOUT_FILENO);
#else
    (void)by;
#endif
    return false;
}

void test_assert_str(struct fth_str got, const char *want, const char *file, int line)
{
    if (!fth_str_eq_c(got, want)) {
        print_error("got \"" FTH_STR_F "\", want \"%s\"\n", FTH_STR_A(got), want);
        _fail(file, line);
    }
}

void test_assert_ok(enum fth_rc rc, const struct fth_err *err, const char *file, int line)
{
    if (rc != FTH_OK) {
        print_error("%s: %s (%s)\n", fth_rc_info(rc)->name, err->msg, err->hint);
        _fail(file, line);
    }
}

int test_end(void **state)
{
    struct fth_err err = {0};

    (void)state;
#ifdef FTH_FAULTS
    for (int kind = 0; kind < FTH_FAULT_NR; kind++)
        fth_fault_arm((enum fth_fault)kind, 0);
#endif
    while (arena_nr)
        fth_arena_free(arenas[--arena_nr]);
    if (dir[0])
        fth_file_remove(dir, &err);
    dir[0] = '\0';
    return 0;
}
