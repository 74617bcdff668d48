/*
 * Tags, and keys of maps.
 *
 * A bill repeats few texts of tags many times. A worker therefore remembers what raw bytes became,
 * compared whole and not by a hash, and parses only what it has not seen.
 */
#include <string.h>

#include "base/json.h"
#include "import/feed_parts.h"
#include "import/feed_tags.h"

enum { MAX_CACHED = 48 << 20, MAX_TEXT = 16 << 20 };

void fth_feed_caches_trim(struct fth_feed_worker *worker)
{
    if (worker->cached < MAX_CACHED)
        return;
    fth_map_release(&worker->tag_ids);
    fth_map_release(&worker->maps);
    fth_map_init(&worker->tag_ids);
    fth_map_init(&worker->maps);
    fth_arena_clear(worker->kept);
    worker->cached = 0;
}

/* ---- maps ---- */

/* A value that is no text keeps its JSON text; null is "". */
static enum fth_rc json_text(struct fth_arena *arena, const struct fth_json *value,
                             struct fth_str *out, struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(MAX_TEXT);
    enum fth_rc rc;

    if (value->type == FTH_JSON_STRING) {
        *out = value->text;
        return FTH_OK;
    }
    *out = FTH_STR("");
    if (value->type == FTH_JSON_NULL)
        return FTH_OK;
    fth_json_put(&buf, value);
    rc = fth_buf_done(&buf, err);
    if (!rc)
        rc = fth_arena_str(arena, fth_buf_view(&buf), out, err);
    fth_buf_release(&buf);
    return rc;
}

/* A list of {"key", "value"}: keys may be there twice, in their order. */
static enum fth_rc parse_pairs(struct fth_arena *scratch, const struct fth_json *json,
                               struct fth_text_map *out, bool *ok, struct fth_err *err)
{
    struct fth_str *texts = FTH_NEW_ARRAY(scratch, struct fth_str, 2 * json->nr);

    *ok = texts != NULL;
    if (!texts)
        return fth_err_nomem(err);
    for (size_t i = 0; i < json->nr; i++) {
        const struct fth_json *key = fth_json_get(&json->items[i], "key");
        const struct fth_json *value = fth_json_get(&json->items[i], "value");
        enum fth_rc rc = FTH_OK;

        if (!fth_json_is(key, FTH_JSON_STRING)) {
            *ok = false;
            return FTH_OK;
        }
        texts[i] = key->text;
        texts[json->nr + i] = FTH_STR("");
        if (value)
            rc = json_text(scratch, value, &texts[json->nr + i], err);
        if (rc)
            return rc;
    }
    *out = (struct fth_text_map){texts, texts + json->nr, json->nr};
    return FTH_OK;
}

/* Reads a JSON object. *ok is false when it is none; everything lives in the scratch. */
static enum fth_rc parse_map(struct fth_arena *scratch, struct fth_str text, bool bare,
                             struct fth_text_map *out, bool *ok, struct fth_err *err)
{
    const struct fth_json *json;
    struct fth_err why = {0};
    struct fth_str *texts;
    enum fth_rc rc;

    *ok = false;
    if (bare && fth_str_trim(text).n && fth_str_trim(text).p[0] == '"' &&
        fth_arena_printf(scratch, &text, err, "{" FTH_STR_F "}", FTH_STR_A(text)))
        return err->rc;
    rc = fth_json_parse(scratch, text, NULL, &json, &why);
    if (rc == FTH_E_NOMEM)
        return fth_err_nomem(err);
    if (rc && (text.p[0] == '[' || text.p[0] == '{')) {
        rc = fth_feed_from_python(scratch, text, &text, err);
        if (rc || !text.n)
            return rc;
        rc = fth_json_parse(scratch, text, NULL, &json, &why);
    }
    if (!rc && json->type == FTH_JSON_ARRAY)
        return parse_pairs(scratch, json, out, ok, err);
    if (rc || json->type != FTH_JSON_OBJECT)
        return FTH_OK;
    texts = FTH_NEW_ARRAY(scratch, struct fth_str, 2 * json->nr);
    if (!texts)
        return fth_err_nomem(err);
    for (size_t i = 0; i < json->nr; i++) {
        texts[i] = json->members[i].key;
        rc = json_text(scratch, &json->members[i].value, &texts[json->nr + i], err);
        if (rc)
            return rc;
    }
    *out = (struct fth_text_map){texts, texts + json->nr, json->nr};
    *ok = true;
    return FTH_OK;
}

