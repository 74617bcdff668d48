#include "base/json_pick.h"

#include <string.h>

#include "base/json.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum { DEPTH_MAX = 64 };

/* A key on the way to some path. Its children are a list in the order in which they came. */
struct node {
    struct fth_str key, path;
    size_t slot; /* SIZE_MAX: no path ends here */
    struct node *first, *last, *next;
    struct node *expected; /* the child that followed the last one found, in the object before */
    uint64_t seen;         /* the object in which it was met last */
};

struct fth_json_pick {
    struct node root;
    struct node flat; /* paths as keys of their own, dots and all: objects that were flattened */
    size_t nr;
    uint64_t object; /* number of the object that is being read */
};

/* A text under way. */
struct cursor {
    struct fth_json_pick *pick;
    const char *text, *at, *end;
    struct fth_arena *scratch;
    const struct fth_json_others *others;
    struct fth_str *cells;
    struct fth_json_bad *bad;
    struct fth_err *err;
    unsigned depth;
};

/* ---- what to pick ---- */

static struct node *child_named(struct node *node, struct fth_str key)
{
    struct node *child = node->first;

    while (child && !fth_str_eq(child->key, key))
        child = child->next;
    return child;
}

static struct node *add_child(struct fth_arena *arena, struct node *node, struct fth_str key,
                              struct fth_str path)
{
    struct node *child = child_named(node, key);

    if (child)
        return child;
    child = FTH_NEW(arena, struct node);
    if (!child)
        return NULL;
    *child = (struct node){.key = key, .path = path, .slot = SIZE_MAX};
    if (node->last)
        node->last->next = child;
    else
        node->first = node->expected = child;
    node->last = child;
    return child;
}

enum fth_rc fth_json_pick_new(struct fth_arena *arena, const struct fth_str *paths, size_t nr,
                              struct fth_json_pick **out, struct fth_err *err)
{
    struct fth_json_pick *pick = FTH_NEW(arena, struct fth_json_pick);

    if (!pick)
        return fth_err_nomem(err);
    *pick = (struct fth_json_pick){.root = {.slot = SIZE_MAX}, .nr = nr};
    for (size_t i = 0; i < nr; i++) {
        struct node *node = &pick->root;
        struct fth_str rest = paths[i], key;
        size_t to = 0;

        while (fth_str_next(&rest, '.', &key)) {
            to += (to ? 1 : 0) + key.n;
            node = add_child(arena, node, key, fth_str_sub(paths[i], 0, to));
            if (!node)
                return fth_err_nomem(err);
        }
        if (node != &pick->root && node->slot == SIZE_MAX)
            node->slot = i;
        if (fth_str_find(paths[i], '.') != SIZE_MAX) {
            node = add_child(arena, &pick->flat, paths[i], paths[i]);
            if (!node)
                return fth_err_nomem(err);
            node->slot = i;
        }
    }
    *out = pick;
    return FTH_OK;
}

/* ---- the grammar ---- */

static enum fth_rc bad_at(struct cursor *c, const char *at, const char *why)
{
    if (!c->bad->why)
        *c->bad = (struct fth_json_bad){.why = why, .at = (size_t)(at - c->text)};
    return FTH_E_SYNTAX;
}

static inline void skip_blanks(struct cursor *c)
{
    while (c->at < c->end && (unsigned char)*c->at <= ' ' &&
           (*c->at == ' ' || *c->at == '\n' || *c->at == '\t' || *c->at == '\r'))
        c->at++;
}

static inline bool take(struct cursor *c, char want)
{
    skip_blanks(c);
    if (c->at == c->end || *c->at != want)
        return false;
    c->at++;
    return true;
}

/* The first byte from `p` on that ends plain text in a string: a quote, a backslash, a control
 * character; `end` when there is none. */
static inline const char *plain_end(const char *p, const char *end)
{
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');
    const __m128i last = _mm_set1_epi8(0x1f);

    for (; end - p >= 16; p += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(v, last), v);
        __m128i hit =
            _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, slash)), control);
        unsigned mask = (unsigned)_mm_movemask_epi8(hit);

        if (mask)
            return p + __builtin_ctz(mask);
    }
#endif
    while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p > 0x1f)
        p++;
    return p;
}

/* Behind the opening quote. Sets *out to what stands between the quotes; *escaped when that is not
 * yet the text. */
