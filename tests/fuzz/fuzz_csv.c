/* csv: any bytes are read or refused; small chunks and large ones, and all indexes, agree. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/csv.h"
#include "fuzz.h"

enum { MOST = 1 << 20 };

static enum fth_rc read_all(int fd, const struct fth_csv_opts *opts, struct fth_buf *out)
{
    struct fth_unpack *in = NULL;
    struct fth_csv *csv = NULL;
    struct fth_csv_row row;
    struct fth_err err = {0};
    bool more = true;
    enum fth_rc rc;

    lseek(fd, 0, SEEK_SET);
    rc = fth_unpack_from_fd(fd, "fuzz", NULL, &in, &err);
    if (!rc)
        rc = fth_csv_open(in, opts, &csv, &err);
    while (!rc) {
        rc = fth_csv_next(csv, &row, &more, &err);
        if (rc || !more)
            break;
        fth_buf_printf(out, "%lld:%lld:", (long long)row.record, (long long)row.line);
        for (size_t i = 0; i < row.nr; i++) {
            fth_buf_str(out, row.fields[i]);
            fth_buf_char(out, '\0');
        }
    }
    FTH_CHECK((rc != FTH_OK) == (err.msg[0] != '\0'));
    fth_csv_close(csv);
    fth_unpack_close(in);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* The default of megabytes would be most of the time here, and is what every import reads by.
     */
    static const size_t chunks[] = {13, 200, 1 << 16};
    struct fth_buf first = fth_buf_max(MOST), other = fth_buf_max(MOST);
    enum fth_rc rc = FTH_OK;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    FTH_CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    for (size_t i = 0; i < FTH_NR(chunks); i++) {
        struct fth_csv_opts opts = {.chunk_len = chunks[i],
                                    .isa = (enum fth_csv_isa)(i + FTH_CSV_PLAIN),
                                    .max_record = 4096};
        enum fth_rc now;

        if (!fth_csv_isa_has(opts.isa))
            opts.isa = FTH_CSV_BEST;
        fth_buf_clear(&other);
        now = read_all(fd, &opts, &other);
        if (i == 0) {
            rc = now;
            fth_buf_str(&first, fth_buf_view(&other));
        }
        /* How far one gets before an error, and which limit is met first, may depend on chunks. */
        FTH_CHECK((rc == FTH_OK) == (now == FTH_OK) || rc == FTH_E_LIMIT || now == FTH_E_LIMIT);
        if (rc == FTH_OK && now == FTH_OK && !first.failed)
            FTH_CHECK(fth_str_eq(fth_buf_view(&first), fth_buf_view(&other)));
    }
    close(fd);
    fth_buf_release(&first);
    fth_buf_release(&other);
    return 0;
}
