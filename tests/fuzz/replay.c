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

#include "base/file.h"
#include "base/rand.h"
#include "fuzz.h"

enum { MAX_FILES = 4096, MAX_LEN = 1 << 20, CUTS = 400, CHANGES = 400 };

/* On its own block of the right size, so that reading one byte too far is noticed. */
static void run_copy(const char *p, size_t n, size_t changed, uint8_t to)
{
    uint8_t *copy = malloc(n ? n : 1);

    if (!copy)
        abort();
    if (n)
        memcpy(copy, p, n);
    if (changed < n)
        copy[changed] = to;
    LLVMFuzzerTestOneInput(copy, n);
    free(copy);
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

static int is_file(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int replay(const char *folder)
{
    struct dirent **entries;
    int nr = scandir(folder, &entries, is_file, alphasort), failed = 0;

    if (nr <= 0) {
        printf("1..1\nnot ok 1 - %s has a corpus\n", folder);
        return 1;
    }
    printf("1..%d\n", nr);
    for (int i = 0; i < nr; i++) {
        struct fth_arena *arena = fth_arena_new(MAX_LEN * 2);
        struct fth_err err = {0};
        struct fth_str text;
        char path[4096];

        snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
        fflush(stdout);
        if (arena && fth_file_read(arena, path, MAX_LEN, &text, &err) == FTH_OK) {
            run_file(text);
            printf("ok %d - replays %s\n", i + 1, entries[i]->d_name);
        } else {
            printf("not ok %d - %s\n", i + 1, err.msg);
            failed = 1;
        }
        fth_arena_free(arena);
        free(entries[i]);
    }
    free(entries);
    return failed;
}

int main(int argc, char **argv)
{
    const char *root = getenv("FARTHING_SOURCE"),
               *name = argc > 0 ? strstr(argv[0], "fuzz-") : NULL;
    char folder[2048];

    /* The last "fuzz-" of the path is the program's. */
    for (const char *next = name; next; next = strstr(next + 1, "fuzz-"))
        name = next;
    if (!name)
        return 2;
    snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s", root ? root : ".", name + 5);
    return replay(folder);
}
