/* feed: what the rows of a delivery promise. */
#include "test.h"

#include <pthread.h>
#include <stdio.h>
#include <zlib.h>

#include "base/date.h"
#include "base/file.h"
#include "base/rand.h"
#include "base/sha256.h"
#include "import/feed.h"

#define SPELL(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct fth_feed_col cols[] = {
    {"cost", FTH_K_MONEY, SPELL("lineItem/Cost")},
    {"net_cost", FTH_K_MONEY, SPELL("lineItem/NetCost")},
    {"kind", FTH_K_TEXT, SPELL("lineItem/Kind", "type")},
    {"amount", FTH_K_DOUBLE, NULL},
    {"begin", FTH_K_INSTANT, NULL},
    {"period", FTH_K_INSTANT, NULL},
    {"flag", FTH_K_BOOL, NULL},
    {"product_name", FTH_K_TEXT, SPELL("product[name]")},
};

static const struct fth_feed_tag_rule tag_rules[] = {
    {"resourceTags/user:", ""}, {"user_", ""}, {"aws_", "aws:"}};

static const struct fth_feed_rule rules[] = {
    {"negation", FTH_RULE_DROP, .column = "kind", .values = SPELL("Negation")},
    {"free", FTH_RULE_DROP, .column = "kind", .values = SPELL("Discount"), .zero = "net_cost"},
    {"fee", FTH_RULE_TWICE, .column = "kind", .values = SPELL("Fee")},
    {"covered", FTH_RULE_COUNT, .column = "kind", .values = SPELL("Covered")},
};

static const struct fth_feed_layout layout = {
    .cols = cols,
    .col_nr = sizeof(cols) / sizeof(*cols),
    .tags = {.maps = SPELL("tags", "resource_tags"),
             .prefixes = SPELL("resourceTags/"),
             .rules = tag_rules,
             .rule_nr = 3},
    .ignored = SPELL("identity/", "year$"),
    .rules = rules,
    .rule_nr = 4,
    .cost = SPELL("net_cost", "cost"),
    .totals = SPELL("cost", "net_cost"),
    .period = "period",
    .nulls = SPELL("NULL"),
};

/* A dictionary that writes a set as text and numbers the texts. */
struct tags {
    pthread_mutex_t lock;
    char at[32][128];
    int32_t nr;
};

static enum fth_rc tag_id(void *ctx, const struct fth_str *keys, const struct fth_str *values,
                          size_t nr, int32_t *out, struct fth_err *err)
{
    struct tags *tags = ctx;
    char text[128] = "";
    size_t n = 0;

    (void)err;
    for (size_t i = 0; i < nr; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s" FTH_STR_F "=" FTH_STR_F,
                              i ? "," : "", FTH_STR_A(keys[i]), FTH_STR_A(values[i]));
    pthread_mutex_lock(&tags->lock);
    for (*out = 1; *out <= tags->nr && strcmp(tags->at[*out - 1], text) != 0; ++*out)
        ;
    if (*out > tags->nr)
        memcpy(tags->at[tags->nr++], text, sizeof(text));
    pthread_mutex_unlock(&tags->lock);
    return FTH_OK;
}

/* All wanted columns of all rows as text, "|" between them, a line a row; "-" is null. */
static void put_value(struct fth_buf *out, const struct fth_vec *vec, size_t row)
{
    if (!fth_vec_is_valid(vec, row)) {
        fth_buf_char(out, '-');
        return;
    }
    row = vec->constant ? 0 : row;
    switch (vec->type) {
    case FTH_T_TEXT:
        fth_buf_str(out, vec->text[row]);
        break;
    case FTH_T_BOOL:
        fth_buf_c(out, vec->boolean[row] ? "true" : "false");
        break;
    case FTH_T_I32:
        fth_buf_printf(out, "%d", (int)vec->i32[row]);
        break;
    case FTH_T_DOUBLE:
        fth_buf_printf(out, "%.17g", vec->f64[row]);
        break;
    case FTH_T_DEC_WIDE: {
        fth_money_put(out, (struct fth_money){.head = vec->i128[row]});
        break;
    }
    case FTH_T_DEC:
        fth_money_put(out, (struct fth_money){.head = vec->i64[row]});
        break;
    case FTH_T_INSTANT:
        fth_instant_put(out, vec->i64[row]);
        break;
    default:
        fth_buf_printf(out, "%lld", (long long)vec->i64[row]);
        break;
    }
}

struct run {
    struct fth_import_feed *feed;
    const struct fth_feed_counts *counts;
    struct tags tags;
    struct fth_buf out;
    struct fth_arena *arena;
};

