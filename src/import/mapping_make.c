/* A record's cells to the columns of FOCUS, as a mapping says. */
#include <string.h>

#include "base/date.h"
#include "base/json.h"
#include "import/mapping_int.h"

enum { TAG_TEXT_MAX = 1 << 20 };

struct making {
    const struct fth_mapping_int *in;
    const struct fth_feed_cells *cells;
    struct fth_feed_odd *odd;
};

static enum fth_rc cell(const struct making *m, size_t input, struct fth_str *out,
                        struct fth_err *err)
{
    enum fth_rc rc = m->cells->cell(m->cells->ctx, input, out, err);

    *out = fth_mapping_trim(*out);
    return rc;
}

static void refuse(const struct making *m, size_t input, struct fth_str value, const char *rule,
                   const char *why)
{
    *m->odd = (struct fth_feed_odd){input, value, rule, why};
}

static const struct fth_str *find_word(const struct fth_mapping_table *table, struct fth_str word)
{
    for (size_t i = 0; i < table->nr; i++)
        if (fth_str_caseeq(table->from[i], word))
            return &table->to[i];
    return NULL;
}

/* ---- kinds ---- */

static enum fth_rc put_number(const struct making *m, const struct fth_mapping_entry *entry,
                              struct fth_str text, struct fth_str *out, struct fth_err *err)
{
    char number[FTH_MAPPING_NUMBER_MAX];
    size_t n;

    if (fth_mapping_number(text, m->in->numbers, number, &n))
        return fth_arena_str(m->cells->scratch, (struct fth_str){number, n}, out, err);
    refuse(m, entry->input, text, "not-a-number", "is not a number as the mapping's are");
    return FTH_OK;
}

static enum fth_rc put_instant(struct fth_arena *scratch, int64_t us, struct fth_str *out,
                               struct fth_err *err)
{
    char text[32];

    return fth_arena_str(scratch, (struct fth_str){text, fth_instant_text(us, text)}, out, err);
}

/* The years that a bill can be of; whatever is beyond them was read in a wrong form. */
static bool is_near(int64_t us)
{
    return us >= fth_date_from_civil(1990, 1, 1) * FTH_DAY_US &&
           us < fth_date_from_civil(2100, 1, 1) * FTH_DAY_US;
}

static enum fth_rc put_date(const struct making *m, const struct fth_mapping_entry *entry,
                            struct fth_str text, struct fth_str *out, struct fth_err *err)
{
    bool day = false;
    int64_t us;

    if (!fth_mapping_date(text, entry->dates, &us, &day) || !is_near(us)) {
        refuse(m, entry->input, text, "not-a-time", "is not a date as the mapping's are");
        return FTH_OK;
    }
    return put_instant(m->cells->scratch, us + (entry->included && day ? FTH_DAY_US : 0), out, err);
}

static enum fth_rc of_kind(const struct making *m, const struct fth_mapping_entry *entry,
                           enum fth_feed_kind kind, struct fth_str text, struct fth_str *out,
                           struct fth_err *err)
{
    *out = text;
    if (!text.n)
        return FTH_OK;
    if (kind == FTH_K_MONEY || kind == FTH_K_DOUBLE)
        return put_number(m, entry, text, out, err);
    if (kind == FTH_K_INSTANT)
        return put_date(m, entry, text, out, err);
    return FTH_OK;
}

/* ---- one column ---- */

static enum fth_rc from_column(const struct making *m, const struct fth_mapping_entry *entry,
                               enum fth_feed_kind kind, struct fth_str *out, struct fth_err *err)
{
    const struct fth_str *to;
    struct fth_str text;
    enum fth_rc rc = cell(m, entry->input, &text, err);

    if (rc)
        return rc;
    if (!entry->table.any)
        return of_kind(m, entry, kind, text, out, err);
    to = find_word(&entry->table, text);
    if (to)
        *out = *to;
    else if (entry->otherwise.p)
        *out = entry->otherwise;
    else if (text.n)
        refuse(m, entry->input, text, "not-in-table", "is no word that the mapping knows");
    return FTH_OK;
}

static enum fth_rc from_expression(const struct making *m, const struct fth_mapping_entry *entry,
                                   struct fth_str *out, struct fth_err *err)
{
    char text[FTH_MONEY_TEXT_MAX];
    struct fth_money amount;
    bool has;
    enum fth_rc rc =
        fth_mapping_expr_value(entry->expr, m->in->numbers, m->cells, &amount, &has, m->odd, err);

    if (rc || !has)
        return rc;
    return fth_arena_str(m->cells->scratch, (struct fth_str){text, fth_money_text(amount, text)},
                         out, err);
}

