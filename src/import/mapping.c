/* Reads a mapping: every key and value of the file is checked, and it becomes a layout. */
#include "import/mapping.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/sha256.h"
#include "base/vec.h"
#include "conf/tree.h"
#include "import/currency.h"
#include "import/feed_parts.h"
#include "import/mapping_int.h"

enum { COLUMNS_MAX = 512, SKIPS_MAX = 12, TABLE_MAX = 10000, PLACE_MAX = 256 };

/* ---- the keys ---- */

enum place_kind { TOP, COLUMN, NEGATIVE, TAGS, SKIP };
enum key_kind { TEXT, WORD, TRUTH, LIST, TEXTS, MAP, MAPS };

static const struct key {
    enum place_kind place;
    enum key_kind kind;
    const char *name;
    const char *words;
} keys[] = {
#define FTH_MAPPING(place, name, kind, words, help) {place, kind, name, words},
#include "import/mapping.def"
#undef FTH_MAPPING
};

FTH_VEC(input_vec, const char *)

struct reader {
    struct fth_arena *arena;
    const char *name;
    const struct fth_feed_layout *focus;
    struct fth_mapping *out;
    struct fth_mapping_int *in;
    struct fth_mapping_entry *entries;
    struct fth_feed_col *cols;
    size_t col_nr;
    struct fth_feed_rule *rules;
    struct input_vec inputs;
    struct fth_str dates; /* of the whole file */
    bool lasts_given;
};

/* ---- messages ---- */

static enum fth_rc refuse(const struct reader *reader, const struct fth_tree *node,
                          const char *place, const char *what, struct fth_err *err)
{
    return fth_err_set(err, FTH_E_INVALID, "%s:%u: %s: %s", reader->name, node->line, place, what);
}

static void hint_nearest(struct fth_err *err, const struct fth_nearest *nearest)
{
    if (nearest->best.n)
        fth_err_hint(err, "Did you mean \"" FTH_STR_F "\"?", FTH_STR_A(nearest->best));
}

static void place_of(char out[PLACE_MAX], const char *place, struct fth_str key)
{
    snprintf(out, PLACE_MAX, "%s/" FTH_STR_F, place, FTH_STR_A(fth_str_sub(key, 0, 100)));
}

/* ---- shapes ---- */

static bool next_word(struct fth_str *words, struct fth_str *word)
{
    return fth_str_next(words, ' ', word);
}

static enum fth_rc check_word(const struct reader *reader, const struct fth_tree *node,
                              const char *place, const char *words, struct fth_err *err)
{
    struct fth_str rest = fth_str_c(words), word;
    struct fth_nearest nearest = {.text = node->text};
    char what[PLACE_MAX];

    while (next_word(&rest, &word)) {
        if (fth_str_eq(word, node->text))
            return FTH_OK;
        fth_nearest_offer(&nearest, word);
    }
    snprintf(what, sizeof(what), "\"" FTH_STR_F "\" is none of: %s",
             FTH_STR_A(fth_str_sub(node->text, 0, 60)), words);
    refuse(reader, node, place, what, err);
    hint_nearest(err, &nearest);
    return err->rc;
}

static enum fth_rc check_texts(const struct reader *reader, const struct fth_tree *node,
                               const char *place, struct fth_err *err)
{
    if (node->nr > TABLE_MAX)
        return refuse(reader, node, place, "more than 10000 words", err);
    for (size_t i = 0; i < node->nr; i++)
        if (node->items[i].kind != FTH_TREE_TEXT)
            return refuse(reader, &node->items[i], place, "only plain texts may stand there", err);
    return FTH_OK;
}

static enum fth_rc check_kind(const struct reader *reader, const struct fth_tree *node,
                              const char *place, const struct key *key, struct fth_err *err)
{
    static const enum fth_tree_kind kinds[] = {
        [TEXT] = FTH_TREE_TEXT, [WORD] = FTH_TREE_TEXT, [TRUTH] = FTH_TREE_TEXT,
        [LIST] = FTH_TREE_LIST, [TEXTS] = FTH_TREE_MAP, [MAP] = FTH_TREE_MAP,
        [MAPS] = FTH_TREE_LIST};
    static const char *const wanted[] = {[FTH_TREE_TEXT] = "must be a plain text",
                                         [FTH_TREE_LIST] = "must be a list",
                                         [FTH_TREE_MAP] = "must be names with values"};

    if (node->kind != kinds[key->kind])
        return refuse(reader, node, place, wanted[kinds[key->kind]], err);
    if (key->kind == WORD)
        return check_word(reader, node, place, key->words, err);
    if (key->kind == TRUTH)
        return check_word(reader, node, place, "true false", err);
    if (key->kind == TEXT && !node->text.n && !node->quoted)
        return refuse(reader, node, place, "has no value", err);
    return key->kind == LIST || key->kind == TEXTS ? check_texts(reader, node, place, err) : FTH_OK;
}

