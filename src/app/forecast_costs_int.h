/* forecast_costs_int: a forecast of costs while it is made, shared by forecast_asked.c (what is
 * asked), forecast_past.c (history) and forecast_costs.c. Nobody else includes it. */
#ifndef FTH_FORECAST_COSTS_INT_H
#define FTH_FORECAST_COSTS_INT_H

#include "app/desk_int.h"
#include "app/forecast_costs.h"
#include "base/date.h"
#include "base/vec.h"

enum { FTH_FORECAST_KEYS = 2, FTH_FORECAST_LEVELS = 4 };

enum fth_step { FTH_STEP_DAY, FTH_STEP_WEEK, FTH_STEP_MONTH };
enum fth_until { FTH_UNTIL_STEPS, FTH_UNTIL_MONTH, FTH_UNTIL_QUARTER, FTH_UNTIL_YEAR };

struct fth_forecast_asked {
    const struct fth_plan *plan; /* the same by day, with the one measure */
    struct fth_str canonical;    /* the plan that was asked, as canonical JSON */
    struct fth_str measure;
    struct fth_str by[FTH_FORECAST_KEYS];
    size_t key_nr;
    enum fth_step step;
    enum fth_until until;
    size_t steps;                       /* of FTH_UNTIL_STEPS */
    double levels[FTH_FORECAST_LEVELS]; /* 0 to 1, rising */
    size_t level_nr;
    const char *model;
    int32_t first, end; /* of the plan's time; INT32_MIN and INT32_MAX: none */
};

/* Reads and checks a request, into asked->arena; errors as fth_forecast_costs() has them. */
enum fth_rc fth_forecast_read(const struct fth_asked *asked, const struct fth_json *request,
                              struct fth_forecast_asked *out, struct fth_err *err);

/* ---- history ---- */

struct fth_forecast_day {
    int32_t date;
    struct fth_money amount;
};
FTH_VEC(fth_forecast_day_vec, struct fth_forecast_day)

/* One group in one currency. */
struct fth_forecast_past_of {
    struct fth_str key[FTH_FORECAST_KEYS]; /* p NULL: the value is missing */
    struct fth_str currency;
    struct fth_forecast_day_vec days; /* as they came */
    /* Set once all days are read: */
    int32_t start;            /* first date of the first step */
    struct fth_money *amount; /* n steps, none left out */
    size_t n;                 /* 0: no charge on a whole step */
};
FTH_VEC(fth_forecast_past_vec, struct fth_forecast_past_of)
FTH_VEC(fth_forecast_text_vec, struct fth_str)

struct fth_forecast_history {
    struct fth_arena *keep; /* holds all of it */
    const struct fth_forecast_asked *request;
    struct fth_forecast_past_vec groups;
    struct fth_forecast_text_vec warnings;
    int32_t today;
    int32_t until;      /* the last day of the last whole step */
    const char *reason; /* id: why there is no later one */
    int64_t version;
};

/* Reads all days through a place that was taken, whose run may use its arena as it likes.
 * FTH_E_INVALID: no charge on a whole day. */
enum fth_rc fth_forecast_history(struct fth_seat *seat, struct fth_forecast_history *history,
                                 struct fth_err *err);

/* First date of the step that holds `date`, and of the one that is `steps` later. */
int32_t fth_step_first(enum fth_step step, int32_t date);
int32_t fth_step_after(enum fth_step step, int32_t first, size_t steps);

#endif
