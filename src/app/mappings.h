/*
 * mappings: what a mapping makes of a file, before it is imported: a proposal, and how it reads.
 *
 * Thread rule: any thread.
 */
#ifndef FTH_MAPPINGS_H
#define FTH_MAPPINGS_H

#include "app/app.h"
#include "base/json.h"

/*
 * Writes a MappingPreview of docs/ref/openapi.json. `params` is a checked MappingRequest: an upload
 * or a path, and a mapping to try; without one it is proposed. `may_open` as in
 * fth_ingest_submit(). FTH_E_USAGE unless one file is named, FTH_E_NOTFOUND, FTH_E_DENIED,
 * FTH_E_INVALID and FTH_E_SYNTAX for what is no CSV or no mapping.
 */
enum fth_rc fth_mappings_preview(struct fth_app *app, struct fth_arena *arena,
                                 const struct fth_json *params, bool may_open, struct fth_jw *jw,
                                 struct fth_err *err);

#endif
