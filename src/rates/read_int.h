/* read_int: what the readers of rates share. */
#ifndef FTH_RATES_READ_INT_H
#define FTH_RATES_READ_INT_H

#include "rates/rates.h"

/* Adds a rate that stands on a line, its texts checked and copied. */
enum fth_rc fth_rates_add(struct fth_rate_vec *out, struct fth_rate rate, struct fth_str amount,
                          size_t line, struct fth_err *err);

/* The ECB's XML. */
enum fth_rc fth_rates_read_xml(struct fth_str text, struct fth_str base, struct fth_rate_vec *out,
                               struct fth_err *err);

#endif
