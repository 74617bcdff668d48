/*
 * json_pick: chosen members of JSON objects, in one pass over the text and without a tree.
 *
 * For records that come by the million in the same shape (JSON lines). A path names a member by its
 * keys with dots between them, "project.id"; what is picked is text: a string decoded, a number and
 * true and false as written, null as nothing, an object or an array as it stands there. Strict as
 * json.h: the grammar, depth, and no chosen member twice; of members that nobody chose the grammar.
 * That the text is UTF-8 is the caller's to know.
 *
 * Thread rule: a pick belongs to one thread; it remembers the order of members that it saw last.
 */
#ifndef FTH_JSON_PICK_H
#define FTH_JSON_PICK_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct fth_json_pick;

/* What to pick, in slots 0 to nr - 1. The paths must outlive it; a path may be the beginning of
 * another: then an object there goes to the others and anything else to it. FTH_E_NOMEM. */
enum fth_rc fth_json_pick_new(struct fth_arena *arena, const struct fth_str *paths, size_t nr,
                              struct fth_json_pick **out, struct fth_err *err);

/* Members that no path names, each leaf (an array is one) with its path and text. */
struct fth_json_others {
    enum fth_rc (*member)(void *ctx, struct fth_str path, struct fth_str value,
                          struct fth_err *err);
    void *ctx;
};

/* What is wrong with a text. */
struct fth_json_bad {
    const char *why;     /* static; NULL: nothing is */
    size_t at;           /* byte of the text */
    struct fth_str path; /* of the member that it was found in, as far as paths know it */
};

/*
 * Picks the members of the one object that `text` is: cells[slot], empty where there is none. Cells
 * point into `text`, or into `scratch` where a string had escapes. `others` may be NULL.
 * FTH_E_SYNTAX with *bad (and no message in err), FTH_E_NOMEM, what others->member gives.
 */
enum fth_rc fth_json_pick_object(struct fth_json_pick *pick, struct fth_str text,
                                 struct fth_arena *scratch, const struct fth_json_others *others,
                                 struct fth_str *cells, struct fth_json_bad *bad,
                                 struct fth_err *err);

/*
 * The same of an array of objects: element e has cells[e * nr + slot]. *out_nr is how many there
 * are, at most `max`: more are FTH_E_LIMIT with *bad.
 */
enum fth_rc fth_json_pick_array(struct fth_json_pick *pick, struct fth_str text,
                                struct fth_arena *scratch, size_t max, struct fth_str *cells,
                                size_t *out_nr, struct fth_json_bad *bad, struct fth_err *err);

#endif
