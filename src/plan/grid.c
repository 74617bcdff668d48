#include "plan/grid.h"

#include "base/check.h"
#include "base/rand.h"

enum { MANY_GROUPS = 10000 };

/* What reading one statement needs. */
struct reading {
    struct fth_grid *grid;
    const struct fth_pass *pass;
    const struct fth_statement *statement;
    int window;
    int64_t (*shift)(const void *ctx, int64_t bucket);
    const void *shift_ctx;
    struct fth_str *keys; /* of the row that is read */
};

void fth_grid_init(struct fth_grid *grid, struct fth_arena *arena, size_t key_nr, unsigned slots)
{
    *grid = (struct fth_grid){.arena = arena,
                              .key_nr = key_nr,
                              .slots = slots,
                              .rows = fth_grid_row_vec_in(arena),
                              .totals = fth_grid_row_vec_in(arena),
                              .seed = fth_rand_seed()};
}

/* ---- rows ---- */

static uint64_t hash_of(const struct fth_grid *grid, const struct fth_str *keys, int64_t bucket,
                        struct fth_str currency)
{
    uint64_t hash = fth_str_hash(currency, grid->seed ^ (uint64_t)bucket);

    for (size_t i = 0; i < grid->key_nr; i++)
        hash = fth_str_hash(keys[i], hash + (keys[i].p ? 1 : 2));
    return hash;
}

static bool is_row(const struct fth_grid *grid, const struct fth_grid_row *row,
                   const struct fth_str *keys, int64_t bucket, struct fth_str currency)
{
    if (row->bucket != bucket || !fth_str_eq(row->currency, currency))
        return false;
    for (size_t i = 0; i < grid->key_nr; i++)
        if (!row->keys[i].p != !keys[i].p || !fth_str_eq(row->keys[i], keys[i]))
            return false;
    return true;
}

/* The place in the table of a row, or the free one where it belongs. */
static size_t place_of(const struct fth_grid *grid, const struct fth_str *keys, int64_t bucket,
                       struct fth_str currency)
{
    size_t mask = grid->cap - 1, at = hash_of(grid, keys, bucket, currency) & mask;

    while (grid->table[at] &&
           !is_row(grid, grid->rows.at[grid->table[at] - 1], keys, bucket, currency))
        at = (at + 1) & mask;
    return at;
}

static enum fth_rc grow(struct fth_grid *grid, struct fth_err *err)
{
    size_t cap = grid->cap ? grid->cap * 4 : 256;
    uint32_t *table = cap <= UINT32_MAX ? FTH_NEW_ARRAY(grid->arena, uint32_t, cap) : NULL;

    if (!table)
        return fth_err_nomem(err);
    grid->table = table;
    grid->cap = cap;
    for (size_t i = 0; i < grid->rows.nr; i++) {
        const struct fth_grid_row *row = grid->rows.at[i];

        table[place_of(grid, row->keys, row->bucket, row->currency)] = (uint32_t)i + 1;
    }
    return FTH_OK;
}

static enum fth_rc copy_key(struct fth_arena *arena, struct fth_str key, struct fth_str *out,
                            struct fth_err *err)
{
    if (!key.p) {
        *out = key;
        return FTH_OK;
    }
    return fth_arena_str(arena, key, out, err);
}

enum fth_rc fth_grid_row(struct fth_grid *grid, const struct fth_str *keys, int64_t bucket,
                         struct fth_str currency, struct fth_grid_row **out, struct fth_err *err)
{
    struct fth_grid_row *row;
    struct fth_str *copy;
    size_t at;

    if (2 * grid->rows.nr >= grid->cap && grow(grid, err))
        return err->rc;
    at = place_of(grid, keys, bucket, currency);
    if (grid->table[at]) {
        *out = grid->rows.at[grid->table[at] - 1];
        return FTH_OK;
    }
    row = FTH_NEW(grid->arena, struct fth_grid_row);
    copy = FTH_NEW_ARRAY(grid->arena, struct fth_str, grid->key_nr);
    if (!row || !copy)
        return fth_err_nomem(err);
    for (size_t i = 0; i < grid->key_nr; i++)
        if (copy_key(grid->arena, keys[i], &copy[i], err))
            return err->rc;
    *row = (struct fth_grid_row){.keys = copy, .bucket = bucket};
    if (copy_key(grid->arena, currency, &row->currency, err) ||
        fth_grid_row_vec_push(&grid->rows, row, err))
        return err->rc;
    grid->table[at] = (uint32_t)grid->rows.nr;
    *out = row;
    return FTH_OK;
}

