/*
 * conf: the settings, each with its value and where that came from.
 *
 * A setting is a row of conf.def. Its value is taken from the first that has one: an override of
 * the command line ("ledger.memory=2GB"), the environment (FARTHING_LEDGER_MEMORY), the file (YAML,
 * nested or dotted), the default. Names that do not exist are errors, in the environment too, with
 * the nearest that does.
 *
 * Thread rule: a loaded configuration is immutable.
 */
#ifndef FTH_CONF_H
#define FTH_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum fth_setting {
#define FTH_SETTING(id, name, kind, value, least, most, help) FTH_SET_##id,
#include "conf/conf.def"
#undef FTH_SETTING
    FTH_SETTING_NR
};

enum fth_setting_kind {
    FTH_SETTING_TEXT,
    FTH_SETTING_LIST,
    FTH_SETTING_BOOL,
    FTH_SETTING_COUNT,
    FTH_SETTING_BYTES,
    FTH_SETTING_MS
};

enum fth_conf_origin { FTH_FROM_DEFAULT, FTH_FROM_FILE, FTH_FROM_ENVIRONMENT, FTH_FROM_OPTION };

/* A row of conf.def. */
struct fth_setting_info {
    const char *name;
    enum fth_setting_kind kind;
    const char *value; /* default */
    int64_t least, most;
    const char *help;
};
const struct fth_setting_info *fth_setting_info(enum fth_setting id);

struct fth_conf;

struct fth_conf_input {
    const char *const *overrides; /* "NAME=VALUE" */
    size_t override_nr;
    const char *const *environment; /* "FARTHING_…=…" among others, NULL-terminated; or NULL */
    const char *file;               /* path, or NULL */
    bool file_may_miss;             /* it is the usual place, not one that was asked for */
};

enum { FTH_CONF_FILE_MAX = 64 * 1024 };

/* FTH_E_NOTFOUND for a file that was asked for; FTH_E_SYNTAX, FTH_E_INVALID and FTH_E_RANGE name
 * file and line, or variable, or option. Lives as long as the arena. */
enum fth_rc fth_conf_load(struct fth_arena *arena, const struct fth_conf_input *input,
                          const struct fth_conf **out, struct fth_err *err);

/* The value; asking for another kind than the row's is a broken invariant. */
struct fth_str fth_conf_text(const struct fth_conf *conf,
                             enum fth_setting id);                      /* zero-terminated */
int64_t fth_conf_int(const struct fth_conf *conf, enum fth_setting id); /* COUNT, BYTES, MS */
bool fth_conf_bool(const struct fth_conf *conf, enum fth_setting id);
const char *const *fth_conf_list(const struct fth_conf *conf, enum fth_setting id, size_t *nr);

/* The text that gave the value, and where it stood: "default", "FARTHING_LISTEN",
 * "farthing.yaml:3", "--set". */
struct fth_str fth_conf_written(const struct fth_conf *conf, enum fth_setting id);
struct fth_str fth_conf_place(const struct fth_conf *conf, enum fth_setting id);
enum fth_conf_origin fth_conf_origin(const struct fth_conf *conf, enum fth_setting id);

#endif