void fth_feed_put_map(struct fth_buf *buf, const struct fth_text_map *map)
{
    struct fth_jw jw;

    fth_jw_init(&jw, buf);
    fth_jw_object(&jw);
    for (size_t i = 0; i < map->nr; i++) {
        fth_jw_key_str(&jw, map->keys[i]);
        if (map->values[i].p)
            fth_jw_str(&jw, map->values[i]);
        else
            fth_jw_null(&jw);
    }
    fth_jw_object_end(&jw);
}

static enum fth_rc refuse_map(struct fth_feed_worker *w, size_t record, size_t column,
                              struct fth_str text, struct fth_err *err)
{
    size_t header_nr = w->block.file->binding.header_nr;
    const struct fth_feed_fault fault = {.column = column < header_nr ? column : SIZE_MAX,
                                         .value = text,
                                         .rule = "not-a-map",
                                         .why = "is not a JSON object of different keys",
                                         .rc = FTH_E_SYNTAX};

    return fth_feed_refuse(w, record, &fault, err);
}

/* The engine's own map, when the cell is one. */
static const struct fth_text_map *engine_map(const struct fth_feed_worker *w, size_t record,
                                             size_t column)
{
    static const struct fth_text_map none = {0};
    const struct fth_vec *vec;
    size_t row = w->block.first + record;

    if (!w->block.batch)
        return NULL;
    vec = &w->block.batch->cols[w->block.batch_col[column]];
    if (vec->type != FTH_T_TEXT_MAP)
        return NULL;
    return fth_vec_is_valid(vec, row) ? &vec->map[vec->constant ? 0 : row] : &none;
}

/* The map of a cell; an empty one for an empty cell, and for a bad one that was set aside. */
static enum fth_rc cell_map(struct fth_feed_worker *w, size_t record, size_t column,
                            struct fth_text_map *out, struct fth_err *err)
{
    const struct fth_text_map *map = engine_map(w, record, column);
    struct fth_str text;
    bool ok;
    enum fth_rc rc;

    *out = (struct fth_text_map){0};
    if (map) {
        *out = *map;
        return FTH_OK;
    }
    rc = fth_feed_cell(w, record, column, &text, err);
    if (rc || text.n == 0)
        return rc;
    rc = parse_map(w->scratch, text, w->feed->layout->tags.bare, out, &ok, err);
    return rc || ok ? rc : refuse_map(w, record, column, text, err);
}

static struct fth_str find_key(const struct fth_text_map *map, struct fth_str key)
{
    for (size_t i = 0; i < map->nr; i++)
        if (fth_str_eq(map->keys[i], key))
            return map->values[i];
    return (struct fth_str){0};
}

/* Keeps a map as long as the cache. */
static enum fth_rc keep_map(struct fth_feed_worker *w, struct fth_str raw,
                            const struct fth_text_map *map, const struct fth_text_map **out,
                            struct fth_err *err)
{
    struct fth_text_map *kept = FTH_NEW(w->kept, struct fth_text_map);
    struct fth_str *texts = FTH_NEW_ARRAY(w->kept, struct fth_str, 2 * map->nr);
    enum fth_rc rc = FTH_OK;

    if (!kept || !texts)
        return fth_err_nomem(err);
    for (size_t i = 0; !rc && i < map->nr; i++) {
        rc = fth_arena_str(w->kept, map->keys[i], &texts[i], err);
        if (!rc)
            rc = fth_arena_str(w->kept, map->values[i], &texts[map->nr + i], err);
    }
    *kept = (struct fth_text_map){texts, texts + map->nr, map->nr};
    if (!rc)
        rc = fth_map_put(&w->maps, raw, kept, NULL, err);
    w->cached += 2 * raw.n + map->nr * 2 * sizeof(*texts);
    *out = kept;
    return rc;
}

/* The map of a CSV cell, from the cache or into it; *out stays NULL when there is none. */
static enum fth_rc known_map(struct fth_feed_worker *w, size_t record, size_t column,
                             const struct fth_text_map **out, struct fth_err *err)
{
    struct fth_str raw = fth_csv_raw(w->block.chunk, w->block.first + record, column);
    struct fth_text_map parsed;
    enum fth_rc rc;

    if (raw.n == 0)
        return FTH_OK;
    *out = fth_map_get(&w->maps, raw);
    if (*out)
        return FTH_OK;
    rc = cell_map(w, record, column, &parsed, err);
    if (rc || w->set_aside[record])
        return rc;
    return keep_map(w, raw, &parsed, out, err);
}