/* Every key of a map is one of its place, and has a value of its kind. */
static enum fth_rc check_keys(const struct reader *reader, const struct fth_tree *map,
                              enum place_kind place, const char *where, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    if (map->kind != FTH_TREE_MAP)
        return refuse(reader, map, where[0] ? where : "/", "must be names with values", err);
    for (size_t i = 0; i < map->nr && !rc; i++) {
        struct fth_nearest nearest = {.text = map->items[i].key};
        const struct key *key = NULL;
        char at[PLACE_MAX];

        place_of(at, where, map->items[i].key);
        for (size_t k = 0; k < FTH_NR(keys) && !key; k++) {
            if (keys[k].place != place)
                continue;
            if (fth_str_eq_c(map->items[i].key, keys[k].name))
                key = &keys[k];
            fth_nearest_offer(&nearest, fth_str_c(keys[k].name));
        }
        if (key) {
            rc = check_kind(reader, &map->items[i], at, key, err);
            continue;
        }
        rc = refuse(reader, &map->items[i], at, "there is no such key", err);
        hint_nearest(err, &nearest);
    }
    return rc;
}

static struct fth_str text_of(const struct fth_tree *map, const char *key, const char *or_else)
{
    const struct fth_tree *node = fth_tree_get(map, key);

    return node ? node->text : fth_str_c(or_else);
}

/* ---- inputs, tables ---- */

static enum fth_rc find_input(void *ctx, struct fth_str name, size_t *out, struct fth_err *err)
{
    struct reader *reader = ctx;
    struct fth_str copy;

    for (size_t i = 0; i < reader->inputs.nr; i++)
        if (fth_str_eq_c(name, reader->inputs.at[i])) {
            *out = i;
            return FTH_OK;
        }
    if (reader->inputs.nr == COLUMNS_MAX)
        return fth_err_set(err, FTH_E_LIMIT, "%s: names more than %d columns", reader->name,
                           COLUMNS_MAX);
    if (fth_arena_str(reader->arena, name, &copy, err))
        return err->rc;
    *out = reader->inputs.nr;
    return input_vec_push(&reader->inputs, copy.p, err);
}

/* A map of words (from: to), or a list of them. */
static enum fth_rc read_table(const struct reader *reader, const struct fth_tree *node,
                              struct fth_mapping_table *out, struct fth_err *err)
{
    struct fth_str *texts = FTH_NEW_ARRAY(reader->arena, struct fth_str, 2 * node->nr);

    if (!texts)
        return fth_err_nomem(err);
    for (size_t i = 0; i < node->nr; i++) {
        texts[i] = node->kind == FTH_TREE_MAP ? node->items[i].key : node->items[i].text;
        texts[node->nr + i] = node->items[i].text;
    }
    *out = (struct fth_mapping_table){texts, texts + node->nr, node->nr, true};
    return FTH_OK;
}

/* NULL-terminated texts of a list, "$" behind each when they are whole names. */
static enum fth_rc read_list(const struct reader *reader, const struct fth_tree *list,
                             const char *behind, const char *const **out, struct fth_err *err)
{
    size_t nr = list ? list->nr : 0;
    const char **texts = FTH_NEW_ARRAY(reader->arena, const char *, nr + 1);

    if (!texts)
        return fth_err_nomem(err);
    for (size_t i = 0; i < nr; i++) {
        struct fth_str text;

        if (fth_arena_printf(reader->arena, &text, err, FTH_STR_F "%s",
                             FTH_STR_A(list->items[i].text), behind))
            return err->rc;
        texts[i] = text.p;
    }
    *out = nr ? texts : NULL;
    return FTH_OK;
}

