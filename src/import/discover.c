#include "import/discover.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/date.h"
#include "base/file.h"
#include "base/lines.h"
#include "import/walk.h"

enum { MANIFEST_BYTES_MAX = 16 << 20, FIRST_LINE = 64 * 1024 };

FTH_VEC(bundle_vec, struct fth_bundle)
FTH_VEC(note_vec, struct fth_str)

/* A manifest under consideration. */
struct found {
    struct fth_manifest manifest;
    struct fth_str path;
    struct fth_str governs; /* files below this folder count only when a manifest names them */
    bool top;               /* stands above the run's own folder */
    bool taken, older;      /* chosen; not chosen, because another is newer */
};

FTH_VEC(found_vec, struct found)

struct search {
    struct fth_arena *arena;
    struct fth_walk_vec files;
    bool *claimed; /* by a manifest, one for each file */
    struct found_vec found;
    struct bundle_vec bundles;
    struct note_vec notes;
};

static struct fth_str dir_of(struct fth_str path)
{
    size_t at = fth_str_rfind(path, '/');

    return at == SIZE_MAX ? FTH_STR(".") : fth_str_sub(path, 0, at);
}

static struct fth_str base_of(struct fth_str path)
{
    size_t at = fth_str_rfind(path, '/');

    return at == SIZE_MAX ? path : fth_str_sub(path, at + 1, SIZE_MAX);
}

static bool below(struct fth_str path, struct fth_str dir)
{
    return path.n > dir.n && fth_str_starts(path, dir) && path.p[dir.n] == '/';
}

static enum fth_rc note(struct search *search, struct fth_str a, const char *words,
                        struct fth_str b, struct fth_err *err)
{
    struct fth_str text;
    enum fth_rc rc = fth_arena_printf(search->arena, &text, err, "%.*s%s%.*s", FTH_STR_A(a), words,
                                      FTH_STR_A(b));

    return rc ? rc : note_vec_push(&search->notes, text, err);
}

/* Runs are named with the time they began: "20250206T030000Z-…", "2025-02-06T03:00:00.000Z-…". */
static int64_t time_in(struct fth_str text)
{
    char plain[20];
    int64_t us;
    size_t n = 0;

    for (size_t i = 0; i < text.n && n < 14; i++) {
        char c = text.p[i];

        if (c >= '0' && c <= '9')
            plain[n++] = c;
        else if (c != '-' && c != ':' && c != 'T')
            break;
    }
    if (n != 14)
        return 0;
    char iso[] = "0000-00-00T00:00:00Z";
    static const unsigned char at[] = {0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18};
    for (size_t i = 0; i < 14; i++)
        iso[at[i]] = plain[i];
    return fth_instant_parse((struct fth_str){iso, 20}, &us) ? us : 0;
}

/* The time of a run, from its id, else from a folder of its files or of the manifest. */
static int64_t submitted(const struct fth_manifest *manifest, struct fth_str path)
{
    struct fth_str places[] = {manifest->identity, manifest->keys[0], path};

    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
        struct fth_str rest = places[i], piece;

        while (fth_str_next(&rest, '/', &piece)) {
            int64_t us = time_in(piece);

            if (us)
                return us;
        }
    }
    return 0;
}

/* Of an export the folder that holds data/ and metadata/, else the manifest's own. */
static struct fth_str governed(const struct fth_manifest *manifest, struct fth_str path)
{
    struct fth_str dir = dir_of(path), mark = FTH_STR("/metadata/");
    size_t at = SIZE_MAX;

    if (manifest->kind == FTH_MANIFEST_AWS_EXPORT)
        at = fth_str_search(path, mark);
    return at == SIZE_MAX ? dir : fth_str_sub(path, 0, at);
}

static enum fth_rc add_wrong(struct search *search, struct fth_str path, const struct fth_err *why,
                             struct fth_err *err)
{
    struct fth_bundle bundle = {.path = path, .rc = why->rc};
    enum fth_rc rc = fth_arena_str(search->arena, fth_str_c(why->msg), &bundle.why, err);

    return rc ? rc : bundle_vec_push(&search->bundles, bundle, err);
}

/* JSON lines, which some exports call .json: the first line is a whole object, and there are more.
 * Of a file that was named one line is enough. */
static enum fth_rc is_lines(struct fth_arena *arena, const struct fth_walk_file *file, bool *out,
                            struct fth_err *err)
{
    struct fth_arena_mark start = fth_arena_mark(arena);
    const struct fth_lines_opts opts = {.chunk_len = FIRST_LINE};
    struct fth_unpack *in = NULL;
    struct fth_lines *lines = NULL;
    struct fth_lines_chunk chunk = {0};
    const struct fth_json *json;
    struct fth_err why = {0};
    bool more = false;

