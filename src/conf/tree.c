#include "conf/tree.h"

#include <string.h>
#include <yaml.h>

#include "base/vec.h"

enum { TEXT_MAX = 1 << 20, DEPTH_MAX = 16, NODE_MAX = 20000 };

FTH_VEC(tree_vec, struct fth_tree)

struct reader {
    struct fth_arena *arena;
    const char *name;
    yaml_parser_t parser;
    unsigned depth, nr;
};

static enum fth_rc refuse(const struct reader *reader, const yaml_event_t *event, const char *what,
                          struct fth_err *err)
{
    return fth_err_set(err, FTH_E_SYNTAX, "%s:%zu: %s", reader->name, event->start_mark.line + 1,
                       what);
}

static enum fth_rc next(struct reader *reader, yaml_event_t *event, struct fth_err *err)
{
    if (yaml_parser_parse(&reader->parser, event))
        return FTH_OK;
    if (reader->parser.error == YAML_MEMORY_ERROR)
        return fth_err_nomem(err);
    return fth_err_set(err, FTH_E_SYNTAX, "%s:%zu: %s", reader->name,
                       reader->parser.problem_mark.line + 1,
                       reader->parser.problem ? reader->parser.problem : "not YAML");
}

static struct fth_str scalar(const yaml_event_t *event)
{
    return (struct fth_str){(const char *)event->data.scalar.value, event->data.scalar.length};
}

static enum fth_rc read_node(struct reader *reader, const yaml_event_t *event,
                             struct fth_tree *node, struct fth_err *err);

static enum fth_rc read_list(struct reader *reader, struct fth_tree *node, struct fth_err *err)
{
    struct tree_vec items = tree_vec_in(reader->arena);
    bool more = true;
    enum fth_rc rc = FTH_OK;

    while (!rc && more) {
        struct fth_tree item = {0};
        yaml_event_t event;

        rc = next(reader, &event, err);
        if (rc)
            break;
        more = event.type != YAML_SEQUENCE_END_EVENT;
        if (more)
            rc = read_node(reader, &event, &item, err);
        yaml_event_delete(&event);
        if (more && !rc)
            rc = tree_vec_push(&items, item, err);
    }
    node->items = items.at;
    node->nr = items.nr;
    return rc;
}

static enum fth_rc read_key(struct reader *reader, const yaml_event_t *event,
                            const struct tree_vec *items, struct fth_str *out, struct fth_err *err)
{
    struct fth_str key;

    if (event->type != YAML_SCALAR_EVENT)
        return refuse(reader, event, "a name was expected", err);
    key = scalar(event);
    if (key.n == 0 || memchr(key.p, 0, key.n))
        return refuse(reader, event, "an empty name", err);
    for (size_t i = 0; i < items->nr; i++)
        if (fth_str_eq(items->at[i].key, key))
            return fth_err_set(err, FTH_E_SYNTAX,
                               "%s:%zu: \"" FTH_STR_F "\" again, first on line "
                               "%u",
                               reader->name, event->start_mark.line + 1, FTH_STR_A(key),
                               items->at[i].line);
    return fth_arena_str(reader->arena, key, out, err);
}

static enum fth_rc read_map(struct reader *reader, struct fth_tree *node, struct fth_err *err)
{
    struct tree_vec items = tree_vec_in(reader->arena);
    bool more = true;
    enum fth_rc rc = FTH_OK;

    while (!rc && more) {
        struct fth_tree item = {0};
        struct fth_str key = {0};
        yaml_event_t event;
        unsigned line;

        rc = next(reader, &event, err);
        if (rc)
            break;
        line = (unsigned)event.start_mark.line + 1;
        more = event.type != YAML_MAPPING_END_EVENT;
        if (more)
            rc = read_key(reader, &event, &items, &key, err);
        yaml_event_delete(&event);
        if (!more || rc)
            break;
        rc = next(reader, &event, err);
        if (rc)
            break;
        rc = read_node(reader, &event, &item, err);
        yaml_event_delete(&event);
        item.key = key;
        item.line = line;
        if (!rc)
            rc = tree_vec_push(&items, item, err);
    }
    node->items = items.at;
    node->nr = items.nr;
    return rc;
}

static enum fth_rc read_node(struct reader *reader, const yaml_event_t *event,
                             struct fth_tree *node, struct fth_err *err)
{
    enum fth_rc rc;

    node->line = (unsigned)event->start_mark.line + 1;
    if (++reader->nr > NODE_MAX || reader->depth == DEPTH_MAX)
        return fth_err_set(err, FTH_E_LIMIT, "%s:%u: %s", reader->name, node->line,
                           reader->depth == DEPTH_MAX ? "nested too deeply" : "too many values");
    reader->depth++;
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        node->kind = FTH_TREE_TEXT;
        node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
        rc = memchr(scalar(event).p, 0, scalar(event).n)
                 ? refuse(reader, event, "a zero byte", err)
                 : fth_arena_str(reader->arena, scalar(event), &node->text, err);
        break;
    case YAML_SEQUENCE_START_EVENT:
        node->kind = FTH_TREE_LIST;
        rc = read_list(reader, node, err);
        break;
    case YAML_MAPPING_START_EVENT:
        node->kind = FTH_TREE_MAP;
        rc = read_map(reader, node, err);
        break;
    default:
        rc = refuse(reader, event, "aliases are not taken here", err);
    }
    reader->depth--;
    return rc;
}

/* Stream start, document start, one value (or nothing), ends. */
static enum fth_rc read_document(struct reader *reader, struct fth_tree *root, struct fth_err *err)
{
    yaml_event_type_t type;
    unsigned documents = 0;
    enum fth_rc rc = FTH_OK;

    do {
        yaml_event_t event;

        rc = next(reader, &event, err);
        if (rc)
            return rc;
        type = event.type;
        if (type == YAML_DOCUMENT_START_EVENT && documents++)
            rc = refuse(reader, &event, "a second document", err);
        else if (type == YAML_SCALAR_EVENT || type == YAML_SEQUENCE_START_EVENT ||
                 type == YAML_MAPPING_START_EVENT || type == YAML_ALIAS_EVENT)
            rc = read_node(reader, &event, root, err);
        yaml_event_delete(&event);
    } while (!rc && type != YAML_STREAM_END_EVENT);
    return rc;
}

enum fth_rc fth_tree_read(struct fth_arena *arena, struct fth_str text, const char *name,
                          const struct fth_tree **out, struct fth_err *err)
{
    struct reader reader = {.arena = arena, .name = name};
    struct fth_tree *root = FTH_NEW(arena, struct fth_tree);
    enum fth_rc rc;

    if (text.n > TEXT_MAX)
        return fth_err_set(err, FTH_E_LIMIT, "%s: more than %d bytes", name, TEXT_MAX);
    if (!root || !yaml_parser_initialize(&reader.parser))
        return fth_err_nomem(err);
    root->kind = FTH_TREE_MAP;
    root->line = 1;
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text.p, text.n);
    rc = read_document(&reader, root, err);
    yaml_parser_delete(&reader.parser);
    if (!rc)
        *out = root;
    return rc;
}

const struct fth_tree *fth_tree_get(const struct fth_tree *map, const char *key)
{
    for (size_t i = 0; map && map->kind == FTH_TREE_MAP && i < map->nr; i++)
        if (fth_str_eq_c(map->items[i].key, key))
            return &map->items[i];
    return NULL;
}