static void run_init(struct run *run)
{
    *run = (struct run){.out = fth_buf_max(1 << 24)};
    pthread_mutex_init(&run->tags.lock, NULL);
    run->arena = fth_arena_new(1 << 24);
}

static void run_end(struct run *run)
{
    fth_import_feed_close(run->feed);
    fth_buf_release(&run->out);
    fth_arena_free(run->arena);
    pthread_mutex_destroy(&run->tags.lock);
}

static enum fth_rc pull(struct fth_feed *feed, const char *const *names, struct fth_buf *out,
                        struct fth_err *err)
{
    size_t wanted[32], nr = 0;
    struct fth_batch batch = {0};
    void *worker = NULL;
    enum fth_rc rc;

    for (; names[nr]; nr++) {
        for (wanted[nr] = 0; strcmp(feed->cols[wanted[nr]].name, names[nr]) != 0; wanted[nr]++)
            assert_true(wanted[nr] + 1 < feed->col_nr);
    }
    rc = feed->open(feed->ctx, wanted, nr, &worker, err);
    while (!rc && !(rc = feed->next(worker, &batch, err)) && batch.nr)
        for (size_t r = 0; r < batch.nr; r++) {
            for (size_t c = 0; c < batch.col_nr; c++) {
                if (c)
                    fth_buf_char(out, '|');
                put_value(out, &batch.cols[c], r);
            }
            fth_buf_char(out, '\n');
        }
    if (worker)
        feed->close(worker);
    return rc;
}

static struct fth_feed_request request_of(struct run *run, const char *const *paths)
{
    struct fth_feed_request request = {.layout = &layout,
                                       .paths = paths,
                                       .period_us = FTH_FEED_ANY_PERIOD,
                                       .tag_id = tag_id,
                                       .tag_ctx = &run->tags};

    while (paths[request.path_nr])
        request.path_nr++;
    return request;
}

/* What the second feed has for a row, whose line ends in its record and part; "-": nothing. */
static struct fth_str beside(struct fth_str side, struct fth_str row)
{
    struct fth_str line, rest = side;

    while (fth_str_split(rest, '\n', &line, &rest))
        if (fth_str_starts(line, row) && line.p[row.n] == '|')
            return fth_str_sub(line, row.n + 1, line.n);
    return FTH_STR("-");
}

/* As pull(), and last in each line what the second feed has for the row. */
static enum fth_rc pull_both(struct run *run, const char *const *names, size_t name_nr,
                             struct fth_err *err)
{
    struct fth_buf rows = fth_buf_max(1 << 24), side = fth_buf_max(1 << 24);
    const char *wanted[32];
    struct fth_str line, rest;
    enum fth_rc rc;

    memcpy(wanted, names, name_nr * sizeof(*wanted));
    memcpy(wanted + name_nr, SPELL("Record", "Part"), 3 * sizeof(*wanted));
    rc = pull(fth_import_feed_feed(run->feed), wanted, &rows, err);
    if (!rc)
        rc = pull(fth_import_feed_side(run->feed), SPELL("Record", "Part", "Columns"), &side, err);
    rest = fth_buf_view(&rows);
    while (!rc && fth_str_split(rest, '\n', &line, &rest)) {
        size_t at = line.n;

        for (int bars = 0; at && bars < 2; bars += line.p[at] == '|')
            at--;
        if (name_nr)
            fth_buf_str(&run->out, fth_str_sub(line, 0, at + 1));
        fth_buf_str(&run->out,
                    beside(fth_buf_view(&side), fth_str_sub(line, name_nr ? at + 1 : 0, line.n)));
        fth_buf_char(&run->out, '\n');
    }
    fth_buf_release(&rows);
    fth_buf_release(&side);
    return rc;
}

/* The name "Side", which comes last, is no column but what is kept beside the row. */
static enum fth_rc run_with(struct run *run, const struct fth_feed_request *request,
                            const char *const *names, struct fth_err *err)
{
    struct fth_feed_request both = *request;
    char path[128];
    size_t nr = 0;
    enum fth_rc rc;

    snprintf(path, sizeof(path), "%s/side", test_dir());
    while (names[nr])
        nr++;
    if (strcmp(names[nr - 1], "Side") == 0)
        both.side = path;
    rc = fth_import_feed_open(&both, run->arena, &run->feed, err);
    if (rc)
        return rc;
    if (both.side)
        rc = pull_both(run, names, nr - 1, err);
    else
        rc = pull(fth_import_feed_feed(run->feed), names, &run->out, err);
    run->counts = fth_import_feed_counts(run->feed);
    assert_false(fth_file_is_file(path));
    return rc;
}

static const char *file(const char *text)
{
    return test_file(fth_str_c(text));
}

