/* conf_int: what the files of conf/ share. */
#ifndef FTH_CONF_INT_H
#define FTH_CONF_INT_H

#include "conf/conf.h"

/* Gives a setting a value; see conf.c. */
enum fth_rc fth_conf_put(struct fth_conf *conf, struct fth_str name, struct fth_str text,
                         enum fth_conf_origin origin, struct fth_str place, struct fth_err *err);

/* Puts every setting of a YAML file. */
enum fth_rc fth_conf_read_file(struct fth_conf *conf, struct fth_arena *arena, const char *path,
                               bool may_miss, struct fth_err *err);

#endif
