/* xlsx: what a workbook promises of cells, limits and failures. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "plan/xlsx_int.h"
#include "test.h"

enum { COLS = 4, OUT_MAX = 512 * 1024 };

#define SHEET FTH_STR("xl/worksheets/sheet1.xml")

static const struct fth_answer_col cols[COLS] = {
    {.name = "time", .kind = FTH_CELL_TIME},
    {.name = "service", .kind = FTH_CELL_DIMENSION},
    {.name = "effective_cost", .kind = FTH_CELL_MONEY, .unit = {"EUR", 3}},
    {.name = "charge_count", .kind = FTH_CELL_COUNT},
};

static const struct fth_plan *plan_of(struct fth_arena *arena, const char *text)
{
    const struct fth_json *json = NULL;
    const struct fth_plan *plan = NULL;
    struct fth_err err = {0};

    assert_ok(fth_json_parse(arena, fth_str_c(text), NULL, &json, &err), &err);
    assert_ok(fth_plan_parse(arena, json, &plan, &err), &err);
    return plan;
}

static const struct fth_plan *some_plan(struct fth_arena *arena)
{
    return plan_of(arena,
                   "{\"kind\":\"query\",\"subject\":\"cost\",\"measures\":[\"effective_cost\"],"
                   "\"time\":{\"start\":\"2025-01-01\",\"end\":\"2025-02-01\"},\"grain\":\"day\","
                   "\"group_by\":[\"service\",\"tag:Team\"],\"where\":\"region = \\\"x\\\"\","
                   "\"order\":{\"by\":\"effective_cost\",\"dir\":\"desc\"},\"limit\":7}");
}

static struct fth_cell money(const char *text)
{
    struct fth_cell cell = {0};
    struct fth_err err = {0};

    assert_ok(fth_money_parse(fth_str_c(text), &cell.money, &err), &err);
    return cell;
}

static struct fth_cell text_cell(struct fth_str text)
{
    return (struct fth_cell){.text = text};
}

struct row {
    const char *time;
    struct fth_str service;
    const char *cost; /* NULL: null */
    int64_t count;
};

struct written {
    struct fth_arena *arena; /* NULL: one is made */
    const struct fth_plan *plan;
    const char *path;
    size_t rows_max;
    uint64_t bytes_max;
    struct fth_err err;
};

static void write_rows(struct written *book, const struct row *rows, size_t nr)
{
    static unsigned books;
    const struct fth_cell sums[COLS] = {
        {.null = true}, {.null = true}, money("12.5"), {.null = true}};
    const struct fth_answer_total total = {.currency = FTH_STR("EUR"), .cells = sums};
    const struct fth_freshness fresh = {.source = FTH_STR("acme"),
                                        .provider = FTH_STR("AWS"),
                                        .billing_period = FTH_STR("2025-01"),
                                        .final = -1};
    const struct fth_answer_end end = {.totals = &total,
                                       .total_nr = 1,
                                       .row_count = (int64_t)nr,
                                       .truncated = true,
                                       .freshness = &fresh,
                                       .freshness_nr = 1,
                                       .ledger_version = 42};
    struct fth_xlsx_wish wish = {
        .folder = test_dir(), .rows_max = book->rows_max, .bytes_max = book->bytes_max};
    struct fth_xlsx *xlsx = NULL;
    struct fth_answer_sink sink;
    struct fth_str path = {0};
    struct fth_err *err = &book->err;

    if (!book->arena) {
        book->arena = test_arena(8 << 20);
        book->plan = some_plan(test_arena(1 << 20));
    }
    if (fth_arena_printf(book->arena, &path, err, "%s/%u.xlsx", test_dir(), books++))
        return;
    book->path = wish.path = path.p;
    if (fth_xlsx_new(book->arena, book->plan, &wish, &xlsx, err))
        return;
    sink = fth_answer_to_xlsx(xlsx);
    (void)sink.begin(sink.ctx, cols, COLS, FTH_STR("EUR"), err);
    for (size_t r = 0; r < nr && !err->rc; r++) {
        const struct fth_cell cells[COLS] = {text_cell(fth_str_c(rows[r].time)),
                                             text_cell(rows[r].service),
                                             rows[r].cost ? money(rows[r].cost)
                                                          : (struct fth_cell){.null = true},
                                             {.i64 = rows[r].count}};

        (void)sink.row(sink.ctx, cells, err);
    }
    if (!err->rc)
        (void)sink.end(sink.ctx, &end, err);
    fth_xlsx_free(xlsx);
}

