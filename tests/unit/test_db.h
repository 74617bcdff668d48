/*
 * test_db: a fresh, migrated state store for a test, on SQLite and on PostgreSQL.
 *
 * TEST_DB(f) registers f twice. PostgreSQL is FARTHING_TEST_PG when that is set, else a private
 * server that the test program starts (Unix socket only, in a folder of its own) and that ends with
 * it. Without Debian's server the test is skipped, or fails when FARTHING_REQUIRE_PG is 1.
 */
#ifndef FTH_TEST_DB_H
#define FTH_TEST_DB_H

#include "state/db.h"
#include "test.h"

/* The store of the running test, empty but for the schema; closed by the teardown. Skips the test
 * when its engine is missing. */
struct fth_db *test_db(void **state);

/* The address of another empty store on the same engine, not migrated. Lives until test_end(). */
const char *test_db_url(void **state);

/* Opens the store of test_db() again, as another process would; the caller closes it. */
struct fth_db *test_db_again(void);

int test_db_end(void **state);

#define TEST_DB(function)                                                                         \
    {#function "_on_sqlite", function, NULL, test_db_end, (void *)(uintptr_t)FTH_DB_SQLITE},      \
    {                                                                                             \
#function "_on_postgres", function, NULL, test_db_end, (void *)(uintptr_t)FTH_DB_POSTGRES \
    }

#endif
