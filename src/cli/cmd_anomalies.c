/* anomalies: cases of what was unusual, by the API. */
#include <string.h>

#include "base/check.h"
#include "cli/verb_int.h"

enum { BODY_MAX = 32 * 1024, PAGE_MAX = 1 << 20, PARTS_SHOWN = 3, DIMENSIONS_SHOWN = 4 };

#define BASE "/api/v1/anomalies"

/* ---- lists ---- */

static const struct fth_json *last_run(struct fth_cli *cli, const struct fth_json *page)
{
    const struct fth_json *run = fth_json_get(page, "last_run");
    int64_t looked = 0, now = 0;

    if (fth_json_is(run, FTH_JSON_OBJECT)) {
        (void)fth_json_i64(fth_json_get(run, "ledger_version"), &looked);
        if (fth_json_i64(fth_json_get(page, "ledger_version"), &now) && now > looked)
            fth_cli_note(cli, "note: the ledger has changed since the monitors ran: "
                              "\"farthing anomalies detect\" runs them");
    } else if (fth_json_i64(fth_json_get(page, "ledger_version"), &now)) {
        fth_cli_note(cli, "note: the monitors have not run yet: \"farthing anomalies detect\" "
                          "runs them");
    }
    return run;
}

/* Those that somebody has to look at, unless it is said which. */
static enum fth_rc list_path(struct fth_cli *cli, struct fth_str *out, struct fth_err *err)
{
    static const char *const options[] = {"severity", "level", "account", "service",
                                          "from",     "to",    NULL};
    const char *state = fth_args_value(&cli->args, "state");
    const char *sort = fth_args_value(&cli->args, "sort");
    struct fth_buf buf = fth_buf_max(BODY_MAX);
    struct fth_str path = {0};

    if (sort && strcmp(sort, "impact") != 0 && strcmp(sort, "start") != 0)
        return fth_err_set(err, FTH_E_USAGE, "--sort: \"%s\" is neither impact nor start", sort);
    if (fth_cli_filtered(cli, BASE, options, &path, err))
        return err->rc;
    fth_buf_str(&buf, path);
    fth_buf_printf(&buf, "%csort=-%s", memchr(path.p, '?', path.n) ? '&' : '?',
                   sort ? sort : "impact");
    if (!state || strcmp(state, "all") != 0) {
        fth_buf_c(&buf, "&state=");
        fth_cli_put_query(&buf, fth_str_c(state ? state : "open,acknowledged"));
    }
    if (!fth_buf_done(&buf, err))
        (void)fth_arena_str(cli->arena, fth_buf_view(&buf), out, err);
    fth_buf_release(&buf);
    return err->rc;
}

static enum fth_rc list(struct fth_cli *cli, struct fth_err *err)
{
    static const char *const fields[] = {"id",    "state", "severity", "#impact", "currency",
                                         "start", "end",   "title",    NULL};
    const struct fth_json *answer, *page;
    struct fth_str path = {0};
    long long limit;

    if (fth_args_number(&cli->args, "limit", 1, FTH_LIST_MAX, 0, &limit, err) ||
        list_path(cli, &path, err) ||
        fth_cli_blame_usage(cli, fth_cli_get_all(cli, path, (size_t)limit, &answer, err)) ||
        fth_cli_get(cli, FTH_STR(BASE "?limit=1"), &page, err))
        return err->rc;
    (void)last_run(cli, page);
    return fth_cli_list(cli, answer, "data", fields, err);
}

/* ---- one, on a page ---- */

static struct fth_str text_of(const struct fth_json *object, const char *name)
{
    const struct fth_json *value = fth_json_get(object, name);

    return value && (value->type == FTH_JSON_STRING || value->type == FTH_JSON_NUMBER)
               ? value->text
               : (struct fth_str){0};
}

static void put_line(struct fth_buf *page, const char *label, const struct fth_json *object,
                     const char *name)
{
    struct fth_str value = text_of(object, name);

    if (value.n)
        fth_buf_printf(page, "  %-14s " FTH_STR_F "\n", label, FTH_STR_A(value));
}

