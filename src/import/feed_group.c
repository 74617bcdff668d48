#include "import/feed_group.h"

#include <stdint.h>
#include <string.h>

enum { ARENA_MAX = 128 << 20, KEY_MAX = 512, FIRST_ROOM = 256 };

static enum fth_rc begin(struct fth_feed_groups *groups, struct fth_err *err)
{
    if (groups->arena)
        return FTH_OK;
    groups->arena = fth_arena_new(ARENA_MAX);
    if (!groups->arena)
        return fth_err_nomem(err);
    fth_map_init(&groups->index);
    return FTH_OK;
}

static enum fth_rc make_room(struct fth_feed_groups *groups, struct fth_err *err)
{
    size_t room = groups->room ? 2 * groups->room : FIRST_ROOM;
    struct fth_feed_group *at;

    if (groups->nr < groups->room)
        return FTH_OK;
    at = FTH_NEW_ARRAY(groups->arena, struct fth_feed_group, room);
    if (!at)
        return fth_err_nomem(err);
    if (groups->nr)
        memcpy(at, groups->at, groups->nr * sizeof(*at));
    groups->at = at;
    groups->room = room;
    return FTH_OK;
}

/* The names one behind the other, each with a zero byte, and the hour; false when they are too
 * long. */
static bool put_key(const struct fth_feed_group *names, char key[KEY_MAX], size_t *out)
{
    const struct fth_str parts[] = {names->currency, names->invoice, names->name};
    size_t n = 0;

    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        if (parts[i].n >= KEY_MAX - n)
            return false;
        if (parts[i].n)
            memcpy(key + n, parts[i].p, parts[i].n);
        n += parts[i].n;
        key[n++] = '\0';
    }
    if (sizeof(names->hour_us) > KEY_MAX - n)
        return false;
    memcpy(key + n, &names->hour_us, sizeof(names->hour_us));
    *out = n + sizeof(names->hour_us);
    return true;
}

/* The names are kept as one text, which is the key in the index too. */
static enum fth_rc make(struct fth_feed_groups *groups, const struct fth_feed_group *names,
                        struct fth_str key, struct fth_feed_group **out, struct fth_err *err)
{
    struct fth_feed_group *group;
    struct fth_str copy = {0};
    enum fth_rc rc = make_room(groups, err);

    if (!rc)
        rc = fth_arena_str(groups->arena, key, &copy, err);
    if (!rc)
        rc = fth_map_put(&groups->index, copy, (void *)(uintptr_t)(groups->nr + 1), NULL, err);
    if (rc)
        return rc;
    group = &groups->at[groups->nr];
    *group =
        (struct fth_feed_group){.currency = {copy.p, names->currency.n}, .hour_us = names->hour_us};
    group->invoice = (struct fth_str){copy.p + names->currency.n + 1, names->invoice.n};
    group->name = (struct fth_str){group->invoice.p + names->invoice.n + 1, names->name.n};
    groups->nr++;
    *out = group;
    return FTH_OK;
}

static bool is_last(const struct fth_feed_group *last, const struct fth_feed_group *names)
{
    return last && last->hour_us == names->hour_us && fth_str_eq(last->name, names->name) &&
           fth_str_eq(last->invoice, names->invoice) && fth_str_eq(last->currency, names->currency);
}

enum fth_rc fth_feed_group_find(struct fth_feed_groups *groups, const struct fth_feed_group *names,
                                struct fth_feed_group **out, struct fth_err *err)
{
    char text[KEY_MAX];
    struct fth_str key = {text, 0};
    void *known;
    enum fth_rc rc;

    *out = groups->last;
    if (is_last(groups->last, names))
        return FTH_OK;
    *out = NULL;
    rc = begin(groups, err);
    if (rc)
        return rc;
    if (!put_key(names, text, &key.n)) {
        groups->many = true;
        return FTH_OK;
    }
    known = fth_map_get(&groups->index, key);
    if (known)
        *out = &groups->at[(uintptr_t)known - 1];
    else if (groups->nr == FTH_FEED_GROUP_MAX)
        groups->many = true;
    else
        rc = make(groups, names, key, out, err);
    groups->last = *out;
    return rc;
}

enum fth_rc fth_feed_groups_merge(struct fth_feed_groups *to, const struct fth_feed_groups *from,
                                  struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < from->nr && !rc; i++) {
        struct fth_feed_group *group = NULL;

        rc = fth_feed_group_find(to, &from->at[i], &group, err);
        for (size_t k = 0; k < FTH_FEED_GROUP_AMOUNTS && group && !rc; k++)
            rc = fth_money_add(&group->amount[k], from->at[i].amount[k], err);
    }
    to->many |= from->many;
    return rc;
}

void fth_feed_groups_release(struct fth_feed_groups *groups)
{
    if (!groups->arena)
        return;
    fth_map_release(&groups->index);
    fth_arena_free(groups->arena);
    *groups = (struct fth_feed_groups){0};
}
