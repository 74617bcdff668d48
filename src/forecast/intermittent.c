#include "forecast/intermittent.h"

#define APART_LEAST 1.32

const char *fth_not_intermittent(const struct fth_series *series)
{
    size_t nr = 0;

    for (size_t i = 0; i < series->n; i++)
        nr += series->y[i] < 0 || series->y[i] > 0;
    if (nr < 2)
        return "fewer than two values that are not zero";
    return (double)series->n < APART_LEAST * (double)nr ? "hardly any zeros" : NULL;
}
