/*
 * Golden cases of the forecasting models: tests/golden/forecast/<id>/expected.csv (of `auto`:
 * forecast_auto.csv) is what the model says of every series of forecast_series.csv, eight steps
 * with their bands. Figures may differ by a thousandth of the value: optimisers do not stop at the
 * same bit everywhere. FARTHING_GOLDEN_WRITE=1 writes them anew.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/forecast_files.h"
#include "base/buf.h"
#include "base/csv.h"
#include "base/file.h"
#include "test.h"

enum { ARENA = 64 << 20, PATH_MOST = 64, H = 8, TEXT_MAX = 1 << 20 };

static void put(struct fth_buf *buf, const struct fth_forecast_row *row)
{
    const struct fth_forecast *f = &row->forecast;

    for (size_t i = 0; i < H; i++)
        fth_buf_printf(buf, FTH_STR_F ",%zu,%.6g,%.6g,%.6g\n", FTH_STR_A(row->id), i + 1,
                       f->mean[i], f->lo[i], f->hi[i]);
}

/* "ID,STEP," has to be the same, the numbers behind it about. */
static void compare(const char *model, struct fth_str got, struct fth_str want)
{
    struct fth_str a, b;

    while (fth_str_next(&got, '\n', &a)) {
        struct fth_str x, y, line;

        if (!fth_str_next(&want, '\n', &b))
            fail_msg("%s: \"" FTH_STR_F "\" is not expected", model, FTH_STR_A(a));
        line = b;
        for (int field = 0; fth_str_next(&a, ',', &x) && fth_str_next(&b, ',', &y); field++) {
            double is = strtod(x.p, NULL), should = strtod(y.p, NULL);

            if (field < 2 ? !fth_str_eq(x, y) : fabs(is - should) > 1e-3 * fabs(should) + 1e-6)
                fail_msg("%s: " FTH_STR_F ", expected " FTH_STR_F " of \"" FTH_STR_F "\"", model,
                         FTH_STR_A(x), FTH_STR_A(y), FTH_STR_A(line));
        }
    }
    assert_int_equal(want.n, 0);
}

static void check(const char *model, const char *expected)
{
    struct fth_arena *arena = test_arena(ARENA);
    struct fth_forecast_files request = {.path = test_source("tests/golden/forecast_series.csv"),
                                         .model = model,
                                         .h = H,
                                         .level = 0.8};
    struct fth_buf buf = fth_buf_max(TEXT_MAX);
    const struct fth_forecast_row *rows;
    struct fth_str path, want;
    struct fth_err err = {0};
    size_t nr;

    assert_ok(fth_forecast_files(&request, arena, &rows, &nr, &err), &err);
    fth_buf_c(&buf, "series_id,step,yhat,lo,hi\n");
    for (size_t i = 0; i < nr; i++)
        put(&buf, &rows[i]);
    assert_ok(fth_buf_done(&buf, &err), &err);
    assert_ok(fth_arena_printf(arena, &path, &err, "%s/tests/golden/%s", getenv("FARTHING_SOURCE"),
                               expected),
              &err);
    if (getenv("FARTHING_GOLDEN_WRITE"))
        assert_ok(fth_file_write(path.p, fth_buf_view(&buf), &err), &err);
    assert_ok(fth_file_read(arena, path.p, TEXT_MAX, &want, &err), &err);
    compare(model, fth_buf_view(&buf), want);
    fth_buf_release(&buf);
}

static void every_model_says_what_it_said(void **state)
{
    const struct fth_forecast_model *model;

    (void)state;
    for (size_t i = 0; (model = fth_forecast_model_at(i)) != NULL; i++) {
        char expected[PATH_MOST];

        snprintf(expected, sizeof(expected), "forecast/%s/expected.csv", model->id);
        check(model->id, expected);
    }
    check("auto", "forecast_auto.csv");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_model_says_what_it_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
