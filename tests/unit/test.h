/*
 * test: what every unit test starts with. Includes cmocka in the order it wants.
 *
 * A test program prints TAP and is found by tools/run_tests.py. Fixtures that exist only on some
 * machines (../shared/data) are reached with test_shared(); a test that needs them says so by
 * skip().
 */
#ifndef FTH_TEST_H
#define FTH_TEST_H

/* cmocka wants these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* */
#include <cmocka.h>
#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/str.h"

/* An arena that the running test owns; freed by test_end(), which is every test's teardown. */
struct fth_arena *test_arena(size_t cap);

/* A fresh folder under the system's temporary one, removed by test_end(). */
const char *test_dir(void);

/* Writes `text` to a file in test_dir(); its path lives until test_end(). */
const char *test_file(struct fth_str text);
const char *test_file_named(const char *name, struct fth_str text);

/* The absolute path of a file of the source tree, and of ../shared, NULL when it is not there. */
const char *test_source(const char *path);
const char *test_shared(const char *path);

/* `text` n times. */
struct fth_str test_repeat(const char *text, size_t n);

/* For loops that fail the 1st, 2nd, … allocation (disk write, SQL) until the work succeeds:
 *     for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++) …work…
 * True while the n-th call was reached in the round before, or n is 1. Ends in test_fault_sites()
 * under the name of the function that loops. */
#define test_fault(kind, n) test_fault_walk((kind), (n), __func__)
bool test_fault_walk(enum fth_fault kind, unsigned n, const char *walk);

/* The same for large work, whose many allocations fail once for each place (base/fault.h); each
 * call of another kind fails once:
 *     for (unsigned n = 1; test_fault_places(FTH_FAULT_ALLOC, n, __func__); n++) {
 *         …work…
 *         failed = test_fault_off();
 *         …what must be true of it…
 *     } */
bool test_fault_places(enum fth_fault kind, unsigned n, const char *walk);
/* Nothing fails from now on. True when something failed since the walk's last step. */
bool test_fault_off(void);
/* Was that inside one of these functions, NULL-terminated, which do without what they asked for?
 * Prints the place when it was not. */
bool test_fault_spared(const fth_fault_function *by);

/* Says how many sites a walk made fail, one by one until there were no more. Fails when there are
 * fewer than nine tenths of the figure in tests/fault/sites.txt, or when that has no figure. */
void test_fault_sites(enum fth_fault kind, const char *walk, unsigned long sites);

void test_assert_str(struct fth_str got, const char *want, const char *file, int line);
#define assert_str(got, want) test_assert_str((got), (want), __FILE__, __LINE__)

/* Fails with the error's message unless `rc` is FTH_OK. */
void test_assert_ok(enum fth_rc rc, const struct fth_err *err, const char *file, int line);
#define assert_ok(rc, err) test_assert_ok((rc), (err), __FILE__, __LINE__)

int test_end(void **state);
#define TEST(function) cmocka_unit_test_teardown(function, test_end)

#endif
