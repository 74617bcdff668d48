#include "plan/dimension.h"

#include "base/check.h"

static const struct fth_dimension dimensions[] = {
#define FTH_DIMENSION(id_, label_, text_, column_, label_column_, kind_, drill_) \
    {.id = #id_,                                                                 \
     .label = label_,                                                            \
     .text = text_,                                                              \
     .column = column_,                                                          \
     .label_column = label_column_,                                              \
     .drill = drill_,                                                            \
     .kind = FTH_DIMENSION_##kind_},
#include "plan/dimension.def"
#undef FTH_DIMENSION
};

static const char *const dimension_names[] = {
#define FTH_DIMENSION(id_, label_, text_, column_, label_column_, kind_, drill_) #id_,
#include "plan/dimension.def"
#undef FTH_DIMENSION
};

static const struct fth_measure_info measures[] = {
#define FTH_MEASURE(id_, label_, kind_, additive_) \
    {.id = #id_, .label = label_, .kind = FTH_CELL_##kind_, .additive = additive_},
#include "plan/measure.def"
#undef FTH_MEASURE
};

static const struct fth_value values[] = {
#define FTH_VALUE(dimension_, id_, label_, aliases_) \
    {.dimension = #dimension_, .id = id_, .label = label_, .aliases = aliases_},
#include "plan/value.def"
#undef FTH_VALUE
};

/* Dimensions of the plan's schema that belong to subjects which are not there yet. */
static const char *const other_subjects[] = {
    "cluster",   "namespace",        "workload",       "node",     "pod",        "anomaly",
    "severity",  "anomaly_status",   "recommendation", "rec_type", "rec_status", "risk",
    "budget",    "budget_status",    "policy",         "approval", "approver",   "approval_status",
    "execution", "execution_status", "playbook",
};

size_t fth_dimension_nr(void)
{
    return FTH_NR(dimensions);
}

struct fth_dimension_info fth_dimension_at(size_t i)
{
    const struct fth_dimension *at = &dimensions[i];

    FTH_CHECK(i < FTH_NR(dimensions));
    return (struct fth_dimension_info){
        .name = at->id, .label = at->label, .text = at->text, .focus_column = at->column};
}

const struct fth_dimension *fth_dimension_find(struct fth_str id)
{
    for (size_t i = 0; i < FTH_NR(dimensions); i++)
        if (fth_str_eq_c(id, dimensions[i].id))
            return &dimensions[i];
    return NULL;
}

const struct fth_dimension *fth_dimension_alias(struct fth_str name)
{
    const struct fth_dimension *found = fth_dimension_find(name);

    /* sub_account_name comes behind sub_account, whose column SubAccountId is another: no column
     * belongs to two dimensions. */
    for (size_t i = 0; !found && name.n && i < FTH_NR(dimensions); i++)
        if (fth_str_caseeq(name, fth_str_c(dimensions[i].column)))
            found = &dimensions[i];
    return found;
}

bool fth_dimension_tag(struct fth_str field, struct fth_str *key)
{
    if (!fth_str_starts(field, FTH_STR("tag:")) || field.n == 4 ||
        fth_str_find(field, 0) != SIZE_MAX)
        return false;
    *key = fth_str_sub(field, 4, SIZE_MAX);
    return true;
}

const struct fth_measure_info *fth_measure_info(enum fth_measure measure)
{
    FTH_CHECK(measure < FTH_MEASURE_NR);
    return &measures[measure];
}

enum fth_measure fth_measure_find(struct fth_str id)
{
    unsigned i = 0;

    while (i < FTH_MEASURE_NR && !fth_str_eq_c(id, measures[i].id))
        i++;
    return (enum fth_measure)i;
}

const char *fth_nearest(struct fth_str name, const char *const *names, size_t nr)
{
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;

    for (size_t i = 0; i < nr; i++) {
        size_t distance = fth_str_distance(name, fth_str_c(names[i]));

        if (distance < best_distance) {
            best_distance = distance;
            best = names[i];
        }
    }
    /* More than a third of the letters wrong is another word. */
    return best && best_distance <= (name.n + 2) / 3 ? best : NULL;
}

static bool is_other_subject(struct fth_str field)
{
    for (size_t i = 0; i < FTH_NR(other_subjects); i++)
        if (fth_str_eq_c(field, other_subjects[i]))
            return true;
    return fth_str_starts(field, FTH_STR("label:")) && field.n > 6;
}

enum fth_rc fth_dimension_check(struct fth_str field, struct fth_err *err)
{
    struct fth_str key;
    const char *near;

    if (fth_dimension_find(field) || fth_dimension_tag(field, &key))
        return FTH_OK;
    if (is_other_subject(field))
        return fth_err_set(err, FTH_E_UNSUPPORTED,
                           "\"" FTH_STR_F "\" is no dimension of subject cost", FTH_STR_A(field));
    near = fth_nearest(field, dimension_names, FTH_NR(dimension_names));
    fth_err_set(err, FTH_E_INVALID,
                "\"" FTH_STR_F "\" is no dimension, expected a name such as \"service\", "
                "\"sub_account\", \"region\" or \"tag:KEY\"",
                FTH_STR_A(field));
    if (near)
        fth_err_hint(err, "Did you mean \"%s\"?", near);
    else
        fth_err_hint(err, "The list of dimensions: farthing dimensions, GET /api/v1/dimensions.");
    return err->rc;
}

size_t fth_value_nr(void)
{
    return FTH_NR(values);
}

const struct fth_value *fth_value_at(size_t i)
{
    return &values[i];
}

bool fth_value_next_alias(struct fth_str *aliases, struct fth_str *alias)
{
    return fth_str_next(aliases, '|', alias);
}

bool fth_value_is(const struct fth_value *value, struct fth_str text)
{
    struct fth_str aliases = fth_str_c(value->aliases), alias;

    if (fth_str_caseeq(text, fth_str_c(value->id)) || fth_str_caseeq(text, fth_str_c(value->label)))
        return true;
    while (fth_value_next_alias(&aliases, &alias))
        if (fth_str_caseeq(text, alias))
            return true;
    return false;
}

bool fth_contains_folded(struct fth_str text, struct fth_str part)
{
    for (size_t i = 0; i + part.n <= text.n; i++)
        if (fth_str_caseeq(fth_str_sub(text, i, part.n), part))
            return true;
    return false;
}

bool fth_value_contains(const struct fth_value *value, struct fth_str part)
{
    struct fth_str aliases = fth_str_c(value->aliases), alias;

    if (fth_contains_folded(fth_str_c(value->id), part) ||
        fth_contains_folded(fth_str_c(value->label), part))
        return true;
    while (fth_value_next_alias(&aliases, &alias))
        if (fth_contains_folded(alias, part))
            return true;
    return false;
}

bool fth_value_has(const char *dimension)
{
    for (size_t i = 0; i < FTH_NR(values); i++)
        if (fth_str_eq_c(fth_str_c(dimension), values[i].dimension))
            return true;
    return false;
}

struct fth_str fth_value_id(const char *dimension, struct fth_str stored)
{
    for (size_t i = 0; i < FTH_NR(values); i++)
        if (fth_str_eq_c(fth_str_c(dimension), values[i].dimension) &&
            fth_value_is(&values[i], stored))
            return fth_str_c(values[i].id);
    return stored;
}
