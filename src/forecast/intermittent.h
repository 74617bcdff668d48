/*
 * intermittent: what models of demand that comes now and then have in common.
 *
 * Thread rule: pure functions.
 */
#ifndef FTH_FORECAST_INTERMITTENT_H
#define FTH_FORECAST_INTERMITTENT_H

#include "forecast/model.h"

/* Why a series is none of theirs; NULL: it is. Theirs is one of two or more values that are not
 * zero, 1.32 steps apart or more (Syntetos, Boylan and Croston 2005). */
const char *fth_not_intermittent(const struct fth_series *series);

#endif
