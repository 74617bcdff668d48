#include "import/importer.h"

#define FTH_IMPORTER(id) extern const struct fth_importer fth_importer_##id;
#include "import/importer.def"
#undef FTH_IMPORTER

static const struct fth_importer *const importers[] = {
#define FTH_IMPORTER(id) &fth_importer_##id,
#include "import/importer.def"
#undef FTH_IMPORTER
};

size_t fth_importer_nr(void)
{
    return sizeof(importers) / sizeof(*importers);
}

const struct fth_importer *fth_importer_at(size_t i)
{
    return importers[i];
}

const struct fth_importer *fth_importer_named(struct fth_str id)
{
    for (size_t i = 0; i < fth_importer_nr(); i++)
        if (fth_str_eq_c(id, importers[i]->id))
            return importers[i];
    return NULL;
}

static size_t find_header(const struct fth_feed_head *head, const char *name, bool folded)
{
    struct fth_str want = fth_str_c(name);

    for (size_t i = 0; i < head->header_nr; i++)
        if (fth_feed_header_is(head->headers[i], want, folded))
            return i;
    return SIZE_MAX;
}

bool fth_importer_has(const struct fth_feed_head *head, const char *header)
{
    return find_header(head, header, false) != SIZE_MAX;
}

static const struct fth_feed_col *layout_col(const struct fth_feed_layout *layout, const char *name)
{
    for (size_t i = 0; i < layout->col_nr; i++)
        if (fth_str_eq_c(fth_str_c(name), layout->cols[i].name))
            return &layout->cols[i];
    return NULL;
}

size_t fth_importer_column(const struct fth_feed_layout *layout, const struct fth_feed_head *head,
                           const char *name)
{
    const struct fth_feed_col *col = layout_col(layout, name);

    for (int folded = 0; folded < 2; folded++) {
        size_t at = find_header(head, name, folded);

        for (size_t i = 0; at == SIZE_MAX && col && col->spellings && col->spellings[i]; i++)
            at = find_header(head, col->spellings[i], folded);
        if (at != SIZE_MAX)
            return at;
    }
    return SIZE_MAX;
}

static bool is_null_word(const struct fth_feed_layout *layout, struct fth_str text)
{
    for (size_t i = 0; layout->nulls && layout->nulls[i]; i++)
        if (fth_str_eq_c(text, layout->nulls[i]))
            return true;
    return false;
}

struct fth_str fth_importer_value(const struct fth_feed_layout *layout,
                                  const struct fth_feed_head *head, const char *name)
{
    size_t col = fth_importer_column(layout, head, name);

    for (size_t row = 0; col != SIZE_MAX && row < head->row_nr; row++) {
        struct fth_str cell = head->cells[row * head->header_nr + col];

        if (cell.n && !is_null_word(layout, cell))
            return cell;
    }
    return (struct fth_str){0};
}