static enum fth_rc check_dates(const struct reader *reader, const struct fth_tree *map,
                               const char *where, struct fth_err *err)
{
    const struct fth_tree *node = fth_tree_get(map, "dates");
    char place[PLACE_MAX], what[PLACE_MAX];

    if (!node || fth_mapping_is_dates(node->text))
        return FTH_OK;
    place_of(place, where, node->key);
    snprintf(what, sizeof(what),
             "\"" FTH_STR_F "\" is none of iso, us, eu, unix, excel, nor a pattern",
             FTH_STR_A(fth_str_sub(node->text, 0, 60)));
    refuse(reader, node, place, what, err);
    fth_err_hint(err, "A pattern has %%Y, %%m, %%d and the like: \"%%d.%%m.%%Y %%H:%%M\".");
    return err->rc;
}

/* ---- one column ---- */

static enum fth_rc read_negative(struct reader *reader, const struct fth_tree *node,
                                 const char *where, struct fth_mapping_entry *entry,
                                 struct fth_err *err)
{
    const struct fth_tree *column, *values;
    enum fth_rc rc;

    if (!node)
        return FTH_OK;
    rc = check_keys(reader, node, NEGATIVE, where, err);
    column = fth_tree_get(node, "column");
    values = fth_tree_get(node, "values");
    if (rc)
        return rc;
    if (!column || !values || !values->nr)
        return refuse(reader, node, where, "wants a column and values", err);
    rc = find_input(reader, column->text, &entry->negative, err);
    return rc ? rc : read_table(reader, values, &entry->negative_words, err);
}

static const char *wrong_constant(const char *column, struct fth_str value)
{
    static const char *const categories[] = {"Usage", "Purchase", "Tax", "Credit", "Adjustment"};
    bool ok = false;

    if (strcmp(column, "BillingCurrency") == 0)
        return fth_currency_is_code(value) ? NULL : "is no currency code of ISO 4217";
    if (strcmp(column, "ChargeCategory") != 0)
        return NULL;
    for (size_t i = 0; i < FTH_NR(categories); i++)
        ok = ok || fth_str_eq_c(value, categories[i]);
    return ok ? NULL : "is none of Usage, Purchase, Tax, Credit, Adjustment";
}

/* What is fixed has to be right before a line is read. */
static enum fth_rc check_constant(struct reader *reader, const struct fth_tree *node,
                                  const char *where, size_t col, struct fth_str value,
                                  struct fth_str *out, struct fth_err *err)
{
    const struct fth_mapping_entry plain = {.dates = FTH_STR("iso")};
    const struct fth_mapping_int in = {.numbers = {'.', 0}};
    const char *wrong = wrong_constant(reader->cols[col].name, value);
    char what[PLACE_MAX];

    if (!wrong &&
        !fth_mapping_constant(&in, &plain, reader->cols[col].kind, value, reader->arena, out))
        wrong = reader->cols[col].kind == FTH_K_INSTANT ? "is no date like 2025-01-31"
                : value.n                               ? "is not a number"
                                                        : "is empty";
    if (!wrong)
        return FTH_OK;
    snprintf(what, sizeof(what), "\"" FTH_STR_F "\" %s", FTH_STR_A(fth_str_sub(value, 0, 60)),
             wrong);
    return refuse(reader, node, where, what, err);
}

static enum fth_rc check_table(struct reader *reader, const struct fth_tree *node,
                               const char *where, size_t col, struct fth_mapping_entry *entry,
                               struct fth_err *err)
{
    const struct fth_tree *values = fth_tree_get(node, "values");
    const struct fth_tree *otherwise = fth_tree_get(node, "otherwise");
    struct fth_str *to;
    enum fth_rc rc = FTH_OK;

    if (!values && otherwise)
        return refuse(reader, otherwise, where, "otherwise wants values", err);
    if (!values)
        return FTH_OK;
    rc = read_table(reader, values, &entry->table, err);
    to = FTH_NEW_ARRAY(reader->arena, struct fth_str, values->nr);
    if (!rc && !to)
        rc = fth_err_nomem(err);
    for (size_t i = 0; i < values->nr && !rc; i++)
        rc = check_constant(reader, &values->items[i], where, col, entry->table.to[i], &to[i], err);
    entry->table.to = to;
    if (!rc && otherwise)
        rc = check_constant(reader, otherwise, where, col, otherwise->text, &entry->otherwise, err);
    return rc;
}

