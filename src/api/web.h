/*
 * web: the web application, from memory (or from a folder, while it is being developed).
 *
 * Files under /assets/ have names that change with their content and may be kept for ever; all else
 * is asked for anew each time, with an entity tag for each encoding. A path that names no file is
 * answered with index.html if it is a page that a person opens (GET or HEAD that accepts text/html,
 * outside /api, /assets, /graphql, /metrics, /auth), else it is a 404.
 *
 * Thread rule: constant data.
 */
#ifndef FTH_WEB_H
#define FTH_WEB_H

#include "base/str.h"

struct fth_web_file {
    const char *path; /* "/assets/index-abc123.js" */
    const char *type;
    const char *hash;           /* of the plain content */
    struct fth_str raw, gz, br; /* br, gz: empty when they would be no smaller */
};

/* Sorted by path; empty in builds without the web application. */
extern const struct fth_web_file fth_embedded_web[];
extern const size_t fth_embedded_web_nr;

#endif
