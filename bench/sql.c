/*
 * sql: runs a statement on a ledger file as the engine alone would, for floors.
 *
 * usage: sql FILE THREADS REPEATS < statement
 *
 * Opens FILE read-only, runs the statement REPEATS times after one that is not counted, reads every
 * row, and prints the median CPU milliseconds of the process and the wall milliseconds: "CPU WALL
 * ROWS".
 */
#include <duckdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { TEXT_MAX = 1 << 20, MOST = 1000 };

static double now_ms(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static idx_t run(duckdb_connection connection, const char *sql)
{
    duckdb_result result;
    idx_t rows = 0;
    duckdb_data_chunk chunk;

    if (duckdb_query(connection, sql, &result) == DuckDBError) {
        fprintf(stderr, "sql: %s\n", duckdb_result_error(&result));
        exit(1);
    }
    while ((chunk = duckdb_fetch_chunk(result)) != NULL) {
        rows += duckdb_data_chunk_get_size(chunk);
        duckdb_destroy_data_chunk(&chunk);
    }
    duckdb_destroy_result(&result);
    return rows;
}

int main(int argc, char **argv)
{
    static char sql[TEXT_MAX];
    static double cpu[MOST], wall[MOST];
    duckdb_connection connection;
    duckdb_database database;
    duckdb_config config;
    char *error = NULL;
    idx_t rows = 0;
    int repeats;

    if (argc != 4)
        return 2;
    repeats = (int)strtol(argv[3], NULL, 10);
    if (repeats < 1 || repeats > MOST || fread(sql, 1, sizeof(sql) - 1, stdin) == 0)
        return 2;
    duckdb_create_config(&config);
    duckdb_set_config(config, "access_mode", "READ_ONLY");
    duckdb_set_config(config, "threads", argv[2]);
    if (duckdb_open_ext(argv[1], &database, config, &error) == DuckDBError) {
        fprintf(stderr, "sql: %s\n", error);
        return 1;
    }
    duckdb_connect(database, &connection);
    for (int i = -1; i < repeats; i++) {
        double c = now_ms(CLOCK_PROCESS_CPUTIME_ID), w = now_ms(CLOCK_MONOTONIC);

        rows = run(connection, sql);
        if (i < 0)
            continue;
        cpu[i] = now_ms(CLOCK_PROCESS_CPUTIME_ID) - c;
        wall[i] = now_ms(CLOCK_MONOTONIC) - w;
    }
    qsort(cpu, (size_t)repeats, sizeof(cpu[0]), by_size);
    qsort(wall, (size_t)repeats, sizeof(wall[0]), by_size);
    printf("%.3f %.3f %llu\n", cpu[repeats / 2], wall[repeats / 2], (unsigned long long)rows);
    duckdb_disconnect(&connection);
    duckdb_close(&database);
    duckdb_destroy_config(&config);
    return 0;
}