static void gives(const char *text, const char *const *names, const char *want)
{
    struct run run;
    struct fth_feed_request request;
    struct fth_err err = {0};

    run_init(&run);
    request = request_of(&run, SPELL(file(text)));
    assert_ok(run_with(&run, &request, names, &err), &err);
    assert_str(fth_buf_view(&run.out), want);
    run_end(&run);
}

static void refused(const char *text, const char *const *names, enum fth_rc want,
                    const char *message)
{
    struct run run;
    struct fth_feed_request request;
    struct fth_err err = {0};
    enum fth_rc rc;

    run_init(&run);
    request = request_of(&run, SPELL(file(text)));
    rc = run_with(&run, &request, names, &err);
    if (rc != want || !strstr(err.msg, message))
        fail_msg("\"%s\" (%s) is not \"%s\"", err.msg, fth_rc_info(rc)->name, message);
    run_end(&run);
}

static void amounts_keep_every_digit(void **state)
{
    (void)state;
    gives("cost\n1.2\n-0.0000000001\n\n.5\n7.\n1.4724E-6\n-7.0E-10\n99999999.9999999999\n"
          "1.0000000000000000000000000001\n-0.00000000000000000000000000005e1\n+3\n000001\n",
          SPELL("Record", "cost", "costTail"),
          "1|1.2|0\n2|-0.0000000001|0\n3|-|-\n4|0.5|0\n5|7|0\n6|0.0000014724|0\n"
          "7|-0.0000000007|0\n8|99999999.9999999999|0\n9|1|1\n10|0|-5\n11|3|0\n12|1|0\n");
}

static void values_that_do_not_fit_their_kind_are_refused_with_their_place(void **state)
{
    static const char *const names[] = {"cost", "costTail", "amount", "begin", "flag", NULL};

    (void)state;
    refused("kind,cost\na,1\nb,1.2.3\n", names, FTH_E_SYNTAX,
            ": line 3 (record 2), column \"cost\": \"1.2.3\" is not a number (not-a-number)");
    refused("cost\nNaN\n", names, FTH_E_SYNTAX, "\"NaN\" is not a number (not-a-number)");
    refused("cost\n1e400\n", names, FTH_E_RANGE, "too-many-digits");
    refused("cost\n1e-29\n", names, FTH_E_RANGE, "too-many-digits");
    refused("cost\n1 \n", names, FTH_E_SYNTAX, "not-a-number");
    refused("cost\n\"1,5\"\n", names, FTH_E_SYNTAX, "\"1,5\" is not a number");
    refused("cost\n-\n", names, FTH_E_SYNTAX, "not-a-number");
    refused("amount\n1e400\n", names, FTH_E_SYNTAX, "column \"amount\": \"1e400\" is not a number");
    refused("amount\n0x10\n", names, FTH_E_SYNTAX, "not-a-number");
    refused("amount\ninf\n", names, FTH_E_SYNTAX, "not-a-number");
    refused("begin\n2025-02-30\n", names, FTH_E_SYNTAX,
            "column \"begin\": \"2025-02-30\" is not a date or time (not-a-time)");
    refused("flag\nmaybe\n", names, FTH_E_SYNTAX, "not-a-boolean");
    refused("cost,cost\n1,2\n", names, FTH_E_SYNTAX, "column \"cost\" is there twice");
    refused("cost,kind\n1\n", names, FTH_E_SYNTAX, "line 2 (record 1): 1 fields");
}

static void a_head_that_is_too_large_asks_for_a_wide_column(void **state)
{
    const char *path = file("net_cost,cost\n,100000000\n,-12345678901234567.0000000000000000001\n");
    struct run run;
    struct fth_feed_request request;
    struct fth_err err = {0};

    (void)state;
    run_init(&run);
    request = request_of(&run, SPELL(path));
    assert_int_equal(run_with(&run, &request, SPELL("cost"), &err), FTH_E_RANGE);
    assert_string_equal(err.pointer, "/wide/cost");
    run_end(&run);

    fth_err_clear(&err);
    run_init(&run);
    request = request_of(&run, SPELL(path));
    request.wide = 1;
    assert_ok(run_with(&run, &request, SPELL("cost", "costTail", "net_cost"), &err), &err);
    assert_str(fth_buf_view(&run.out), "100000000|0|-\n-12345678901234567|-1000000000|-\n");
    assert_true(run.counts->has_tail);
    run_end(&run);
}

