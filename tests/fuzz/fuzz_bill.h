/*
 * fuzz_bill: the body of a target for one kind of bill, which FUZZ_IMPORTER names: any bytes are
 * probed, and read as that bill or refused with a message; what is set aside is counted and named.
 */
#ifndef FTH_FUZZ_BILL_H
#define FTH_FUZZ_BILL_H

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"
#include "fuzz.h"
#include "import/importer.h"

enum { ARENA_CAP = 64 << 20, HEAD_ROWS = 20, COLS_MAX = 256 };

extern const struct fth_importer FUZZ_IMPORTER;

static enum fth_rc tag_id(void *ctx, const struct fth_str *keys, const struct fth_str *values,
                          size_t nr, int32_t *out, struct fth_err *err)
{
    (void)ctx;
    (void)err;
    for (size_t i = 0; i < nr; i++)
        FTH_CHECK(keys[i].n > 0 && (values[i].p || !values[i].n));
    *out = (int32_t)nr;
    return FTH_OK;
}

static void probe_all(const char *path, struct fth_arena *arena)
{
    struct fth_feed_head head = {0};
    struct fth_err err = {0};

    if (fth_import_feed_head(NULL, path, HEAD_ROWS, 0, arena, &head, &err)) {
        FTH_CHECK(err.msg[0]);
        return;
    }
    for (size_t i = 0; i < fth_importer_nr(); i++) {
        struct fth_probe probe = {0};
        int sure = fth_importer_at(i)->probe(&head, &probe);

        FTH_CHECK(sure >= 0 && sure <= 100);
    }
}

static void check_counts(const struct fth_feed_counts *counts, int64_t rows, int64_t tolerate)
{
    FTH_CHECK(counts->rows_out == rows);
    FTH_CHECK(counts->rejected <= tolerate);
    for (size_t i = 0; i < counts->reject_nr; i++)
        FTH_CHECK(counts->rejects[i].rule.n && counts->rejects[i].line > 0);
}

/* Reads all columns of all rows; *nr is how many there were. */
static enum fth_rc read_rows(struct fth_feed *feed, int64_t *nr, struct fth_err *err)
{
    size_t wanted[COLS_MAX], wanted_nr = 0;
    struct fth_batch batch = {0};
    void *worker = NULL;
    enum fth_rc rc;

    for (; wanted_nr < feed->col_nr && wanted_nr < COLS_MAX; wanted_nr++)
        wanted[wanted_nr] = wanted_nr;
    rc = feed->open(feed->ctx, wanted, wanted_nr, &worker, err);
    while (!rc) {
        rc = feed->next(worker, &batch, err);
        if (rc || !batch.nr)
            break;
        *nr += (int64_t)batch.nr;
    }
    if (worker)
        feed->close(worker);
    return rc;
}

static void read_bill(const char *path, const char *role, int64_t tolerate, struct fth_arena *arena)
{
    const char *roles[] = {role};
    char side[64];
    struct fth_feed_request request = {.layout = FUZZ_IMPORTER.layout,
                                       .paths = &path,
                                       .path_nr = 1,
                                       .roles = role ? roles : NULL,
                                       .period_us = FTH_FEED_ANY_PERIOD,
                                       .wide = ~0u,
                                       .tolerate = tolerate,
                                       .tag_id = tag_id,
                                       .side = side};
    struct fth_import_feed *feed = NULL;
    struct fth_err err = {0};
    int64_t rows = 0, beside = 0;
    enum fth_rc rc;

    snprintf(side, sizeof(side), "/tmp/fuzz-side-%ld", (long)getpid());
    rc = fth_import_feed_open(&request, arena, &feed, &err);

    if (!rc)
        rc = read_rows(fth_import_feed_feed(feed), &rows, &err);
    if (!rc)
        rc = read_rows(fth_import_feed_side(feed), &beside, &err);
    FTH_CHECK(beside <= rows);
    FTH_CHECK((rc != FTH_OK) == (err.msg[0] != '\0'));
    if (!rc)
        check_counts(fth_import_feed_counts(feed), rows, tolerate);
    fth_import_feed_close(feed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fth_arena *arena = fth_arena_new(ARENA_CAP);
    const char *role = FUZZ_IMPORTER.halves ? FUZZ_IMPORTER.halves->roles[size % 2] : NULL;
    char path[64];
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    FTH_CHECK(arena);
    /* Parquet is the engine's to read. */
    if (size >= 4 && memcmp(data, "PAR1", 4) == 0)
        size = 0;
    FTH_CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    probe_all(path, arena);
    read_bill(path, role, 0, arena);
    /* Setting bad records aside is dear: for some inputs. */
    if (size % 4 == 0)
        read_bill(path, NULL, INT32_MAX, arena);
    close(fd);
    fth_arena_free(arena);
    return 0;
}

#endif