enum fth_rc fth_feed_map_value(struct fth_feed_worker *worker, size_t record, size_t column,
                               struct fth_str key, struct fth_str *out, struct fth_err *err)
{
    struct fth_text_map parsed;
    const struct fth_text_map *map = NULL;
    enum fth_rc rc;

    *out = (struct fth_str){0};
    if (!worker->block.chunk) {
        rc = cell_map(worker, record, column, &parsed, err);
        *out = find_key(&parsed, key);
        return rc;
    }
    if (worker->map_column != column) {
        worker->map_column = column;
        memset((void *)worker->map_of, 0, sizeof(worker->map_of));
    }
    /* Whoever looks for the period asks before there is a block. */
    if (record < worker->block.nr)
        map = worker->map_of[record];
    rc = map ? FTH_OK : known_map(worker, record, column, &map, err);
    if (rc || !map)
        return rc;
    if (record < worker->block.nr)
        worker->map_of[record] = map;
    *out = find_key(map, key);
    return FTH_OK;
}

/* ---- tags ---- */

struct pairs {
    struct fth_str *keys, *values;
    size_t nr, cap;
};

static enum fth_rc clean_key(const struct fth_feed_worker *w, struct fth_str raw,
                             struct fth_str *out, struct fth_err *err)
{
    const struct fth_feed_tags *tags = &w->feed->layout->tags;

    *out = raw;
    for (size_t i = 0; i < tags->rule_nr; i++) {
        struct fth_str from = fth_str_c(tags->rules[i].from);

        if (!fth_str_starts(raw, from))
            continue;
        raw = fth_str_sub(raw, from.n, raw.n);
        if (!tags->rules[i].to[0]) {
            *out = raw;
            return FTH_OK;
        }
        return fth_arena_printf(w->scratch, out, err, "%s" FTH_STR_F, tags->rules[i].to,
                                FTH_STR_A(raw));
    }
    return FTH_OK;
}

/* Adds a tag unless its key is there. */
static enum fth_rc add_pair(const struct fth_feed_worker *w, struct pairs *pairs,
                            struct fth_str key, struct fth_str value, struct fth_err *err)
{
    enum fth_rc rc = clean_key(w, key, &key, err);

    if (rc || key.n == 0)
        return rc;
    for (size_t i = 0; i < pairs->nr; i++)
        if (fth_str_eq(pairs->keys[i], key))
            return FTH_OK;
    pairs->keys[pairs->nr] = key;
    pairs->values[pairs->nr++] = value.p ? value : FTH_STR("");
    return FTH_OK;
}

/* All maps of a record as one, what the layout says put before their keys. */
static enum fth_rc all_maps(struct fth_feed_worker *w, size_t record, struct fth_text_map *out,
                            struct fth_err *err)
{
    const struct fth_feed_binding *b = &w->block.file->binding;
    struct fth_text_map *maps = FTH_NEW_ARRAY(w->scratch, struct fth_text_map, b->map_nr);
    struct fth_str *texts;
    size_t all = 0, nr = 0;
    enum fth_rc rc = maps ? FTH_OK : fth_err_nomem(err);

    for (size_t i = 0; !rc && i < b->map_nr; i++) {
        rc = cell_map(w, record, b->maps[i], &maps[i], err);
        all += maps[i].nr;
    }
    if (rc)
        return rc;
    texts = FTH_NEW_ARRAY(w->scratch, struct fth_str, 2 * all);
    if (!texts)
        return fth_err_nomem(err);
    for (size_t i = 0; !rc && i < b->map_nr; i++)
        for (size_t k = 0; !rc && k < maps[i].nr; k++, nr++) {
            texts[all + nr] = maps[i].values[k];
            rc = fth_arena_printf(w->scratch, &texts[nr], err, FTH_STR_F FTH_STR_F,
                                  FTH_STR_A(b->map_prefix[i]), FTH_STR_A(maps[i].keys[k]));
        }
    if (!rc)
        *out = (struct fth_text_map){texts, texts + all, all};
    return rc;
}

static enum fth_rc first_map(struct fth_feed_worker *w, size_t record, struct fth_text_map *out,
                             struct fth_err *err)
{
    const struct fth_feed_binding *b = &w->block.file->binding;
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; !rc && out->nr == 0 && i < b->map_nr; i++)
        rc = cell_map(w, record, b->maps[i], out, err);
    return rc;
}