/* What tests/lib_xlsx.py reads out of it. */
static const char *cells_of(const struct written *book)
{
    char *out = fth_arena_alloc(book->arena, OUT_MAX);
    struct fth_str command = {0};
    struct fth_err err = {0};
    size_t n;
    FILE *reader;

    assert_ok(fth_arena_printf(book->arena, &command, &err, "python3 '%s' '%s'",
                               test_source("tests/lib_xlsx.py"), book->path),
              &err);
    /* NOLINTNEXTLINE(cert-env33-c): a fixed command over paths of the test */
    reader = popen(command.p, "r");
    assert_non_null(reader);
    n = fread(out, 1, OUT_MAX - 1, reader);
    assert_int_equal(pclose(reader), 0);
    out[n] = '\0';
    return out;
}

static void has(const char *cells, const char *line)
{
    if (!strstr(cells, line))
        fail_msg("no \"%s\" in:\n%s", line, cells);
}

static void written_well(const struct written *book)
{
    assert_ok(book->err.rc, &book->err);
}

static void an_amount_is_a_number_only_when_nothing_of_it_is_lost(void **state)
{
    const struct row rows[] = {
        {"2025-01-01", FTH_STR("a"), "0.1", 1},
        {"2025-01-01", FTH_STR("a"), "-123456789012.345", 999999999999999},
        {"2025-01-01", FTH_STR("a"), "1234567890123456", 1000000000000000},
        {"2025-01-01", FTH_STR("a"), "1234567890.1234567", 1},
        {"2025-01-01", FTH_STR("a"), "0.0000000000000001", 1},
        {"2025-01-01", FTH_STR("a"), "0.000000000000001", 1},
        {"2025-01-01", FTH_STR("a"), NULL, 1},
        {"2025-01-01", FTH_STR("a"), "0", 1},
        {"2025-01-01", FTH_STR("a"), "8.95", 1},
        {"2025-01-01", FTH_STR("a"), "123456789012.345001", 1},
    };
    struct written book = {0};
    const char *cells;

    (void)state;
    write_rows(&book, rows, sizeof(rows) / sizeof(rows[0]));
    written_well(&book);
    cells = cells_of(&book);
    has(cells, "Costs\tC2\tn\t[$EUR] #,##0.00#############\t'0.1'\n");
    has(cells, "Costs\tC3\tn\t[$EUR] #,##0.00#############\t'-123456789012.345'\n");
    has(cells, "Costs\tD3\tn\t#,##0\t'999999999999999'\n");
    has(cells, "Costs\tC4\ts\t@\t'1234567890123456'\n");
    has(cells, "Costs\tD4\ts\t@\t'1000000000000000'\n");
    has(cells, "Costs\tC5\ts\t@\t'1234567890.1234567'\n");
    has(cells, "Costs\tC6\ts\t@\t'0.0000000000000001'\n");
    has(cells, "Costs\tC7\tn\t[$EUR] #,##0.00#############\t'1E-15'\n");
    assert_null(strstr(cells, "\tC8\t")); /* unknown is not 0 */
    has(cells, "Costs\tC9\tn\t[$EUR] #,##0.00#############\t'0'\n");
    has(cells, "Costs\tC10\tn\t[$EUR] #,##0.00#############\t'8.949999999999999'\n");
    has(cells, "Costs\tC11\ts\t@\t'123456789012.345001'\n");
    has(cells, "Costs\tA12\ts\t@\t'Total'\n");
    has(cells, "Costs\tC12\tn\t[$EUR] #,##0.00#############\t'12.5'\n");
    has(cells, "About\tB9\ts\t0\t'5: they have more than the 15 digits");
}

/* As a spreadsheet: the double that the text says, of which it shows 15 digits. */
static struct fth_money shown(const char *value)
{
    char text[40];

    snprintf(text, sizeof(text), "%.15G", strtod(value, NULL));
    return money(text).money;
}