    *out = !fth_unpack_open(file->path.p, NULL, &in, &why) &&
           !fth_lines_open(in, &opts, &lines, &why) &&
           !fth_lines_next(lines, &chunk, &more, &why) && chunk.nr > (file->named ? 0 : 1) &&
           !fth_json_parse(arena, fth_lines_text(&chunk, 0), NULL, &json, &why) &&
           json->type == FTH_JSON_OBJECT;
    fth_lines_chunk_release(&chunk);
    fth_lines_close(lines);
    fth_unpack_close(in);
    fth_arena_rewind(arena, start);
    if (why.rc == FTH_E_NOMEM)
        *err = why;
    return err->rc;
}

/* Reads a .json file; one that is no manifest and no JSON lines is none of our business. */
static enum fth_rc look_at(struct search *search, struct fth_walk_file *file, struct fth_err *err)
{
    struct fth_json_limits limits = {.max_len = MANIFEST_BYTES_MAX};
    struct fth_err why = {0};
    const struct fth_json *json = NULL;
    struct found found = {.path = file->path};
    struct fth_str text;
    bool is = false, lines = false;
    enum fth_rc rc;

    rc = fth_file_read(search->arena, file->path.p, MANIFEST_BYTES_MAX, &text, &why);
    if (!rc)
        rc = fth_json_parse(search->arena, text, &limits, &json, &why);
    if (!rc)
        rc = fth_manifest_read(search->arena, file->path, json, &is, &found.manifest, &why);
    if (rc == FTH_E_NOMEM)
        return fth_err_nomem(err);
    if ((rc || !is) && is_lines(search->arena, file, &lines, err))
        return err->rc;
    if (lines)
        file->kind = FTH_WALK_DATA;
    if (lines || (!rc && !is))
        return FTH_OK;
    if (rc) {
        bool suspect =
            file->named || fth_str_search(base_of(file->path), FTH_STR("anifest")) != SIZE_MAX;

        fth_err_prefix(&why, FTH_STR_F, FTH_STR_A(base_of(file->path)));
        return suspect ? add_wrong(search, file->path, &why, err) : FTH_OK;
    }
    found.top = !fth_str_eq(base_of(dir_of(file->path)), found.manifest.identity);
    found.governs = governed(&found.manifest, file->path);
    if (!found.manifest.submitted_us)
        found.manifest.submitted_us = submitted(&found.manifest, file->path);
    return found_vec_push(&search->found, found, err);
}

/* Do two manifests speak of the same report and period? */
static bool rivals(const struct found *a, const struct found *b)
{
    return a->manifest.kind == b->manifest.kind &&
           fth_str_eq(a->manifest.dataset, b->manifest.dataset) &&
           fth_str_eq(a->manifest.account, b->manifest.account) &&
           fth_str_eq(a->manifest.role, b->manifest.role) &&
           fth_str_eq(a->manifest.billing_period, b->manifest.billing_period);
}

/* Does `a` stand before `b`? 1 yes, -1 the other way round, 0 nobody can say. */
static int outranks(const struct found *a, const struct found *b)
{
    if (a->manifest.kind == FTH_MANIFEST_AWS_REPORT && a->top != b->top)
        return a->top ? 1 : -1;
    if (!a->manifest.submitted_us || !b->manifest.submitted_us ||
        a->manifest.submitted_us == b->manifest.submitted_us)
        return 0;
    return a->manifest.submitted_us > b->manifest.submitted_us ? 1 : -1;
}

/* Names the rivals of `best` that stay behind; *tie is one that nothing ranks against it. */
static enum fth_rc step_back(struct search *search, const struct found *best,
                             const struct found **tie, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < search->found.nr && !rc; i++) {
        struct found *other = &search->found.at[i];

        if (other == best || other->older || !rivals(best, other))
            continue;
        other->older = true;
        if (fth_str_eq(other->manifest.identity, best->manifest.identity))
            continue; /* the run's own copy of the top manifest */
        if (outranks(best, other) == 0)
            *tie = other;
        else
            rc = note(search, other->path, ": an older run, not imported; newer is ", best->path,
                      err);
    }
    return rc;
}

/* How many of the last path components of a and b are the same. */
static size_t same_tail(struct fth_str a, struct fth_str b)
{
    size_t nr = 0;

    while (a.n && b.n && fth_str_eq(base_of(a), base_of(b))) {
        size_t slash_a = fth_str_rfind(a, '/'), slash_b = fth_str_rfind(b, '/');

        nr++;
        a.n = slash_a == SIZE_MAX ? 0 : slash_a;
        b.n = slash_b == SIZE_MAX ? 0 : slash_b;
    }
    return nr;
}

/*
 * The file that a key means. Keys begin at the bucket, and how much of that was copied is unknown:
 * the file with the longest common end counts, when that has a folder in it or the file stands
 * beside the manifest.
 */
