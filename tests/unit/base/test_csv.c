/* csv: what records, positions and refusals promise, for every index and every size of chunk. */
#include "test.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/csv.h"
#include "base/file.h"
#include "base/rand.h"

struct open_csv {
    struct fth_unpack *in;
    struct fth_csv *csv;
};

static const char *write_file(struct fth_str text)
{
    static char path[128];
    struct fth_err err = {0};

    snprintf(path, sizeof(path), "%s/t.csv", test_dir());
    assert_ok(fth_file_write(path, text, &err), &err);
    return path;
}

static enum fth_rc csv_open(struct open_csv *o, const char *path, const struct fth_csv_opts *opts,
                            struct fth_err *err)
{
    enum fth_rc rc = fth_unpack_open(path, NULL, &o->in, err);

    return rc ? rc : fth_csv_open(o->in, opts, &o->csv, err);
}

static void csv_close(struct open_csv *o)
{
    fth_csv_close(o->csv);
    fth_unpack_close(o->in);
    *o = (struct open_csv){0};
}

/* All of a file as text: "[header] record:line|field|field…", one a line, newlines as '/'. */
static enum fth_rc dump(const char *path, const struct fth_csv_opts *opts, struct fth_buf *out,
                        struct fth_err *err)
{
    struct open_csv o = {0};
    struct fth_csv_row row = {0};
    bool more = true;
    enum fth_rc rc = csv_open(&o, path, opts, err);

    fth_buf_clear(out);
    while (!rc) {
        rc = fth_csv_next(o.csv, &row, &more, err);
        if (rc || !more)
            break;
        fth_buf_printf(out, "%lld:%lld", (long long)row.record, (long long)row.line);
        for (size_t i = 0; i < row.nr; i++) {
            fth_buf_char(out, '|');
            for (size_t k = 0; k < row.fields[i].n; k++)
                fth_buf_char(out, row.fields[i].p[k] == '\n' ? '/' : row.fields[i].p[k]);
        }
        fth_buf_char(out, '\n');
    }
    csv_close(&o);
    return rc;
}

static void reads_with(struct fth_str text, struct fth_csv_opts opts, const char *want)
{
    static const size_t sizes[] = {1, 7, 64, 1000, 0};
    const char *path = write_file(text);
    struct fth_buf buf = fth_buf_max(1 << 24);

    for (int isa = FTH_CSV_BEST; isa < FTH_CSV_ISA_NR; isa++)
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
            struct fth_err err = {0};

            if (!fth_csv_isa_has(isa))
                continue;
            opts.isa = isa;
            opts.chunk_len = sizes[i];
            assert_ok(dump(path, &opts, &buf, &err), &err);
            assert_str(fth_buf_view(&buf), want);
        }
    fth_buf_release(&buf);
}

static void reads(const char *text, const char *want)
{
    reads_with(fth_str_c(text), (struct fth_csv_opts){0}, want);
}

static void refused_with(struct fth_str text, struct fth_csv_opts opts, enum fth_rc want,
                         const char *message)
{
    static const size_t sizes[] = {1, 7, 64, 0};
    const char *path = write_file(text);
    struct fth_buf buf = fth_buf_max(1 << 24);

    for (int isa = FTH_CSV_BEST; isa < FTH_CSV_ISA_NR; isa++)
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
            struct fth_err err = {0};

            if (!fth_csv_isa_has(isa))
                continue;
            opts.isa = isa;
            opts.chunk_len = sizes[i];
            if (dump(path, &opts, &buf, &err) != want || !strstr(err.msg, message))
                fail_msg("%d, chunks of %zu: \"%s\" is not \"%s\"", isa, sizes[i], err.msg,
                         message);
            assert_non_null(strstr(err.msg, "t.csv: "));
        }
    fth_buf_release(&buf);
}

static void refused(const char *text, const char *message)
{
    refused_with(fth_str_c(text), (struct fth_csv_opts){0}, FTH_E_SYNTAX, message);
}

static void fields_are_what_rfc_4180_says(void **state)
{
    (void)state;
    reads("a,b\n1,2\n", "1:2|1|2\n");
    reads("a,b\n1,2", "1:2|1|2\n");
    reads("a,b\r\n1,2\r\n3,4\r\n", "1:2|1|2\n2:3|3|4\n");
    reads("a,b\n\"1\",\"x,y\"\n", "1:2|1|x,y\n");
    reads("a,b\n\"say \"\"hi\"\"\",\"\"\"\"\n", "1:2|say \"hi\"|\"\n");
    reads("a,b\n,\n\"\",\"\"\n", "1:2||\n2:3||\n");
    reads("a\n\n1\n", "1:2|\n2:3|1\n"); /* one column: an empty line is an empty value */
}

