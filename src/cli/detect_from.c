/* detect --from: anomalies in what a plan asks for, by the API. */
#include "base/csv.h"
#include "cli/cmd_int.h"

enum { BODY_MAX = 2 << 20, TEXT_MAX = 64 << 20, FIXED_COLS = 8 };

static enum fth_rc put_request(struct fth_cli *cli, struct fth_str plan, double false_alarms,
                               struct fth_buf *buf, struct fth_err *err)
{
    const char *measure = fth_args_value(&cli->args, "measure");
    const struct fth_json *json;
    struct fth_jw jw;

    if (fth_json_parse(cli->arena, plan, NULL, &json, err)) {
        fth_err_prefix(err, "%s", fth_args_value(&cli->args, "from"));
        return err->rc;
    }
    fth_jw_init(&jw, buf);
    fth_jw_object(&jw);
    fth_jw_key(&jw, "plan");
    fth_jw_json(&jw, json);
    if (measure)
        fth_jw_kv_c(&jw, "measure", measure);
    fth_jw_key(&jw, "false_alarms_per_year");
    fth_jw_double(&jw, false_alarms);
    fth_jw_object_end(&jw);
    return fth_jw_done(&jw, err);
}

static struct fth_str text_of(const struct fth_json *object, const char *key)
{
    const struct fth_json *value = fth_json_get(object, key);

    return value && value->type != FTH_JSON_NULL ? value->text : (struct fth_str){0};
}

/* Two decimals of a score are enough for people. */
static enum fth_rc put_event(struct fth_cli *cli, const struct fth_json *series,
                             const struct fth_json *event, struct fth_str *cells,
                             struct fth_err *err)
{
    static const char *const members[] = {"start",    "end",    "detected", NULL,
                                          "expected", "actual", "impact"};
    const struct fth_json *group = fth_json_get(series, "group");
    double score = 0;

    for (size_t i = 0; i < group->nr; i++)
        *cells++ = text_of(group, group->members[i].key.p);
    *cells++ = text_of(series, "currency");
    for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++, cells++)
        if (members[i])
            *cells = text_of(event, members[i]);
        else if (fth_json_double(fth_json_get(event, "score"), &score) &&
                 fth_arena_printf(cli->arena, cells, err, "%.2f", score))
            return err->rc;
    return FTH_OK;
}

static size_t count_events(const struct fth_json *list)
{
    size_t nr = 0;

    for (size_t i = 0; i < list->nr; i++)
        nr += fth_json_get(&list->items[i], "events")->nr;
    return nr;
}

/* A line an event, behind what the group is. */
static enum fth_rc print_events(struct fth_cli *cli, const struct fth_json *list,
                                struct fth_err *err)
{
    static const struct fth_out_col fixed[FIXED_COLS] = {
        {FTH_STR_INIT("currency"), false}, {FTH_STR_INIT("start"), false},
        {FTH_STR_INIT("end"), false},      {FTH_STR_INIT("detected"), false},
        {FTH_STR_INIT("score"), true},     {FTH_STR_INIT("expected"), true},
        {FTH_STR_INIT("actual"), true},    {FTH_STR_INIT("impact"), true}};
    const struct fth_json *group = fth_json_get(&list->items[0], "group");
    size_t col_nr = group->nr + FIXED_COLS, rows = count_events(list), row = 0;
    struct fth_out_col *cols = FTH_NEW_ARRAY(cli->arena, struct fth_out_col, col_nr);
    struct fth_str *cells = FTH_NEW_ARRAY(cli->arena, struct fth_str, rows * col_nr + 1);

    if (!cols || !cells)
        return fth_err_nomem(err);
    for (size_t i = 0; i < group->nr; i++)
        cols[i].name = group->members[i].key;
    for (size_t i = 0; i < FIXED_COLS; i++)
        cols[group->nr + i] = fixed[i];
    for (size_t i = 0; i < list->nr; i++) {
        const struct fth_json *events = fth_json_get(&list->items[i], "events");

        for (size_t k = 0; k < events->nr; k++)
            if (put_event(cli, &list->items[i], &events->items[k], cells + row++ * col_nr, err))
                return err->rc;
    }
    if (rows == 0 && cli->out.form == FTH_OUT_TABLE) {
        fth_cli_note(cli, "nothing unusual");
        return FTH_OK;
    }
    return fth_out_table(&cli->out, &(struct fth_out_table){cols, col_nr, cells, rows, NULL, 0},
                         cli->arena, err);
}

static enum fth_rc print(struct fth_cli *cli, const struct fth_json *answer, struct fth_err *err)
{
    const struct fth_json *list = fth_json_get(answer, "series");
    const struct fth_json *warnings = fth_json_get(answer, "warnings");

    if (cli->out.form == FTH_OUT_JSON)
        return fth_out_json(&cli->out, answer, err);
    if (!list || list->nr == 0)
        return fth_err_set(err, FTH_E_FAILED, "the answer has no series");
    if (print_events(cli, list, err))
        return err->rc;
    fth_cli_note(cli, "note: history ends on " FTH_STR_F,
                 FTH_STR_A(text_of(answer, "history_end")));
    for (size_t i = 0; warnings && i < warnings->nr; i++)
        fth_cli_note(cli, "note: " FTH_STR_F, FTH_STR_A(warnings->items[i].text));
    return FTH_OK;
}

static enum fth_rc check_args(const struct fth_cli *cli, struct fth_err *err)
{
    if (cli->args.arg_nr || fth_args_has(&cli->args, "input"))
        return fth_err_set(err, FTH_E_USAGE, "detect: either FILE or --from");
    if (fth_args_has(&cli->args, "scores") || fth_args_has(&cli->args, "threads"))
        return fth_err_set(err, FTH_E_USAGE,
                           "detect: --scores and --threads are for files, not for --from");
    if (cli->out.form == FTH_OUT_PARQUET)
        return fth_err_set(err, FTH_E_USAGE,
                           "detect: --output is table, csv, json, ndjson or markdown");
    return FTH_OK;
}

enum fth_rc fth_cli_detect_from(struct fth_cli *cli, double false_alarms, struct fth_err *err)
{
    struct fth_buf body = fth_buf_max(BODY_MAX);
    const struct fth_json *answer;
    struct fth_str plan;

    if (!check_args(cli, err) &&
        !fth_cmd_read_plan(cli, fth_args_value(&cli->args, "from"), &plan, err) &&
        !put_request(cli, plan, false_alarms, &body, err) &&
        !fth_cli_blame_usage(cli, fth_cli_post(cli, FTH_STR("/api/v1/anomalies/find"),
                                               fth_buf_view(&body), &answer, err)))
        (void)print(cli, answer, err);
    fth_buf_release(&body);
    return err->rc;
}