static void put_part(struct fth_buf *page, const struct fth_json *part)
{
    struct fth_str label = text_of(part, "label"), value = text_of(part, "value");
    double share = 0;

    fth_buf_printf(page, "    " FTH_STR_F "  " FTH_STR_F, FTH_STR_A(text_of(part, "change")),
                   FTH_STR_A(label.n   ? label
                             : value.n ? value
                                       : FTH_STR("(none)")));
    if (fth_json_double(fth_json_get(part, "share"), &share))
        fth_buf_printf(page, "  %.0f %%", 100 * share);
    fth_buf_char(page, '\n');
}

static void put_causes(struct fth_buf *page, const struct fth_json *anomaly)
{
    const struct fth_json *all = fth_json_get(anomaly, "contributions");
    const struct fth_json *dimensions = fth_json_get(all, "dimensions");

    if (!dimensions)
        return;
    fth_buf_printf(page,
                   "\nWhere it comes from: " FTH_STR_F
                   " more than the mean of the days from " FTH_STR_F " on\n",
                   FTH_STR_A(text_of(all, "change")), FTH_STR_A(text_of(all, "before_start")));
    for (size_t i = 0; i < dimensions->nr && i < DIMENSIONS_SHOWN; i++) {
        const struct fth_json *values = fth_json_get(&dimensions->items[i], "values");

        fth_buf_printf(page, "  " FTH_STR_F "\n",
                       FTH_STR_A(text_of(&dimensions->items[i], "dimension")));
        for (size_t k = 0; values && k < values->nr && k < PARTS_SHOWN; k++)
            put_part(page, &values->items[k]);
    }
}

static void put_history(struct fth_buf *page, const struct fth_json *history)
{
    fth_buf_c(page, "\nHistory\n");
    for (size_t i = 0; history && i < history->nr; i++) {
        const struct fth_json *one = &history->items[i], *detail = fth_json_get(one, "detail");
        struct fth_str by = text_of(one, "by"), to = text_of(detail, "to"),
                       said = text_of(one, "text");

        fth_buf_printf(page, "  %.16s  " FTH_STR_F, text_of(one, "at").p,
                       FTH_STR_A(text_of(one, "what")));
        if (to.n)
            fth_buf_printf(page, " " FTH_STR_F, FTH_STR_A(to));
        if (by.n)
            fth_buf_printf(page, " by " FTH_STR_F, FTH_STR_A(by));
        if (said.n)
            fth_buf_printf(page, ": " FTH_STR_F, FTH_STR_A(said));
        fth_buf_char(page, '\n');
    }
}

static void put_page(struct fth_buf *page, const struct fth_json *anomaly)
{
    fth_buf_printf(page, FTH_STR_F "  " FTH_STR_F "\n\n", FTH_STR_A(text_of(anomaly, "id")),
                   FTH_STR_A(text_of(anomaly, "title")));
    put_line(page, "state", anomaly, "state");
    put_line(page, "until", anomaly, "snoozed_until");
    put_line(page, "kind", anomaly, "kind");
    put_line(page, "cause", anomaly, "cause");
    put_line(page, "reason", anomaly, "reason");
    put_line(page, "part of", anomaly, "merged_into");
    put_line(page, "owner", anomaly, "owner");
    put_line(page, "severity", anomaly, "severity");
    put_line(page, "score", anomaly, "score");
    put_line(page, "channel", anomaly, "channel");
    put_line(page, "first day", anomaly, "start");
    put_line(page, "last day", anomaly, "end");
    put_line(page, "known on", anomaly, "detected");
    put_line(page, "currency", anomaly, "currency");
    put_line(page, "cost", anomaly, "actual");
    put_line(page, "expected", anomaly, "expected");
    put_line(page, "impact", anomaly, "impact");
    put_causes(page, anomaly);
    put_history(page, fth_json_get(anomaly, "history"));
}

static enum fth_rc show(struct fth_cli *cli, struct fth_err *err)
{
    struct fth_buf page = fth_buf_max(PAGE_MAX);
    const struct fth_json *anomaly;
    struct fth_str path;

    if (fth_cli_path(cli, BASE "/", cli->args.args[1], "", &path, err) ||
        fth_cli_get(cli, path, &anomaly, err))
        return err->rc;
    if (cli->out.form != FTH_OUT_TABLE)
        return fth_out_json(&cli->out, anomaly, err);
    put_page(&page, anomaly);
    if (!fth_buf_done(&page, err))
        (void)fth_out_text(&cli->out, fth_buf_view(&page), err);
    fth_buf_release(&page);
    return err->rc;
}

