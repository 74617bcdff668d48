#include "detect/tail.h"

#include <math.h>

static const double keep = 0.99616;   /* half of the weight after 180 days */
static const double prior_days = 120; /* that a prior counts for */
static const double prior_over = 22;  /* values in the tail that it counts for */
static const double most = 4;         /* what a value is over the threshold by, at the most */
static const double shape_most = 0.24;

void fth_tail_learn(struct fth_tail *tail, double value)
{
    double excess = fmin(value - FTH_TAIL_FROM, most);

    tail->nr = tail->nr * keep + 1;
    tail->over *= keep;
    tail->sum *= keep;
    tail->squares *= keep;
    if (excess <= 0)
        return;
    tail->over += 1;
    tail->sum += excess;
    tail->squares += excess * excess;
}

double fth_tail_p(const struct fth_tail *tail, const struct fth_tail_prior *prior, double value)
{
    double share = (tail->over + prior->share * prior_days) / (tail->nr + prior_days);
    double nr = tail->over + prior_over;
    double mean = (tail->sum + prior_over * prior->mean) / nr;
    /* E x^2 of the law is 2 mean^2 (1 - shape) / (1 - 2 shape). */
    double squares = (tail->squares + prior_over * 2 * prior->mean * prior->mean *
                                          (1 - prior->shape) / (1 - 2 * prior->shape)) /
                     nr;
    double ratio = mean * mean / (squares - mean * mean);
    double shape = fmin(fmax((1 - ratio) / 2, 0), shape_most);
    double scale = mean * (1 - shape);

    if (value <= 0)
        return 1;
    if (value <= FTH_TAIL_FROM)
        return pow(share, value / FTH_TAIL_FROM);
    value -= FTH_TAIL_FROM;
    if (shape < 1e-6)
        return share * exp(-value / scale);
    return share * pow(1 + shape * value / scale, -1 / shape);
}
