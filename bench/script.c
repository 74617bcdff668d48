/*
 * script: runs statements on a new database file as the engine alone would, for floors.
 *
 * usage: script FILE THREADS MEMORY < statements
 *
 * One statement a line. The settings are those of a ledger: storage of 1.5, insertion order not
 * kept, memory limit. Closing writes the rest, so that the cost of the process is the whole cost.
 */
#include <duckdb.h>
#include <stdio.h>
#include <string.h>

enum { LINE_LEN = 1 << 20 };

int main(int argc, char **argv)
{
    static char sql[LINE_LEN];
    duckdb_connection connection;
    duckdb_database database;
    duckdb_config config;
    char *error = NULL;

    if (argc != 4)
        return 2;
    duckdb_create_config(&config);
    duckdb_set_config(config, "threads", argv[2]);
    duckdb_set_config(config, "memory_limit", argv[3]);
    duckdb_set_config(config, "preserve_insertion_order", "false");
    duckdb_set_config(config, "storage_compatibility_version", "v1.5.0");
    if (duckdb_open_ext(argv[1], &database, config, &error) == DuckDBError) {
        fprintf(stderr, "script: %s\n", error);
        return 1;
    }
    duckdb_connect(database, &connection);
    while (fgets(sql, sizeof(sql), stdin)) {
        duckdb_result result;

        if (duckdb_query(connection, sql, &result) == DuckDBError) {
            fprintf(stderr, "script: %s\n", duckdb_result_error(&result));
            return 1;
        }
        duckdb_destroy_result(&result);
    }
    duckdb_disconnect(&connection);
    duckdb_close(&database);
    duckdb_destroy_config(&config);
    return 0;
}
