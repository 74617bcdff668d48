/* The European Central Bank's XML: a Cube with a time, and in it a Cube for each currency. */
#include <expat.h>
#include <string.h>

#include "rates/read_int.h"

struct xml {
    XML_Parser parser;
    struct fth_rate_vec *out;
    struct fth_str base;
    struct fth_err *err;
    int32_t day;
    bool has_day;
};

/* Without the prefix of a name space. */
static const char *local_name(const char *name)
{
    const char *colon = strchr(name, ':');

    return colon ? colon + 1 : name;
}

static const char *attribute(const XML_Char **attributes, const char *name)
{
    for (; *attributes; attributes += 2)
        if (strcmp(local_name(attributes[0]), name) == 0)
            return attributes[1];
    return NULL;
}

static void XMLCALL on_start(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
    struct xml *xml = ctx;
    const char *time = attribute(attributes, "time");
    const char *currency = attribute(attributes, "currency"), *rate = attribute(attributes, "rate");
    size_t line = (size_t)XML_GetCurrentLineNumber(xml->parser);

    if (xml->err->rc || strcmp(local_name(name), "Cube") != 0)
        return;
    if (time) {
        xml->has_day = fth_date_parse(fth_str_c(time), &xml->day);
        if (!xml->has_day)
            fth_err_set(xml->err, FTH_E_SYNTAX, "line %zu: \"%s\" is no date", line, time);
    }
    if (currency || rate) {
        const struct fth_rate found = {
            .from = xml->base, .to = fth_str_c(currency ? currency : ""), .day = xml->day};

        if (xml->has_day && currency && rate)
            fth_rates_add(xml->out, found, fth_str_c(rate), line, xml->err);
        else
            fth_err_set(xml->err, FTH_E_SYNTAX, "line %zu: a Cube without time, currency or rate",
                        line);
    }
    if (xml->err->rc)
        XML_StopParser(xml->parser, XML_FALSE);
}

/* Files of rates have none; what comes with one (entities) is not for us. */
static void XMLCALL on_doctype(void *ctx, const XML_Char *name, const XML_Char *system_id,
                               const XML_Char *public_id, int has_internal_subset)
{
    struct xml *xml = ctx;

    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_internal_subset;
    fth_err_set(xml->err, FTH_E_SYNTAX, "line %zu: a document type is not allowed here",
                (size_t)XML_GetCurrentLineNumber(xml->parser));
    XML_StopParser(xml->parser, XML_FALSE);
}

enum fth_rc fth_rates_read_xml(struct fth_str text, struct fth_str base, struct fth_rate_vec *out,
                               struct fth_err *err)
{
    struct xml xml = {.parser = XML_ParserCreate(NULL), .out = out, .base = base, .err = err};

    if (!xml.parser)
        return fth_err_nomem(err);
    XML_SetUserData(xml.parser, &xml);
    XML_SetStartElementHandler(xml.parser, on_start);
    XML_SetStartDoctypeDeclHandler(xml.parser, on_doctype);
    if (text.n > FTH_RATES_FILE_MAX)
        fth_err_set(err, FTH_E_LIMIT, "more than %d bytes", FTH_RATES_FILE_MAX);
    else if (XML_Parse(xml.parser, text.p, (int)text.n, 1) != XML_STATUS_OK && !err->rc)
        fth_err_set(err, FTH_E_SYNTAX, "line %zu: no well-formed XML: %s",
                    (size_t)XML_GetCurrentLineNumber(xml.parser),
                    XML_ErrorString(XML_GetErrorCode(xml.parser)));
    XML_ParserFree(xml.parser);
    return err->rc;
}