static void texts_are_null_when_empty_and_headers_are_found_by_spelling(void **state)
{
    (void)state;
    gives("lineItem/Kind,AMOUNT,identity/x\n\"a \"\"b\"\"\",2,1\n\"\",NULL,1\nNULL,,\n",
          SPELL("kind", "amount", "net_cost", "Part", "Side"),
          "a \"b\"|2|-|0|-\n-|-|-|0|-\n-|-|-|0|-\n");
    /* The canonical name counts before the spellings, exact ones before folded ones. */
    gives("type,kind\n1,2\n", SPELL("kind", "Side"), "2|{\"type\":\"1\"}\n");
    gives("KIND,type\n1,2\n", SPELL("kind"), "2\n");
}

static void doubles_are_rounded_correctly(void **state)
{
    (void)state;
    gives("amount\n0.1\n-2.5\n9007199254740993\n1e22\n1.7976931348623157e308\n0.30000000000000004\n"
          "123456789012345678901234567890\n",
          SPELL("amount"),
          "0.10000000000000001\n-2.5\n9007199254740992\n1e+22\n1.7976931348623157e+308\n"
          "0.30000000000000004\n1.2345678901234568e+29\n");
}

static void moments_and_truths_are_typed(void **state)
{
    (void)state;
    gives("begin,flag\n2025-01-31T05:06:07Z,true\n2025-01-31 05:06:07,0\n2025-01-31,TRUE\n,\n",
          SPELL("begin", "flag"),
          "2025-01-31T05:06:07Z|true\n2025-01-31T05:06:07Z|false\n2025-01-31T00:00:00Z|true\n-|-"
          "\n");
}

static void rules_drop_and_double_and_every_row_is_accounted_for(void **state)
{
    const char *path = file("kind,cost,net_cost\nUsage,1.5,\nNegation,-7,-6\nFee,10,\n"
                            "Discount,-1,0\nDiscount,-2,-1\nCovered,4,3\nFee,1,1\n");
    struct run run;
    struct fth_feed_request request;
    struct fth_err err = {0};
    const struct fth_feed_counts *c;

    (void)state;
    run_init(&run);
    request = request_of(&run, SPELL(path));
    assert_ok(run_with(&run, &request, SPELL("Record", "Part", "kind", "cost"), &err), &err);
    assert_str(fth_buf_view(&run.out), "1|0|Usage|1.5\n3|0|Fee|10\n3|1|Fee|10\n"
                                       "5|0|Discount|-2\n6|0|Covered|4\n7|0|Fee|1\n7|1|Fee|1\n");
    c = run.counts;
    assert_int_equal(c->rows_read, 7);
    assert_int_equal(c->rows_out, 7);
    assert_int_equal(c->rule_rows[0], 1);
    assert_true(fth_money_cmp(c->sums[0].rule_cost[0], (struct fth_money){-60000000000, 0}) == 0);
    assert_int_equal(c->rule_rows[1], 1);
    assert_true(fth_money_is_zero(c->sums[0].rule_cost[1]));
    assert_int_equal(c->rule_rows[2], 2);
    assert_int_equal(c->rule_rows[3], 1);
    assert_int_equal(c->sum_nr, 1);
    assert_true(fth_money_cmp(c->sums[0].total[0], (struct fth_money){65000000000, 0}) == 0);
    assert_int_equal(c->sums[0].total_nr[0], 7);
    assert_int_equal(c->sums[0].total_nr[1], 5);
    run_end(&run);
}

static void totals_are_counted_even_when_no_column_is_wanted(void **state)
{
    struct run run;
    struct fth_feed_request request;
    struct fth_err err = {0};

    (void)state;
    run_init(&run);
    request = request_of(&run, SPELL(file("cost\n1\n2\n0.0000000000000000000000000003\n")));
    assert_ok(run_with(&run, &request, SPELL("Part"), &err), &err);
    assert_int_equal(run.counts->rows_read, 3);
    assert_true(run.counts->sums[0].total[0].head == 30000000000 &&
                run.counts->sums[0].total[0].tail == 3);
    run_end(&run);
}