static enum fth_rc read_source(struct reader *reader, const struct fth_tree *node,
                               const char *where, size_t col, struct fth_mapping_entry *entry,
                               struct fth_err *err)
{
    const struct fth_tree *column = fth_tree_get(node, "column");
    const struct fth_tree *value = fth_tree_get(node, "value");
    const struct fth_tree *expression = fth_tree_get(node, "expression");
    enum fth_feed_kind kind = reader->cols[col].kind;
    const struct fth_mapping_inputs inputs = {find_input, reader};
    struct fth_err why = {0};

    if ((column != NULL) + (value != NULL) + (expression != NULL) != 1)
        return refuse(reader, node, where, "wants one of column, value, expression", err);
    if (column) {
        entry->how = FTH_MAPPING_COLUMN;
        return find_input(reader, column->text, &entry->input, err);
    }
    if (value) {
        entry->how = FTH_MAPPING_VALUE;
        return check_constant(reader, value, where, col, value->text, &entry->constant, err);
    }
    if (kind != FTH_K_MONEY && kind != FTH_K_DOUBLE)
        return refuse(reader, expression, where, "only a number can be an expression", err);
    entry->how = FTH_MAPPING_EXPRESSION;
    if (!fth_mapping_expr_read(reader->arena, expression->text, &inputs, &entry->expr, &why))
        return FTH_OK;
    if (why.rc != FTH_E_INVALID) {
        *err = why;
        return why.rc;
    }
    return refuse(reader, expression, where, why.msg, err);
}

static enum fth_rc read_entry(struct reader *reader, const struct fth_tree *node, const char *where,
                              size_t col, struct fth_err *err)
{
    struct fth_mapping_entry *entry = &reader->entries[col];
    const struct fth_tree *negative;
    enum fth_rc rc;

    entry->line = node->line;
    entry->dates = reader->dates;
    if (node->kind == FTH_TREE_TEXT) {
        if (!node->text.n)
            return refuse(reader, node, where, "names no column of the file", err);
        entry->how = FTH_MAPPING_COLUMN;
        return find_input(reader, node->text, &entry->input, err);
    }
    rc = check_keys(reader, node, COLUMN, where, err);
    if (!rc)
        rc = check_dates(reader, node, where, err);
    if (rc)
        return rc;
    if (fth_tree_get(node, "dates"))
        entry->dates = fth_tree_get(node, "dates")->text;
    entry->included = fth_str_eq_c(text_of(node, "included", "false"), "true");
    negative = fth_tree_get(node, "negative");
    if (negative && reader->cols[col].kind != FTH_K_MONEY && reader->cols[col].kind != FTH_K_DOUBLE)
        return refuse(reader, negative, where, "only a number can be negative", err);
    rc = read_source(reader, node, where, col, entry, err);
    if (!rc)
        rc = check_table(reader, node, where, col, entry, err);
    return rc ? rc : read_negative(reader, negative, where, entry, err);
}

/* A column of FOCUS by its name; those that only old versions have are not offered. */
static size_t focus_column(const struct reader *reader, struct fth_str name)
{
    for (size_t i = 0; i < reader->focus->col_nr; i++)
        if (fth_str_eq_c(name, reader->focus->cols[i].name))
            return i;
    return SIZE_MAX;
}

static enum fth_rc read_columns(struct reader *reader, const struct fth_tree *columns,
                                struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < columns->nr && !rc; i++) {
        const struct fth_tree *node = &columns->items[i];
        struct fth_nearest nearest = {.text = node->key};
        size_t col = focus_column(reader, node->key);
        char where[PLACE_MAX];

        place_of(where, "/columns", node->key);
        if (col != SIZE_MAX) {
            rc = read_entry(reader, node, where, col, err);
            continue;
        }
        for (size_t k = 0; k < reader->focus->col_nr; k++)
            fth_nearest_offer(&nearest, fth_str_c(reader->focus->cols[k].name));
        rc = refuse(reader, node, where, "is no column of FOCUS that a charge has", err);
        hint_nearest(err, &nearest);
    }
    return rc;
}

/* ---- tags, skip ---- */

