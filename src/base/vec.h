/*
 * vec: a growing array in an arena.
 *
 *     FTH_VEC(line_vec, struct line)
 *     struct line_vec lines = line_vec_in(arena);
 *     rc = line_vec_push(&lines, (struct line){…}, err);
 *     for (size_t i = 0; i < lines.nr; i++) … lines.at[i] …
 *
 * Growing doubles and copies; the old place stays in the arena until that is rewound, so a vector
 * costs at most twice its final size there. Pointers into it die with the next push.
 */
#ifndef FTH_VEC_H
#define FTH_VEC_H

#include <string.h>

#include "base/arena.h"

#define FTH_VEC(name, type)                                                                 \
    struct name {                                                                           \
        type *at;                                                                           \
        size_t nr, cap;                                                                     \
        struct fth_arena *arena;                                                            \
    };                                                                                      \
    static inline struct name name##_in(struct fth_arena *arena)                            \
    {                                                                                       \
        return (struct name){.arena = arena};                                               \
    }                                                                                       \
    static inline enum fth_rc name##_push(struct name *vec, type item, struct fth_err *err) \
    {                                                                                       \
        if (vec->nr == vec->cap || !vec->at) {                                              \
            size_t cap = vec->cap ? vec->cap * 2 : 8;                                       \
            type *at = FTH_NEW_ARRAY(vec->arena, type, cap);                                \
            if (!at)                                                                        \
                return fth_err_nomem(err);                                                  \
            if (vec->at)                                                                    \
                memcpy(at, vec->at, vec->nr * sizeof(*at));                                 \
            vec->at = at;                                                                   \
            vec->cap = cap;                                                                 \
        }                                                                                   \
        vec->at[vec->nr++] = item;                                                          \
        return FTH_OK;                                                                      \
    }

#endif