static void tags_come_from_the_first_map_that_has_any_and_from_columns(void **state)
{
    const char *path =
        file("tags,resource_tags,resourceTags/user:Team,resourceTags/x,product\n"
             "\"{\"\"user_a\"\":\"\"1\"\",\"\"aws_b\"\":null}\",\"{\"\"c\"\":\"\"2\"\"}\",,,\n"
             "{},\"{\"\"c\"\":\"\"2\"\"}\",core,,\"{\"\"name\"\":\"\"EC2\"\"}\"\n"
             ",,core,y,\"{\"\"other\"\":1}\"\n"
             ",,,,\n"
             "\"{\"\"a\"\":true,\"\"user_a\"\":\"\"late\"\",\"\"n\"\":1.50}\",,,,\n");
    struct run run;
    struct fth_feed_request request;
    struct fth_err err = {0};

    (void)state;
    run_init(&run);
    request = request_of(&run, SPELL(path));
    assert_ok(run_with(&run, &request, SPELL("TagSetId", "product_name", "Side"), &err), &err);
    assert_str(fth_buf_view(&run.out), "1|-|-\n2|EC2|-\n3|-|-\n0|-|-\n4|-|-\n");
    assert_string_equal(run.tags.at[0], "a=1,aws:b=");
    assert_string_equal(run.tags.at[1], "c=2,Team=core");
    assert_string_equal(run.tags.at[2], "Team=core,resourceTags/x=y");
    assert_string_equal(run.tags.at[3], "a=true,n=1.50");
    assert_int_equal(run.counts->unknown_nr, 0);
    run_end(&run);
    refused("tags\n[1]\n", SPELL("TagSetId"), FTH_E_SYNTAX, "not-a-map");
    refused("tags\n\"{\"\"a\"\":1\"\n", SPELL("TagSetId"), FTH_E_SYNTAX, "not-a-map");
    refused("product\nEC2\n", SPELL("product_name"), FTH_E_SYNTAX, "not-a-map");
}

static void what_nobody_knows_is_kept_beside(void **state)
{
    struct run run;
    struct fth_feed_request request;
    struct fth_err err = {0};

    (void)state;
    run_init(&run);
    request = request_of(
        &run, SPELL(file("cost,x_a,identity/id,\"x \"\"b\"\"\",year\n1,,7,,2025\n2,\"q\"\"r\",7,{},"
                         "2025\n")));
    assert_ok(run_with(&run, &request, SPELL("Side"), &err), &err);
    assert_str(fth_buf_view(&run.out), "-\n{\"x_a\":\"q\\\"r\"}\n");
    assert_int_equal(run.counts->unknown_nr, 2);
    assert_str(run.counts->unknown[1], "x \"b\"");
    assert_int_equal(run.counts->missing_nr, 7);
    run_end(&run);
}

static void only_one_billing_period_is_taken_at_a_time(void **state)
{
    const char *path = file("period,cost\n2025-02-01,1\n2025-01-01T00:00:00Z,2\n"
                            "2025-02-01 00:00:00,4\n");
    struct run run;
    struct fth_feed_request request;
    struct fth_err err = {0};

    (void)state;
    for (int round = 0; round < 2; round++) {
        run_init(&run);
        request = request_of(&run, SPELL(path));
        if (round)
            fth_instant_parse(FTH_STR("2025-01-01"), &request.period_us);
        assert_ok(run_with(&run, &request, SPELL("Record", "cost"), &err), &err);
        assert_str(fth_buf_view(&run.out), round ? "2|2\n" : "1|1\n3|4\n");
        assert_int_equal(run.counts->rows_read, round ? 1 : 2);
        assert_int_equal(run.counts->rows_other, round ? 2 : 1);
        assert_int_equal(run.counts->period_nr, 2);
        assert_true(run.counts->periods[0] < run.counts->periods[1]);
        run_end(&run);
    }
    refused("period,cost\n2025-01-01,1\n,2\n", SPELL("cost"), FTH_E_SYNTAX, "no billing period");
}

static void records_go_on_over_files_with_other_columns(void **state)
{
    const char *const paths[] = {file("cost,kind\n1,a\n2,b\n"), file("kind,x\nc,1\n"),
                                 file("net_cost,cost\n3,4\n"), NULL};
    struct run run;
    struct fth_feed_request request;
    struct fth_err err = {0};
    char want[FTH_SHA256_HEX];

    (void)state;
    run_init(&run);
    request = request_of(&run, paths);
    assert_ok(run_with(&run, &request, SPELL("Record", "cost", "kind", "net_cost", "Side"), &err),
              &err);
    assert_str(fth_buf_view(&run.out), "1|1|a|-|-\n2|2|b|-|-\n3|-|c|-|{\"x\":\"1\"}\n4|4|-|3|-\n");
    assert_int_equal(run.counts->file_nr, 3);
    assert_int_equal(run.counts->files[0].rows, 2);
    assert_int_equal(run.counts->files[1].bytes, 11);
    assert_ok(fth_sha256_text(FTH_STR("kind,x\nc,1\n"), want, &err), &err);
    assert_string_equal(run.counts->files[1].sha256, want);
    assert_string_equal(run.counts->files[1].content, want);
    assert_true(fth_import_feed_progress(run.feed)->rows == 4);
    assert_true(fth_import_feed_progress(run.feed)->bytes == 18 + 11 + 18);
    run_end(&run);
}

