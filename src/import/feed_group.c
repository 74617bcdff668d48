#include "import/feed_group.h"

enum { ARENA_MAX = 4 << 20 };

static enum fth_rc begin(struct fth_feed_groups *groups, struct fth_err *err)
{
    if (groups->arena)
        return FTH_OK;
    groups->arena = fth_arena_new(ARENA_MAX);
    if (!groups->arena)
        return fth_err_nomem(err);
    fth_map_init(&groups->index);
    groups->at = FTH_NEW_ARRAY(groups->arena, struct fth_feed_group, FTH_FEED_GROUP_MAX);
    return groups->at ? FTH_OK : fth_err_nomem(err);
}

/* The group of that name; NULL when there are too many. */
static enum fth_rc find(struct fth_feed_groups *groups, struct fth_str name,
                        struct fth_feed_group **out, struct fth_err *err)
{
    void *known = fth_map_get(&groups->index, name);
    struct fth_str copy;
    enum fth_rc rc;

    *out = known ? &groups->at[(uintptr_t)known - 1] : NULL;
    if (known)
        return FTH_OK;
    if (groups->nr == FTH_FEED_GROUP_MAX) {
        groups->many = true;
        return FTH_OK;
    }
    rc = fth_arena_str(groups->arena, name, &copy, err);
    if (!rc)
        rc = fth_map_put(&groups->index, copy, (void *)(uintptr_t)(groups->nr + 1), NULL, err);
    if (rc)
        return rc;
    *out = &groups->at[groups->nr++];
    **out = (struct fth_feed_group){.name = copy};
    return FTH_OK;
}

enum fth_rc fth_feed_group_add(struct fth_feed_groups *groups, struct fth_str name, size_t total,
                               struct fth_money amount, struct fth_err *err)
{
    struct fth_feed_group *group = NULL;
    enum fth_rc rc = begin(groups, err);

    if (!rc)
        rc = find(groups, name, &group, err);
    return rc || !group ? rc : fth_money_add(&group->total[total], amount, err);
}

enum fth_rc fth_feed_groups_merge(struct fth_feed_groups *to, const struct fth_feed_groups *from,
                                  struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < from->nr && !rc; i++)
        for (size_t k = 0; k < FTH_FEED_GROUP_TOTALS && !rc; k++)
            rc = fth_feed_group_add(to, from->at[i].name, k, from->at[i].total[k], err);
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