enum fth_rc fth_grid_sums(struct fth_grid *grid, struct fth_grid_row *row, int window,
                          struct fth_grid_sums **out, struct fth_err *err)
{
    struct fth_grid_sums *sums;

    FTH_CHECK(row);
    sums = row->sums[window];

    if (!sums) {
        size_t nr = 0;

        for (unsigned slot = 0; slot < FTH_SLOT_MONEY_NR; slot++)
            nr += grid->slots >> slot & 1;
        sums = fth_arena_alloc(grid->arena, sizeof(*sums) + nr * sizeof(sums->money[0]));
        if (!sums)
            return fth_err_nomem(err);
        row->sums[window] = sums;
    }
    *out = sums;
    return FTH_OK;
}

struct fth_money fth_grid_money(const struct fth_grid *grid, const struct fth_grid_sums *sums,
                                enum fth_slot slot)
{
    size_t place = 0;

    FTH_CHECK(grid->slots >> slot & 1);
    if (!sums)
        return FTH_MONEY_ZERO;
    for (unsigned i = 0; i < slot; i++)
        place += grid->slots >> i & 1;
    return sums->money[place];
}

/* ---- reading what a pass finds ---- */

struct fth_str fth_grid_text(const struct fth_vec *vec, size_t row)
{
    if (!fth_vec_is_valid(vec, row))
        return (struct fth_str){0};
    if (vec->constant)
        row = 0;
    return vec->text[row].p ? vec->text[row] : (struct fth_str){"", 0};
}

fth_i128 fth_grid_whole(const struct fth_vec *vec, size_t row)
{
    if (!fth_vec_is_valid(vec, row))
        return 0;
    if (vec->constant)
        row = 0;
    switch (vec->type) {
    case FTH_T_I32:
    case FTH_T_DATE:
        return vec->i32[row];
    case FTH_T_I64:
    case FTH_T_DEC:
    case FTH_T_INSTANT:
        return vec->i64[row];
    default:
        FTH_CHECK(vec->type == FTH_T_I128 || vec->type == FTH_T_DEC_WIDE);
        return vec->i128[row];
    }
}

static void add_quantity(struct fth_grid_sums *sums, const struct fth_vec *cols, size_t row,
                         double days)
{
    struct fth_str least = fth_grid_text(&cols[1], row), greatest = fth_grid_text(&cols[2], row);

    if (!fth_vec_is_valid(&cols[0], row) || !least.p)
        return;
    sums->quantity += cols[0].f64[cols[0].constant ? 0 : row] / days;
    if (!fth_str_eq(least, greatest) || (sums->has_quantity && !fth_str_eq(sums->unit, least)))
        sums->mixed_units = true;
    sums->has_quantity = true;
    sums->unit = least;
}

void fth_grid_add_days(struct fth_grid_sums *sums, int32_t first, int32_t last)
{
    if (!sums->has_days || first < sums->first_day)
        sums->first_day = first;
    if (!sums->has_days || last > sums->last_day)
        sums->last_day = last;
    sums->has_days = true;
}

/* Units are copied once a row, not for every row that is added. */
static enum fth_rc own_unit(struct fth_grid *grid, struct fth_grid_sums *sums,
                            struct fth_str before, struct fth_err *err)
{
    if (sums->unit.p == before.p)
        return FTH_OK;
    if (before.p && fth_str_eq(before, sums->unit)) {
        sums->unit = before;
        return FTH_OK;
    }
    return fth_arena_str(grid->arena, sums->unit, &sums->unit, err);
}

static enum fth_rc add_money(struct reading *r, struct fth_grid_sums *sums,
                             const struct fth_vec **col, size_t row, struct fth_err *err)
{
    size_t place = 0;

    for (unsigned slot = 0; slot < FTH_SLOT_MONEY_NR; slot++) {
        fth_i128 head, tail = 0;
        struct fth_money money;

        if (!(r->pass->slots >> slot & 1)) {
            place += r->grid->slots >> slot & 1;
            continue;
        }
        head = fth_grid_whole((*col)++, row);
        if (r->statement->has_tail)
            tail = fth_grid_whole((*col)++, row);
        if (fth_money_make(head, tail, &money, err) ||
            fth_money_add(&sums->money[place++], money, err))
            return err->rc;
    }
    return FTH_OK;
}

