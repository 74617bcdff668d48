#include "conf/conf.h"

#include <ctype.h>
#include <string.h>

#include "base/check.h"
#include "base/vec.h"
#include "conf/conf_int.h"

static const struct fth_setting_info infos[] = {
#define FTH_SETTING(id, name, kind, value, least, most, help) \
    {name, FTH_SETTING_##kind, value, least, most, help},
#include "conf/conf.def"
#undef FTH_SETTING
};

struct value {
    enum fth_conf_origin origin;
    struct fth_str written, place;
    int64_t number; /* COUNT, BYTES, MS, BOOL */
    const char *const *items;
    size_t item_nr;
};

struct fth_conf {
    struct value at[FTH_SETTING_NR];
    struct fth_arena *arena;
};

const struct fth_setting_info *fth_setting_info(enum fth_setting id)
{
    FTH_CHECK((unsigned)id < FTH_SETTING_NR);
    return &infos[id];
}

/* ---- one value ---- */

/* A number with one of the units; a bare number is in the base unit. */
struct unit {
    const char *name;
    int64_t factor;
};

static const struct unit byte_units[] = {
    {"", 1},
    {"B", 1},
    {"kB", 1000},
    {"MB", 1000000},
    {"GB", 1000000000},
    {"TB", 1000000000000},
    {"KiB", 1 << 10},
    {"MiB", 1 << 20},
    {"GiB", 1 << 30},
    {"TiB", INT64_C(1) << 40},
};

static const struct unit time_units[] = {
    {"", 1}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000},
};

static bool read_number(struct fth_str text, const struct unit *units, size_t unit_nr, int64_t *out)
{
    size_t digits = 0;
    int64_t number;

    while (digits < text.n && text.p[digits] >= '0' && text.p[digits] <= '9')
        digits++;
    if (!fth_str_to_i64(fth_str_sub(text, 0, digits), &number))
        return false;
    for (size_t i = 0; i < unit_nr; i++)
        if (fth_str_caseeq(fth_str_trim(fth_str_sub(text, digits, SIZE_MAX)),
                           fth_str_c(units[i].name)))
            return !__builtin_mul_overflow(number, units[i].factor, out);
    return false;
}

FTH_VEC(item_vec, const char *)

static enum fth_rc read_list(struct fth_arena *arena, struct fth_str text, struct value *out,
                             struct fth_err *err)
{
    struct item_vec items = item_vec_in(arena);
    struct fth_str item;

    while (fth_str_next(&text, ',', &item)) {
        item = fth_str_trim(item);
        if (item.n == 0)
            continue;
        if (fth_arena_str(arena, item, &item, err) || item_vec_push(&items, item.p, err))
            return err->rc;
    }
    out->items = items.at;
    out->item_nr = items.nr;
    return FTH_OK;
}

static enum fth_rc wrong(const struct fth_setting_info *info, const struct value *value,
                         const char *wanted, struct fth_err *err)
{
    return fth_err_set(err, FTH_E_INVALID, FTH_STR_F ": %s: \"" FTH_STR_F "\" is no %s",
                       FTH_STR_A(value->place), info->name, FTH_STR_A(value->written), wanted);
}

static enum fth_rc read_value(struct fth_arena *arena, const struct fth_setting_info *info,
                              struct value *value, struct fth_err *err)
{
    struct fth_str text = value->written;

