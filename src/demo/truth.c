#include "demo/truth.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/date.h"
#include "base/file.h"
#include "base/map.h"
#include "base/money.h"
#include "base/vec.h"

enum { MAX_KEY = 512, MAX_FILE = 64 << 20 };

/* Totals of one key; the key is the beginning of its line in the file. */
struct total {
    struct fth_str key;
    fth_i128 billed, effective, list; /* 1e-10 */
    uint64_t rows;
};
struct total_ref {
    struct total *total;
};
FTH_VEC(total_vec, struct total_ref)

/* A break-down: what its key is made of. */
struct cut {
    const char *file, *header;
    void (*put_key)(struct fth_buf *buf, const struct fth_truth_row *row);
    bool has_list;
};

struct table {
    struct fth_map by_key;
    struct total_vec totals;
};

static void put_field(struct fth_buf *buf, const char *text)
{
    if (!strpbrk(text, ",\"\n")) {
        fth_buf_c(buf, text);
        return;
    }
    fth_buf_char(buf, '"');
    for (; *text; text++) {
        if (*text == '"')
            fth_buf_char(buf, '"');
        fth_buf_char(buf, *text);
    }
    fth_buf_char(buf, '"');
}

static void put_fields(struct fth_buf *buf, int32_t month, const char *const *fields, size_t nr)
{
    fth_month_put(buf, month);
    for (size_t i = 0; i < nr; i++) {
        fth_buf_char(buf, ',');
        put_field(buf, fields[i]);
    }
}

static void by_service(struct fth_buf *buf, const struct fth_truth_row *row)
{
    put_fields(buf, row->month, (const char *[]){row->product_code, row->category}, 2);
}

static void by_account(struct fth_buf *buf, const struct fth_truth_row *row)
{
    put_fields(buf, row->month, (const char *[]){row->account}, 1);
}

static void by_day(struct fth_buf *buf, const struct fth_truth_row *row)
{
    fth_date_put(buf, row->day);
}

static void by_team(struct fth_buf *buf, const struct fth_truth_row *row)
{
    put_fields(buf, row->month, (const char *[]){row->team}, 1);
}

static void by_commitment(struct fth_buf *buf, const struct fth_truth_row *row)
{
    if (row->commitment[0])
        put_fields(buf, row->month, (const char *[]){row->commitment, row->category, row->status},
                   3);
}

/* A row whose key is empty does not belong to the cut. */
static const struct cut cuts[] = {
    {"by_month_service_category.csv", "billing_month,product_code,charge_category", by_service,
     true},
    {"by_account.csv", "billing_month,account", by_account, false},
    {"by_day.csv", "day", by_day, false},
    {"by_team_tag.csv", "billing_month,team", by_team, false},
    {"by_commitment.csv", "billing_month,commitment_id,charge_category,status", by_commitment,
     false},
};

struct fth_truth {
    struct fth_arena *arena;
    const char *provider;
    struct fth_buf key;
    struct table tables[FTH_NR(cuts)];
};

static void release(void *object)
{
    struct fth_truth *truth = object;

    for (size_t i = 0; i < FTH_NR(cuts); i++)
        fth_map_release(&truth->tables[i].by_key);
    fth_buf_release(&truth->key);
}

enum fth_rc fth_truth_new(struct fth_arena *arena, const char *provider, struct fth_truth **out,
                          struct fth_err *err)
{
    struct fth_truth *truth = FTH_NEW(arena, struct fth_truth);
    enum fth_rc rc;

    if (!truth)
        return fth_err_nomem(err);
    truth->arena = arena;
    truth->provider = provider;
    truth->key = fth_buf_max(MAX_KEY);
    for (size_t i = 0; i < FTH_NR(cuts); i++) {
        fth_map_init(&truth->tables[i].by_key);
        truth->tables[i].totals = total_vec_in(arena);
    }
    rc = fth_arena_hook(arena, release, truth, err);
    if (!rc)
        *out = truth;
    return rc;
}

/* The total of truth->key, a new one when it is not there; NULL when there is no memory. */
static struct total *find_total(struct fth_truth *truth, struct table *table, struct fth_err *err)
{
    struct fth_str key = fth_buf_view(&truth->key);
    struct total *total = fth_map_get(&table->by_key, key);

    if (total)
        return total;
    total = FTH_NEW(truth->arena, struct total);
    if (!total) {
        fth_err_nomem(err);
        return NULL;
    }
    if (fth_arena_str(truth->arena, key, &total->key, err) ||
        total_vec_push(&table->totals, (struct total_ref){total}, err) ||
        fth_map_put(&table->by_key, key, total, NULL, err))
        return NULL;
    return total;
}

enum fth_rc fth_truth_add(struct fth_truth *truth, const struct fth_truth_row *row,
                          struct fth_err *err)
{
    for (size_t i = 0; i < FTH_NR(cuts); i++) {
        struct total *total;
        enum fth_rc rc;

        fth_buf_clear(&truth->key);
        cuts[i].put_key(&truth->key, row);
        rc = fth_buf_done(&truth->key, err);
        if (!rc && truth->key.n == 0)
            continue;
        if (rc)
            return rc;
        total = find_total(truth, &truth->tables[i], err);
        if (!total)
            return err->rc;
        total->billed += row->billed;
        total->effective += row->effective;
        total->list += row->list;
        total->rows++;
    }
    return FTH_OK;
}

static int by_key(const void *a, const void *b)
{
    const struct total_ref *x = a, *y = b;

    return fth_str_cmp(x->total->key, y->total->key);
}

static enum fth_rc write_table(const struct fth_truth *truth, size_t i, const char *dir,
                               struct fth_err *err)
{
    const struct cut *cut = &cuts[i];
    const struct table *table = &truth->tables[i];
    struct fth_buf text = fth_buf_max(MAX_FILE), path = fth_buf_max(1024);
    enum fth_rc rc;

    fth_buf_printf(&text, "%s,billed,effective,%sfocus_rows\n", cut->header,
                   cut->has_list ? "list_of_usage," : "");
    if (table->totals.nr)
        qsort(table->totals.at, table->totals.nr, sizeof(*table->totals.at), by_key);
    for (size_t k = 0; k < table->totals.nr; k++) {
        const struct total *total = table->totals.at[k].total;

        fth_buf_str(&text, total->key);
        fth_buf_char(&text, ',');
        fth_money_put(&text, (struct fth_money){.head = total->billed});
        fth_buf_char(&text, ',');
        fth_money_put(&text, (struct fth_money){.head = total->effective});
        if (cut->has_list) {
            fth_buf_char(&text, ',');
            fth_money_put(&text, (struct fth_money){.head = total->list});
        }
        fth_buf_printf(&text, ",%llu\n", (unsigned long long)total->rows);
    }
    fth_buf_printf(&path, "%s/%s_%s", dir, truth->provider, cut->file);
    fth_buf_add(&path, "", 1);
    rc = fth_buf_done(&path, err);
    if (!rc)
        rc = fth_buf_done(&text, err);
    if (!rc)
        rc = fth_file_write(path.p, fth_buf_view(&text), err);
    fth_buf_release(&text);
    fth_buf_release(&path);
    return rc;
}

enum fth_rc fth_truth_write(const struct fth_truth *truth, const char *dir, unsigned *files,
                            struct fth_err *err)
{
    for (size_t i = 0; i < FTH_NR(cuts); i++) {
        enum fth_rc rc = write_table(truth, i, dir, err);

        if (rc)
            return rc;
    }
    *files += (unsigned)FTH_NR(cuts);
    return FTH_OK;
}
