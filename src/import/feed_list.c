/* Lists whose elements are rows of their own, as JSON has them or as Python writes them. */
#include <string.h>

#include "base/check.h"
#include "import/feed_parts.h"

enum { TEXT_MAX = 16 << 20 };

/* ---- Python's way of writing ---- */

struct python {
    struct fth_str text;
    size_t at;
    struct fth_buf *out;
    bool wrong;
};

static bool next_is(const struct python *p, char c)
{
    return p->at < p->text.n && p->text.p[p->at] == c;
}

/* A hexadecimal escape of `n` digits: \x41, \u00e9, \U0001f600. */
static void put_hex(struct python *p, size_t n)
{
    uint32_t c = 0;
    char utf8[4];

    for (size_t i = 0; i < n; i++, p->at++) {
        char digit = p->at < p->text.n ? p->text.p[p->at] : '?';
        int value = digit >= '0' && digit <= '9'   ? digit - '0'
                    : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
                    : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10
                                                   : -1;

        p->wrong |= value < 0;
        c = c << 4 | (uint32_t)(value & 15);
    }
    if (c < 0x20) {
        fth_buf_printf(p->out, "\\u%04x", (unsigned)c);
        return;
    }
    p->wrong |= c > 0x10ffff || (c >= 0xd800 && c < 0xe000);
    if (!p->wrong && (c == '"' || c == '\\'))
        fth_buf_char(p->out, '\\');
    if (!p->wrong)
        fth_buf_add(p->out, utf8, fth_utf8_put(c, utf8));
}

static void put_escape(struct python *p)
{
    static const char plain[] = "nrtbf";
    char c = p->at < p->text.n ? p->text.p[p->at++] : '\0';

    if (c == '\'')
        fth_buf_char(p->out, c);
    else if (c == '"' || c == '\\' || (c && strchr(plain, c)))
        fth_buf_printf(p->out, "\\%c", c);
    else if (c == 'x' || c == 'u' || c == 'U')
        put_hex(p, c == 'x' ? 2 : c == 'u' ? 4 : 8);
    else
        p->wrong = true;
}

/* Behind the opening quote. */
static void put_string(struct python *p, char quote)
{
    fth_buf_char(p->out, '"');
    while (!p->wrong && p->at < p->text.n && p->text.p[p->at] != quote) {
        char c = p->text.p[p->at++];

        if (c == '\\')
            put_escape(p);
        else if (c == '"')
            fth_buf_c(p->out, "\\\"");
        else
            fth_buf_char(p->out, c);
    }
    p->wrong |= !next_is(p, quote);
    p->at++;
    fth_buf_char(p->out, '"');
}

static void put_word(struct python *p)
{
    static const struct {
        struct fth_str python;
        const char *json;
    } words[] = {{FTH_STR_INIT("None"), "null"},
                 {FTH_STR_INIT("nan"), "null"},
                 {FTH_STR_INIT("True"), "true"},
                 {FTH_STR_INIT("False"), "false"}};
    struct fth_str rest = fth_str_sub(p->text, p->at, p->text.n);

    for (size_t i = 0; i < FTH_NR(words); i++)
        if (fth_str_starts(rest, words[i].python)) {
            fth_buf_c(p->out, words[i].json);
            p->at += words[i].python.n;
            return;
        }
    p->wrong = true;
}

/* numpy writes no comma between two elements. */
static void put_missing_comma(struct python *p)
{
    size_t at = p->at;

    while (at < p->text.n && (p->text.p[at] == ' ' || p->text.p[at] == '\n'))
        at++;
    if (at > p->at && at < p->text.n && p->text.p[at] == '{')
        fth_buf_char(p->out, ',');
}