static inline enum fth_rc take_string(struct cursor *c, struct fth_str *out, bool *escaped)
{
    const char *begin = c->at, *p = begin;

    *escaped = false;
    for (;;) {
        p = plain_end(p, c->end);
        if (p == c->end)
            return bad_at(c, p, "a string is open at its end");
        if (*p == '"')
            break;
        if (*p != '\\')
            return bad_at(c, p, "a control character in a string");
        if (c->end - p < 2)
            return bad_at(c, p, "a string is open at its end");
        *escaped = true;
        p += 2;
    }
    *out = (struct fth_str){begin, (size_t)(p - begin)};
    c->at = p + 1;
    return FTH_OK;
}

/* A string with escapes as text. */
static enum fth_rc decode(struct cursor *c, struct fth_str raw, struct fth_str *out)
{
    const struct fth_json *json;
    struct fth_err why = {0};
    enum fth_rc rc =
        fth_json_parse(c->scratch, (struct fth_str){raw.p - 1, raw.n + 2}, NULL, &json, &why);

    if (rc == FTH_E_NOMEM)
        return fth_err_nomem(c->err);
    if (rc)
        return bad_at(c, raw.p, "an escape that is none in a string");
    *out = json->text;
    if (json->text.n && memchr(json->text.p, 0, json->text.n))
        return bad_at(c, raw.p, "a zero byte in a string");
    return FTH_OK;
}

static inline const char *digits(const char *p, const char *end)
{
    while (p < end && *p >= '0' && *p <= '9')
        p++;
    return p;
}

static enum fth_rc take_number(struct cursor *c)
{
    const char *p = c->at, *from;

    if (*p == '-')
        p++;
    from = p;
    p = digits(p, c->end);
    if (p == from || (p > from + 1 && *from == '0'))
        return bad_at(c, c->at, "neither a value nor a number");
    if (p < c->end && *p == '.') {
        from = ++p;
        p = digits(p, c->end);
        if (p == from)
            return bad_at(c, p, "a number without digits behind its point");
    }
    if (p < c->end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < c->end && (*p == '+' || *p == '-'))
            p++;
        from = p;
        p = digits(p, c->end);
        if (p == from)
            return bad_at(c, p, "a number without digits in its exponent");
    }
    c->at = p;
    return FTH_OK;
}

static bool take_word(struct cursor *c, const char *word, size_t n)
{
    if ((size_t)(c->end - c->at) < n || memcmp(c->at, word, n) != 0)
        return false;
    c->at += n;
    return true;
}

static enum fth_rc skip_value(struct cursor *c);

static enum fth_rc deeper(struct cursor *c)
{
    return ++c->depth > DEPTH_MAX ? bad_at(c, c->at, "nested too deep") : FTH_OK;
}

static enum fth_rc skip_array(struct cursor *c)
{
    enum fth_rc rc = deeper(c);

    c->at++;
    if (!rc && !take(c, ']'))
        do {
            rc = skip_value(c);
            if (!rc && take(c, ']'))
                break;
            if (!rc && !take(c, ','))
                rc = bad_at(c, c->at, "neither ',' nor ']' behind an element");
        } while (!rc);
    c->depth--;
    return rc;
}

/* A key with its quotes and its colon. */
static enum fth_rc take_key(struct cursor *c, struct fth_str *out)
{
    bool escaped;
    enum fth_rc rc;

    if (!take(c, '"'))
        return bad_at(c, c->at, "no key");
    rc = take_string(c, out, &escaped);
    if (!rc && escaped)
        rc = decode(c, *out, out);
    if (!rc && !take(c, ':'))
        rc = bad_at(c, c->at, "no ':' behind a key");
    skip_blanks(c);
    return rc;
}

static enum fth_rc skip_object(struct cursor *c)
{
    struct fth_str key = {0};
    enum fth_rc rc = deeper(c);

    c->at++;
    if (!rc && !take(c, '}'))
        do {
            rc = take_key(c, &key);
            if (!rc)
                rc = skip_value(c);
            if (!rc && take(c, '}'))
                break;
            if (!rc && !take(c, ','))
                rc = bad_at(c, c->at, "neither ',' nor '}' behind a member");
        } while (!rc);
    c->depth--;
    return rc;
}

static enum fth_rc skip_value(struct cursor *c)
{
    struct fth_str text = {0};
    bool escaped;
    enum fth_rc rc;