/* ---- decisions ---- */

static enum fth_rc print_one(struct fth_cli *cli, const struct fth_json *anomaly,
                             struct fth_err *err)
{
    static const char *const fields[] = {"id", "state", "owner", "title", NULL};

    return fth_cli_list(cli, anomaly, NULL, fields, err);
}

/* {"state": …}, with what goes with it. */
static enum fth_rc decide(struct fth_cli *cli, const char *state,
                          void (*put)(struct fth_cli *cli, struct fth_jw *jw), struct fth_err *err)
{
    struct fth_buf body = fth_buf_max(BODY_MAX);
    const struct fth_json *anomaly = NULL;
    struct fth_str path;
    struct fth_jw jw;

    fth_jw_init(&jw, &body);
    fth_jw_object(&jw);
    if (state)
        fth_jw_kv_c(&jw, "state", state);
    fth_cli_put_given(cli, &jw, "reason");
    if (put)
        put(cli, &jw);
    fth_jw_object_end(&jw);
    if (!fth_jw_done(&jw, err) && !fth_cli_path(cli, BASE "/", cli->args.args[1], "", &path, err) &&
        !fth_cli_blame_usage(cli, fth_cli_patch(cli, path, fth_buf_view(&body), &anomaly, err)))
        (void)print_one(cli, anomaly, err);
    fth_buf_release(&body);
    return err->rc;
}

static enum fth_rc ack(struct fth_cli *cli, struct fth_err *err)
{
    return decide(cli, "acknowledged", NULL, err);
}

static enum fth_rc reopen(struct fth_cli *cli, struct fth_err *err)
{
    return decide(cli, "open", NULL, err);
}

static void put_cause(struct fth_cli *cli, struct fth_jw *jw)
{
    fth_jw_kv_c(jw, "cause", cli->args.args[2]);
}

static enum fth_rc resolve(struct fth_cli *cli, struct fth_err *err)
{
    return decide(cli, "resolved", put_cause, err);
}

static void put_until(struct fth_cli *cli, struct fth_jw *jw)
{
    fth_jw_kv_c(jw, "snoozed_until", cli->args.args[2]);
}

static enum fth_rc snooze(struct fth_cli *cli, struct fth_err *err)
{
    return decide(cli, "snoozed", put_until, err);
}

/* Written as words are on a command line: one-off. */
static void put_kind(struct fth_cli *cli, struct fth_jw *jw)
{
    const char *kind = cli->args.args[2];

    fth_jw_kv_c(jw, "kind", strcmp(kind, "one-off") == 0 ? "one_off" : kind);
}

static enum fth_rc no_anomaly(struct fth_cli *cli, struct fth_err *err)
{
    return decide(cli, "false_positive", put_kind, err);
}

static void put_owner(struct fth_cli *cli, struct fth_jw *jw)
{
    const char *owner = cli->args.args[2];

    fth_jw_kv_c(jw, "owner", strcmp(owner, "nobody") == 0 ? NULL : owner);
}

static enum fth_rc assign(struct fth_cli *cli, struct fth_err *err)
{
    return decide(cli, NULL, put_owner, err);
}

static void put_merge(struct fth_cli *cli, struct fth_jw *jw)
{
    const char *into = cli->args.args[2];

    fth_jw_kv_c(jw, "merged_into", strcmp(into, "nothing") == 0 ? NULL : into);
}

static enum fth_rc merge(struct fth_cli *cli, struct fth_err *err)
{
    return decide(cli, NULL, put_merge, err);
}

static enum fth_rc comment(struct fth_cli *cli, struct fth_err *err)
{
    static const char *const fields[] = {"at", "by", "text", NULL};
    struct fth_buf body = fth_buf_max(BODY_MAX);
    const struct fth_json *said = NULL;
    struct fth_str path;
    struct fth_jw jw;

