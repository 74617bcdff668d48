/*
 * tree: a YAML document as a tree that remembers its lines, for files that people write.
 *
 * Scalars stay texts as they are written: what they mean is for whoever asks. Refused are aliases,
 * a second document, a key that is no plain text or is there twice, and what goes
 * beyond the limits: 1 MiB, 16 levels, 20,000 nodes.
 *
 * Thread rule: no shared state.
 */
#ifndef FTH_CONF_TREE_H
#define FTH_CONF_TREE_H

#include "base/arena.h"

enum fth_tree_kind { FTH_TREE_TEXT, FTH_TREE_LIST, FTH_TREE_MAP };

struct fth_tree {
    enum fth_tree_kind kind;
    struct fth_str key;  /* of a map's member */
    struct fth_str text; /* TEXT: ends with a zero byte that is not counted */
    bool quoted;         /* TEXT: was written in quotes, so that it is never a number or a null */
    unsigned line;       /* from 1 */
    const struct fth_tree *items; /* LIST, MAP: in their order */
    size_t nr;
};

/*
 * `name` is what messages call it: "name:12: …". An empty document is an empty map.
 * FTH_E_SYNTAX, FTH_E_LIMIT, FTH_E_NOMEM.
 */
enum fth_rc fth_tree_read(struct fth_arena *arena, struct fth_str text, const char *name,
                          const struct fth_tree **out, struct fth_err *err);

/* The member of a map, or NULL. */
const struct fth_tree *fth_tree_get(const struct fth_tree *map, const char *key);

#endif