/* A row of totals, which the engine has added up: a currency of its own. */
static enum fth_rc total_row(struct fth_grid *grid, struct fth_str currency,
                             struct fth_grid_row **out, struct fth_err *err)
{
    struct fth_grid_row *row = FTH_NEW(grid->arena, struct fth_grid_row);

    if (!row)
        return fth_err_nomem(err);
    row->bucket = INT64_MIN;
    if (copy_key(grid->arena, currency, &row->currency, err) ||
        fth_grid_row_vec_push(&grid->totals, row, err))
        return err->rc;
    *out = row;
    return FTH_OK;
}

static enum fth_rc read_row(struct reading *r, const struct fth_batch *batch, size_t row,
                            struct fth_err *err)
{
    const struct fth_vec *col = batch->cols;
    struct fth_grid_row *to = NULL;
    struct fth_grid_sums *sums = NULL;
    struct fth_str currency, unit;
    int64_t bucket = 0, groups = 0;

    if (r->statement->topped)
        groups = (int64_t)fth_grid_whole(col++, row);
    for (size_t i = 0; i < r->pass->key_nr; i++)
        r->keys[i] = fth_grid_text(col++, row);
    if (r->pass->grain != FTH_GRAIN_NONE)
        bucket = (int64_t)fth_grid_whole(col++, row);
    currency = r->statement->currency;
    if (!currency.p)
        currency = fth_grid_text(col++, row);
    if (fth_grid_whole(col, row) == 0)
        return FTH_OK; /* a sum over nothing */
    if (r->shift)
        bucket = r->shift(r->shift_ctx, bucket);
    r->grid->group_nr += groups;
    if ((groups ? total_row(r->grid, currency, &to, err)
                : fth_grid_row(r->grid, r->keys, bucket, currency, &to, err)) ||
        fth_grid_sums(r->grid, to, r->window, &sums, err))
        return err->rc;
    sums->charges += (int64_t)fth_grid_whole(col++, row);
    unit = sums->unit;
    if (add_money(r, sums, &col, row, err))
        return err->rc;
    if (r->pass->slots >> FTH_SLOT_QUANTITY & 1) {
        add_quantity(sums, col, row, 1);
        col += 3;
        if (own_unit(r->grid, sums, unit, err))
            return err->rc;
    }
    if (r->pass->slots >> FTH_SLOT_RESOURCES & 1)
        sums->resources += (int64_t)fth_grid_whole(col++, row);
    if (r->pass->slots >> FTH_SLOT_DAYS & 1 && fth_vec_is_valid(&col[0], row))
        fth_grid_add_days(sums, (int32_t)fth_grid_whole(&col[0], row),
                          (int32_t)fth_grid_whole(&col[1], row));
    return FTH_OK;
}

/* ---- spreading ---- */

/* The i-th of n parts of `units`: they differ by one unit at most and add up to it. */
static fth_i128 part_of(fth_i128 units, int64_t n, int64_t i)
{
    fth_i128 rest = units % n;
    fth_i128 one = rest < 0 ? -1 : 1;

    return units / n + (i < (rest < 0 ? -rest : rest) ? one : 0);
}

static enum fth_rc add_day(struct reading *r, const struct fth_batch *batch, size_t row,
                           const struct fth_vec *col, int64_t days, int64_t i,
                           struct fth_grid_sums *sums, struct fth_err *err)
{
    size_t place = 0;
    struct fth_str unit = sums->unit;

    (void)batch;
    sums->charges += i == 0; /* a charge is one charge */
    for (unsigned slot = 0; slot < FTH_SLOT_MONEY_NR; slot++) {
        struct fth_money money;
        fth_i128 head, tail = 0;

        if (!(r->pass->slots >> slot & 1)) {
            place += r->grid->slots >> slot & 1;
            continue;
        }
        head = part_of(fth_grid_whole(col++, row), days, i);
        if (r->statement->has_tail)
            tail = part_of(fth_grid_whole(col++, row), days, i);
        if (fth_money_make(head, tail, &money, err) ||
            fth_money_add(&sums->money[place++], money, err))
            return err->rc;
    }
    if (!(r->pass->slots >> FTH_SLOT_QUANTITY & 1))
        return FTH_OK;
    add_quantity(sums, col, row, (double)days);
    return own_unit(r->grid, sums, unit, err);
}

