#include "truth.h"

#include <stdio.h>

#include "base/csv.h"
#include "base/money.h"

enum { WHY = 1024, KEYS = 4 };

static bool same_amount(struct fth_str a, struct fth_str b)
{
    struct fth_money x, y;
    struct fth_err err = {0};

    return !fth_money_parse(a, &x, &err) && !fth_money_parse(b, &y, &err) &&
           fth_money_cmp(x, y) == 0;
}

const struct fth_str *truth_row(const struct import_sums *sums, const struct fth_str *keys,
                                size_t key_nr)
{
    for (size_t i = 0; i < sums->row_nr; i++) {
        const struct fth_str *row = &sums->cells[i * sums->col_nr];
        size_t same = 0;

        while (same < key_nr && fth_str_eq(row[same], keys[same]))
            same++;
        if (same == key_nr)
            return row;
    }
    return NULL;
}

static bool line_agrees(const struct import_sums *sums, const struct truth *truth,
                        const struct fth_csv_row *line, char *why)
{
    size_t by_nr = truth->by_nr;
    const struct fth_str *row = truth_row(sums, line->fields, by_nr), none = FTH_STR("nothing");

    if (row && same_amount(row[by_nr], line->fields[truth->billed]) &&
        same_amount(row[by_nr + 1], line->fields[truth->billed + 1]) &&
        fth_str_eq(row[by_nr + 2], line->fields[line->nr - 1]))
        return true;
    snprintf(why, WHY,
             "%s, line %lld: " FTH_STR_F " … " FTH_STR_F " | " FTH_STR_F " | " FTH_STR_F
             " is " FTH_STR_F " | " FTH_STR_F " | " FTH_STR_F,
             truth->file, (long long)line->line, FTH_STR_A(line->fields[by_nr - 1]),
             FTH_STR_A(line->fields[truth->billed]), FTH_STR_A(line->fields[truth->billed + 1]),
             FTH_STR_A(line->fields[line->nr - 1]), FTH_STR_A(row ? row[by_nr] : none),
             FTH_STR_A(row ? row[by_nr + 1] : none), FTH_STR_A(row ? row[by_nr + 2] : none));
    return false;
}

/* Rows of sums that the table ought to have. */
static size_t wanted_rows(const struct import_sums *sums, const struct truth *truth)
{
    size_t nr = 0;

    for (size_t i = 0; i < sums->row_nr; i++)
        nr += truth->by_nr < KEYS || sums->cells[i * sums->col_nr + 1].n > 0;
    return nr;
}

bool truth_agrees(struct import_world *world, const char *path, const struct truth *truth,
                  const char *month, char *why)
{
    struct fth_str by[KEYS];
    struct import_sums sums;
    struct fth_unpack *in = NULL;
    struct fth_csv *csv = NULL;
    struct fth_csv_row line;
    struct fth_err err = {0};
    size_t rows = 0;
    bool more = true, agrees = true;

    for (size_t i = 0; i < truth->by_nr; i++)
        by[i] = fth_str_c(truth->by[i]);
    sums = import_sums(world, by, truth->by_nr);
    assert_ok(fth_unpack_open(path, NULL, &in, &err), &err);
    assert_ok(fth_csv_open(in, NULL, &csv, &err), &err);
    while (agrees) {
        assert_ok(fth_csv_next(csv, &line, &more, &err), &err);
        if (!more)
            break;
        if (month && !fth_str_starts(line.fields[0], fth_str_c(month)))
            continue;
        rows++;
        agrees = line_agrees(&sums, truth, &line, why);
    }
    fth_csv_close(csv);
    fth_unpack_close(in);
    if (agrees && rows != wanted_rows(&sums, truth)) {
        snprintf(why, WHY, "%s: %zu lines, the ledger has %zu", truth->file, rows,
                 wanted_rows(&sums, truth));
        agrees = false;
    }
    return agrees;
}

void truth_check(struct import_world *world, const char *path, const struct truth *truth,
                 const char *month)
{
    char why[WHY];

    if (!truth_agrees(world, path, truth, month, why))
        fail_msg("%s", why);
}
