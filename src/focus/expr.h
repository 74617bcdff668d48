/*
 * expr: the language in which rules say where they apply and what must hold.
 *
 *     condition = and { "or" and }
 *     and       = not { "and" not }
 *     not       = [ "not" ] ( "(" condition ")" | claim )
 *     claim     = COLUMN "is" [ "not" ] KIND
 *               | COLUMN "=" ( 'TEXT' | 0 | COLUMN )      equal texts; decimals by value
 *               | COLUMN "<>" ( 'TEXT' | COLUMN )         the contrary: null differs from a text
 *               | COLUMN "!=" ( 'TEXT' | COLUMN )         as SQL has it: neither may be null
 *               | COLUMN ">=" 0
 *               | COLUMN ( "<" | "<=" ) COLUMN            date and time
 *               | COLUMN "under" COLUMN                   subcategory and its category
 *               | COLUMN "*" COLUMN "~" COLUMN            product, within what rounding leaves open
 *               | COLUMN "*" COLUMN "=~" COLUMN           the same within 1e-9
 *               | COLUMN "in" COLUMN                      a text among the elements of an object
 *               | COLUMN "has" WHAT                       see object.c
 *     KIND      = null | string | number | decimal | moment | datetime | unit | currency
 *               | national currency | key-value | json | listed | blank | placeholder | ascii |
 * capitals | anyjson
 *
 * A claim about the form of a value holds for null, so that a missing value breaks one rule only.
 * Checks about files as a whole ("present X", "each X has one Y", "unique X", "sum …", "cross …",
 * "columns …", "file …") are not of this language; bind.c knows them.
 *
 * Thread rule: pure functions.
 */
#ifndef FTH_FOCUS_EXPR_H
#define FTH_FOCUS_EXPR_H

#include "focus/focus_int.h"

#endif