static void newlines_inside_of_quotes_count_as_lines_only(void **state)
{
    (void)state;
    reads("a,b\n\"1\n2\",3\n4,\"\r\n\r\n5\"\n6,7\n", "1:2|1/2|3\n2:4|4|\r/\r/5\n3:7|6|7\n");
    reads("\"a\nb\",c\n1,2\n", "1:3|1|2\n");
}

static void a_mark_and_empty_lines_are_skipped(void **state)
{
    (void)state;
    reads("\xef\xbb\xbf"
          "a,b\n1,2\n\n\r\n3,4\n\n",
          "1:2|1|2\n2:5|3|4\n");
    reads("a,b\n", "");
    reads("a,b", "");
}

static void a_long_header_is_cut_to_the_first_record_when_that_is_wanted(void **state)
{
    static const struct {
        const char *text, *want; /* NULL: refused */
    } cases[] = {
        {"a,b,c\n1,2\n3,4\n", "1:2|1|2\n2:3|3|4\n"},
        {"a,b,c\n1,2,3\n", "1:2|1|2|3\n"},
        {"a,b,c\n\"1\n,\",2\n3,4\n", "1:2|1/,|2\n2:4|3|4\n"},
        {"a,b,c\n1,2\n3,4,5\n", NULL},
        {"a,b\n1,2,3\n", NULL},
    };
    const struct fth_csv_opts opts = {.long_header = true};
    struct fth_buf buf = fth_buf_max(1 << 16);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct fth_err err = {0};
        enum fth_rc rc = dump(write_file(fth_str_c(cases[i].text)), &opts, &buf, &err);

        assert_int_equal(rc, cases[i].want ? FTH_OK : FTH_E_SYNTAX);
        if (cases[i].want)
            assert_str(fth_buf_view(&buf), cases[i].want);
    }
    fth_buf_release(&buf);
    refused("a,b,c\n1,2\n", "2 fields, but the first has 3");
}

static void the_delimiter_is_the_one_given(void **state)
{
    (void)state;
    reads_with(FTH_STR("a;b\n1,5;2\n"), (struct fth_csv_opts){.delimiter = ';'}, "1:2|1,5|2\n");
    reads_with(FTH_STR("a\tb\n1\t\"\t\"\n"), (struct fth_csv_opts){.delimiter = '\t'},
               "1:2|1|\t\n");
    reads_with(FTH_STR("1,2\n3,4\n"), (struct fth_csv_opts){.no_header = true},
               "1:1|1|2\n2:2|3|4\n");
}

static void what_breaks_the_rules_is_refused_with_its_line(void **state)
{
    (void)state;
    refused("a,b\n1,2\n3\n", "line 3 (record 2): 1 fields, but the first has 2");
    refused("a,b\n1,2\n3,4,5\n", "line 3 (record 2): 3 fields, but the first has 2");
    /* Too few and too many that would add up. */
    refused("a,b,c\n1,2\n3\n4,5,6\n", "line 2 (record 1): 2 fields, but the first has 3");
    refused("a,b\n1,2,3\n4\n", "line 2 (record 1): 3 fields");
    refused("a,b\n\"1\n\"\"\",2\n3,\"x\"y\n", "line 4: text behind a closing quote");
    refused("a,b\n1,\"x\"\ry\n", "line 2: text behind a closing quote");
    refused("a,b\n1,\"x\" \n", "line 2: text behind a closing quote");
    refused("a,b\n1,2\n3,x\"y\"\n", "line 3: a quote inside of a field that is not quoted");
    refused("a,b\n1,2\n3,\"x\n", "line 3: a quote in this record is open at the end of the file");
    refused("a,b\n1,\xff\n", "line 2 (record 1): not UTF-8");
    refused("\xff,b\n1,2\n", "line 1: the header is not UTF-8");
    refused("", "empty, without a header");
    refused_with((struct fth_str){"\xff\xfe\x61\0", 4}, (struct fth_csv_opts){0}, FTH_E_SYNTAX,
                 "UTF-16, not UTF-8");
}

