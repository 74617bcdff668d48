/*
 * api_db_test: the API in this process (api_test.h), on SQLite and on PostgreSQL.
 *
 * BOTH(f) registers f twice, ON_SQLITE(f) once; f begins with open_on(state).
 */
#ifndef FTH_API_DB_TEST_H
#define FTH_API_DB_TEST_H

#include "api_test.h"
#include "test_db.h"

static inline int close_api_and_db(void **state)
{
    api_release();
    return test_db_end(state);
}

#define ON_SQLITE(function)                                                                        \
    {                                                                                              \
#function "_on_sqlite", function, NULL, close_api_and_db, (void *)(uintptr_t)FTH_DB_SQLITE \
    }
#define BOTH(function)                                                                            \
    {#function "_on_sqlite", function, NULL, close_api_and_db, (void *)(uintptr_t)FTH_DB_SQLITE}, \
    {                                                                                             \
#function "_on_postgres", function, NULL, close_api_and_db,                               \
            (void *)(uintptr_t)FTH_DB_POSTGRES                                                    \
    }

static inline void open_with(void **state, struct fth_app_conf conf)
{
    (void)test_db(state);
    conf.state_url = test_db_url(state);
    (void)api_open_with(conf);
}

static inline void open_on(void **state)
{
    open_with(state, fth_app_conf_default());
}

#endif
