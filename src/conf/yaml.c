/* The settings file: YAML mappings, nested or with dotted names, scalars and lists of scalars. */
#include <string.h>
#include <yaml.h>

#include "base/buf.h"
#include "base/file.h"
#include "conf/conf_int.h"

enum { DEPTH_MAX = 4, NAME_MAX_LEN = 128, LIST_MAX = 4096 };

struct reader {
    struct fth_conf *conf;
    const char *path; /* for messages: the last part of the file's name */
    yaml_parser_t parser;
    char name[NAME_MAX_LEN]; /* of the mapping that is being read, "ledger." */
};

static enum fth_rc refuse(const struct reader *reader, const yaml_event_t *event, const char *what,
                          struct fth_err *err)
{
    return fth_err_set(err, FTH_E_SYNTAX, "%s:%zu: %s", reader->path, event->start_mark.line + 1,
                       what);
}

static enum fth_rc next(struct reader *reader, yaml_event_t *event, struct fth_err *err)
{
    if (yaml_parser_parse(&reader->parser, event))
        return FTH_OK;
    return fth_err_set(err, reader->parser.error == YAML_MEMORY_ERROR ? FTH_E_NOMEM : FTH_E_SYNTAX,
                       "%s:%zu: %s", reader->path, reader->parser.problem_mark.line + 1,
                       reader->parser.problem ? reader->parser.problem : "not YAML");
}

static struct fth_str scalar(const yaml_event_t *event)
{
    return (struct fth_str){(const char *)event->data.scalar.value, event->data.scalar.length};
}

static enum fth_rc put(struct reader *reader, size_t line, struct fth_str text, struct fth_err *err)
{
    struct fth_buf place = fth_buf_max(512);
    enum fth_rc rc;

    fth_buf_printf(&place, "%s:%zu", reader->path, line + 1);
    rc = fth_buf_done(&place, err);
    if (rc == FTH_OK)
        rc = fth_conf_put(reader->conf, fth_str_c(reader->name), text, FTH_FROM_FILE,
                          fth_buf_view(&place), err);
    fth_buf_release(&place);
    return rc;
}

/* A list becomes the text with commas that the other origins give. */
static enum fth_rc read_list(struct reader *reader, size_t line, struct fth_err *err)
{
    struct fth_buf text = fth_buf_max(LIST_MAX);
    yaml_event_t event;
    enum fth_rc rc;
    bool more = true;

    do {
        rc = next(reader, &event, err);
        if (rc)
            break;
        more = event.type != YAML_SEQUENCE_END_EVENT;
        if (more && event.type != YAML_SCALAR_EVENT)
            rc = refuse(reader, &event, "a list may only hold plain values", err);
        else if (more && fth_str_find(scalar(&event), ',') != SIZE_MAX)
            rc = refuse(reader, &event, "a value of a list may not hold a comma", err);
        else if (more)
            fth_buf_printf(&text, "%s" FTH_STR_F, text.n ? "," : "", FTH_STR_A(scalar(&event)));
        yaml_event_delete(&event);
    } while (more && !rc);
    if (rc == FTH_OK)
        rc = fth_buf_done(&text, err);
    if (rc == FTH_OK)
        rc = put(reader, line, fth_buf_view(&text), err);
    fth_buf_release(&text);
    return rc;
}

static enum fth_rc read_mapping(struct reader *reader, unsigned depth, struct fth_err *err);

/* The value of the key that reader->name ends with. */
static enum fth_rc read_value(struct reader *reader, unsigned depth, struct fth_err *err)
{
    size_t end = strlen(reader->name), line;
    yaml_event_t event;
    enum fth_rc rc = next(reader, &event, err);

    if (rc)
        return rc;
    line = event.start_mark.line;
    switch (event.type) {
    case YAML_SCALAR_EVENT:
        rc = put(reader, line, scalar(&event), err);
        break;
    case YAML_SEQUENCE_START_EVENT:
        rc = read_list(reader, line, err);
        break;
    case YAML_MAPPING_START_EVENT:
        if (depth == DEPTH_MAX || end + 2 > sizeof(reader->name)) {
            rc = refuse(reader, &event, "nested too deeply", err);
            break;
        }
        memcpy(reader->name + end, ".", 2);
        rc = read_mapping(reader, depth + 1, err);
        break;
    default:
        rc = refuse(reader, &event, "aliases are not taken here", err);
    }
    reader->name[end] = '\0';
    yaml_event_delete(&event);
    return rc;
}

static enum fth_rc read_mapping(struct reader *reader, unsigned depth, struct fth_err *err)
{
    size_t end = strlen(reader->name);
    yaml_event_t event;
    enum fth_rc rc;

    for (;;) {
        bool last;

        rc = next(reader, &event, err);
        if (rc)
            return rc;
        last = event.type == YAML_MAPPING_END_EVENT;
        if (!last && event.type != YAML_SCALAR_EVENT) {
            rc = refuse(reader, &event, "a name of a setting was expected", err);
        } else if (!last) {
            struct fth_str key = scalar(&event);

            if (key.n == 0 || key.n >= sizeof(reader->name) - end || memchr(key.p, 0, key.n)) {
                rc = refuse(reader, &event, "no name of a setting", err);
            } else {
                memcpy(reader->name + end, key.p, key.n);
                reader->name[end + key.n] = '\0';
            }
        }
        yaml_event_delete(&event);
        if (rc == FTH_OK && !last)
            rc = read_value(reader, depth, err);
        reader->name[end] = '\0';
        if (rc || last)
            return rc;
    }
}

/* stream start, document start, one mapping (or nothing), ends. */
static enum fth_rc read_document(struct reader *reader, struct fth_err *err)
{
    yaml_event_t event;
    yaml_event_type_t type;
    enum fth_rc rc;

    do {
        rc = next(reader, &event, err);
        if (rc)
            return rc;
        type = event.type;
        if (type == YAML_MAPPING_START_EVENT)
            rc = read_mapping(reader, 1, err);
        else if (type == YAML_SEQUENCE_START_EVENT || type == YAML_ALIAS_EVENT ||
                 (type == YAML_SCALAR_EVENT && event.data.scalar.length))
            rc = refuse(reader, &event, "settings are a mapping of names to values", err);
        yaml_event_delete(&event);
    } while (rc == FTH_OK && type != YAML_STREAM_END_EVENT);
    return rc;
}

enum fth_rc fth_conf_read_file(struct fth_conf *conf, struct fth_arena *arena, const char *path,
                               bool may_miss, struct fth_err *err)
{
    const char *slash = strrchr(path, '/');
    struct reader reader = {.conf = conf, .path = slash ? slash + 1 : path};
    struct fth_err tried = {0};
    struct fth_str text;
    enum fth_rc rc = fth_file_read(arena, path, FTH_CONF_FILE_MAX, &text, &tried);

    if (rc == FTH_E_NOTFOUND && may_miss)
        return FTH_OK;
    if (rc) {
        *err = tried;
        return rc;
    }
    if (!yaml_parser_initialize(&reader.parser))
        return fth_err_nomem(err);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text.p, text.n);
    rc = read_document(&reader, err);
    yaml_parser_delete(&reader.parser);
    return rc;
}