static enum fth_rc read_long_row(struct reading *r, const struct fth_batch *batch, size_t row,
                                 struct fth_err *err)
{
    const struct fth_pass *pass = r->pass;
    const struct fth_vec *col = batch->cols;
    struct fth_str currency;
    int64_t days;
    int32_t first;

    for (size_t i = 0; i < pass->key_nr; i++)
        r->keys[i] = fth_grid_text(col++, row);
    currency = r->statement->currency;
    if (!currency.p)
        currency = fth_grid_text(col++, row);
    col++;
    first = (int32_t)fth_grid_whole(col++, row);
    days = (int64_t)fth_grid_whole(col++, row);
    for (int64_t i = 0; i < days; i++) {
        int64_t date = first + i, bucket = 0;
        struct fth_grid_row *to = NULL;
        struct fth_grid_sums *sums = NULL;

        if (pass->has_time && (date < pass->time.start || date >= pass->time.end))
            continue;
        if (pass->grain == FTH_GRAIN_HOUR)
            bucket = date * FTH_DAY_US;
        else if (pass->grain != FTH_GRAIN_NONE)
            bucket = fth_bucket(pass->grain, (int32_t)date);
        if (r->shift)
            bucket = r->shift(r->shift_ctx, bucket);
        if (fth_grid_row(r->grid, r->keys, bucket, currency, &to, err) ||
            fth_grid_sums(r->grid, to, r->window, &sums, err) ||
            add_day(r, batch, row, col, days, i, sums, err))
            return err->rc;
    }
    return FTH_OK;
}

/* ---- running ---- */

static enum fth_rc run_one(struct reading *r, struct fth_query_env *env, struct fth_err *err)
{
    struct fth_result *result = NULL;
    struct fth_batch batch;

    if (r->statement->sql.n == 0)
        return FTH_OK;
    if (fth_session_query(env->session, r->statement->sql, r->statement->params.at,
                          r->statement->params.nr, env->cancel, &result, err))
        return err->rc;
    while (!fth_result_next(result, &batch, err) && batch.nr) {
        for (size_t row = 0; row < batch.nr && !err->rc; row++)
            if (r->pass->long_only)
                read_long_row(r, &batch, row, err);
            else
                read_row(r, &batch, row, err);
        if (err->rc || fth_cancel_check(env->cancel, err))
            break;
    }
    fth_result_free(result);
    return err->rc;
}

enum fth_rc fth_grid_too_many(const struct fth_grid *grid, struct fth_err *err)
{
    bool held = grid->rows.nr >= MANY_GROUPS;

    if (err->rc != FTH_E_NOMEM)
        return err->rc;
    if (held) {
        fth_err_clear(err);
        fth_err_set(err, FTH_E_NOMEM, "the answer has more than %zu groups, too many to hold",
                    grid->rows.nr);
    }
    fth_err_hint(err, "Narrow the question: less time, fewer groups, a coarser grain%s.",
                 held ? ", or the first ones by \"limit\"" : "");
    return err->rc;
}

enum fth_rc fth_grid_run(struct fth_grid *grid, struct fth_query_env *env,
                         const struct fth_pass *pass, int window, fth_shift shift,
                         const void *shift_ctx, struct fth_statement *statement,
                         struct fth_err *err)
{
    struct fth_pass long_pass = *pass;
    struct fth_statement long_statement;
    struct reading r = {.grid = grid,
                        .pass = pass,
                        .statement = statement,
                        .window = window,
                        .shift = shift,
                        .shift_ctx = shift_ctx,
                        .keys = FTH_NEW_ARRAY(env->arena, struct fth_str, grid->key_nr)};

    if (!r.keys)
        return fth_err_nomem(err);
    if (fth_query_compile(env, pass, statement, err) || run_one(&r, env, err) || !pass->spread)
        return err->rc ? fth_grid_too_many(grid, err) : FTH_OK;
    long_pass.long_only = true;
    r.pass = &long_pass;
    r.statement = &long_statement;
    if (fth_query_compile(env, &long_pass, &long_statement, err) || run_one(&r, env, err))
        return fth_grid_too_many(grid, err);
    if (!statement->sql.n)
        *statement = long_statement;
    return FTH_OK;
}
