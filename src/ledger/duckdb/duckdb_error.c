#include <string.h>

#include "base/check.h"
#include "ledger/duckdb/duckdb_int.h"

static enum fth_rc code_of(duckdb_error_type type)
{
    switch (type) {
    case DUCKDB_ERROR_OUT_OF_MEMORY:
        return FTH_E_NOMEM;
    case DUCKDB_ERROR_INTERRUPT:
        return FTH_E_CANCELLED;
    case DUCKDB_ERROR_IO:
        return FTH_E_IO;
    case DUCKDB_ERROR_PERMISSION:
        return FTH_E_DENIED;
    case DUCKDB_ERROR_OUT_OF_RANGE:
    case DUCKDB_ERROR_DECIMAL:
        return FTH_E_RANGE;
    case DUCKDB_ERROR_CONVERSION:
    case DUCKDB_ERROR_DIVIDE_BY_ZERO:
        return FTH_E_INVALID;
    case DUCKDB_ERROR_CONSTRAINT:
        return FTH_E_CONFLICT;
    case DUCKDB_ERROR_SERIALIZATION:
        return FTH_E_CORRUPT;
    case DUCKDB_ERROR_NOT_IMPLEMENTED:
        return FTH_E_UNSUPPORTED;
    default:
        return FTH_E_FAILED;
    }
}

duckdb_error_type fth_duckdb_type_in_words(const char *message)
{
    static const struct {
        const char *words;
        duckdb_error_type type;
    } kinds[] = {
        {"Out of Memory", DUCKDB_ERROR_OUT_OF_MEMORY},
        {"INTERRUPT", DUCKDB_ERROR_INTERRUPT},
        {"IO", DUCKDB_ERROR_IO},
        {"Permission", DUCKDB_ERROR_PERMISSION},
        {"Out of Range", DUCKDB_ERROR_OUT_OF_RANGE},
        {"Decimal", DUCKDB_ERROR_DECIMAL},
        {"Conversion", DUCKDB_ERROR_CONVERSION},
        {"Divide by Zero", DUCKDB_ERROR_DIVIDE_BY_ZERO},
        {"Constraint", DUCKDB_ERROR_CONSTRAINT},
        {"Serialization", DUCKDB_ERROR_SERIALIZATION},
        {"Not implemented", DUCKDB_ERROR_NOT_IMPLEMENTED},
        {"Invalid Input", DUCKDB_ERROR_INVALID_INPUT},
    };

    for (size_t i = 0; i < FTH_NR(kinds); i++) {
        size_t n = strlen(kinds[i].words);

        if (strncmp(message, kinds[i].words, n) == 0 && strncmp(message + n, " Error", 6) == 0)
            return kinds[i].type;
    }
    return DUCKDB_ERROR_EXECUTOR;
}

/* "Out of Memory Error: could not allocate …\nhints…" -> "could not allocate …" */
static struct fth_str first_line(const char *message)
{
    struct fth_str text = fth_str_c(message), line = {0};
    size_t at = fth_str_search(text, FTH_STR("Error: "));

    if (at != SIZE_MAX && at < 40)
        text = fth_str_sub(text, at + 7, text.n);
    return fth_str_next(&text, '\n', &line) ? fth_str_trim(line) : FTH_STR("no reason given");
}

enum fth_rc fth_duckdb_error(struct fth_err *err, duckdb_error_type type, const char *message)
{
    struct fth_str text = first_line(message);

    if (type == DUCKDB_ERROR_INTERRUPT)
        return fth_err_set(err, FTH_E_CANCELLED, "cancelled");
    if (err->rc == FTH_OK && type == DUCKDB_ERROR_OUT_OF_MEMORY)
        fth_err_hint(err, "Narrow the query to fewer days or groups, or raise ledger.memory.");
    /* A cast that overflows is a conversion error to the engine, and so is a function of ours an
     * invalid input. */
    if ((type == DUCKDB_ERROR_CONVERSION || type == DUCKDB_ERROR_INVALID_INPUT) &&
        fth_str_search(text, FTH_STR("out of range")) != SIZE_MAX)
        type = DUCKDB_ERROR_OUT_OF_RANGE;
    return fth_err_set(err, code_of(type), "ledger engine: " FTH_STR_F, FTH_STR_A(text));
}

bool fth_engine_is_scratch(const struct fth_engine *engine, const char *path)
{
    size_t n = strlen(engine->dir);

    return strncmp(path, engine->dir, n) == 0 && strncmp(path + n, "/tmp/", 5) == 0;
}

/* Takes the names of files under tmp/ out of a message, with their quotes and the blank before:
 * whoever reads it knows the file by another name, and the caller says it. */
static void hide_scratch(const struct fth_engine *engine, struct fth_err *err)
{
    char *at = err->msg;

    while ((at = strstr(at, engine->dir)) != NULL) {
        char before = at > err->msg ? at[-1] : ' ';
        bool quoted = before == '"' || before == '\'';
        char *end = at + (quoted ? strcspn(at, (char[]){before, '\0'}) : strcspn(at, " :"));

        if (!fth_engine_is_scratch(engine, at)) {
            at++;
            continue;
        }
        at -= quoted;
        end += quoted && *end;
        at -= at > err->msg && at[-1] == ' ';
        memmove(at, end, strlen(end) + 1);
    }
}

enum fth_rc fth_duckdb_session_error(struct fth_session *session, struct fth_err *err,
                                     duckdb_error_type type, const char *message)
{
    struct fth_engine *engine = session->engine;
    struct fth_cancel *cancel;
    struct fth_err fed = {0};

    fth_mutex_lock(&engine->mutex);
    cancel = session->cancel;
    for (const struct fth_feed_slot *slot = session->feeds; slot && !fed.rc; slot = slot->next)
        fed = slot->err;
    fth_mutex_unlock(&engine->mutex);

    if (fed.rc && !err->rc) {
        *err = fed;
        return fed.rc;
    }
    if (type == DUCKDB_ERROR_INTERRUPT && fth_cancel_check(cancel, err))
        return err->rc;
    fth_duckdb_error(err, type, message);
    hide_scratch(engine, err);
    return err->rc;
}
