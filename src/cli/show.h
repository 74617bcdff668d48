/*
 * show: one object for people: what a delivery, a source, an account, a charge's origin, a plan's
 * explanation say, on a page.
 *
 * Thread rule: one thread.
 */
#ifndef FTH_SHOW_H
#define FTH_SHOW_H

#include "cli/cli.h"

/* Each takes the API's object and writes a page to standard output. FTH_E_IO, FTH_E_NOMEM. */
enum fth_rc fth_show_delivery(struct fth_cli *cli, const struct fth_json *delivery,
                              struct fth_err *err);
enum fth_rc fth_show_source(struct fth_cli *cli, const struct fth_json *source,
                            struct fth_err *err);
enum fth_rc fth_show_entity(struct fth_cli *cli, const struct fth_json *entity,
                            struct fth_err *err);
enum fth_rc fth_show_origin(struct fth_cli *cli, const struct fth_json *origin,
                            struct fth_err *err);
enum fth_rc fth_show_explanation(struct fth_cli *cli, const struct fth_json *explanation,
                                 struct fth_err *err);

/* The lines of a check that say where it does not hold, as remarks. */
void fth_show_where(struct fth_cli *cli, const struct fth_json *check);

#endif
