/*
 * replay: runs a fuzz target without libFuzzer over its corpus: each file whole, cut at every place
 * (up to a limit), and with single bytes changed. Prints TAP, one case a file.
 *
 * The target's name is the program's, behind "fuzz-".
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/rand.h"
#include "base/vec.h"
#include "fuzz.h"

FTH_VEC(name_vec, const char *)

enum { MAX_LEN = 1 << 20, CUTS = 400, CHANGES = 400 };

/* On its own block of the right size, so that reading one byte too far is noticed. */
static void run_copy(const char *p, size_t n, size_t changed, uint8_t to)
{
    uint8_t *copy = fth_calloc(n ? n : 1, 1);

    if (!copy)
        abort();
    if (n)
        memcpy(copy, p, n);
    if (changed < n)
        copy[changed] = to;
    LLVMFuzzerTestOneInput(copy, n);
    fth_free(copy);
}

static void run_file(struct fth_str text)
{
    struct fth_rng rng = fth_rng_seeded(text.n);
    size_t step = text.n / CUTS + 1;

    run_copy(text.p, text.n, SIZE_MAX, 0);
    for (size_t n = 0; n < text.n; n += step)
        run_copy(text.p, n, SIZE_MAX, 0);
    for (int i = 0; i < CHANGES && text.n; i++) {
        size_t at = fth_rng_below(&rng, text.n);

        run_copy(text.p, text.n, at, (uint8_t)fth_rng_u64(&rng));
        run_copy(text.p, text.n, at, (uint8_t)text.p[fth_rng_below(&rng, text.n)]);
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The files of the folder by name; none when it is not there. */
static struct name_vec list_files(struct fth_arena *arena, const char *folder)
{
    struct name_vec names = name_vec_in(arena);
    struct fth_err err = {0};
    struct dirent *entry;
    DIR *dir = opendir(folder);

    while (dir && (entry = readdir(dir))) {
        struct fth_str path;

        if (entry->d_name[0] == '.')
            continue;
        if (fth_arena_printf(arena, &path, &err, "%s/%s", folder, entry->d_name) ||
            name_vec_push(&names, path.p, &err))
            abort();
    }
    if (dir)
        closedir(dir);
    if (names.nr)
        qsort(names.at, names.nr, sizeof(*names.at), by_name);
    return names;
}

static int replay(struct fth_arena *arena, const char *folder)
{
    struct name_vec names = list_files(arena, folder);
    int failed = 0;

    if (names.nr == 0) {
        printf("1..1\nnot ok 1 - %s has a corpus\n", folder);
        return 1;
    }
    printf("1..%zu\n", names.nr);
    for (size_t i = 0; i < names.nr; i++) {
        struct fth_err err = {0};
        struct fth_str text;

        fflush(stdout); /* a crash must not take the lines before it along */
        if (fth_file_read(arena, names.at[i], MAX_LEN, &text, &err) == FTH_OK) {
            run_file(text);
            printf("ok %zu - replays %s\n", i + 1, names.at[i] + strlen(folder) + 1);
        } else {
            printf("not ok %zu - %s\n", i + 1, err.msg);
            failed = 1;
        }
    }
    return failed;
}

int main(int argc, char **argv)
{
    const char *root = getenv("FARTHING_SOURCE"),
               *name = argc > 0 ? strstr(argv[0], "fuzz-") : NULL;
    struct fth_arena *arena = fth_arena_new((size_t)1 << 30);
    char folder[2048];
    int failed;

    /* The last "fuzz-" of the path is the program's. */
    for (const char *next = name; next; next = strstr(next + 1, "fuzz-"))
        name = next;
    if (!name || !arena)
        return 2;
    snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s", root ? root : ".", name + 5);
    failed = replay(arena, folder);
    fth_arena_free(arena);
    return failed;
}
