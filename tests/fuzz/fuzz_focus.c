/* focus: any bytes are judged or named as unreadable; the number of workers changes nothing. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"
#include "focus/focus.h"
#include "fuzz.h"

enum { ARENA_CAP = 64 << 20, REPORT_MAX = 16 << 20 };

static void judge(const char *path, bool official, unsigned workers, struct fth_buf *out)
{
    const char *paths[] = {path};
    struct fth_focus_request request = {.paths = paths,
                                        .path_nr = 1,
                                        .as_official = official,
                                        .workers = workers,
                                        .memory = 1 << 20};
    struct fth_arena *arena = fth_arena_new(ARENA_CAP);
    const struct fth_focus_report *report = NULL;
    struct fth_err err = {0};

    FTH_CHECK(arena);
    if (!fth_focus_validate(&request, arena, &report, &err)) {
        FTH_CHECK(report->violated + report->warned == report->finding_nr);
        for (size_t i = 0; i < report->finding_nr; i++) {
            const struct fth_focus_finding *finding = &report->findings[i];

            FTH_CHECK(finding->count > 0 && finding->sample_nr <= FTH_FOCUS_SAMPLES);
            fth_buf_str(out, finding->id);
            fth_buf_printf(out, " %llu\n", (unsigned long long)finding->count);
        }
        if (workers == 1) {
            struct fth_buf form = fth_buf_max(REPORT_MAX);

            fth_focus_put_json(&form, report);
            fth_focus_put_junit(&form, report);
            fth_focus_put_html(&form, report);
            fth_buf_release(&form);
        }
    } else {
        FTH_CHECK(err.msg[0]);
    }
    fth_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fth_buf one = fth_buf_max(1 << 20), two = fth_buf_max(1 << 20);
    char path[64];
    int fd = memfd_create("fuzz", 0);

    /* Parquet is the engine's to read. */
    if (size >= 4 && memcmp(data, "PAR1", 4) == 0)
        size = 0;
    FTH_CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    judge(path, false, 1, &one);
    /* Threads and the official view are dear: for some inputs. */
    if (size % 16 == 0) {
        judge(path, false, 2, &two);
        FTH_CHECK(fth_str_eq(fth_buf_view(&one), fth_buf_view(&two)));
        judge(path, true, 1, &two);
    }
    close(fd);
    fth_buf_release(&one);
    fth_buf_release(&two);
    return 0;
}