static enum fth_rc read_tags(struct reader *reader, const struct fth_tree *tags,
                             struct fth_err *err)
{
    const struct fth_tree *columns = fth_tree_get(tags, "columns"),
                          *map = fth_tree_get(tags, "map");
    size_t nr = columns ? columns->nr : 0;
    struct fth_str *tag_keys = FTH_NEW_ARRAY(reader->arena, struct fth_str, nr + 1);
    size_t *tag_inputs = FTH_NEW_ARRAY(reader->arena, size_t, nr + 1);
    enum fth_rc rc = tags ? check_keys(reader, tags, TAGS, "/tags", err) : FTH_OK;

    if (!rc && (!tag_keys || !tag_inputs))
        rc = fth_err_nomem(err);
    for (size_t i = 0; i < nr && !rc; i++) {
        tag_keys[i] = columns->items[i].key;
        rc = find_input(reader, columns->items[i].text, &tag_inputs[i], err);
    }
    reader->in->tag_keys = tag_keys;
    reader->in->tag_inputs = tag_inputs;
    reader->in->tag_nr = nr;
    reader->in->tag_map = SIZE_MAX;
    return rc || !map ? rc : find_input(reader, map->text, &reader->in->tag_map, err);
}

/* Each rule asks a column of the layout of its own, which is the file's. */
static enum fth_rc read_skip(struct reader *reader, const struct fth_tree *skip, size_t i,
                             struct fth_err *err)
{
    const struct fth_tree *rule = fth_tree_get(skip, "rule"),
                          *values = fth_tree_get(skip, "values");
    const struct fth_tree *column = fth_tree_get(skip, "column");
    size_t col = reader->col_nr;
    struct fth_mapping_entry *entry = &reader->entries[col];
    struct fth_str name;
    char where[PLACE_MAX];
    enum fth_rc rc;

    snprintf(where, sizeof(where), "/skip/%zu", i);
    rc = check_keys(reader, skip, SKIP, where, err);
    if (rc)
        return rc;
    if (!rule || !column || !values || !values->nr)
        return refuse(reader, skip, where, "wants a rule's name, a column and values", err);
    for (size_t k = 0; k < i; k++)
        if (fth_str_eq_c(rule->text, reader->rules[k].id))
            return refuse(reader, rule, where, "a rule of this name is there already", err);
    rc = fth_arena_printf(reader->arena, &name, err, "skip:" FTH_STR_F, FTH_STR_A(rule->text));
    if (rc)
        return rc;
    reader->cols[col] = (struct fth_feed_col){name.p, FTH_K_TEXT, NULL, NULL};
    entry->how = FTH_MAPPING_COLUMN;
    reader->rules[i] = (struct fth_feed_rule){
        .id = name.p + strlen("skip:"), .action = FTH_RULE_DROP, .column = name.p, .aside = true};
    reader->col_nr++;
    rc = read_list(reader, values, "", &reader->rules[i].values, err);
    return rc ? rc : find_input(reader, column->text, &entry->input, err);
}

static enum fth_rc read_skips(struct reader *reader, const struct fth_tree *skips,
                              struct fth_err *err)
{
    size_t nr = skips ? skips->nr : 0;
    enum fth_rc rc = FTH_OK;

    if (nr > SKIPS_MAX)
        return refuse(reader, skips, "/skip", "more than 12 rules", err);
    for (size_t i = 0; i < nr && !rc; i++)
        rc = read_skip(reader, &skips->items[i], i, err);
    reader->out->layout.rules = reader->rules;
    reader->out->layout.rule_nr = nr;
    return rc;
}

/* ---- defaults ---- */

static size_t col(const struct reader *reader, const char *name)
{
    size_t at = focus_column(reader, fth_str_c(name));

    FTH_CHECK(at != SIZE_MAX);
    return at;
}

static bool has(const struct reader *reader, const char *name)
{
    return reader->entries[col(reader, name)].how != FTH_MAPPING_NOTHING;
}

static void otherwise(struct reader *reader, const char *name, struct fth_mapping_entry entry)
{
    struct fth_mapping_entry *at = &reader->entries[col(reader, name)];

    if (at->how != FTH_MAPPING_NOTHING)
        return;
    entry.negative = SIZE_MAX;
    *at = entry;
}