    fth_jw_init(&jw, &body);
    fth_jw_object(&jw);
    fth_jw_kv_c(&jw, "text", cli->args.args[2]);
    fth_jw_object_end(&jw);
    if (!fth_jw_done(&jw, err) &&
        !fth_cli_path(cli, BASE "/", cli->args.args[1], "/comments", &path, err) &&
        !fth_cli_post(cli, path, fth_buf_view(&body), &said, err))
        (void)fth_cli_list(cli, said, NULL, fields, err);
    fth_buf_release(&body);
    return err->rc;
}

/* ---- finding ---- */

static enum fth_rc detect(struct fth_cli *cli, struct fth_err *err)
{
    static const char *const fields[] = {"history_end", "#series",  "#series_left_out",
                                         "#alarms",     "#opened",  "#changed",
                                         "#gone",       "#seconds", NULL};
    const struct fth_json *job;

    if (fth_cli_post(cli, FTH_STR(BASE "/detect"), FTH_STR(""), &job, err) ||
        fth_cli_follow_job(cli, job, &job, err))
        return err->rc;
    if (!fth_str_eq_c(fth_json_str(job, "state", FTH_STR("")), "done"))
        return fth_cli_job_error(job, "anomalies: cancelled; cases are as they were", err);
    return fth_cli_list(cli, fth_json_get(job, "result"), NULL, fields, err);
}

static enum fth_rc put_number(struct fth_cli *cli, struct fth_jw *jw, const char *option,
                              const char *member, struct fth_err *err)
{
    const char *value = fth_args_value(&cli->args, option);
    double number;

    if (!value)
        return FTH_OK;
    if (!fth_str_to_double(fth_str_c(value), &number))
        return fth_err_set(err, FTH_E_USAGE, "--%s: \"%s\" is no number", option, value);
    fth_jw_key(jw, member);
    fth_jw_double(jw, number);
    return FTH_OK;
}

static void note_preview(struct fth_cli *cli, const struct fth_json *preview)
{
    fth_cli_note(cli,
                 FTH_STR_F " cases of " FTH_STR_F " alarms in " FTH_STR_F " series, from " FTH_STR_F
                           " to " FTH_STR_F,
                 FTH_STR_A(text_of(preview, "cases")), FTH_STR_A(text_of(preview, "alarms")),
                 FTH_STR_A(text_of(preview, "series")), FTH_STR_A(text_of(preview, "start")),
                 FTH_STR_A(text_of(preview, "end")));
}

static enum fth_rc preview(struct fth_cli *cli, struct fth_err *err)
{
    static const char *const fields[] = {"severity", "#impact",  "currency", "start",
                                         "end",      "detected", "title",    NULL};
    struct fth_buf body = fth_buf_max(BODY_MAX);
    const struct fth_json *answer = NULL;
    struct fth_jw jw;

    fth_jw_init(&jw, &body);
    fth_jw_object(&jw);
    if (!put_number(cli, &jw, "false-alarms-per-year", "false_alarms_per_year", err) &&
        !put_number(cli, &jw, "min-impact", "min_impact", err) &&
        !put_number(cli, &jw, "days", "days", err)) {
        fth_jw_object_end(&jw);
        if (!fth_jw_done(&jw, err) &&
            !fth_cli_blame_usage(cli, fth_cli_post(cli, FTH_STR(BASE "/preview"),
                                                   fth_buf_view(&body), &answer, err)) &&
            !fth_cli_list(cli, answer, "data", fields, err))
            note_preview(cli, answer);
    }
    fth_buf_release(&body);
    return err->rc;
}

enum fth_rc cmd_anomalies(struct fth_cli *cli, struct fth_err *err)
{
    static const struct fth_verb verbs[] = {{"list", "", 0, 0, list},
                                            {"show", "ID", 1, 1, show},
                                            {"ack", "ID", 1, 1, ack},
                                            {"snooze", "ID DAY", 2, 2, snooze},
                                            {"resolve", "ID CAUSE", 2, 2, resolve},
                                            {"false", "ID KIND", 2, 2, no_anomaly},
                                            {"reopen", "ID", 1, 1, reopen},
                                            {"assign", "ID USER", 2, 2, assign},
                                            {"merge", "ID INTO", 2, 2, merge},
                                            {"comment", "ID TEXT", 2, 2, comment},
                                            {"detect", "", 0, 0, detect},
                                            {"preview", "", 0, 0, preview}};

    return fth_cli_verb(cli, verbs, FTH_NR(verbs), err);
}
