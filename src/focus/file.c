/* Files, read by several workers at a time. */
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "focus/judge_int.h"

enum { WORKERS_MAX = 8, SMALL_FILE = 8 << 20, MESSAGE_MAX = 600 };

int64_t fth_focus_cpu_ns(void)
{
    struct timespec t = {0};

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

size_t fth_focus_rule_by_check(const char *check)
{
    for (size_t i = 0; i < fth_focus_rule_nr(); i++)
        if (strcmp(fth_focus_rule_at(i)->check, check) == 0)
            return i;
    return SIZE_MAX;
}

void fth_focus_report_file(struct fth_focus_run *run, const char *check,
                           struct fth_focus_place place, struct fth_str values)
{
    struct fth_focus_tally *tally = &run->tallies.at[fth_focus_rule_by_check(check)];

    tally->checked += tally->checked == 0;
    fth_focus_tally(tally, place, values);
}

/* What is wrong with a file goes into the report; what keeps us from asking is an error. */
static bool is_of_the_file(enum fth_rc rc)
{
    return rc == FTH_E_SYNTAX || rc == FTH_E_LIMIT || rc == FTH_E_INVALID || rc == FTH_E_CORRUPT ||
           rc == FTH_E_RANGE;
}

void fth_focus_tell(struct fth_focus_run *run, uint64_t rows, int64_t bytes)
{
    if (run->request->progress)
        run->request->progress(run->request->progress_ctx, run->rows + rows, run->bytes + bytes,
                               run->bytes_all);
}

/* ---- the rows of one file, taken by several ---- */

struct reader {
    struct fth_focus_run *run;
    uint32_t file;
    struct fth_csv *csv;
    struct fth_unpack *in;
    struct fth_mutex lock;
    struct fth_focus_plan *plan;
    uint64_t rows;
    bool ended;
    struct fth_err err; /* the first one */
};

struct hand {
    struct reader *reader;
    struct fth_focus_worker *worker;
    struct fth_csv_chunk chunk;
    struct fth_err err;
    pthread_t thread;
    int64_t read_ns;
};

static void report_bad(struct fth_focus_worker *w, uint32_t file, const struct fth_csv_bad *bad,
                       size_t columns)
{
    bool regular = bad->fields == columns;
    size_t rule = fth_focus_rule_by_check(regular ? "file is utf-8" : "file is regular");
    struct fth_focus_place place = {file, bad->line, bad->record};
    struct fth_buf text = fth_buf_max(MESSAGE_MAX);

    if (regular)
        fth_buf_c(&text, "not UTF-8");
    else
        fth_buf_printf(&text, "%zu fields, the header has %zu", bad->fields, columns);
    fth_focus_tally(&w->tallies.at[rule], place, fth_buf_view(&text));
    fth_buf_release(&text);
}

static bool take_chunk(struct hand *hand)
{
    struct reader *r = hand->reader;
    int64_t start = fth_focus_cpu_ns();
    bool more = false;

    fth_mutex_lock(&r->lock);
    if (!r->ended && !r->err.rc && !fth_cancel_check(r->run->request->cancel, &r->err) &&
        !fth_csv_chunk_next(r->csv, &hand->chunk, &more, &r->err))
        r->rows += hand->chunk.nr + hand->chunk.bad_nr;
    r->ended |= !more;
    fth_focus_tell(r->run, r->rows, fth_unpack_in(r->in));
    fth_mutex_unlock(&r->lock);
    hand->read_ns += fth_focus_cpu_ns() - start;
    return more;
}

static void *run_hand(void *arg)
{
    struct hand *hand = arg;

    while (!hand->err.rc && take_chunk(hand)) {
        struct fth_focus_rows rows = {.chunk = &hand->chunk,
                                      .columns = hand->chunk.columns,
                                      .nr = hand->chunk.nr,
                                      .file = hand->reader->file};

        for (size_t i = 0; i < hand->chunk.bad_nr; i++)
            report_bad(hand->worker, rows.file, &hand->chunk.bad[i], hand->reader->plan->columns);
        fth_focus_worker_rows(hand->worker, &rows, &hand->err);
    }
    return NULL;
}

static enum fth_rc run_hands(struct reader *r, struct hand *hands, unsigned nr, struct fth_err *err)
{
    unsigned started = 0;

    hands[0].reader = r;
    for (unsigned i = 0; i < nr && !err->rc; i++) {
        hands[i].reader = r;
        if (!fth_focus_worker_new(r->run, r->plan, &hands[i].worker, err) && i > 0 &&
            !fth_thread_start(&hands[i].thread, run_hand, &hands[i], err))
            started = i;
    }
    if (!err->rc)
        run_hand(&hands[0]);
    for (unsigned i = 1; i <= started; i++)
        pthread_join(hands[i].thread, NULL);
    for (unsigned i = 0; i < nr; i++) {
        if (!err->rc && hands[i].err.rc)
            *err = hands[i].err;
        if (!err->rc && hands[i].worker)
            fth_focus_worker_end(hands[i].worker, err);
        r->run->read_ns += hands[i].read_ns;
        fth_focus_worker_free(hands[i].worker);
        fth_csv_chunk_release(&hands[i].chunk);
    }
    return err->rc;
}

static enum fth_rc read_rows(struct reader *r, unsigned workers, struct fth_err *err)
{
    struct hand hands[WORKERS_MAX] = {{0}};

    fth_mutex_init(&r->lock, FTH_LOCK_FOCUS);
    run_hands(r, hands, workers, err);
    fth_mutex_release(&r->lock);
    r->run->files[r->file].rows = r->rows;
    return err->rc;
}

/* ---- one file ---- */

static void report_unreadable(struct fth_focus_run *run, uint32_t file, const struct fth_err *why)
{
    struct fth_focus_place place = {.file = file};
    struct fth_str text = fth_str_c(why->msg), path = run->files[file].path, rest;

    if (fth_str_starts(text, path)) {
        rest = fth_str_sub(text, path.n, text.n);
        text = fth_str_starts(rest, FTH_STR(": ")) ? fth_str_sub(rest, 2, rest.n) : rest;
    }
    /* The engine names its own link to a Parquet file, in quotes, which nobody else knows. */
    if (fth_focus_is_parquet(path.p)) {
        size_t said = fth_str_search(text, FTH_STR("ledger engine: ")), quote;

        text = said == SIZE_MAX ? text : fth_str_sub(text, said + 15, text.n);
        quote = fth_str_find(text, '\'');
        text = fth_str_sub(text, 0, quote == SIZE_MAX ? text.n : quote);
    }
    fth_focus_report_file(run, "file is readable", place, text);
}

static enum fth_rc keep_header(struct fth_focus_run *run, const struct fth_csv *csv,
                               struct fth_str **out, struct fth_err *err)
{
    size_t nr = fth_csv_columns(csv);
    struct fth_str *header = FTH_NEW_ARRAY(run->arena, struct fth_str, nr);

    if (!header)
        return fth_err_nomem(err);
    for (size_t i = 0; i < nr; i++)
        if (fth_arena_str(run->arena, fth_csv_header(csv)[i], &header[i], err))
            return err->rc;
    *out = header;
    return FTH_OK;
}

static enum fth_rc read_csv(struct fth_focus_run *run, uint32_t file, struct fth_unpack *in,
                            struct fth_csv *csv, struct fth_err *err)
{
    struct fth_focus_file *of = &run->files[file];
    struct fth_focus_plan plan = {.dataset = of->dataset, .version = of->version};
    struct reader reader = {.run = run, .file = file, .csv = csv, .in = in, .plan = &plan};
    struct fth_str *header = NULL;
    bool small = !run->request->workers && fth_unpack_kind(in) == FTH_UNPACK_PLAIN &&
                 fth_unpack_size(in) >= 0 && fth_unpack_size(in) < SMALL_FILE;

    if (keep_header(run, csv, &header, err) ||
        fth_focus_bind(run, file, header, NULL, fth_csv_columns(csv), &plan, err) ||
        read_rows(&reader, small ? 1 : run->workers, err))
        return err->rc;
    if (reader.err.rc && is_of_the_file(reader.err.rc)) {
        report_unreadable(run, file, &reader.err);
        return FTH_OK;
    }
    if (reader.err.rc)
        *err = reader.err;
    return err->rc;
}

static const struct fth_csv_opts csv_opts = {.keep_bad = true};

enum fth_rc fth_focus_read(struct fth_focus_run *run, uint32_t file, struct fth_err *err)
{
    struct fth_unpack *in = NULL;
    struct fth_csv *csv = NULL;
    struct fth_err opening = {0};

    if (!run->files[file].known)
        return FTH_OK;
    if (fth_focus_is_parquet(run->files[file].path.p))
        return fth_focus_read_parquet(run, file, err);
    if (!fth_unpack_open(run->files[file].path.p, NULL, &in, &opening) &&
        !fth_csv_open(in, &csv_opts, &csv, &opening))
        read_csv(run, file, in, csv, err);
    if (opening.rc && is_of_the_file(opening.rc))
        report_unreadable(run, file, &opening);
    else if (opening.rc)
        *err = opening;
    fth_csv_close(csv);
    fth_unpack_close(in);
    return err->rc;
}

/* ---- which file it is ---- */

static void say_unknown(struct fth_focus_run *run, uint32_t file)
{
    struct fth_focus_place place = {.file = file};

    fth_focus_report_file(run, "file is readable", place,
                          FTH_STR("its columns are those of no dataset of FOCUS"));
}

static enum fth_rc look_csv(struct fth_focus_run *run, uint32_t file, struct fth_err *err)
{
    struct fth_focus_file *of = &run->files[file];
    struct fth_unpack *in = NULL;
    struct fth_csv *csv = NULL;
    struct fth_err opening = {0};
    const char *why = "";

    if (!fth_unpack_open(of->path.p, NULL, &in, &opening) &&
        !fth_csv_open(in, &csv_opts, &csv, &opening)) {
        of->columns = fth_csv_columns(csv);
        of->known =
            fth_focus_recognise(fth_csv_header(csv), of->columns, &of->dataset, &of->version, &why);
        of->why = fth_str_c(why);
        if (!of->known)
            say_unknown(run, file);
    }
    if (opening.rc && is_of_the_file(opening.rc))
        report_unreadable(run, file, &opening);
    else if (opening.rc)
        *err = opening;
    fth_csv_close(csv);
    fth_unpack_close(in);
    return err->rc;
}

enum fth_rc fth_focus_look(struct fth_focus_run *run, uint32_t file, struct fth_err *err)
{
    struct fth_focus_file *of = &run->files[file];

    if (fth_focus_is_parquet(of->path.p)) {
        if (fth_focus_look_parquet(run, file, err))
            return err->rc;
        if (!of->known && of->columns)
            say_unknown(run, file);
        return FTH_OK;
    }
    return look_csv(run, file, err);
}

bool fth_focus_is_parquet(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char magic[4];
    bool is = fd >= 0 && read(fd, magic, sizeof(magic)) == (ssize_t)sizeof(magic) &&
              memcmp(magic, "PAR1", sizeof(magic)) == 0;

    if (fd >= 0)
        close(fd);
    return is;
}

bool fth_focus_blames_file(struct fth_focus_run *run, uint32_t file, struct fth_err *err)
{
    if (!is_of_the_file(err->rc))
        return false;
    report_unreadable(run, file, err);
    fth_err_clear(err);
    return true;
}
