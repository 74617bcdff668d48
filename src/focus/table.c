/* The tables: rules, columns, subcategories, currencies. */
#include <string.h>

#include "base/check.h"
#include "focus/focus_int.h"

static const struct fth_focus_rule rules[] = {
#define CAU FTH_FOCUS_CAU
#define CCT FTH_FOCUS_CCT
#define BPD FTH_FOCUS_BPD
#define IND FTH_FOCUS_IND
#define FTH_FOCUS_RULE(of, name, first, last, how, about, where, holds, words, needs) \
    {.id = name,                                                                      \
     .subject = about,                                                                \
     .when = where,                                                                   \
     .check = holds,                                                                  \
     .text = words,                                                                   \
     .criteria = needs,                                                               \
     .dataset = of,                                                                   \
     .since = FTH_FOCUS_##first,                                                      \
     .until = FTH_FOCUS_##last,                                                       \
     .level = FTH_FOCUS_##how},
#include "focus/rule_dataset.def"
#include "focus/rule_form.def"
#include "focus/rule_json.def"
#include "focus/rule_official.def"
#include "focus/rule_own.def"
#include "focus/rule_present.def"
#include "focus/rule_value.def"
#undef FTH_FOCUS_RULE
};

static const struct fth_focus_column columns[] = {
#define FTH_FOCUS_COLUMN(of, named, holds, first, last, allowed) \
    {.name = named,                                              \
     .values = allowed,                                          \
     .dataset = of,                                              \
     .type = FTH_FOCUS_##holds,                                  \
     .since = FTH_FOCUS_##first,                                 \
     .until = FTH_FOCUS_##last},
#include "focus/column.def"
#undef FTH_FOCUS_COLUMN
#undef CAU
#undef CCT
#undef BPD
#undef IND
};

static const struct {
    const char *name, *category;
} subcategories[] = {
#define FTH_FOCUS_SUBCATEGORY(name, category) {name, category},
#include "focus/subcategory.def"
#undef FTH_FOCUS_SUBCATEGORY
};

static const struct {
    const char *end, *fix; /* of what must hold */
} fixes[] = {
#define FTH_FOCUS_FIX(end, fix) {end, fix},
#include "focus/fix.def"
#undef FTH_FOCUS_FIX
};

/* ISO 4217, three letters each, sorted. */
static const char iso4217[] =
    "AEDAFNALLAMDANGAOAARSAUDAWGAZNBAMBBDBDTBGNBHDBIFBMDBNDBOBBOVBRLBSDBTNBWPBYNBZDCADCDFCHECHFCHWC"
    "LF"
    "CLPCNYCOPCOUCRCCUCCUPCVECZKDJFDKKDOPDZDEGPERNETBEURFJDFKPGBPGELGHSGIPGMDGNFGTQGYDHKDHNLHRKHTGH"
    "UF"
    "IDRILSINRIQDIRRISKJMDJODJPYKESKGSKHRKMFKPWKRWKWDKYDKZTLAKLBPLKRLRDLSLLYDMADMDLMGAMKDMMKMNTMOPM"
    "RU"
    "MURMVRMWKMXNMXVMYRMZNNADNGNNIONOKNPRNZDOMRPABPENPGKPHPPKRPLNPYGQARRONRSDRUBRWFSARSBDSCRSDGSEKS"
    "GD"
    "SHPSLESLLSOSSRDSSPSTNSVCSYPSZLTHBTJSTMTTNDTOPTRYTTDTWDTZSUAHUGXUSDUSNUYIUYUUYWUZSVEDVESVNDVUVW"
    "ST"
    "XAFXAGXAUXBAXBBXBCXBDXCDXCGXDRXOFXPDXPFXPTXSUXTSXUAXXXYERZARZMWZWGZWL";

const struct fth_focus_rule *fth_focus_rule_at(size_t i)
{
    FTH_CHECK(i < FTH_NR(rules));
    return &rules[i];
}

size_t fth_focus_rule_nr(void)
{
    return FTH_NR(rules);
}

size_t fth_focus_rule_index(const struct fth_focus_rule *rule)
{
    return (size_t)(rule - rules);
}

const struct fth_focus_column *fth_focus_column_at(size_t i)
{
    FTH_CHECK(i < FTH_NR(columns));
    return &columns[i];
}

size_t fth_focus_column_nr(void)
{
    return FTH_NR(columns);
}

const struct fth_focus_column *fth_focus_column(enum fth_focus_dataset dataset, struct fth_str name)
{
    for (size_t i = 0; i < FTH_NR(columns); i++)
        if (columns[i].dataset == dataset && fth_str_eq_c(name, columns[i].name))
            return &columns[i];
    return NULL;
}

bool fth_focus_listed(const struct fth_focus_column *column, struct fth_str value)
{
    struct fth_str rest = fth_str_c(column->values), one;

    while (fth_str_next(&rest, ';', &one)) {
        if (one.n && one.p[0] == ' ')
            one = fth_str_sub(one, 1, one.n);
        if (fth_str_eq(one, value))
            return true;
    }
    return false;
}

const char *fth_focus_parent(struct fth_str subcategory)
{
    size_t lo = 0, hi = FTH_NR(subcategories);

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int order = fth_str_cmp(subcategory, fth_str_c(subcategories[mid].name));

        if (order == 0)
            return subcategories[mid].category;
        if (order < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return NULL;
}

bool fth_focus_iso4217(struct fth_str code)
{
    for (size_t i = 0; code.n == 3 && i + 3 < sizeof(iso4217); i += 3)
        if (memcmp(iso4217 + i, code.p, 3) == 0)
            return true;
    return false;
}

const char *fth_focus_version_name(enum fth_focus_version version)
{
    static const char *const names[FTH_FOCUS_VERSION_NR] = {"1.0", "1.1", "1.2",
                                                            "1.3", "1.4", "1.2 (official)"};

    return names[version];
}

bool fth_focus_version_parse(const char *text, enum fth_focus_version *out)
{
    for (int i = 0; i <= FTH_FOCUS_V14; i++) {
        if (strcmp(text, fth_focus_version_name((enum fth_focus_version)i)) == 0) {
            *out = (enum fth_focus_version)i;
            return true;
        }
    }
    return false;
}

const char *fth_focus_dataset_name(enum fth_focus_dataset dataset)
{
    static const char *const names[FTH_FOCUS_DATASET_NR] = {"Cost and Usage", "Contract Commitment",
                                                            "Billing Period", "Invoice Detail"};

    return names[dataset];
}

const char *fth_focus_level_name(enum fth_focus_level level)
{
    static const char *const names[] = {"MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "RECOMMENDED"};

    return names[level];
}

bool fth_focus_level_binds(enum fth_focus_level level)
{
    return level == FTH_FOCUS_MUST || level == FTH_FOCUS_MUST_NOT;
}

const char *fth_focus_prefix(const struct fth_focus_rule *rule, enum fth_focus_version version)
{
    if (strncmp(rule->id, "FTH-", 4) == 0 || strstr(rule->id, "-A-"))
        return "";
    if (rule->dataset == FTH_FOCUS_CCT)
        return "CCT-";
    return version == FTH_FOCUS_V13 || version == FTH_FOCUS_V14 ? "CAU-" : "";
}

const char *fth_focus_fix(const struct fth_focus_rule *rule)
{
    struct fth_str check = fth_str_c(rule->check), id = fth_str_c(rule->id);

    /* A rule's own advice stands under its id, the others under how the check begins or ends. */
    for (size_t i = 0; i < FTH_NR(fixes); i++)
        if (fth_str_eq(id, fth_str_c(fixes[i].end)))
            return fixes[i].fix;
    for (size_t i = 0; i < FTH_NR(fixes); i++) {
        struct fth_str end = fth_str_c(fixes[i].end);

        if (fth_str_ends(check, end) || fth_str_starts(check, end) ||
            (end.n > 2 && end.p[0] == ' ' && fth_str_search(check, end) != SIZE_MAX))
            return fixes[i].fix;
    }
    return "See the specification.";
}
