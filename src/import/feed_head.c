/* What can be seen of a file without a layout: its first records, its digests. */
#include "base/csv.h"
#include "import/feed_parquet.h"
#include "import/feed_parts.h"

static enum fth_rc copy_cells(const struct fth_str *from, size_t nr, struct fth_arena *arena,
                              struct fth_str *to, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; !rc && i < nr; i++)
        rc = fth_arena_str(arena, from[i], &to[i], err);
    return rc;
}

static enum fth_rc csv_head(struct fth_csv *csv, size_t max, struct fth_arena *arena,
                            struct fth_feed_head *out, struct fth_err *err)
{
    size_t nr = fth_csv_columns(csv), rows = 0;
    struct fth_str *cells = FTH_NEW_ARRAY(arena, struct fth_str, nr * (max + 1));
    struct fth_csv_row row;
    bool more = true;
    enum fth_rc rc;

    if (!cells)
        return fth_err_nomem(err);
    rc = copy_cells(fth_csv_header(csv), nr, arena, cells, err);
    while (!rc && rows < max) {
        rc = fth_csv_next(csv, &row, &more, err);
        if (rc || !more)
            break;
        rows++;
        rc = copy_cells(row.fields, nr, arena, cells + rows * nr, err);
    }
    *out = (struct fth_feed_head){
        .headers = cells, .header_nr = nr, .cells = cells + nr, .row_nr = rows, .csv = true};
    return rc;
}

enum fth_rc fth_import_feed_head(struct fth_ledger *ledger, const char *path, size_t max,
                                 char delimiter, struct fth_arena *arena, struct fth_feed_head *out,
                                 struct fth_err *err)
{
    /* Small chunks: a head must not cost megabytes. */
    const struct fth_csv_opts opts = {
        .delimiter = delimiter, .chunk_len = 64 * 1024, .long_header = true};
    struct fth_unpack *in = NULL;
    struct fth_csv *csv = NULL;
    struct fth_feed_head head = {0};
    enum fth_rc rc;

    if (fth_feed_is_parquet(path)) {
        rc = fth_feed_parquet_head(ledger, path, max, arena, &head, err);
    } else if (fth_feed_is_json(path)) {
        rc = fth_feed_json_head(path, max, arena, &head, err);
    } else {
        rc = fth_unpack_open(path, NULL, &in, err);
        if (!rc)
            rc = fth_csv_open(in, &opts, &csv, err);
        if (!rc)
            rc = csv_head(csv, max, arena, &head, err);
        fth_csv_close(csv);
        fth_unpack_close(in);
    }
    if (!rc)
        *out = head;
    return rc;
}

/* ---- digests ---- */

static void add_content(void *ctx, const void *bytes, size_t n)
{
    struct fth_feed_digests *digests = ctx;

    fth_blake3_add(&digests->content, bytes, n);
}

static void add_file(void *ctx, const void *bytes, size_t n)
{
    struct fth_feed_digests *digests = ctx;

    fth_sha256_add(&digests->file, bytes, n);
}

struct fth_unpack_tee fth_feed_digests_tee(struct fth_feed_digests *digests)
{
    fth_sha256_init(&digests->file);
    fth_blake3_init(&digests->content);
    return (struct fth_unpack_tee){.bytes = add_content, .raw = add_file, .ctx = digests};
}

enum fth_rc fth_import_feed_hash(const char *path, struct fth_cancel *cancel, char content[65],
                                 char sha256[65], struct fth_err *err)
{
    enum { STEP = 1 << 20 };
    struct fth_unpack *in = NULL;
    struct fth_arena *arena = fth_arena_new(2 * STEP);
    struct fth_feed_digests *digests = arena ? FTH_NEW(arena, struct fth_feed_digests) : NULL;
    char *bytes = digests ? fth_arena_alloc(arena, STEP) : NULL;
    struct fth_unpack_tee tee;
    size_t got = 1;
    enum fth_rc rc = FTH_OK;

    if (!bytes) {
        rc = fth_err_nomem(err);
        goto out;
    }
    tee = fth_feed_digests_tee(digests);
    if (!sha256)
        tee.raw = NULL;
    rc = fth_unpack_open(path, &tee, &in, err);
    while (!rc && got) {
        rc = fth_cancel_check(cancel, err);
        if (!rc)
            rc = fth_unpack_read(in, bytes, STEP, &got, err);
    }
    if (rc)
        goto out;
    fth_blake3_hex(&digests->content, content);
    if (sha256)
        fth_sha256_hex(&digests->file, sha256);
out:
    fth_unpack_close(in);
    fth_arena_free(arena);
    return rc;
}