    skip_blanks(c);
    if (c->at == c->end)
        return bad_at(c, c->at, "a value is missing");
    switch (*c->at) {
    case '"':
        c->at++;
        rc = take_string(c, &text, &escaped);
        return !rc && escaped ? decode(c, text, &text) : rc;
    case '{':
        return skip_object(c);
    case '[':
        return skip_array(c);
    case 't':
        return take_word(c, "true", 4) ? FTH_OK : bad_at(c, c->at, "no value");
    case 'f':
        return take_word(c, "false", 5) ? FTH_OK : bad_at(c, c->at, "no value");
    case 'n':
        return take_word(c, "null", 4) ? FTH_OK : bad_at(c, c->at, "no value");
    default:
        return take_number(c);
    }
}

/* ---- picking ---- */

/* The value that begins here as text. */
static inline enum fth_rc take_text(struct cursor *c, struct fth_str *out)
{
    const char *begin;
    bool escaped;
    enum fth_rc rc;

    skip_blanks(c);
    begin = c->at;
    if (c->at < c->end && *c->at == '"') {
        c->at++;
        rc = take_string(c, out, &escaped);
        return !rc && escaped ? decode(c, *out, out) : rc;
    }
    rc = skip_value(c);
    if (rc)
        return rc;
    *out = *begin == 'n' ? (struct fth_str){0} : (struct fth_str){begin, (size_t)(c->at - begin)};
    return FTH_OK;
}

static enum fth_rc join_path(struct cursor *c, struct fth_str path, struct fth_str key,
                             struct fth_str *out)
{
    if (!path.n) {
        *out = key;
        return FTH_OK;
    }
    return fth_arena_printf(c->scratch, out, c->err, FTH_STR_F "." FTH_STR_F, FTH_STR_A(path),
                            FTH_STR_A(key));
}

static enum fth_rc other_object(struct cursor *c, struct fth_str path);

/* A value that no path names. */
static enum fth_rc other_value(struct cursor *c, struct fth_str path)
{
    struct fth_str value = {0};
    enum fth_rc rc;

    skip_blanks(c);
    if (c->at < c->end && *c->at == '{')
        return other_object(c, path);
    rc = take_text(c, &value);
    return rc ? rc : c->others->member(c->others->ctx, path, value, c->err);
}

static enum fth_rc other_member(struct cursor *c, struct fth_str path, struct fth_str key)
{
    enum fth_rc rc;

    if (!c->others)
        return skip_value(c);
    rc = join_path(c, path, key, &path);
    return rc ? rc : other_value(c, path);
}

static enum fth_rc other_object(struct cursor *c, struct fth_str path)
{
    struct fth_str key = {0};
    enum fth_rc rc = deeper(c);

    c->at++;
    if (!rc && !take(c, '}'))
        do {
            rc = take_key(c, &key);
            if (!rc)
                rc = other_member(c, path, key);
            if (!rc && take(c, '}'))
                break;
            if (!rc && !take(c, ','))
                rc = bad_at(c, c->at, "neither ',' nor '}' behind a member");
        } while (!rc);
    c->depth--;
    return rc;
}

/* Objects come in the same order of members again and again: the key that is expected is compared
 * in place, before anything is searched. Behind the opening quote. */
static inline struct node *expected_key(struct cursor *c, struct node *node)
{
    struct node *child = node->expected;

    if (!child || (size_t)(c->end - c->at) <= child->key.n + 1 || c->at[child->key.n] != '"' ||
        memcmp(c->at, child->key.p, child->key.n) != 0)
        return NULL;
    c->at += child->key.n + 1;
    return child;
}

/* Reads a key and its colon; *out is its node, or NULL with *key. */
static inline enum fth_rc find_key(struct cursor *c, struct node *node, struct node **out,
                                   struct fth_str *key)
{
    bool escaped;
    enum fth_rc rc = FTH_OK;

    if (!take(c, '"'))
        return bad_at(c, c->at, "no key");
    *out = expected_key(c, node);
    if (!*out) {
        rc = take_string(c, key, &escaped);
        if (!rc && escaped)
            rc = decode(c, *key, key);
        if (rc)
            return rc;
        *out = child_named(node, *key);
        if (!*out && node == &c->pick->root)
            *out = child_named(&c->pick->flat, *key);
    }
    if (!take(c, ':'))
        return bad_at(c, c->at, "no ':' behind a key");
    skip_blanks(c);
    return FTH_OK;
}