static void otherwise_as(struct reader *reader, const char *name, enum fth_mapping_how how,
                         const char *of)
{
    otherwise(reader, name, (struct fth_mapping_entry){.how = how, .of = col(reader, of)});
}

static void otherwise_value(struct reader *reader, const char *name, struct fth_str value)
{
    otherwise(reader, name,
              (struct fth_mapping_entry){.how = FTH_MAPPING_VALUE, .constant = value});
}

static enum fth_rc check_needed(const struct reader *reader, const struct fth_tree *columns,
                                struct fth_err *err)
{
    static const char *const needed[] = {"BilledCost", "BillingCurrency", "ProviderName"};

    for (size_t i = 0; i < FTH_NR(needed); i++)
        if (!has(reader, needed[i])) {
            char what[PLACE_MAX];

            snprintf(what, sizeof(what), "%s is missing", needed[i]);
            return refuse(reader, columns, "/columns", what, err);
        }
    if (has(reader, "ChargePeriodStart") || has(reader, "BillingPeriodStart"))
        return FTH_OK;
    refuse(reader, columns, "/columns", "ChargePeriodStart is missing", err);
    fth_err_hint(err, "When was it used? BillingPeriodStart alone will do, for a bill by month.");
    return err->rc;
}

/* What docs/ref/importer/custom.md says. */
static void fill_in(struct reader *reader)
{
    if (!has(reader, "ChargePeriodStart")) {
        otherwise_as(reader, "ChargePeriodStart", FTH_MAPPING_SAME, "BillingPeriodStart");
        if (!reader->lasts_given)
            reader->in->lasts = FTH_LASTS_MONTH;
    }
    otherwise_as(reader, "ChargePeriodEnd", FTH_MAPPING_LATER, "ChargePeriodStart");
    otherwise_as(reader, "BillingPeriodStart", FTH_MAPPING_MONTH_OF, "ChargePeriodStart");
    otherwise_as(reader, "BillingPeriodEnd", FTH_MAPPING_MONTH_END, "BillingPeriodStart");
    otherwise_as(reader, "BillingAccountId", FTH_MAPPING_SAME, "ProviderName");
    otherwise_as(reader, "ServiceName", FTH_MAPPING_SAME, "ProviderName");
    otherwise_as(reader, "PublisherName", FTH_MAPPING_SAME, "ProviderName");
    otherwise_as(reader, "InvoiceIssuerName", FTH_MAPPING_SAME, "ProviderName");
    otherwise_value(reader, "ChargeCategory", FTH_STR("Usage"));
    otherwise_value(reader, "ServiceCategory", FTH_STR("Other"));
    otherwise_value(reader, "ServiceSubcategory", FTH_STR("Other (Other)"));
}

/* ---- the whole ---- */

static char mark_of(struct fth_str word)
{
    static const struct {
        struct fth_str word;
        char mark;
    } marks[] = {{FTH_STR_INIT("comma"), ','},      {FTH_STR_INIT("semicolon"), ';'},
                 {FTH_STR_INIT("tab"), '\t'},       {FTH_STR_INIT("pipe"), '|'},
                 {FTH_STR_INIT("point"), '.'},      {FTH_STR_INIT("blank"), ' '},
                 {FTH_STR_INIT("apostrophe"), '\''}};

    for (size_t i = 0; i < FTH_NR(marks); i++)
        if (fth_str_eq(word, marks[i].word))
            return marks[i].mark;
    return 0;
}

static enum fth_rc read_top(struct reader *reader, const struct fth_tree *root, struct fth_err *err)
{
    struct fth_feed_layout *layout = &reader->out->layout;
    struct fth_mapping_int *in = reader->in;
    struct fth_str lasts = text_of(root, "lasts", "day");
    enum fth_rc rc = check_keys(reader, root, TOP, "", err);