static void what_is_too_large_is_refused(void **state)
{
    struct fth_str big = test_repeat("x", 5000);
    struct fth_buf buf = fth_buf_max(20000);

    (void)state;
    fth_buf_c(&buf, "a,b\n1,2\n3,");
    fth_buf_str(&buf, big);
    fth_buf_c(&buf, "\n");
    refused_with(fth_buf_view(&buf), (struct fth_csv_opts){.max_columns = 1}, FTH_E_LIMIT,
                 "2 columns, more than 1");
    for (size_t i = 0; i < 3; i++) {
        static const size_t sizes[] = {1, 64, 512};
        struct fth_csv_opts opts = {.max_record = 1000, .chunk_len = sizes[i]};
        struct fth_buf out = fth_buf_max(20000);
        struct fth_err err = {0};

        assert_int_equal(dump(write_file(fth_buf_view(&buf)), &opts, &out, &err), FTH_E_LIMIT);
        assert_non_null(strstr(err.msg, "a record of more than 1000 bytes"));
        fth_buf_release(&out);
    }
    fth_buf_release(&buf);
}

static void the_header_outlives_its_chunk(void **state)
{
    struct open_csv o = {0};
    struct fth_err err = {0};
    struct fth_csv_row row;
    bool more = true;

    (void)state;
    assert_ok(csv_open(&o, write_file(FTH_STR("\"x \"\"y\"\"\",b\r\n1,2\n")), NULL, &err), &err);
    while (more)
        assert_ok(fth_csv_next(o.csv, &row, &more, &err), &err);
    assert_int_equal(fth_csv_columns(o.csv), 2);
    assert_str(fth_csv_header(o.csv)[0], "x \"y\"");
    assert_str(fth_csv_header(o.csv)[1], "b");
    csv_close(&o);
}

static void bad_records_can_be_set_aside(void **state)
{
    const char *path = write_file(FTH_STR("a,b\n1,2\nshort\n3,\"4\n\"\n\n5,\xff\n6,7,8\n9,10\n"));
    static const size_t sizes[] = {1, 9, 0};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct fth_csv_opts opts = {.keep_bad = true, .chunk_len = sizes[i]};
        struct fth_csv_chunk chunk = {0};
        struct fth_buf good = fth_buf_max(1000), bad = fth_buf_max(1000);
        struct open_csv o = {0};
        struct fth_err err = {0};
        bool more = true;

        assert_ok(csv_open(&o, path, &opts, &err), &err);
        while (more) {
            assert_ok(fth_csv_chunk_next(o.csv, &chunk, &more, &err), &err);
            for (size_t r = 0; r < chunk.nr; r++)
                fth_buf_printf(
                    &good, "%lld:%lld:" FTH_STR_F " ", (long long)fth_csv_chunk_record(&chunk, r),
                    (long long)fth_csv_chunk_line(&chunk, r), FTH_STR_A(fth_csv_raw(&chunk, r, 0)));
            for (size_t r = 0; r < chunk.bad_nr; r++)
                fth_buf_printf(&bad, "%lld:%lld:%zu:" FTH_STR_F " ", (long long)chunk.bad[r].record,
                               (long long)chunk.bad[r].line, chunk.bad[r].fields,
                               FTH_STR_A(chunk.bad[r].text));
        }
        assert_str(fth_buf_view(&good), "1:2:1 3:4:3 6:9:9 ");
        assert_str(fth_buf_view(&bad), "2:3:1:short 4:7:2:5,\xff 5:8:3:6,7,8 ");
        fth_buf_release(&good);
        fth_buf_release(&bad);
        fth_csv_chunk_release(&chunk);
        csv_close(&o);
    }
}

/* ---- property: what a writer writes is what is read ---- */

static void put_field(struct fth_buf *out, struct fth_buf *want, struct fth_rng *rng)
{
    static const char *const bits[] = {"a",  "bc", ",",  "\"",  "\n", "é", " ",
                                       "\r", "7",  "xx", "0.1", "…",  "z"};
    char value[64] = "";
    size_t n = 0, nr = fth_rng_below(rng, 8) == 0 ? 0 : fth_rng_below(rng, 9);
    bool quote = fth_rng_below(rng, 3) == 0;

    for (size_t i = 0; i < nr; i++) {
        const char *bit = bits[fth_rng_below(rng, sizeof(bits) / sizeof(bits[0]))];

        memcpy(value + n, bit, strlen(bit) + 1);
        n += strlen(bit);
    }
    quote = quote || strpbrk(value, ",\"\n\r");
    if (quote)
        fth_buf_char(out, '"');
    for (size_t i = 0; i < n; i++) {
        fth_buf_char(out, value[i]);
        if (value[i] == '"')
            fth_buf_char(out, '"');
        fth_buf_char(want, value[i] == '\n' ? '/' : value[i]);
    }
    if (quote)
        fth_buf_char(out, '"');
}