enum fth_rc fth_feed_from_python(struct fth_arena *scratch, struct fth_str text,
                                 struct fth_str *out, struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(TEXT_MAX);
    struct python p = {.text = text, .out = &buf};
    enum fth_rc rc;

    while (!p.wrong && p.at < text.n) {
        char c = text.p[p.at];

        if (c == '\'' || c == '"') {
            p.at++;
            put_string(&p, c);
        } else if ((c >= 'A' && c <= 'Z') || c == 'n') {
            put_word(&p);
        } else {
            fth_buf_char(&buf, c);
            p.at++;
            if (c == '}')
                put_missing_comma(&p);
        }
    }
    *out = (struct fth_str){0};
    rc = fth_buf_done(&buf, err);
    if (!rc && !p.wrong)
        rc = fth_arena_str(scratch, fth_buf_view(&buf), out, err);
    fth_buf_release(&buf);
    return rc;
}

/* ---- elements ---- */

static enum fth_rc refuse_list(struct fth_feed_worker *w, size_t record, struct fth_str text,
                               const char *why, struct fth_err *err)
{
    const struct fth_feed_fault fault = {.column =
                                             w->block.file->binding.source[w->feed->list_col].at,
                                         .value = text,
                                         .rule = "not-a-list",
                                         .why = why,
                                         .rc = FTH_E_SYNTAX};

    return fth_feed_refuse(w, record, &fault, err);
}

static enum fth_rc make_pick(struct fth_feed_worker *w, struct fth_err *err)
{
    return w->list_pick ? FTH_OK
                        : fth_json_pick_new(w->pick_arena, w->feed->members, w->feed->member_nr,
                                            &w->list_pick, err);
}

/* Elements of `text`, at most `max`; FTH_E_LIMIT for more, FTH_E_SYNTAX when it is no list. */
static enum fth_rc pick_elements(struct fth_feed_worker *w, struct fth_str text, size_t max,
                                 size_t *nr, struct fth_err *err)
{
    struct fth_str *cells = w->elements + w->elements_nr * w->feed->member_nr;
    struct fth_json_bad bad;
    enum fth_rc rc = make_pick(w, err);

    if (!rc)
        rc = fth_json_pick_array(w->list_pick, text, w->scratch, max, cells, nr, &bad, err);
    if (rc != FTH_E_SYNTAX)
        return rc;
    rc = fth_feed_from_python(w->scratch, text, &text, err);
    return rc ? rc : fth_json_pick_array(w->list_pick, text, w->scratch, max, cells, nr, &bad, err);
}

enum fth_rc fth_feed_list(struct fth_feed_worker *worker, size_t record, size_t rows_before,
                          bool *fits, struct fth_err *err)
{
    const struct fth_import_feed *feed = worker->feed;
    size_t room = FTH_BATCH_MAX - rows_before, nr = 0;
    struct fth_str text = {0};
    enum fth_rc rc = FTH_OK;

    worker->element_at[record] = (uint16_t)worker->elements_nr;
    worker->element_nr[record] = 0;
    *fits = worker->set_aside[record] || room >= feed->record_rows;
    if (!*fits || worker->set_aside[record])
        return FTH_OK;
    room = (room - feed->record_rows) / feed->element_rows;
    rc = fth_feed_value(worker, record, feed->list_col, &text, err);
    if (rc || text.n == 0 || fth_str_eq(text, FTH_STR("[]")))
        return rc;
    rc = pick_elements(worker, text, room < FTH_FEED_LIST_MAX ? room : FTH_FEED_LIST_MAX, &nr, err);
    if (rc == FTH_E_LIMIT && room < FTH_FEED_LIST_MAX) {
        *fits = false;
        return FTH_OK;
    }
    if (rc == FTH_E_LIMIT)
        return refuse_list(worker, record, text, "is a list of more than 999 elements", err);
    if (rc == FTH_E_SYNTAX)
        return refuse_list(worker, record, text, "is not a list of objects", err);
    if (rc)
        return rc;
    worker->element_nr[record] = (uint16_t)nr;
    worker->elements_nr += nr;
    return FTH_OK;
}