static void columns_can_be_done_without(void **state)
{
    struct run run;
    struct fth_feed_request request;
    struct fth_err err = {0};

    (void)state;
    run_init(&run);
    request = request_of(&run, SPELL(file("cost,net_cost\n1,2\n")));
    request.without = SPELL("net_cost");
    assert_ok(run_with(&run, &request, SPELL("cost", "net_cost", "Side"), &err), &err);
    assert_str(fth_buf_view(&run.out), "1|-|-\n");
    assert_true(run.counts->sums[0].total_nr[1] == 0);
    run_end(&run);
}

static void so_many_bad_records_are_set_aside_and_no_more(void **state)
{
    const char *path = file("kind,cost,begin\nFee,1,2025-01-01\nb,x,2025-01-01\nc,3\nFee,4,never\n"
                            "e,\xff,2025-01-01\nf,6,2025-01-01\nz,y,never\n");
    char rejects[128];
    struct run run;
    struct fth_feed_request request;
    struct fth_err err = {0};
    struct fth_str text = {0};

    (void)state;
    snprintf(rejects, sizeof(rejects), "%s/rejects.csv", test_dir());
    run_init(&run);
    request = request_of(&run, SPELL(path));
    request.tolerate = 5;
    request.rejects = rejects;
    assert_ok(run_with(&run, &request, SPELL("Record", "Part", "cost", "begin"), &err), &err);
    assert_str(fth_buf_view(&run.out), "1|0|1|2025-01-01T00:00:00Z\n1|1|1|2025-01-01T00:00:00Z\n"
                                       "6|0|6|2025-01-01T00:00:00Z\n");
    assert_int_equal(run.counts->rejected, 5);
    assert_int_equal(run.counts->rows_read, 2 + 5);
    assert_int_equal(run.counts->rule_rows[2], 1);
    assert_true(run.counts->sums[0].total[0].head == 70000000000);
    assert_int_equal(run.counts->reject_nr, 5);
    assert_str(run.counts->rejects[0].rule, "field-count");
    assert_str(run.counts->rejects[1].rule, "not-utf8");
    assert_str(run.counts->rejects[2].value, "x");
    assert_int_equal(run.counts->rejects[2].line, 3);
    assert_str(run.counts->rejects[4].column, "begin");
    assert_int_equal(run.counts->rejects[4].record, 4);
    run_end(&run);
    assert_ok(fth_file_read(test_arena(1 << 16), rejects, 1 << 15, &text, &err), &err);
    assert_true(fth_str_starts(text, FTH_STR("line,record,file,column,rule,value,text\n")));
    assert_true(
        fth_str_search(text, FTH_STR("\"cost\",\"not-a-number\",\"x\",\"b,x,2025-01-01\"\n")) !=
        SIZE_MAX);

    run_init(&run);
    request.tag_ctx = &run.tags;
    request.tolerate = 4;
    assert_int_equal(run_with(&run, &request, SPELL("cost", "begin"), &err), FTH_E_SYNTAX);
    assert_non_null(strstr(err.hint, "4 bad records were set aside"));
    run_end(&run);
}

static const struct fth_feed_demand demands[] = {
    {.rule = "kind", .kind = FTH_DEMAND_ONE_OF, .column = "kind", .names = SPELL("a", "b")},
    {.rule = "begin", .kind = FTH_DEMAND_VALUE, .column = "begin"},
    {.rule = "later", .kind = FTH_DEMAND_AFTER, .column = "period", .than = "begin"},
    {.rule = "cost", .kind = FTH_DEMAND_ANY, .names = SPELL("cost", "net_cost")},
    {.rule = "unit", .kind = FTH_DEMAND_CURRENCY, .column = "product_name", .optional = true},
};

/* Reads the text under those demands: NULL, or the rule and why in the error's message. */
static void demand(const char *text, const char *rule, const char *why, int64_t lacking)
{
    struct fth_feed_layout strict = layout;
    struct fth_feed_request request;
    struct fth_err err = {0};
    struct run run;

    strict.demands = demands;
    strict.demand_nr = sizeof(demands) / sizeof(*demands);
    strict.period = NULL;
    run_init(&run);
    request = request_of(&run, SPELL(file(text)));
    request.layout = &strict;
    if (rule) {
        assert_int_equal(run_with(&run, &request, SPELL("cost"), &err), FTH_E_INVALID);
        assert_str(run.counts->fatal.rule, rule);
        if (!strstr(err.msg, why))
            fail_msg("%s", err.msg);
    } else {
        assert_ok(run_with(&run, &request, SPELL("cost"), &err), &err);
        assert_int_equal(run.counts->lacking[4], lacking);
    }
    run_end(&run);
}