    switch (info->kind) {
    case FTH_SETTING_TEXT:
        return FTH_OK;
    case FTH_SETTING_LIST:
        return read_list(arena, text, value, err);
    case FTH_SETTING_BOOL:
        value->number = fth_str_caseeq(text, FTH_STR("true"));
        if (!value->number && !fth_str_caseeq(text, FTH_STR("false")))
            return wrong(info, value, "true or false", err);
        return FTH_OK;
    case FTH_SETTING_COUNT:
        if (!read_number(text, byte_units, 1, &value->number))
            return wrong(info, value, "whole number", err);
        break;
    case FTH_SETTING_BYTES:
        if (!read_number(text, byte_units, FTH_NR(byte_units), &value->number))
            return wrong(info, value, "size like 512MiB or 2GB", err);
        break;
    case FTH_SETTING_MS:
        if (!read_number(text, time_units, FTH_NR(time_units), &value->number))
            return wrong(info, value, "time like 500ms, 30s or 2m", err);
        break;
    }
    if (value->number < info->least || value->number > info->most)
        return fth_err_set(err, FTH_E_RANGE,
                           FTH_STR_F ": %s: \"" FTH_STR_F "\" is not between %lld and %lld",
                           FTH_STR_A(value->place), info->name, FTH_STR_A(text),
                           (long long)info->least, (long long)info->most);
    return FTH_OK;
}

/* ---- where values come from ---- */

static enum fth_rc unknown(struct fth_str name, struct fth_str place, struct fth_err *err)
{
    size_t best = SIZE_MAX, nearest = 0;

    for (size_t i = 0; i < FTH_NR(infos); i++) {
        size_t distance = fth_str_distance(fth_str_c(infos[i].name), name);

        if (distance < best) {
            best = distance;
            nearest = i;
        }
    }
    fth_err_set(err, FTH_E_INVALID, FTH_STR_F ": no setting \"" FTH_STR_F "\"", FTH_STR_A(place),
                FTH_STR_A(name));
    if (best <= name.n / 3 + 1)
        fth_err_hint(err, "Did you mean \"%s\"?", infos[nearest].name);
    else
        fth_err_hint(err, "\"farthing config\" lists all settings.");
    return err->rc;
}

/* Sets a value unless a stronger origin has set it already; every value is checked all the same. */
enum fth_rc fth_conf_put(struct fth_conf *conf, struct fth_str name, struct fth_str text,
                         enum fth_conf_origin origin, struct fth_str place, struct fth_err *err)
{
    for (size_t i = 0; i < FTH_NR(infos); i++) {
        struct value value = {.origin = origin};

        if (!fth_str_eq_c(name, infos[i].name))
            continue;
        if (fth_arena_str(conf->arena, text, &value.written, err) ||
            fth_arena_str(conf->arena, place, &value.place, err) ||
            read_value(conf->arena, &infos[i], &value, err))
            return err->rc;
        if (origin == FTH_FROM_FILE && conf->at[i].origin == FTH_FROM_FILE)
            return fth_err_set(err, FTH_E_INVALID, FTH_STR_F ": %s again, first in " FTH_STR_F,
                               FTH_STR_A(place), infos[i].name, FTH_STR_A(conf->at[i].place));
        if (origin >= conf->at[i].origin)
            conf->at[i] = value;
        return FTH_OK;
    }
    return unknown(name, place, err);
}

static enum fth_rc put_defaults(struct fth_conf *conf, struct fth_err *err)
{
    for (size_t i = 0; i < FTH_NR(infos); i++)
        if (fth_conf_put(conf, fth_str_c(infos[i].name), fth_str_c(infos[i].value),
                         FTH_FROM_DEFAULT, FTH_STR("default"), err))
            return err->rc;
    return FTH_OK;
}

/* FARTHING_LEDGER_HOT_TAGS is ledger.hot_tags: compared letter by letter, '_' for the dot too. */
static bool is_variable_of(struct fth_str variable, const char *name)
{
    if (variable.n != strlen(name))
        return false;
    for (size_t i = 0; i < variable.n; i++) {
        char want = name[i] == '.' ? '_' : (char)toupper((unsigned char)name[i]);

        if (variable.p[i] != want)
            return false;
    }
    return true;
}

