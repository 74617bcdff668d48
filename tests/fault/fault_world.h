/*
 * fault_world: what the walks over a ledger's ways out share: a small bill, a world that has it,
 * paths in test_dir().
 */
#ifndef FAULT_WORLD_H
#define FAULT_WORLD_H

#include "import/import_world.h"

/* "DIR/name"; the last four of them stay. */
const char *fault_below(const char *name);

/* A world with one bill: two months, a tag, a column of the provider's own. */
void fault_world_open(struct import_world *world);
/* The second month once more, with other amounts. */
void fault_world_restate(struct import_world *world);

#endif
