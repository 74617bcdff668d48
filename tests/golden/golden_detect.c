/*
 * Golden cases of the anomaly detector's channels: tests/golden/detect/<id>/expected.csv is what is
 * found in the series of series.csv beside it, in which the channel has something to say. Scores
 * and amounts may differ by a thousandth. FARTHING_GOLDEN_WRITE=1 writes them anew.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/detect_files.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/file.h"
#include "test.h"

enum { ARENA = 64 << 20, TEXT_MAX = 1 << 20, WORDS = 5 /* columns that are no numbers */ };

static void put(struct fth_buf *buf, struct fth_str id, const struct fth_detect_event *event)
{
    fth_buf_printf(buf, FTH_STR_F ",", FTH_STR_A(id));
    fth_date_put(buf, event->start);
    fth_buf_char(buf, ',');
    fth_date_put(buf, event->end);
    fth_buf_char(buf, ',');
    fth_date_put(buf, event->detected);
    fth_buf_printf(buf, ",%s,%.5g,%.6g,%.6g\n", event->by->id, event->score, event->actual,
                   event->expected);
}

/* The words have to be the same, the numbers behind them about. */
static void compare(const char *id, struct fth_str got, struct fth_str want)
{
    struct fth_str a, b;

    while (fth_str_next(&got, '\n', &a)) {
        struct fth_str x, y, line;

        if (!fth_str_next(&want, '\n', &b))
            fail_msg("%s: \"" FTH_STR_F "\" is not expected", id, FTH_STR_A(a));
        line = b;
        for (int field = 0; fth_str_next(&a, ',', &x) && fth_str_next(&b, ',', &y); field++) {
            double is = strtod(x.p, NULL), should = strtod(y.p, NULL);

            if (field < WORDS ? !fth_str_eq(x, y) : fabs(is - should) > 1e-3 * fabs(should) + 1e-6)
                fail_msg("%s: " FTH_STR_F ", expected " FTH_STR_F " of \"" FTH_STR_F "\"", id,
                         FTH_STR_A(x), FTH_STR_A(y), FTH_STR_A(line));
        }
    }
    assert_int_equal(want.n, 0);
}

static void check(const char *id)
{
    struct fth_arena *arena = test_arena(ARENA);
    struct fth_detect_files request = {.false_alarms = FTH_DETECT_FALSE_ALARMS};
    struct fth_buf buf = fth_buf_max(TEXT_MAX);
    const struct fth_detect_row *rows;
    struct fth_str path, want;
    struct fth_err err = {0};
    bool alarmed = false;
    size_t nr;

    assert_ok(fth_arena_printf(arena, &path, &err, "%s/tests/golden/detect/%s/series.csv",
                               getenv("FARTHING_SOURCE"), id),
              &err);
    request.path = path.p;
    assert_ok(fth_detect_files(&request, arena, &rows, &nr, &err), &err);
    fth_buf_c(&buf, "series_id,start,end,detected,channel,score,actual,expected\n");
    for (size_t i = 0; i < nr; i++)
        for (size_t k = 0; k < rows[i].detection.event_nr; k++) {
            const struct fth_detect_event *event = &rows[i].detection.events[k];

            put(&buf, rows[i].series->id, event);
            alarmed = alarmed || (event->score >= 1 && strcmp(event->by->id, id) == 0);
        }
    assert_ok(fth_buf_done(&buf, &err), &err);
    assert_ok(fth_arena_printf(arena, &path, &err, "%s/tests/golden/detect/%s/expected.csv",
                               getenv("FARTHING_SOURCE"), id),
              &err);
    if (getenv("FARTHING_GOLDEN_WRITE"))
        assert_ok(fth_file_write(path.p, fth_buf_view(&buf), &err), &err);
    assert_ok(fth_file_read(arena, path.p, TEXT_MAX, &want, &err), &err);
    compare(id, fth_buf_view(&buf), want);
    fth_buf_release(&buf);
    if (!alarmed)
        fail_msg("no alarm of %s in its own case", id);
}

static void every_channel_finds_what_it_found(void **state)
{
    const struct fth_detector_kind *kind;

    (void)state;
    for (size_t i = 0; (kind = fth_detector_kind_at(i)) != NULL; i++)
        check(kind->id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_channel_finds_what_it_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