static enum fth_rc pick_members(struct cursor *c, struct node *node);

static inline enum fth_rc pick_value(struct cursor *c, struct node *node)
{
    enum fth_rc rc;

    if (node->seen == c->pick->object)
        return bad_at(c, c->at, "a member that is there twice");
    node->seen = c->pick->object;
    if (node->first && c->at < c->end && *c->at == '{')
        return pick_members(c, node);
    if (node->slot != SIZE_MAX)
        return take_text(c, &c->cells[node->slot]);
    /* A value where paths expect an object. */
    rc = c->at < c->end && *c->at != 'n' && c->others ? other_value(c, node->path) : skip_value(c);
    return rc;
}

static enum fth_rc pick_members(struct cursor *c, struct node *node)
{
    enum fth_rc rc = deeper(c);

    c->at++;
    if (!rc && !take(c, '}'))
        do {
            struct node *child = NULL;
            struct fth_str key = {0};

            rc = find_key(c, node, &child, &key);
            if (!rc && child) {
                node->expected = child->next ? child->next : node->first;
                rc = pick_value(c, child);
                if (rc == FTH_E_SYNTAX && !c->bad->path.n)
                    c->bad->path = child->path;
            } else if (!rc) {
                rc = other_member(c, node->path, key);
            }
            if (!rc && take(c, '}'))
                break;
            if (!rc && !take(c, ','))
                rc = bad_at(c, c->at, "neither ',' nor '}' behind a member");
        } while (!rc);
    c->depth--;
    return rc;
}

static enum fth_rc pick_one(struct cursor *c)
{
    for (size_t i = 0; i < c->pick->nr; i++)
        c->cells[i] = (struct fth_str){0};
    c->pick->object++;
    skip_blanks(c);
    if (c->at == c->end || *c->at != '{')
        return bad_at(c, c->at, "not an object");
    return pick_members(c, &c->pick->root);
}

static enum fth_rc at_end(struct cursor *c)
{
    skip_blanks(c);
    return c->at == c->end ? FTH_OK : bad_at(c, c->at, "something behind its end");
}

enum fth_rc fth_json_pick_object(struct fth_json_pick *pick, struct fth_str text,
                                 struct fth_arena *scratch, const struct fth_json_others *others,
                                 struct fth_str *cells, struct fth_json_bad *bad,
                                 struct fth_err *err)
{
    struct cursor c = {.pick = pick,
                       .text = text.p,
                       .at = text.p,
                       .end = text.p + text.n,
                       .scratch = scratch,
                       .others = others,
                       .cells = cells,
                       .bad = bad,
                       .err = err};
    enum fth_rc rc;

    *bad = (struct fth_json_bad){0};
    rc = pick_one(&c);
    return rc ? rc : at_end(&c);
}

/* Behind the bracket. */
static enum fth_rc pick_elements(struct cursor *c, size_t max, size_t *nr)
{
    enum fth_rc rc = FTH_OK;

    if (take(c, ']'))
        return FTH_OK;
    while (!rc) {
        if (*nr == max) {
            bad_at(c, c->at, "too many elements");
            return FTH_E_LIMIT;
        }
        rc = pick_one(c);
        c->cells += c->pick->nr;
        ++*nr;
        if (!rc && take(c, ']'))
            return FTH_OK;
        if (!rc && !take(c, ','))
            rc = bad_at(c, c->at, "neither ',' nor ']' behind an element");
    }
    return rc;
}

enum fth_rc fth_json_pick_array(struct fth_json_pick *pick, struct fth_str text,
                                struct fth_arena *scratch, size_t max, struct fth_str *cells,
                                size_t *out_nr, struct fth_json_bad *bad, struct fth_err *err)
{
    struct cursor c = {.pick = pick,
                       .text = text.p,
                       .at = text.p,
                       .end = text.p + text.n,
                       .scratch = scratch,
                       .cells = cells,
                       .bad = bad,
                       .err = err};
    size_t nr = 0;
    enum fth_rc rc;

    *bad = (struct fth_json_bad){0};
    rc = take(&c, '[') ? pick_elements(&c, max, &nr) : bad_at(&c, c.at, "not an array");
    if (!rc)
        rc = at_end(&c);
    if (!rc)
        *out_nr = nr;
    return rc;
}