    if (!rc)
        rc = check_dates(reader, root, "", err);
    if (!rc && !fth_tree_get(root, "columns"))
        rc = refuse(reader, root, "/columns", "is missing: what makes which column of FOCUS", err);
    if (rc)
        return rc;
    reader->dates = text_of(root, "dates", "iso");
    reader->out->dataset = text_of(root, "name", "custom");
    layout->delimiter = mark_of(text_of(root, "delimiter", "comma"));
    in->numbers.point = mark_of(text_of(root, "decimal", "point"));
    in->numbers.group = mark_of(text_of(root, "thousands", "none"));
    reader->lasts_given = fth_tree_get(root, "lasts") != NULL;
    in->lasts = fth_str_eq_c(lasts, "hour")    ? FTH_LASTS_HOUR
                : fth_str_eq_c(lasts, "month") ? FTH_LASTS_MONTH
                                               : FTH_LASTS_DAY;
    if (in->numbers.point == in->numbers.group)
        return refuse(reader, fth_tree_get(root, "thousands"), "/thousands",
                      "is the mark of decimals too", err);
    rc = read_list(reader, fth_tree_get(root, "empty"), "", &layout->nulls, err);
    return rc ? rc : read_list(reader, fth_tree_get(root, "leave"), "$", &layout->ignored, err);
}

static enum fth_rc make_room(struct reader *reader, size_t skip_nr, struct fth_err *err)
{
    size_t focus_nr = reader->focus->col_nr, most = focus_nr + 1 + skip_nr;

    reader->entries = FTH_NEW_ARRAY(reader->arena, struct fth_mapping_entry, most);
    reader->cols = FTH_NEW_ARRAY(reader->arena, struct fth_feed_col, most);
    reader->rules = FTH_NEW_ARRAY(reader->arena, struct fth_feed_rule, skip_nr + 1);
    if (!reader->entries || !reader->cols || !reader->rules)
        return fth_err_nomem(err);
    for (size_t i = 0; i < most; i++)
        reader->entries[i].negative = SIZE_MAX;
    for (size_t i = 0; i < focus_nr; i++)
        reader->cols[i] = (struct fth_feed_col){reader->focus->cols[i].name,
                                                reader->focus->cols[i].kind, NULL, NULL};
    reader->cols[focus_nr] = (struct fth_feed_col){"Tags", FTH_K_TEXT, NULL, NULL};
    reader->in->tags = focus_nr;
    reader->in->period = col(reader, "BillingPeriodStart");
    reader->col_nr = focus_nr + 1;
    return FTH_OK;
}

static enum fth_rc finish(struct reader *reader, struct fth_err *err)
{
    struct fth_mapping *out = reader->out;
    enum fth_rc rc = input_vec_push(&reader->inputs, NULL, err);

    reader->in->entries = reader->entries;
    reader->in->cols = reader->cols;
    out->in = reader->in;
    out->layout.cols = reader->cols;
    out->layout.col_nr = reader->col_nr;
    out->layout.demands = reader->focus->demands;
    out->layout.demand_nr = reader->focus->demand_nr;
    out->layout.cost = reader->focus->cost;
    out->layout.totals = reader->focus->totals;
    out->layout.period = "BillingPeriodStart";
    out->layout.derive = &out->derive;
    out->derive = (struct fth_feed_derive){.ctx = reader->in,
                                           .inputs = reader->inputs.at,
                                           .from = fth_mapping_from,
                                           .make = fth_mapping_make,
                                           .tags = reader->in->tags};
    out->importer = *fth_importer_named(FTH_STR("custom"));
    out->importer.layout = &out->layout;
    return rc;
}

static enum fth_rc read_it(struct reader *reader, const struct fth_tree *root, struct fth_err *err)
{
    const struct fth_tree *columns, *skips = fth_tree_get(root, "skip");
    enum fth_rc rc = make_room(reader, skips ? skips->nr : 0, err);

    if (!rc)
        rc = read_top(reader, root, err);
    if (rc)
        return rc;
    columns = fth_tree_get(root, "columns");
    rc = read_columns(reader, columns, err);
    if (!rc)
        rc = check_needed(reader, columns, err);
    if (!rc)
        rc = read_tags(reader, fth_tree_get(root, "tags"), err);
    if (!rc)
        rc = read_skips(reader, skips, err);
    if (rc)
        return rc;
    fill_in(reader);
    return finish(reader, err);
}