static size_t file_of(const struct search *search, const struct found *found, struct fth_str key)
{
    size_t best = SIZE_MAX, best_nr = 0;

    for (size_t i = 0; i < search->files.nr; i++) {
        struct fth_str path = search->files.at[i].path;
        size_t nr = same_tail(path, key);
        bool beside = nr && fth_str_eq(dir_of(path), dir_of(found->path));

        if ((nr > 1 || beside) && nr > best_nr && below(path, found->governs)) {
            best = i;
            best_nr = nr;
        }
    }
    return best;
}

/* Is each file that it names there, whole? Otherwise *key is one that is not. */
static bool is_complete(const struct search *search, const struct found *found, struct fth_str *key)
{
    for (size_t i = 0; i < found->manifest.key_nr; i++) {
        size_t at = file_of(search, found, found->manifest.keys[i]);
        struct stat st;

        *key = found->manifest.keys[i];
        if (at == SIZE_MAX || stat(search->files.at[at].path.p, &st))
            return false;
        if (found->manifest.sizes && found->manifest.sizes[i] >= 0 &&
            found->manifest.sizes[i] != st.st_size)
            return false;
    }
    return true;
}

/* Of Azure's runs only complete ones count, as long as there is one. */
static enum fth_rc leave_unfinished(struct search *search, size_t first, struct fth_err *err)
{
    struct fth_str key;
    bool any = false;
    enum fth_rc rc = FTH_OK;

    if (search->found.at[first].manifest.kind != FTH_MANIFEST_AZURE)
        return FTH_OK;
    for (size_t i = 0; i < search->found.nr; i++)
        any |= rivals(&search->found.at[first], &search->found.at[i]) &&
               is_complete(search, &search->found.at[i], &key);
    for (size_t i = 0; any && !rc && i < search->found.nr; i++) {
        struct found *found = &search->found.at[i];

        if (!rivals(&search->found.at[first], found) || is_complete(search, found, &key))
            continue;
        found->older = true;
        rc = note(search, found->path, ": an unfinished run, not imported; it has not all of ", key,
                  err);
    }
    return rc;
}

/* Takes one of the manifests that rival the one at `first`. */
static enum fth_rc choose(struct search *search, size_t first, struct fth_err *err)
{
    struct found *best = &search->found.at[first];
    const struct found *tie = NULL;
    struct fth_err why = {0};
    enum fth_rc rc = leave_unfinished(search, first, err);

    while (first < search->found.nr &&
           (search->found.at[first].older || !rivals(best, &search->found.at[first])))
        first++;
    if (rc || first == search->found.nr)
        return rc;
    best = &search->found.at[first];
    for (size_t i = 0; i < search->found.nr; i++)
        if (i != first && !search->found.at[i].older && rivals(best, &search->found.at[i]) &&
            outranks(&search->found.at[i], best) > 0)
            best = &search->found.at[i];
    rc = step_back(search, best, &tie, err);
    if (rc)
        return rc;
    best->taken = !tie;
    best->older = tie != NULL;
    if (!tie)
        return FTH_OK;
    fth_err_set(&why, FTH_E_INVALID,
                FTH_STR_F ": run \"" FTH_STR_F "\" of the same report and period as \"" FTH_STR_F
                          "\", and nothing says which is newer",
                FTH_STR_A(best->path), FTH_STR_A(best->manifest.identity),
                FTH_STR_A(tie->manifest.identity));
    return add_wrong(search, best->path, &why, err);
}

/* An export of prices or recommendations stands beside bills, and is none. */
static enum fth_rc pass_over(struct search *search, const struct found *found, struct fth_err *err)
{
    struct fth_str words;

    for (size_t i = 0; i < found->manifest.key_nr; i++) {
        size_t at = file_of(search, found, found->manifest.keys[i]);

        if (at != SIZE_MAX)
            search->claimed[at] = true;
    }
    if (fth_arena_printf(search->arena, &words, err, FTH_STR_F ", which is no bill",
                         FTH_STR_A(found->manifest.other)))
        return err->rc;
    return note(search, found->path, ": passed over, an export of ", words, err);
}

static enum fth_rc bundle_of(struct search *search, const struct found *found, struct fth_err *err)
{
    struct fth_bundle bundle = {.path = found->path, .manifest = found->manifest};
    const char **files = FTH_NEW_ARRAY(search->arena, const char *, found->manifest.key_nr);
    enum fth_rc rc = FTH_OK;

    if (!files)
        return fth_err_nomem(err);
    for (size_t i = 0; i < found->manifest.key_nr && !rc; i++) {
        size_t at = file_of(search, found, found->manifest.keys[i]);

        if (at == SIZE_MAX) {
            bundle.rc = FTH_E_NOTFOUND;
            rc = fth_arena_printf(search->arena, &bundle.why, err,
                                  FTH_STR_F ": names \"" FTH_STR_F "\", which is not there",
                                  FTH_STR_A(found->path), FTH_STR_A(found->manifest.keys[i]));
            continue;
        }
        search->claimed[at] = true;
        files[bundle.file_nr++] = search->files.at[at].path.p;
    }
    bundle.files = files;
    return rc ? rc : bundle_vec_push(&search->bundles, bundle, err);
}

