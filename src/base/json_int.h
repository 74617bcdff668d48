/* json_int: what the parts of json share. */
#ifndef FTH_JSON_INT_H
#define FTH_JSON_INT_H

#include "base/json.h"

/*
 * A number by its digits: value = 0.DIGITS * 10^point, DIGITS being `whole` then `fraction` without
 * zeros at either end. Zero has no digits, point 0 and no sign. One form for each value.
 */
struct fth_json_number {
    struct fth_str whole, fraction; /* into the text it was read from */
    int64_t point;
    bool negative;
};

/* `text` is a number that the parser has accepted. */
struct fth_json_number fth_json_number(struct fth_str text);

/* Exactly, whatever their size: -1, 0, 1. */
int fth_json_number_cmp(struct fth_json_number a, struct fth_json_number b);

/* No digits behind the point. */
bool fth_json_number_is_whole(struct fth_json_number number);

/* The member of that key, or NULL. */
const struct fth_json_member *fth_json_member(const struct fth_json *object, struct fth_str key);

/* The member at place `i` of the order by key; false when the object has no such order. */
const struct fth_json_member *fth_json_sorted(const struct fth_json *object, size_t i);

#endif