static int64_t month_start(int64_t us)
{
    return fth_month_first_date(fth_month_of_date(fth_instant_date(us))) * FTH_DAY_US;
}

static int64_t month_later(int64_t us)
{
    int32_t date = fth_instant_date(us);

    return fth_date_add_months(date, 1) * FTH_DAY_US + (us - date * FTH_DAY_US);
}

static int64_t later(const struct fth_mapping_int *in, int64_t us)
{
    if (in->lasts == FTH_LASTS_MONTH)
        return month_later(us);
    return us + (in->lasts == FTH_LASTS_HOUR ? FTH_HOUR_US : FTH_DAY_US);
}

static enum fth_rc from_moment(const struct making *m, const struct fth_mapping_entry *entry,
                               struct fth_str *out, struct fth_err *err)
{
    struct fth_str text = {0};
    int64_t us;
    enum fth_rc rc = fth_mapping_make(m->in, entry->of, m->cells, &text, m->odd, err);

    if (rc || m->odd->rule || !text.n || !fth_instant_parse(text, &us))
        return rc;
    us = entry->how == FTH_MAPPING_LATER      ? later(m->in, us)
         : entry->how == FTH_MAPPING_MONTH_OF ? month_start(us)
                                              : month_later(month_start(us));
    return put_instant(m->cells->scratch, us, out, err);
}

/* A billing period is a month, whichever of its days is named. */
static enum fth_rc put_month(struct fth_arena *scratch, struct fth_str *text, struct fth_err *err)
{
    int64_t us;

    return fth_instant_parse(*text, &us) ? put_instant(scratch, month_start(us), text, err)
                                         : FTH_OK;
}

/* "5" to "-5" on the lines that count below zero; what has a sign keeps it. */
static enum fth_rc make_negative(const struct making *m, const struct fth_mapping_entry *entry,
                                 struct fth_str *out, struct fth_err *err)
{
    struct fth_str word;
    enum fth_rc rc = cell(m, entry->negative, &word, err);

    if (rc || !find_word(&entry->negative_words, word) || out->p[0] == '-')
        return rc;
    return fth_arena_printf(m->cells->scratch, out, err, "-" FTH_STR_F, FTH_STR_A(*out));
}

/* ---- tags ---- */

struct tags {
    struct fth_jw jw;
    struct fth_str *keys;
    size_t nr, cap;
};

/* The first of a key counts. */
static void put_tag(struct tags *tags, struct fth_str key, struct fth_str value)
{
    if (!key.n || tags->nr == tags->cap)
        return;
    for (size_t i = 0; i < tags->nr; i++)
        if (fth_str_eq(tags->keys[i], key))
            return;
    tags->keys[tags->nr++] = key;
    fth_jw_key_str(&tags->jw, key);
    fth_jw_str(&tags->jw, value);
}

static bool put_object(const struct making *m, struct tags *tags, struct fth_str text,
                       struct fth_err *err)
{
    const struct fth_json *json;

    if (fth_json_parse(m->cells->scratch, text, NULL, &json, err) || json->type != FTH_JSON_OBJECT)
        return false;
    for (size_t i = 0; i < json->nr; i++) {
        const struct fth_json *value = &json->members[i].value;

        if (value->type == FTH_JSON_OBJECT || value->type == FTH_JSON_ARRAY)
            return false;
        put_tag(tags, json->members[i].key,
                value->type == FTH_JSON_BOOL ? (value->boolean ? FTH_STR("true") : FTH_STR("false"))
                                             : value->text);
    }
    return true;
}

/* "key=value;key2:value2", between them ; or , or |; a key alone has the value "true". */
static void put_pairs(struct tags *tags, struct fth_str text)
{
    char between = fth_str_find(text, ';') != SIZE_MAX   ? ';'
                   : fth_str_find(text, '|') != SIZE_MAX ? '|'
                                                         : ',';
    struct fth_str pair, key, value;

    while (fth_str_next(&text, between, &pair)) {
        if (!fth_str_split(pair, '=', &key, &value) && !fth_str_split(pair, ':', &key, &value)) {
            key = pair;
            value = FTH_STR("true");
        }
        put_tag(tags, fth_mapping_trim(key), fth_mapping_trim(value));
    }
}

static enum fth_rc put_map(const struct making *m, struct tags *tags, struct fth_str text,
                           struct fth_err *err)
{
    struct fth_err why = {0};

