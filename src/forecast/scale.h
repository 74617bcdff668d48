/*
 * scale: the scale on which most models work. Costs grow and swing by factors, but are zero on idle
 * days and negative on days of credits: asinh(y / 2c) is a logarithm that bears both.
 *
 * Thread rule: pure functions.
 */
#ifndef FTH_FORECAST_SCALE_H
#define FTH_FORECAST_SCALE_H

#include "forecast/model.h"

/* The c for a series: 3 % of the median of what is not zero, regardless of sign; 1 when all is
 * zero. `work` holds n numbers. */
double fth_scale_of(const double *y, size_t n, double *work);

#endif