enum fth_rc fth_mapping_read(struct fth_arena *arena, struct fth_str text, const char *name,
                             const struct fth_mapping **out, struct fth_err *err)
{
    struct fth_mapping *mapping = FTH_NEW(arena, struct fth_mapping);
    struct reader reader = {.arena = arena,
                            .focus = fth_importer_named(FTH_STR("focus"))->layout,
                            .out = mapping,
                            .in = FTH_NEW(arena, struct fth_mapping_int),
                            .inputs = input_vec_in(arena)};
    const struct fth_tree *root;
    struct fth_str copy;
    enum fth_rc rc;

    if (!mapping || !reader.in)
        return fth_err_nomem(err);
    if (text.n > FTH_MAPPING_MAX)
        return fth_err_set(err, FTH_E_LIMIT, "%s: a mapping of more than %d bytes", name,
                           FTH_MAPPING_MAX);
    rc = fth_arena_str(arena, fth_str_c(name), &copy, err);
    if (!rc)
        rc = fth_sha256_text(text, mapping->digest, err);
    if (rc)
        return rc;
    mapping->name = reader.name = copy.p;
    rc = fth_tree_read(arena, text, copy.p, &root, err);
    if (!rc)
        rc = read_it(&reader, root, err);
    if (!rc)
        *out = mapping;
    return rc;
}

/* ---- the head of a file ---- */

struct head_place {
    const struct fth_feed_head *head;
    const size_t *inputs;
    const char *const *nulls;
    size_t row;
};

static enum fth_rc head_cell(void *ctx, size_t input, struct fth_str *out, struct fth_err *err)
{
    const struct head_place *place = ctx;

    (void)err;
    *out = place->head->cells[place->row * place->head->header_nr + place->inputs[input]];
    for (const char *const *null = place->nulls; null && *null; null++)
        if (fth_str_eq_c(*out, *null))
            *out = (struct fth_str){0};
    return FTH_OK;
}

enum fth_rc fth_mapping_show(const struct fth_mapping *mapping, const char *path,
                             const struct fth_feed_head *head, size_t row, const char *column,
                             struct fth_arena *arena, struct fth_str *out, struct fth_feed_odd *odd,
                             struct fth_err *err)
{
    struct head_place place = {.head = head, .nulls = mapping->layout.nulls, .row = row};
    const struct fth_feed_cells cells = {head_cell, &place, arena};
    enum fth_rc rc = fth_feed_inputs(&mapping->derive, path, head->headers, head->header_nr, arena,
                                     &place.inputs, err);

    *out = (struct fth_str){0};
    *odd = (struct fth_feed_odd){0};
    if (!rc)
        rc = fth_mapping_make(mapping->in, fth_feed_col_named(&mapping->layout, column), &cells,
                              out, odd, err);
    if (odd->rule)
        *out = (struct fth_str){0};
    return rc;
}

/* The columns of FOCUS by which its importer knows who is billed, and for when. */
enum fth_rc fth_mapping_probe(const struct fth_mapping *mapping, const char *path,
                              const struct fth_feed_head *head, struct fth_arena *arena,
                              struct fth_probe *out, struct fth_err *err)
{
    static const struct fth_str names[] = {
        FTH_STR_INIT("BilledCost"),        FTH_STR_INIT("ChargeCategory"),
        FTH_STR_INIT("ChargePeriodStart"), FTH_STR_INIT("BillingPeriodStart"),
        FTH_STR_INIT("ProviderName"),      FTH_STR_INIT("BillingAccountId")};
    enum { NR = sizeof(names) / sizeof(*names) };
    struct fth_str cells[NR];
    const struct fth_feed_head made = {
        .headers = names, .header_nr = NR, .cells = cells, .row_nr = 1};
    const size_t *inputs;
    bool found = false;
    enum fth_rc rc;

    if (!head->csv)
        return fth_err_set(err, FTH_E_INVALID, "%s: a mapping is for CSV files", path);
    rc = fth_feed_inputs(&mapping->derive, path, head->headers, head->header_nr, arena, &inputs,
                         err);
    memset(cells, 0, sizeof(cells));
    /* The first record that has a period: lines of titles may stand before it. */
    for (size_t row = 0; row < head->row_nr && !rc && !found; row++) {
        struct fth_feed_odd odd;

        for (size_t i = 0; i < NR && !rc; i++)
            rc =
                fth_mapping_show(mapping, path, head, row, names[i].p, arena, &cells[i], &odd, err);
        found = !rc && cells[3].n;
    }
    if (rc)
        return rc;
    (void)fth_importer_named(FTH_STR("focus"))->probe(&made, out);
    out->version = FTH_STR("mapping");
    out->dataset = mapping->dataset;
    return FTH_OK;
}