static void a_record_satisfies_what_its_layout_demands(void **state)
{
    (void)state;
    demand("cost,kind,begin\n1,a,2025-01-01\n2,b,2025-01-01\n", NULL, NULL, 0);
    demand("cost,kind\n1,a\n2,c\n", "kind", "\"c\" is none of a, b", 0);
    demand("cost,kind\n1,a\n2,\n", "kind", "\"\" is missing", 0);
    demand("cost,begin\n1,2025-01-01\n2,NULL\n", "begin", "is missing", 0);
    demand("cost,begin,period\n1,2025-01-02,2025-01-03\n2,2025-01-01,\n", NULL, NULL, 0);
    demand("cost,begin,period\n1,2025-01-02,2025-01-02\n", "later", "is not after begin", 0);
    demand("cost,begin,period\n1,2025-01-01,2025-01-02\n1,2025-01-02,2025-01-01T23:59:59Z\n",
           "later", "is before begin \"2025-01-02\"", 0);
    demand("cost,net_cost\n1,\n,2\n", NULL, NULL, 0);
    demand("cost,net_cost\n1,\n,\n", "cost", "every other cost", 0);
    demand("cost,product_name\n1,EUR\n1,\n2,JPY\n3,\n", NULL, NULL, 2);
    demand("cost,product_name\n1,EUR\n1,Eur\n", "unit", "is no currency code", 0);
    demand("cost,product_name\n1,XAU\n", "unit", "is no currency code", 0);
}

static void a_cut_file_is_refused_whole(void **state)
{
    char path[128];
    gzFile out;
    struct fth_str text = {0};
    struct fth_err err = {0};
    struct run run;
    struct fth_feed_request request;

    (void)state;
    snprintf(path, sizeof(path), "%s/x.csv.gz", test_dir());
    out = gzopen(path, "wb");
    gzputs(out, "cost\n");
    for (int i = 0; i < 100000; i++)
        gzprintf(out, "%d.%d\n", i, i * 7919 % 10007);
    gzclose(out);
    assert_ok(fth_file_read(test_arena(1 << 21), path, 1 << 20, &text, &err), &err);
    assert_ok(fth_file_write(path, fth_str_sub(text, 0, text.n - 9), &err), &err);
    run_init(&run);
    request = request_of(&run, SPELL(path));
    request.tolerate = 1000;
    assert_int_equal(run_with(&run, &request, SPELL("cost"), &err), FTH_E_SYNTAX);
    assert_non_null(strstr(err.msg, "the compressed data is cut"));
    run_end(&run);
}

/* ---- several workers ---- */

struct puller {
    struct fth_feed *feed;
    struct fth_money sum;
    int64_t records, rows;
    enum fth_rc rc;
};

static void *pull_sums(void *arg)
{
    struct puller *p = arg;
    size_t wanted[2] = {0, 0};
    struct fth_batch batch;
    struct fth_err err = {0};
    void *worker = NULL;

    while (strcmp(p->feed->cols[wanted[0]].name, "cost") != 0)
        wanted[0]++;
    while (strcmp(p->feed->cols[wanted[1]].name, "Record") != 0)
        wanted[1]++;
    p->rc = p->feed->open(p->feed->ctx, wanted, 2, &worker, &err);
    while (!p->rc && !(p->rc = p->feed->next(worker, &batch, &err)) && batch.nr)
        for (size_t r = 0; r < batch.nr; r++) {
            p->sum.head += batch.cols[0].i64[r];
            p->records += batch.cols[1].i64[r];
            p->rows++;
        }
    if (worker)
        p->feed->close(worker);
    return NULL;
}

static void several_workers_see_every_row_once(void **state)
{
    enum { ROWS = 200000, WORKERS = 3 };
    struct fth_buf text = fth_buf_max(64 << 20);
    struct fth_rng rng = fth_rng_seeded(7);
    struct puller pullers[WORKERS] = {0};
    pthread_t threads[WORKERS];
    int64_t want = 0, sum = 0, rows = 0, records = 0;
    struct run run;
    struct fth_feed_request request;
    struct fth_err err = {0};
    const char *path;

    (void)state;
    fth_buf_c(&text, "kind,cost\n");
    for (int i = 0; i < ROWS; i++) {
        uint64_t cents = fth_rng_below(&rng, 100000);

        fth_buf_printf(&text, "\"kind of, a %030d\",%llu.%02llu\n", i,
                       (unsigned long long)(cents / 100), (unsigned long long)(cents % 100));
        want += (int64_t)cents * 100000000;
    }
    path = test_file(fth_buf_view(&text));
    fth_buf_release(&text);
    run_init(&run);
    request = request_of(&run, SPELL(path, path));
    assert_ok(fth_import_feed_open(&request, run.arena, &run.feed, &err), &err);
    for (size_t i = 0; i < WORKERS; i++) {
        pullers[i].feed = fth_import_feed_feed(run.feed);
        assert_int_equal(pthread_create(&threads[i], NULL, pull_sums, &pullers[i]), 0);
    }
    for (size_t i = 0; i < WORKERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(pullers[i].rc, FTH_OK);
        sum += (int64_t)pullers[i].sum.head;
        rows += pullers[i].rows;
        records += pullers[i].records;
    }
    assert_true(sum == 2 * want);
    assert_true(rows == 2 * ROWS);
    assert_true(records == INT64_C(1) * ROWS * (2 * ROWS + 1));
    assert_true(fth_import_feed_counts(run.feed)->sums[0].total[0].head == 2 * want);
    run_end(&run);
}

