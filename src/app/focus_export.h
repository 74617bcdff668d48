/*
 * focus_export: the ledger's charges as files of FOCUS (focus/export.h).
 *
 * Thread rule: any thread; writes files where it is told, so for the owner of the machine alone.
 */
#ifndef FTH_APP_FOCUS_EXPORT_H
#define FTH_APP_FOCUS_EXPORT_H

#include "app/costs.h"
#include "focus/export.h"

/* Fills in who asks; `request->run` is not looked at. The result lives in the arena of `asked`. */
enum fth_rc fth_app_focus_export(const struct fth_asked *asked,
                                 const struct fth_focus_export_request *request,
                                 const struct fth_focus_exported **out, struct fth_err *err);

#endif