    if (text.p[0] != '{') {
        put_pairs(tags, text);
        return FTH_OK;
    }
    if (!put_object(m, tags, text, &why) && why.rc != FTH_E_NOMEM)
        refuse(m, m->in->tag_map, text, "not-a-map", "is not a JSON object of tags");
    return why.rc == FTH_E_NOMEM ? fth_err_nomem(err) : FTH_OK;
}

static size_t most_tags(const struct fth_mapping_int *in, struct fth_str map)
{
    size_t nr = in->tag_nr + 1;

    for (size_t i = 0; i < map.n; i++)
        nr += map.p[i] == ',' || map.p[i] == ';' || map.p[i] == '|';
    return nr;
}

static enum fth_rc make_tags(const struct making *m, struct fth_str *out, struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(TAG_TEXT_MAX);
    struct tags tags = {0};
    struct fth_str map = {0};
    enum fth_rc rc = m->in->tag_map == SIZE_MAX ? FTH_OK : cell(m, m->in->tag_map, &map, err);

    tags.cap = most_tags(m->in, map);
    tags.keys = FTH_NEW_ARRAY(m->cells->scratch, struct fth_str, tags.cap);
    if (!rc && !tags.keys)
        rc = fth_err_nomem(err);
    fth_jw_init(&tags.jw, &buf);
    fth_jw_object(&tags.jw);
    for (size_t i = 0; !rc && i < m->in->tag_nr; i++) {
        struct fth_str value;

        rc = cell(m, m->in->tag_inputs[i], &value, err);
        if (!rc && value.n)
            put_tag(&tags, m->in->tag_keys[i], value);
    }
    if (!rc && map.n)
        rc = put_map(m, &tags, map, err);
    fth_jw_object_end(&tags.jw);
    if (!rc)
        rc = fth_jw_done(&tags.jw, err);
    if (!rc && tags.nr && !m->odd->rule)
        rc = fth_arena_str(m->cells->scratch, fth_buf_view(&buf), out, err);
    fth_buf_release(&buf);
    return rc;
}

/* ---- the two functions ---- */

size_t fth_mapping_from(const void *ctx, size_t col)
{
    const struct fth_mapping_int *in = ctx;
    const struct fth_mapping_entry *entry = &in->entries[col];

    if (col == in->tags)
        return in->tag_nr ? in->tag_inputs[0] : in->tag_map;
    switch (entry->how) {
    case FTH_MAPPING_NOTHING:
        return SIZE_MAX;
    case FTH_MAPPING_COLUMN:
        return entry->input;
    case FTH_MAPPING_VALUE:
        return FTH_FEED_CONSTANT;
    case FTH_MAPPING_EXPRESSION:
        return fth_mapping_expr_from(entry->expr);
    default:
        return fth_mapping_from(in, entry->of);
    }
}

enum fth_rc fth_mapping_make(const void *ctx, size_t col, const struct fth_feed_cells *cells,
                             struct fth_str *out, struct fth_feed_odd *odd, struct fth_err *err)
{
    const struct fth_mapping_int *in = ctx;
    const struct fth_mapping_entry *entry = &in->entries[col];
    const struct making m = {in, cells, odd};
    enum fth_rc rc = FTH_OK;

    *out = (struct fth_str){0};
    if (col == in->tags)
        return make_tags(&m, out, err);
    switch (entry->how) {
    case FTH_MAPPING_NOTHING:
        break;
    case FTH_MAPPING_COLUMN:
        rc = from_column(&m, entry, in->cols[col].kind, out, err);
        break;
    case FTH_MAPPING_VALUE:
        *out = entry->constant;
        break;
    case FTH_MAPPING_EXPRESSION:
        rc = from_expression(&m, entry, out, err);
        break;
    case FTH_MAPPING_SAME:
        rc = fth_mapping_make(in, entry->of, cells, out, odd, err);
        break;
    default:
        rc = from_moment(&m, entry, out, err);
    }
    if (!rc && !odd->rule && out->n && entry->negative != SIZE_MAX)
        rc = make_negative(&m, entry, out, err);
    if (!rc && !odd->rule && out->n && col == in->period)
        rc = put_month(cells->scratch, out, err);
    return rc;
}

bool fth_mapping_constant(const struct fth_mapping_int *in, const struct fth_mapping_entry *entry,
                          enum fth_feed_kind kind, struct fth_str text, struct fth_arena *arena,
                          struct fth_str *out)
{
    const struct fth_feed_cells cells = {.scratch = arena};
    struct fth_feed_odd odd = {0};
    struct fth_err ignored = {0};
    const struct making m = {in, &cells, &odd};

    return !of_kind(&m, entry, kind, text, out, &ignored) && !odd.rule && out->n;
}