static void heads_and_digests_need_no_layout(void **state)
{
    const char *path = file("a,b\n1,\"x\"\"y\"\n3,4\n5,6\n");
    struct fth_arena *arena = test_arena(1 << 20);
    struct fth_feed_head head = {0};
    struct fth_err err = {0};
    char content[65], hex[65], want[65];

    (void)state;
    assert_ok(fth_import_feed_head(NULL, path, 2, ',', arena, &head, &err), &err);
    assert_int_equal(head.header_nr, 2);
    assert_int_equal(head.row_nr, 2);
    assert_false(head.parquet);
    assert_str(head.headers[1], "b");
    assert_str(head.cells[1], "x\"y");
    assert_str(head.cells[2], "3");
    assert_ok(fth_import_feed_hash(path, NULL, content, hex, &err), &err);
    assert_ok(fth_sha256_text(FTH_STR("a,b\n1,\"x\"\"y\"\n3,4\n5,6\n"), want, &err), &err);
    assert_string_equal(hex, want);
    assert_string_equal(content, want);
    assert_int_equal(fth_import_feed_head(NULL, "/nowhere", 2, ',', arena, &head, &err),
                     FTH_E_NOTFOUND);
}

static void cancelling_stops_the_feed(void **state)
{
    struct fth_cancel cancel = {0};
    struct run run;
    struct fth_feed_request request;
    struct fth_err err = {0};

    (void)state;
    run_init(&run);
    request = request_of(&run, SPELL(file("cost\n1\n")));
    request.cancel = &cancel;
    fth_cancel_set(&cancel, "enough");
    assert_int_equal(run_with(&run, &request, SPELL("cost"), &err), FTH_E_CANCELLED);
    run_end(&run);
}

static void every_failing_allocation_is_an_error_and_nothing_else(void **state)
{
    const char *path =
        file("kind,cost,tags,product,x\nFee,1,\"{\"\"a\"\":\"\"b\"\"}\",\"{\"\"name\"\":"
             "\"\"n\"\"}\",\"q\"\"\"\nbad,z,,,\nUsage,2,,,\n");

    (void)state;
    for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++) {
        struct run run = {.out = fth_buf_max(1 << 20), .arena = fth_arena_new(1 << 22)};
        struct fth_feed_request request = request_of(&run, SPELL(path));
        struct fth_err err = {0};
        enum fth_rc rc;

        pthread_mutex_init(&run.tags.lock, NULL);
        request.tolerate = 1;
        rc = run.arena
                 ? run_with(&run, &request,
                            SPELL("Record", "kind", "cost", "TagSetId", "product_name", "Side"),
                            &err)
                 : FTH_E_NOMEM;
        if (rc)
            assert_int_equal(rc, FTH_E_NOMEM);
        run_end(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(amounts_keep_every_digit),
        TEST(values_that_do_not_fit_their_kind_are_refused_with_their_place),
        TEST(a_head_that_is_too_large_asks_for_a_wide_column),
        TEST(texts_are_null_when_empty_and_headers_are_found_by_spelling),
        TEST(doubles_are_rounded_correctly),
        TEST(moments_and_truths_are_typed),
        TEST(rules_drop_and_double_and_every_row_is_accounted_for),
        TEST(totals_are_counted_even_when_no_column_is_wanted),
        TEST(tags_come_from_the_first_map_that_has_any_and_from_columns),
        TEST(what_nobody_knows_is_kept_beside),
        TEST(only_one_billing_period_is_taken_at_a_time),
        TEST(records_go_on_over_files_with_other_columns),
        TEST(columns_can_be_done_without),
        TEST(so_many_bad_records_are_set_aside_and_no_more),
        TEST(a_record_satisfies_what_its_layout_demands),
        TEST(a_cut_file_is_refused_whole),
        TEST(several_workers_see_every_row_once),
        TEST(heads_and_digests_need_no_layout),
        TEST(cancelling_stops_the_feed),
        TEST(every_failing_allocation_is_an_error_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