static void every_amount_of_15_digits_is_a_number_that_reads_back_the_same(void **state)
{
    enum { NR = 2000, LEN = 24 };
    static char texts[NR][LEN];
    static struct row rows[NR];
    struct written book = {0};
    uint64_t x = 88172645463325252u;
    const char *cells;
    char *line, *rest;
    size_t seen = 0;

    (void)state;
    for (size_t i = 0; i < NR; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        snprintf(texts[i], LEN, "%llu.%06llu1", (unsigned long long)(x % 99999999),
                 (unsigned long long)(x >> 40) % 1000000);
        if (i % 4 == 0) /* amounts of cents, as most are */
            snprintf(texts[i], LEN, "%llu.%02llu", (unsigned long long)(x % 99999),
                     (unsigned long long)(x >> 40) % 100);
        else if (i < NR / 2) /* where 16 digits of a double say another number */
            snprintf(texts[i], LEN, "9.%013llu9", (unsigned long long)(9999999999999 - i * i));
        rows[i] = (struct row){"2025-01-01", FTH_STR("a"), texts[i], 1};
    }
    write_rows(&book, rows, NR);
    written_well(&book);
    cells = cells_of(&book);
    line = strstr(cells, "Costs\tC2\t");
    for (rest = line; rest && (rest = strstr(rest, "Costs\tC")); rest++) {
        char *kind;
        size_t row = strtoul(rest + strlen("Costs\tC"), &kind, 10);
        const char *value = strchr(rest, '\'') + 1;

        if (row < 2 || row >= NR + 2)
            continue;
        if (strncmp(kind, "\tn\t", 3) != 0 ||
            fth_money_cmp(shown(value), money(texts[row - 2]).money) != 0)
            fail_msg("%s is %.80s", texts[row - 2], rest);
        seen++;
    }
    assert_int_equal(seen, NR);
}

static void texts_are_never_formulas_and_lose_nothing(void **state)
{
    const struct row rows[] = {
        {"2025-01-01", FTH_STR("=HYPERLINK(\"http://evil\",\"x\")"), "1", 1},
        {"2025-01-01", FTH_STR("+cmd|' /C calc'!A0"), "1", 1},
        {"2025-01-01", FTH_STR("@SUM(A1)"), "1", 1},
        {"2025-01-01", FTH_STR("https://example.org/<&>"), "1", 1},
        {"2025-01-01", FTH_STR("_x0041_ and \x01 and _x41_"), "1", 1},
        {"2025-01-01", {"a\0b", 3}, "1", 1},
        {"2025-01-01", FTH_STR(" blanks "), "1", 1},
        {"2025-01-01", FTH_STR("007"), "1", 1},
        {"2025-01-01",
         FTH_STR("a\xEF\xBF\xBE\xEF\xBF\xBF"
                 "b\xEF\xBF\xBD"),
         "1", 1},
    };
    struct written book = {0};
    const char *cells;

    (void)state;
    write_rows(&book, rows, sizeof(rows) / sizeof(rows[0]));
    written_well(&book);
    cells = cells_of(&book); /* which fails at a formula or a link */
    has(cells, "Costs\tB2\ts\t@\t'=HYPERLINK(\"http://evil\",\"x\")'\n");
    has(cells, "Costs\tB3\ts\t@\t\"+cmd|' /C calc'!A0\"\n");
    has(cells, "Costs\tB4\ts\t@\t'@SUM(A1)'\n");
    has(cells, "Costs\tB5\ts\t@\t'https://example.org/<&>'\n");
    has(cells, "Costs\tB6\ts\t@\t'_x0041_ and \\x01 and _x41_'\n");
    has(cells, "Costs\tB7\ts\t@\t'a\\x00b'\n");
    has(cells, "Costs\tB8\ts\t@\t' blanks '\n");
    has(cells, "Costs\tB9\ts\t@\t'007'\n");
    has(cells, "Costs\tB10\ts\t@\t'a\\ufffe\\uffffb\xEF\xBF\xBD'\n");
}

static void days_and_hours_are_dates(void **state)
{
    const struct row rows[] = {
        {"2025-01-31", FTH_STR("a"), "1", 1}, {"2025-01-31T18:00:00Z", FTH_STR("a"), "1", 1},
        {"1900-02-28", FTH_STR("a"), "1", 1}, {"1900-03-01", FTH_STR("a"), "1", 1},
        {"no date", FTH_STR("a"), "1", 1},
    };
    struct written book = {0};
    const char *cells;

    (void)state;
    write_rows(&book, rows, sizeof(rows) / sizeof(rows[0]));
    written_well(&book);
    cells = cells_of(&book);
    has(cells, "Costs\tA2\tn\tyyyy-mm-dd\t'45688'\n");
    has(cells, "Costs\tA3\tn\tyyyy-mm-dd hh:mm:ss\t'45688.75'\n");
    has(cells, "Costs\tA4\ts\t@\t'1900-02-28'\n"); /* spreadsheets count those wrongly */
    has(cells, "Costs\tA5\tn\tyyyy-mm-dd\t'61'\n");
    has(cells, "Costs\tA6\ts\t@\t'no date'\n");
}