/* Variables of the program that are no settings. */
static bool is_reserved(struct fth_str variable)
{
    static const char *const reserved[] = {"DATA", "TOKEN", "FAULT", "SEED", "SOURCE"};

    for (size_t i = 0; i < FTH_NR(reserved); i++)
        if (fth_str_eq_c(variable, reserved[i]))
            return true;
    /* For tests and builds. */
    return fth_str_starts(variable, FTH_STR("TEST_")) ||
           fth_str_starts(variable, FTH_STR("BUILD")) ||
           fth_str_starts(variable, FTH_STR("REQUIRE_"));
}

static enum fth_rc put_variable(struct fth_conf *conf, struct fth_str entry, struct fth_err *err)
{
    struct fth_str prefix = FTH_STR("FARTHING_"), whole, text, variable;

    if (!fth_str_starts(entry, prefix) || !fth_str_split(entry, '=', &whole, &text))
        return FTH_OK;
    variable = fth_str_sub(whole, prefix.n, SIZE_MAX);
    if (is_reserved(variable))
        return FTH_OK;
    for (size_t i = 0; i < FTH_NR(infos); i++)
        if (is_variable_of(variable, infos[i].name))
            return fth_conf_put(conf, fth_str_c(infos[i].name), text, FTH_FROM_ENVIRONMENT, whole,
                                err);
    return unknown(variable, FTH_STR("environment"), err);
}

static enum fth_rc put_override(struct fth_conf *conf, const char *override, struct fth_err *err)
{
    struct fth_str name, text;

    if (!fth_str_split(fth_str_c(override), '=', &name, &text))
        return fth_err_set(err, FTH_E_USAGE, "--set: \"%s\" is not NAME=VALUE", override);
    return fth_conf_put(conf, name, text, FTH_FROM_OPTION, FTH_STR("--set"), err);
}

enum fth_rc fth_conf_load(struct fth_arena *arena, const struct fth_conf_input *input,
                          const struct fth_conf **out, struct fth_err *err)
{
    struct fth_conf *conf = FTH_NEW(arena, struct fth_conf);

    if (!conf)
        return fth_err_nomem(err);
    conf->arena = arena;
    if (put_defaults(conf, err))
        return err->rc;
    if (input->file && fth_conf_read_file(conf, arena, input->file, input->file_may_miss, err))
        return err->rc;
    for (const char *const *entry = input->environment; entry && *entry; entry++)
        if (put_variable(conf, fth_str_c(*entry), err))
            return err->rc;
    for (size_t i = 0; i < input->override_nr; i++)
        if (put_override(conf, input->overrides[i], err))
            return err->rc;
    *out = conf;
    return FTH_OK;
}

/* ---- reading ---- */

struct fth_str fth_conf_text(const struct fth_conf *conf, enum fth_setting id)
{
    FTH_CHECK(fth_setting_info(id)->kind == FTH_SETTING_TEXT);
    return conf->at[id].written;
}

int64_t fth_conf_int(const struct fth_conf *conf, enum fth_setting id)
{
    FTH_CHECK(fth_setting_info(id)->kind >= FTH_SETTING_COUNT);
    return conf->at[id].number;
}

bool fth_conf_bool(const struct fth_conf *conf, enum fth_setting id)
{
    FTH_CHECK(fth_setting_info(id)->kind == FTH_SETTING_BOOL);
    return conf->at[id].number != 0;
}

const char *const *fth_conf_list(const struct fth_conf *conf, enum fth_setting id, size_t *nr)
{
    FTH_CHECK(fth_setting_info(id)->kind == FTH_SETTING_LIST);
    *nr = conf->at[id].item_nr;
    return conf->at[id].items;
}

struct fth_str fth_conf_written(const struct fth_conf *conf, enum fth_setting id)
{
    return conf->at[id].written;
}

struct fth_str fth_conf_place(const struct fth_conf *conf, enum fth_setting id)
{
    return conf->at[id].place;
}

enum fth_conf_origin fth_conf_origin(const struct fth_conf *conf, enum fth_setting id)
{
    return conf->at[id].origin;
}