static enum fth_rc collect(struct fth_feed_worker *w, size_t record, struct pairs *pairs,
                           struct fth_err *err)
{
    const struct fth_feed_binding *b = &w->block.file->binding;
    struct fth_text_map map = {0};
    enum fth_rc rc = w->feed->layout->tags.map_prefixes ? all_maps(w, record, &map, err)
                                                        : first_map(w, record, &map, err);

    if (rc)
        return rc;
    pairs->cap = map.nr + b->tag_col_nr;
    pairs->keys = FTH_NEW_ARRAY(w->scratch, struct fth_str, pairs->cap);
    pairs->values = FTH_NEW_ARRAY(w->scratch, struct fth_str, pairs->cap);
    if (!pairs->keys || !pairs->values)
        return fth_err_nomem(err);
    for (size_t i = 0; !rc && i < map.nr; i++)
        rc = add_pair(w, pairs, map.keys[i], map.values[i], err);
    for (size_t i = 0; !rc && i < b->tag_col_nr; i++) {
        struct fth_str value;

        rc = fth_feed_cell(w, record, b->tag_cols[i], &value, err);
        if (!rc && value.n)
            rc = add_pair(w, pairs, b->headers[b->tag_cols[i]], value, err);
    }
    return rc;
}

static enum fth_rc id_of(struct fth_feed_worker *w, size_t record, int32_t *out,
                         struct fth_err *err)
{
    const struct fth_feed_request *request = &w->feed->request;
    struct pairs pairs = {0};
    enum fth_rc rc = collect(w, record, &pairs, err);

    *out = 0;
    if (rc || pairs.nr == 0)
        return rc;
    if (request->tag_id)
        return request->tag_id(request->tag_ctx, pairs.keys, pairs.values, pairs.nr, out, err);
    return fth_tagsets_id(request->ledger, pairs.keys, pairs.values, pairs.nr, out, err);
}

static void add_to_key(struct fth_buf *key, struct fth_str text)
{
    uint32_t n = (uint32_t)text.n;

    fth_buf_add(key, &n, sizeof(n));
    fth_buf_str(key, text);
}

/* The raw bytes of a cell that holds tags; *any when there are some. */
static enum fth_rc add_cell(struct fth_feed_worker *w, size_t record, size_t column, bool *any,
                            struct fth_err *err)
{
    const struct fth_text_map *map = engine_map(w, record, column);
    struct fth_str raw;
    enum fth_rc rc = FTH_OK;

    if (map) {
        for (size_t i = 0; i < map->nr; i++) {
            add_to_key(&w->key, map->keys[i]);
            add_to_key(&w->key, map->values[i]);
        }
        add_to_key(&w->key, FTH_STR(""));
        *any = *any || map->nr;
        return FTH_OK;
    }
    if (w->block.chunk && !w->feed->layout->derive)
        raw = fth_csv_raw(w->block.chunk, w->block.first + record, column);
    else
        rc = fth_feed_cell(w, record, column, &raw, err);
    if (rc)
        return rc;
    add_to_key(&w->key, raw);
    *any = *any || raw.n;
    return FTH_OK;
}

enum fth_rc fth_feed_tag_id(struct fth_feed_worker *worker, size_t record, int32_t *out,
                            struct fth_err *err)
{
    const struct fth_feed_binding *b = &worker->block.file->binding;
    bool any = false;
    void *known;
    enum fth_rc rc = FTH_OK;

    *out = 0;
    fth_buf_clear(&worker->key);
    fth_buf_add(&worker->key, &b->tag_class, sizeof(b->tag_class));
    for (size_t i = 0; !rc && i < b->map_nr; i++)
        rc = add_cell(worker, record, b->maps[i], &any, err);
    for (size_t i = 0; !rc && i < b->tag_col_nr; i++)
        rc = add_cell(worker, record, b->tag_cols[i], &any, err);
    if (!rc)
        rc = fth_buf_done(&worker->key, err);
    if (rc || !any)
        return rc;
    known = fth_map_get(&worker->tag_ids, fth_buf_view(&worker->key));
    if (known) {
        *out = (int32_t)((uintptr_t)known - 1);
        return FTH_OK;
    }
    rc = id_of(worker, record, out, err);
    if (rc || worker->set_aside[record])
        return rc;
    worker->cached += worker->key.n + 64;
    return fth_map_put(&worker->tag_ids, fth_buf_view(&worker->key),
                       (void *)((uintptr_t)(uint32_t)*out + 1), NULL, err);
}
