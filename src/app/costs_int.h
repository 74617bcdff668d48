/* costs_int: what costs.c and the writers of files share. Nobody else includes it. */
#ifndef FTH_COSTS_INT_H
#define FTH_COSTS_INT_H

#include "app/desk_int.h"

/* Works the whole answer out, then hands the file to `flush` piece by piece. *warning is set before
 * the first when a column could not be a decimal. */
enum fth_rc fth_parquet_stream(const struct fth_asked *asked, const struct fth_plan *plan,
                               struct fth_str *warning,
                               enum fth_rc (*flush)(void *ctx, struct fth_str text,
                                                    struct fth_err *err),
                               void *ctx, struct fth_err *err);

/* The same as a workbook (plan/xlsx.h). */
enum fth_rc fth_xlsx_stream(const struct fth_asked *asked, const struct fth_plan *plan,
                            enum fth_rc (*flush)(void *ctx, struct fth_str text,
                                                 struct fth_err *err),
                            void *ctx, struct fth_err *err);

/* The file to `flush`, piece by piece. */
enum fth_rc fth_costs_hand_out(const char *path,
                               enum fth_rc (*flush)(void *ctx, struct fth_str text,
                                                    struct fth_err *err),
                               void *ctx, struct fth_err *err);

#endif