static void the_second_sheet_says_what_it_is(void **state)
{
    const struct row rows[] = {{"2025-01-01", FTH_STR("a"), "1", 1}};
    struct written book = {0};
    const char *cells;

    (void)state;
    write_rows(&book, rows, 1);
    written_well(&book);
    cells = cells_of(&book);
    has(cells,
        "'Effective cost by Service, tag Team, each day, 2025-01-01 to 2025-01-31, where region "
        "= \"x\", highest Effective cost first, at most 7 rows'\n");
    has(cells, "\"kind\":\"query\"");
    has(cells, "'2025-01-01 to 2025-01-31, both included'\n");
    has(cells, "'EUR'\n");
    has(cells, "'Yes: there are more rows than these. Totals cover them all.'\n");
    has(cells, "'42'\n");
    has(cells, "'acme'\n");
    has(cells, "'not known'\n");
}

static void a_full_sheet_is_written_and_a_fuller_one_refused(void **state)
{
    const struct row rows[] = {
        {"2025-01-01", FTH_STR("a"), "1", 1},
        {"2025-01-02", FTH_STR("a"), "1", 1},
        {"2025-01-03", FTH_STR("a"), "1", 1},
    };
    struct written full = {.rows_max = 5}, rows_over = {.rows_max = 3},
                   total_over = {.rows_max = 4};

    (void)state;
    write_rows(&full, rows, 3);
    written_well(&full);
    has(cells_of(&full), "Costs\tA5\ts\t@\t'Total'\n");
    write_rows(&rows_over, rows, 3);
    assert_int_equal(rows_over.err.rc, FTH_E_LIMIT);
    assert_non_null(strstr(rows_over.err.hint, "Parquet"));
    write_rows(&total_over, rows, 3);
    assert_int_equal(total_over.err.rc, FTH_E_LIMIT);
}

static void rows_of_too_many_bytes_are_refused_before_they_are_all_there(void **state)
{
    enum { NR = 3000 };
    static struct row rows[NR];
    struct written over = {.bytes_max = 50000}, few = {.bytes_max = 100},
                   fits = {.bytes_max = 5000};

    (void)state;
    for (size_t i = 0; i < NR; i++)
        rows[i] = (struct row){"2025-01-01", FTH_STR("a"), "1", 1};
    write_rows(&over, rows, NR);
    assert_int_equal(over.err.rc, FTH_E_LIMIT);
    assert_non_null(strstr(over.err.msg, "1023 rows of more than 50000 bytes"));
    assert_non_null(strstr(over.err.hint, "Parquet"));
    write_rows(&few, rows, 3); /* below the rows at which it is looked at */
    assert_int_equal(few.err.rc, FTH_E_LIMIT);
    write_rows(&fits, rows, 3);
    written_well(&fits);
}

static unsigned open_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    unsigned nr = 0;

    assert_non_null(folder);
    while (readdir(folder))
        nr++;
    assert_int_equal(closedir(folder), 0);
    return nr;
}

static void a_book_that_is_not_finished_leaves_no_file_open(void **state)
{
    const struct row rows[] = {{"2025-01-01", FTH_STR("a"), "1", 1},
                               {"2025-01-01", FTH_STR("a"), "1", 1}};
    unsigned before = open_files();

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct written refused = {.rows_max = 2}, whole = {0};

        write_rows(&refused, rows, 2);
        assert_int_equal(refused.err.rc, FTH_E_LIMIT);
        write_rows(&whole, rows, 2);
        written_well(&whole);
    }
    assert_int_equal(open_files(), before);
}

static void a_file_that_cannot_be_made_leaves_none_open_either(void **state)
{
    struct fth_arena *arena = test_arena(1 << 20);
    const struct fth_xlsx_wish wish = {.path = "/nowhere/at/all.xlsx", .folder = test_dir()};
    const struct fth_answer_end end = {0};
    struct fth_xlsx *xlsx = NULL;
    struct fth_answer_sink sink;
    struct fth_err err = {0};
    unsigned before = open_files();

    (void)state;
    assert_ok(fth_xlsx_new(arena, some_plan(arena), &wish, &xlsx, &err), &err);
    sink = fth_answer_to_xlsx(xlsx);
    assert_ok(sink.begin(sink.ctx, cols, COLS, FTH_STR("EUR"), &err), &err);
    assert_int_equal(sink.end(sink.ctx, &end, &err), FTH_E_IO);
    fth_xlsx_free(xlsx);
    assert_int_equal(open_files(), before);
}

static size_t size_of(const char *path)
{
    FILE *file = fopen(path, "rbe");
    long n;

    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    n = ftell(file);
    assert_int_equal(fclose(file), 0);
    return (size_t)n;
}

