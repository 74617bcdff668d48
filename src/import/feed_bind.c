/* Which column of a file is which column of the layout. */
#include <string.h>

#include "base/check.h"
#include "import/feed_parts.h"

size_t fth_feed_col_named(const struct fth_feed_layout *layout, const char *name)
{
    for (size_t i = 0; i < layout->col_nr; i++)
        if (strcmp(layout->cols[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

bool fth_feed_header_is(struct fth_str header, struct fth_str name, bool folded)
{
    if (!folded)
        return fth_str_eq(header, name);
    if (header.n > name.n + 2 && header.p[header.n - 1] == ')' &&
        header.p[header.n - name.n - 2] == '(')
        header = fth_str_sub(header, header.n - name.n - 1, name.n);
    return fth_str_caseeq(header, name);
}

static size_t find_header(const struct fth_str *headers, size_t nr, struct fth_str name, bool exact)
{
    for (size_t i = 0; i < nr; i++)
        if (fth_feed_header_is(headers[i], name, !exact))
            return i;
    return SIZE_MAX;
}

/* "map[key]" into its parts; else the whole is the name. */
static struct fth_str spelling_name(struct fth_str spelling, struct fth_str *key)
{
    size_t open = fth_str_find(spelling, '[');

    *key = (struct fth_str){0};
    if (open == SIZE_MAX || !fth_str_ends(spelling, FTH_STR("]")))
        return spelling;
    *key = fth_str_sub(spelling, open + 1, spelling.n - open - 2);
    return fth_str_sub(spelling, 0, open);
}

static bool try_spelling(const struct fth_str *headers, size_t nr, const char *spelling, bool exact,
                         struct fth_feed_source *out)
{
    struct fth_str name = spelling_name(fth_str_c(spelling), &out->key);

    out->at = find_header(headers, nr, name, exact);
    return out->at != SIZE_MAX;
}

static struct fth_feed_source find_source(const struct fth_feed_col *col,
                                          const struct fth_str *headers, size_t nr)
{
    struct fth_feed_source source = {0};

    for (int exact = 1; exact >= 0; exact--) {
        if (try_spelling(headers, nr, col->name, exact, &source))
            return source;
        for (const char *const *s = col->spellings; s && *s; s++)
            if (try_spelling(headers, nr, *s, exact, &source))
                return source;
    }
    return (struct fth_feed_source){.at = SIZE_MAX};
}

static bool in_list(const char *const *list, const char *name)
{
    for (; list && *list; list++)
        if (strcmp(*list, name) == 0)
            return true;
    return false;
}

static bool has_prefix(const char *const *prefixes, struct fth_str header)
{
    for (; prefixes && *prefixes; prefixes++)
        if (fth_str_starts(header, fth_str_c(*prefixes)))
            return true;
    return false;
}

/* A prefix, or a whole name when it ends in '$'. */
bool fth_feed_is_ignored(const struct fth_feed_layout *layout, struct fth_str header)
{
    const char *const *ignored = layout->ignored;

    for (; ignored && *ignored; ignored++) {
        struct fth_str rule = fth_str_c(*ignored);
        bool whole = fth_str_ends(rule, FTH_STR("$"));

        if (whole ? fth_str_eq(header, fth_str_sub(rule, 0, rule.n - 1))
                  : fth_str_starts(header, rule))
            return true;
    }
    return false;
}

static enum fth_rc refuse_repeated(const struct fth_feed_file *file, const struct fth_str *headers,
                                   size_t nr, struct fth_err *err)
{
    struct fth_map seen;
    enum fth_rc rc = FTH_OK;

    fth_map_init(&seen);
    for (size_t i = 0; !rc && i < nr; i++) {
        if (fth_map_has(&seen, headers[i]))
            rc = fth_err_set(err, FTH_E_SYNTAX, "%s: column \"" FTH_STR_F "\" is there twice",
                             file->path, FTH_STR_A(headers[i]));
        else
            rc = fth_map_put(&seen, headers[i], &seen, NULL, err);
    }
    fth_map_release(&seen);
    return rc;
}

/* What one column of the file is used for. */
enum use { UNKNOWN, USED, TAG, IGNORED };

static void use_sources(const struct fth_import_feed *feed, const struct fth_feed_binding *b,
                        struct fth_feed_source *source, enum use *use)
{
    const struct fth_feed_layout *layout = feed->layout;

    size_t member = 0, list = feed->list_col;

    if (list != SIZE_MAX)
        list = find_source(&layout->cols[list], b->headers, b->header_nr).at;
    for (size_t i = 0; i < layout->col_nr; i++) {
        if (layout->cols[i].member) {
            source[i] = (struct fth_feed_source){.at = list, .member = ++member};
            continue;
        }
        source[i] = find_source(&layout->cols[i], b->headers, b->header_nr);
        if (source[i].at == SIZE_MAX)
            continue;
        use[source[i].at] = in_list(layout->side, layout->cols[i].name) ? UNKNOWN : USED;
        if (in_list(feed->request.without, layout->cols[i].name))
            source[i].at = SIZE_MAX;
    }
}

enum fth_rc fth_feed_inputs(const struct fth_feed_derive *derive, const char *path,
                            const struct fth_str *headers, size_t header_nr,
                            struct fth_arena *arena, const size_t **out, struct fth_err *err)
{
    size_t nr = 0, *at;

    while (derive->inputs[nr])
        nr++;
    at = FTH_NEW_ARRAY(arena, size_t, nr);
    if (!at)
        return fth_err_nomem(err);
    for (size_t i = 0; i < nr; i++) {
        struct fth_str name = fth_str_c(derive->inputs[i]);
        struct fth_nearest nearest = {.text = name};

        at[i] = find_header(headers, header_nr, name, true);
        if (at[i] == SIZE_MAX)
            at[i] = find_header(headers, header_nr, name, false);
        if (at[i] != SIZE_MAX)
            continue;
        fth_err_set(err, FTH_E_INVALID, "%s: column \"%s\", which the mapping names, is missing",
                    path, derive->inputs[i]);
        for (size_t k = 0; k < header_nr; k++)
            fth_nearest_offer(&nearest, headers[k]);
        if (nearest.best.n)
            fth_err_hint(err, "Did you mean \"" FTH_STR_F "\"?", FTH_STR_A(nearest.best));
        return err->rc;
    }
    *out = at;
    return FTH_OK;
}

/* Every column is made of the inputs, and a file has them all. */
static enum fth_rc use_derived(const struct fth_import_feed *feed, const char *path,
                               struct fth_feed_binding *b, struct fth_feed_source *source,
                               size_t *maps, enum use *use, struct fth_err *err)
{
    const struct fth_feed_derive *derive = feed->layout->derive;
    enum fth_rc rc =
        fth_feed_inputs(derive, path, b->headers, b->header_nr, feed->arena, &b->inputs, err);

    if (rc)
        return rc;
    FTH_CHECK(b->inputs != NULL);
    for (size_t i = 0; derive->inputs[i]; i++)
        use[b->inputs[i]] = USED;
    for (size_t i = 0; i < feed->layout->col_nr; i++) {
        size_t from = derive->from(derive->ctx, i);

        source[i] = (struct fth_feed_source){.at = from, .derived = i + 1};
        if (from != SIZE_MAX)
            source[i].at = from == FTH_FEED_CONSTANT ? 0 : b->inputs[from];
    }
    if (derive->tags != SIZE_MAX && source[derive->tags].at != SIZE_MAX)
        maps[b->map_nr++] = b->header_nr + derive->tags;
    return FTH_OK;
}

static void use_maps(const struct fth_feed_layout *layout, struct fth_feed_binding *b, size_t *maps,
                     struct fth_str *prefixes, enum use *use)
{
    const char *const *names = layout->tags.maps, *const *before = layout->tags.map_prefixes;

    for (const char *const *name = names; name && *name; name++) {
        size_t at = find_header(b->headers, b->header_nr, fth_str_c(*name), true);

        if (at == SIZE_MAX)
            at = find_header(b->headers, b->header_nr, fth_str_c(*name), false);
        if (at == SIZE_MAX || use[at] == TAG)
            continue;
        use[at] = TAG;
        prefixes[b->map_nr] = fth_str_c(before ? before[name - names] : "");
        maps[b->map_nr++] = at;
    }
}

static size_t list_of(const enum use *use, size_t nr, enum use wanted, size_t *out)
{
    size_t n = 0;

    for (size_t i = 0; i < nr; i++)
        if (use[i] == wanted)
            out[n++] = i;
    return n;
}

static bool same_names(const struct fth_feed_binding *a, const size_t *x, size_t x_nr,
                       const struct fth_feed_binding *b, const size_t *y, size_t y_nr)
{
    if (x_nr != y_nr)
        return false;
    for (size_t i = 0; i < x_nr; i++)
        if (!fth_str_eq(a->headers[x[i]], b->headers[y[i]]))
            return false;
    return true;
}

/* The tags of two files may share one cache when they stand in columns of the same names. */
static size_t tag_class(const struct fth_import_feed *feed, const struct fth_feed_file *file)
{
    const struct fth_feed_binding *b = &file->binding;

    for (const struct fth_feed_file *other = feed->files; other < file; other++) {
        const struct fth_feed_binding *o = &other->binding;

        if (same_names(b, b->maps, b->map_nr, o, o->maps, o->map_nr) &&
            same_names(b, b->tag_cols, b->tag_col_nr, o, o->tag_cols, o->tag_col_nr))
            return o->tag_class;
    }
    return (size_t)(file - feed->files);
}

enum fth_rc fth_feed_bind(const struct fth_import_feed *feed, struct fth_feed_file *file,
                          const struct fth_str *headers, size_t header_nr, struct fth_err *err)
{
    const struct fth_feed_layout *layout = feed->layout;
    struct fth_feed_binding *b = &file->binding;
    struct fth_feed_source *source =
        FTH_NEW_ARRAY(feed->arena, struct fth_feed_source, layout->col_nr);
    enum use *use = FTH_NEW_ARRAY(feed->arena, enum use, header_nr);
    size_t *lists = FTH_NEW_ARRAY(feed->arena, size_t, 3 * header_nr + 1);
    struct fth_str *prefixes = FTH_NEW_ARRAY(feed->arena, struct fth_str, header_nr);
    enum fth_rc rc = refuse_repeated(file, headers, header_nr, err);

    if (rc)
        return rc;
    if (!source || !use || !lists || !prefixes)
        return fth_err_nomem(err);
    *b = (struct fth_feed_binding){.headers = headers, .header_nr = header_nr, .source = source};
    if (layout->derive)
        rc = use_derived(feed, file->path, b, source, lists, use, err);
    else
        use_sources(feed, b, source, use);
    if (rc)
        return rc;
    use_maps(layout, b, lists, prefixes, use);
    b->map_prefix = prefixes;
    b->maps = lists;
    lists += header_nr;
    for (size_t i = 0; i < header_nr; i++) {
        if (use[i] != UNKNOWN)
            continue;
        if (has_prefix(layout->tags.prefixes, headers[i]))
            lists[b->tag_col_nr++] = i;
        use[i] = has_prefix(layout->tags.prefixes, headers[i]) ? TAG
                 : fth_feed_is_ignored(layout, headers[i])     ? IGNORED
                                                               : UNKNOWN;
    }
    b->tag_cols = lists;
    lists += header_nr;
    b->unknown = lists;
    b->unknown_nr = list_of(use, header_nr, UNKNOWN, lists);
    /* Tags that are made come as one text, whatever the file's columns. */
    b->tag_class = layout->derive ? 0 : tag_class(feed, file);
    return FTH_OK;
}
