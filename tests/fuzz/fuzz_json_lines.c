/* lines, json_pick: any bytes are read or refused; small chunks and large ones agree, and what is
 * picked from an object is what the tree of it says. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/json.h"
#include "base/json_pick.h"
#include "base/lines.h"
#include "base/utf8.h"
#include "fuzz.h"

enum { MOST = 1 << 20, ARENA = 1 << 22 };

static const struct fth_str paths[] = {FTH_STR_INIT("cost"), FTH_STR_INIT("sku.id"),
                                       FTH_STR_INIT("credits"), FTH_STR_INIT("project")};

/* A line that is picked is JSON to the other parser too, and its strings are the same. */
static void compare(struct fth_arena *arena, struct fth_str line, const struct fth_str *cells,
                    enum fth_rc rc)
{
    const struct fth_json *json = NULL, *cost;
    struct fth_err err = {0};
    enum fth_rc tree = fth_json_parse(arena, line, NULL, &json, &err);

    /* The tree also refuses repeated members that nobody chose, and exponents out of all bounds. */
    if (rc || tree || json->type != FTH_JSON_OBJECT) {
        FTH_CHECK(rc || tree);
        return;
    }
    cost = fth_json_get(json, "cost");
    if (fth_json_is(cost, FTH_JSON_STRING) || fth_json_is(cost, FTH_JSON_NUMBER))
        FTH_CHECK(fth_str_eq(cells[0], cost->text));
    cost = fth_json_get(fth_json_get(json, "sku"), "id");
    if (fth_json_is(cost, FTH_JSON_STRING))
        FTH_CHECK(fth_str_eq(cells[1], cost->text) || fth_json_get(json, "sku.id"));
}

static void pick_line(struct fth_arena *arena, struct fth_json_pick *pick, struct fth_str line,
                      struct fth_buf *out)
{
    struct fth_arena_mark start = fth_arena_mark(arena);
    struct fth_str cells[FTH_NR(paths)], elements[4 * FTH_NR(paths)];
    struct fth_json_bad bad;
    struct fth_err err = {0};
    size_t nr = 0;
    enum fth_rc rc;

    if (!fth_utf8_valid(line))
        return;
    rc = fth_json_pick_object(pick, line, arena, NULL, cells, &bad, &err);
    FTH_CHECK(rc == FTH_E_NOMEM || (rc != FTH_OK) == (bad.why != NULL));
    if (rc != FTH_E_NOMEM)
        compare(arena, line, cells, rc);
    for (size_t i = 0; !rc && i < FTH_NR(paths); i++) {
        fth_buf_str(out, cells[i]);
        fth_buf_char(out, '\0');
    }
    if (!rc && cells[2].n)
        fth_json_pick_array(pick, cells[2], arena, 4, elements, &nr, &bad, &err);
    FTH_CHECK(nr <= 4);
    fth_arena_rewind(arena, start);
}

static enum fth_rc read_all(int fd, size_t chunk_len, struct fth_buf *out)
{
    const struct fth_lines_opts opts = {.chunk_len = chunk_len, .max_line = 4096};
    struct fth_arena *arena = fth_arena_new(ARENA);
    struct fth_json_pick *pick = NULL;
    struct fth_lines_chunk chunk = {0};
    struct fth_unpack *in = NULL;
    struct fth_lines *lines = NULL;
    struct fth_err err = {0};
    bool more = true;
    enum fth_rc rc;

    FTH_CHECK(arena != NULL);
    lseek(fd, 0, SEEK_SET);
    rc = fth_unpack_from_fd(fd, "fuzz", NULL, &in, &err);
    if (!rc)
        rc = fth_lines_open(in, &opts, &lines, &err);
    if (!rc)
        rc = fth_json_pick_new(arena, paths, FTH_NR(paths), &pick, &err);
    while (!rc && more) {
        rc = fth_lines_next(lines, &chunk, &more, &err);
        for (size_t r = 0; !rc && r < chunk.nr; r++) {
            fth_buf_printf(out, "%lld:%lld:", (long long)chunk.first_record + (long long)r,
                           (long long)fth_lines_line(&chunk, r));
            pick_line(arena, pick, fth_lines_text(&chunk, r), out);
        }
    }
    FTH_CHECK((rc != FTH_OK) == (err.msg[0] != '\0'));
    fth_lines_chunk_release(&chunk);
    fth_lines_close(lines);
    fth_unpack_close(in);
    fth_arena_free(arena);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t chunks[] = {13, 200, 0};
    struct fth_buf first = fth_buf_max(MOST), other = fth_buf_max(MOST);
    enum fth_rc rc = FTH_OK;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    FTH_CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    for (size_t i = 0; i < FTH_NR(chunks); i++) {
        enum fth_rc now;

        fth_buf_clear(&other);
        now = read_all(fd, chunks[i], &other);
        if (i == 0) {
            rc = now;
            fth_buf_str(&first, fth_buf_view(&other));
        }
        /* How far one gets before an error may depend on chunks. */
        FTH_CHECK((rc == FTH_OK) == (now == FTH_OK) || rc == FTH_E_LIMIT || now == FTH_E_LIMIT);
        if (rc == FTH_OK && now == FTH_OK && !first.failed)
            FTH_CHECK(fth_str_eq(fth_buf_view(&first), fth_buf_view(&other)));
    }
    close(fd);
    fth_buf_release(&first);
    fth_buf_release(&other);
    return 0;
}
