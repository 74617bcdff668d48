/* cell_text: cells as JSON. Thread rule: no shared state. */
#ifndef FTH_PLAN_CELL_TEXT_H
#define FTH_PLAN_CELL_TEXT_H

#include "plan/plan.h"

/* The value of a cell; null when it has none. */
void fth_cell_json(struct fth_jw *jw, enum fth_cell_kind kind, const struct fth_cell *cell);

#endif