/* Is the file one of an older run of Azure, which keeps them all? Naming its manifest is enough. */
static bool is_of_older(const struct search *search, const struct found *found, size_t file)
{
    bool azure = found->manifest.kind == FTH_MANIFEST_AZURE;

    for (size_t i = 0; azure && found->older && i < found->manifest.key_nr; i++)
        if (file_of(search, found, found->manifest.keys[i]) == file)
            return true;
    return false;
}

static const struct found *governor(const struct search *search, struct fth_str path)
{
    for (size_t i = 0; i < search->found.nr; i++)
        if (below(path, search->found.at[i].governs))
            return &search->found.at[i];
    return NULL;
}

/* <export>/<yyyymmdd-yyyymmdd>/<run>/part_…: a run of Azure's, whose manifest is written last. */
static bool is_of_run(struct fth_str path)
{
    struct fth_str range = base_of(dir_of(dir_of(path)));

    if (!fth_str_starts(base_of(path), FTH_STR("part_")) || range.n != 17 || range.p[8] != '-')
        return false;
    for (size_t i = 0; i < range.n; i++)
        if (i != 8 && (range.p[i] < '0' || range.p[i] > '9'))
            return false;
    return true;
}

/* Files that no manifest names: left over, or loose. */
static enum fth_rc rest(struct search *search, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < search->files.nr && !rc; i++) {
        const struct fth_walk_file *file = &search->files.at[i];
        const struct found *over;
        const char **files;

        if (file->kind != FTH_WALK_DATA || search->claimed[i])
            continue;
        over = file->named ? NULL : governor(search, file->path);
        if (over && is_of_older(search, over, i))
            continue;
        if (over) {
            rc = note(search, file->path, ": an orphan, not imported; not named by ", over->path,
                      err);
            continue;
        }
        if (!file->named && is_of_run(file->path)) {
            rc = note(search, file->path, ": of an unfinished run, not imported; ",
                      FTH_STR("its folder has no manifest.json"), err);
            continue;
        }
        files = FTH_NEW_ARRAY(search->arena, const char *, 1);
        if (!files)
            return fth_err_nomem(err);
        files[0] = file->path.p;
        rc = bundle_vec_push(&search->bundles,
                             (struct fth_bundle){.loose = true,
                                                 .named = file->named,
                                                 .path = file->path,
                                                 .files = files,
                                                 .file_nr = 1},
                             err);
    }
    return rc;
}

static int by_path(const void *a, const void *b)
{
    const struct fth_bundle *x = a, *y = b;

    return fth_str_cmp(x->path, y->path);
}

static enum fth_rc resolve(struct search *search, struct fth_err *err)
{
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < search->files.nr && !rc; i++)
        if (search->files.at[i].kind == FTH_WALK_JSON)
            rc = look_at(search, &search->files.at[i], err);
    for (size_t i = 0; i < search->found.nr && !rc; i++)
        if (!search->found.at[i].taken && !search->found.at[i].older)
            rc = choose(search, i, err);
    for (size_t i = 0; i < search->found.nr && !rc; i++)
        if (search->found.at[i].taken)
            rc = search->found.at[i].manifest.other.n
                     ? pass_over(search, &search->found.at[i], err)
                     : bundle_of(search, &search->found.at[i], err);
    return rc ? rc : rest(search, err);
}

enum fth_rc fth_discover(struct fth_arena *arena, const char *const *paths, size_t path_nr,
                         struct fth_cancel *cancel, struct fth_discovery *out, struct fth_err *err)
{
    struct search search = {.arena = arena,
                            .files = fth_walk_vec_in(arena),
                            .found = found_vec_in(arena),
                            .bundles = bundle_vec_in(arena),
                            .notes = note_vec_in(arena)};
    enum fth_rc rc = FTH_OK;

    for (size_t i = 0; i < path_nr && !rc; i++)
        rc = fth_walk(paths[i], cancel, &search.files, err);
    if (rc)
        return rc;
    search.claimed = FTH_NEW_ARRAY(arena, bool, search.files.nr);
    if (!search.claimed)
        return fth_err_nomem(err);
    rc = resolve(&search, err);
    if (rc)
        return rc;
    if (search.bundles.nr)
        qsort(search.bundles.at, search.bundles.nr, sizeof(*search.bundles.at), by_path);
    *out = (struct fth_discovery){search.bundles.at, search.bundles.nr, search.notes.at,
                                  search.notes.nr};
    return FTH_OK;
}