static void a_book_that_the_disk_did_not_take_whole_is_noticed(void **state)
{
    const struct row rows[] = {{"2025-01-01", FTH_STR("a"), "1", 1}};
    struct written book = {0};
    struct fth_err err = {0};
    uint64_t least = 1;
    size_t n;

    (void)state;
    write_rows(&book, rows, 1);
    written_well(&book);
    while (!fth_xlsx_whole(book.arena, book.path, SHEET, least, &err))
        least++;
    assert_int_equal(err.rc, FTH_E_IO); /* it has one byte less than that */
    assert_in_range(least, 500, 5000);
    n = size_of(book.path);
    err = (struct fth_err){0};
    assert_int_equal(
        fth_xlsx_whole(book.arena, book.path, FTH_STR("xl/worksheets/sheet3.xml"), 0, &err),
        FTH_E_IO);
    while (n-- > 0) { /* what is left when its end is missing */
        err = (struct fth_err){0};
        assert_int_equal(truncate(book.path, (off_t)n), 0);
        assert_int_equal(fth_xlsx_whole(book.arena, book.path, SHEET, 0, &err), FTH_E_IO);
    }
}

static void a_text_that_no_cell_holds_is_refused(void **state)
{
    struct row row = {"2025-01-01", test_repeat("\xc3\xa4", 32767), "1", 1};
    struct written fits = {0}, over = {0};

    (void)state;
    write_rows(&fits, &row, 1);
    written_well(&fits);
    row.service = test_repeat("\xc3\xa4", 32768);
    write_rows(&over, &row, 1);
    assert_int_equal(over.err.rc, FTH_E_LIMIT);
    assert_non_null(strstr(over.err.msg, "row 2, column 2"));
    row.service = test_repeat("_x0041_", 4680); /* fits, but not once it is escaped */
    over.err = (struct fth_err){0};
    write_rows(&over, &row, 1);
    assert_int_equal(over.err.rc, FTH_E_LIMIT);
}

static void every_failing_allocation_is_an_error_and_leaves_nothing_open(void **state)
{
    const struct row rows[] = {{"2025-01-01", FTH_STR("a"), "1", 1}};
    const struct fth_plan *plan = some_plan(test_arena(1 << 20));
    const char *folder = test_dir();

    (void)state;
    assert_non_null(folder);
    for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++) {
        struct written book = {.arena = fth_arena_new(8 << 20), .plan = plan};

        if (!book.arena)
            continue;

        write_rows(&book, rows, 1);
        if (book.err.rc)
            assert_int_equal(book.err.rc, FTH_E_NOMEM);
        fth_arena_free(book.arena);
    }
}

static void a_folder_that_is_not_there_is_an_error(void **state)
{
    struct fth_arena *arena = test_arena(1 << 20);
    const struct fth_xlsx_wish wish = {.path = "/nowhere/at/all.xlsx", .folder = "/nowhere/at"};
    struct fth_xlsx *xlsx = NULL;
    struct fth_err err = {0};
    struct fth_answer_sink sink;
    const struct fth_answer_end end = {0};

    (void)state;
    if (!fth_xlsx_new(arena, some_plan(arena), &wish, &xlsx, &err)) {
        sink = fth_answer_to_xlsx(xlsx);
        if (!sink.begin(sink.ctx, cols, COLS, FTH_STR("EUR"), &err))
            (void)sink.end(sink.ctx, &end, &err);
    }
    fth_xlsx_free(xlsx);
    assert_int_equal(err.rc, FTH_E_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_amount_is_a_number_only_when_nothing_of_it_is_lost),
        TEST(every_amount_of_15_digits_is_a_number_that_reads_back_the_same),
        TEST(texts_are_never_formulas_and_lose_nothing),
        TEST(days_and_hours_are_dates),
        TEST(the_second_sheet_says_what_it_is),
        TEST(a_full_sheet_is_written_and_a_fuller_one_refused),
        TEST(rows_of_too_many_bytes_are_refused_before_they_are_all_there),
        TEST(a_book_that_is_not_finished_leaves_no_file_open),
        TEST(a_file_that_cannot_be_made_leaves_none_open_either),
        TEST(a_book_that_the_disk_did_not_take_whole_is_noticed),
        TEST(a_text_that_no_cell_holds_is_refused),
        TEST(every_failing_allocation_is_an_error_and_leaves_nothing_open),
        TEST(a_folder_that_is_not_there_is_an_error),
    };

    return cmocka_run_group_tests_name("plan_xlsx", tests, NULL, NULL);
}