static void what_is_written_is_what_is_read(void **state)
{
    uint64_t seed = fth_rand_seed();
    struct fth_rng rng = fth_rng_seeded(seed);

    (void)state;
    print_message("# seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < 60; round++) {
        struct fth_buf text = fth_buf_max(1 << 20), want = fth_buf_max(1 << 20);
        size_t columns = 2 + fth_rng_below(&rng, 5), rows = fth_rng_below(&rng, 60);
        const char *eol = fth_rng_below(&rng, 2) ? "\r\n" : "\n";
        long long line = 1;

        for (size_t r = 0; r <= rows; r++) {
            size_t from = text.n;

            if (r > 0)
                fth_buf_printf(&want, "%zu:%lld", r, line);
            for (size_t c = 0; c < columns; c++) {
                struct fth_buf ignored = fth_buf_max(1000);

                if (c)
                    fth_buf_char(&text, ',');
                if (r > 0)
                    fth_buf_char(&want, '|');
                put_field(&text, r ? &want : &ignored, &rng);
                fth_buf_release(&ignored);
            }
            if (r < rows || fth_rng_below(&rng, 2))
                fth_buf_c(&text, eol);
            if (r > 0)
                fth_buf_char(&want, '\n');
            for (size_t i = from; i < text.n; i++)
                line += text.p[i] == '\n';
        }
        fth_buf_char(&want, '\0');
        reads_with(fth_buf_view(&text), (struct fth_csv_opts){0}, want.p);
        fth_buf_release(&text);
        fth_buf_release(&want);
    }
}

static void all_indexes_agree_on_any_bytes(void **state)
{
    static const char some[] = ",\"\n\r ab\xc3;";
    static uint32_t want[4000], got[4000];
    struct fth_rng rng = fth_rng_seeded(fth_rand_seed());
    char text[4000];

    (void)state;
    for (int round = 0; round < 2000; round++) {
        size_t n = fth_rng_below(&rng, round % 2 ? 200 : sizeof(text));
        struct fth_csv_index first, other;

        for (size_t i = 0; i < n; i++)
            text[i] = fth_rng_below(&rng, 4) ? 'x' : some[fth_rng_below(&rng, sizeof(some) - 1)];
        fth_csv_index(FTH_CSV_PLAIN, text, n, ',', want, &first);
        for (int isa = FTH_CSV_SSE2; isa < FTH_CSV_ISA_NR; isa++) {
            if (!fth_csv_isa_has(isa))
                continue;
            fth_csv_index(isa, text, n, ',', got, &other);
            assert_int_equal(other.nr, first.nr);
            assert_int_equal(other.newlines, first.newlines);
            assert_int_equal(other.lines, first.lines);
            assert_int_equal(other.open, first.open);
            assert_int_equal(other.ascii, first.ascii);
            assert_true(other.bad == first.bad);
            assert_memory_equal(got, want, first.nr * sizeof(*got));
        }
    }
}

static void every_failing_allocation_is_an_error_and_nothing_else(void **state)
{
    const char *path = write_file(FTH_STR("a,b\n1,2\nshort\n3,\"4\n\"\n\n5,6\n"));

    (void)state;
    for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++) {
        struct fth_csv_opts opts = {.keep_bad = true, .chunk_len = 8};
        struct fth_csv_chunk chunk = {0};
        struct open_csv o = {0};
        struct fth_err err = {0};
        bool more = true;
        enum fth_rc rc = csv_open(&o, path, &opts, &err);

        while (!rc && more)
            rc = fth_csv_chunk_next(o.csv, &chunk, &more, &err);
        assert_true(rc == FTH_OK || rc == FTH_E_NOMEM);
        fth_csv_chunk_release(&chunk);
        csv_close(&o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(fields_are_what_rfc_4180_says),
        TEST(newlines_inside_of_quotes_count_as_lines_only),
        TEST(a_mark_and_empty_lines_are_skipped),
        TEST(a_long_header_is_cut_to_the_first_record_when_that_is_wanted),
        TEST(the_delimiter_is_the_one_given),
        TEST(what_breaks_the_rules_is_refused_with_its_line),
        TEST(what_is_too_large_is_refused),
        TEST(the_header_outlives_its_chunk),
        TEST(bad_records_can_be_set_aside),
        TEST(what_is_written_is_what_is_read),
        TEST(all_indexes_agree_on_any_bytes),
        TEST(every_failing_allocation_is_an_error_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
