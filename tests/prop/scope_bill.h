/*
 * scope_bill: a random bill, random scopes, and which charges of the one are inside the other,
 * worked out charge by charge without the product.
 *
 * Thread rule: one test, one thread.
 */
#ifndef FTH_TEST_SCOPE_BILL_H
#define FTH_TEST_SCOPE_BILL_H

#include "base/buf.h"
#include "base/check.h"
#include "base/rand.h"
#include "base/vec.h"
#include "plan/filter.h"

#define SCOPE_ROWS ((size_t)400)
enum { SCOPE_MONTHS = 3, SCOPE_PROVIDERS = 2 };

/* What others have written; no charge has it. */
#define NEVER_TOLD "outside-words-of-others"

FTH_VEC(str_vec, struct fth_str)

struct row;

struct world {
    struct fth_rng rng;
    struct fth_arena *arena;
    int64_t now_us;
    const struct row *rows;
    const struct fth_filter *scope;
    struct fth_str scope_text;
    size_t inside;          /* how many charges are */
    struct str_vec outside; /* texts that only charges outside have */
};

/* A world without a scope; the seed is printed. */
struct world scope_world(void);

size_t below(struct world *w, size_t n);
#define ANY(w, list) ((list)[below((w), FTH_NR(list))])

struct fth_str text_of(struct world *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct fth_str copy_of(struct world *w, const struct fth_buf *buf);

/* The n-th of the scopes from a random one on; some let nothing through. */
const char *scope_choose(struct world *w, size_t nth);

/* FOCUS as CSV of a month's charges of a provider, all or those inside alone; returns their number.
 */
size_t scope_bill(const struct world *w, int month, int provider, bool inside, struct fth_buf *out);

#endif
