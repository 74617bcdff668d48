/* forecast --from: forecasts of what a plan asks for, by the API. */
#include <math.h>

#include "base/csv.h"
#include "cli/cmd_int.h"

enum { BODY_MAX = 2 << 20, TEXT_MAX = 64 << 20, FIXED_COLS = 6, CELL_MAX = 64 };

/* ---- what is asked ---- */

static enum fth_rc put_horizon(const char *text, struct fth_jw *jw, struct fth_err *err)
{
    int64_t steps;

    if (!text)
        return FTH_OK;
    fth_jw_key(jw, "horizon");
    fth_jw_object(jw);
    if (fth_str_to_i64(fth_str_c(text), &steps))
        fth_jw_kv_i64(jw, "steps", steps);
    else
        fth_jw_kv_c(jw, "until", text);
    fth_jw_object_end(jw);
    return err->rc;
}

static enum fth_rc put_levels(const char *text, struct fth_jw *jw, struct fth_err *err)
{
    struct fth_str rest, item;
    double level;

    if (!text)
        return FTH_OK;
    fth_jw_key(jw, "levels");
    fth_jw_array(jw);
    for (rest = fth_str_c(text); fth_str_next(&rest, ',', &item);) {
        if (!fth_str_to_double(fth_str_trim(item), &level) || !isfinite(level))
            return fth_err_set(err, FTH_E_USAGE, "--level: \"" FTH_STR_F "\" is no number",
                               FTH_STR_A(item));
        fth_jw_double(jw, level);
    }
    fth_jw_array_end(jw);
    return err->rc;
}

static enum fth_rc put_request(struct fth_cli *cli, struct fth_str plan, struct fth_buf *buf,
                               struct fth_err *err)
{
    const char *measure = fth_args_value(&cli->args, "measure");
    const char *model = fth_args_value(&cli->args, "model");
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
    if (model)
        fth_jw_kv_c(&jw, "model", model);
    if (put_horizon(fth_args_value(&cli->args, "horizon"), &jw, err) ||
        put_levels(fth_args_value(&cli->args, "level"), &jw, err))
        return err->rc;
    fth_jw_object_end(&jw);
    return fth_jw_done(&jw, err);
}

/* ---- a line a series ---- */

static struct fth_str text_of(const struct fth_json *object, const char *key)
{
    const struct fth_json *value = fth_json_get(object, key);

    return value && value->type != FTH_JSON_NULL ? value->text : (struct fth_str){0};
}

/* Two decimals: what is behind them no forecast knows. */
static enum fth_rc rounded(struct fth_cli *cli, const struct fth_json *number, struct fth_str *out,
                           struct fth_err *err)
{
    double value;

    if (!fth_json_double(number, &value)) {
        *out = (struct fth_str){0};
        return FTH_OK;
    }
    return fth_arena_printf(cli->arena, out, err, "%.2f", value);
}

/* "auto, 45 % ets": who has the greatest say. */
static enum fth_rc model_of(struct fth_cli *cli, const struct fth_json *answer,
                            const struct fth_json *series, struct fth_str *out, struct fth_err *err)
{
    const struct fth_json *models = fth_json_get(series, "models"), *best = NULL;
    double most = 0, weight;

    *out = text_of(answer, "model");
    for (size_t i = 0; models && models->nr > 1 && i < models->nr; i++)
        if (fth_json_double(fth_json_get(&models->items[i], "weight"), &weight) && weight > most) {
            most = weight;
            best = &models->items[i];
        }
    if (!best)
        return FTH_OK;
    return fth_arena_printf(cli->arena, out, err, FTH_STR_F ", %.0f %% " FTH_STR_F, FTH_STR_A(*out),
                            100 * most, FTH_STR_A(text_of(best, "id")));
}

static enum fth_rc fill_line(struct fth_cli *cli, const struct fth_json *answer,
                             const struct fth_json *series, struct fth_str *cells,
                             struct fth_err *err)
{
    const struct fth_json *group = fth_json_get(series, "group");
    const struct fth_json *total = fth_json_get(series, "total"), *bands, *band;

    for (size_t i = 0; i < group->nr; i++)
        *cells++ = text_of(group, group->members[i].key.p);
    bands = fth_json_get(total, "bands");
    band = bands && bands->nr ? &bands->items[bands->nr - 1] : NULL;
    *cells++ = text_of(fth_json_get(answer, "history_end"), "date");
    *cells++ = text_of(series, "currency");
    if (rounded(cli, fth_json_get(total, "mean"), cells, err) ||
        rounded(cli, fth_json_get(band, "lo"), cells + 1, err) ||
        rounded(cli, fth_json_get(band, "hi"), cells + 2, err))
        return err->rc;
    return model_of(cli, answer, series, cells + 3, err);
}

static enum fth_rc name_cols(struct fth_cli *cli, const struct fth_json *answer,
                             const struct fth_json *group, struct fth_out_col *cols,
                             struct fth_err *err)
{
    const struct fth_json *levels = fth_json_get(answer, "levels");
    struct fth_str level = levels->items[levels->nr - 1].text;
    struct fth_out_col *at = cols + group->nr;

    for (size_t i = 0; i < group->nr; i++)
        cols[i].name = group->members[i].key;
    at[0].name = FTH_STR("history_until");
    at[1].name = FTH_STR("currency");
    at[2] = (struct fth_out_col){FTH_STR("total"), true};
    at[3].number = at[4].number = true;
    at[5].name = FTH_STR("model");
    if (fth_arena_printf(cli->arena, &at[3].name, err, "lo" FTH_STR_F, FTH_STR_A(level)))
        return err->rc;
    return fth_arena_printf(cli->arena, &at[4].name, err, "hi" FTH_STR_F, FTH_STR_A(level));
}

static enum fth_rc print_table(struct fth_cli *cli, const struct fth_json *answer,
                               const struct fth_json *list, struct fth_err *err)
{
    const struct fth_json *group = fth_json_get(&list->items[0], "group");
    size_t col_nr = group->nr + FIXED_COLS;
    struct fth_out_col *cols = FTH_NEW_ARRAY(cli->arena, struct fth_out_col, col_nr);
    struct fth_str *cells = FTH_NEW_ARRAY(cli->arena, struct fth_str, list->nr * col_nr);

    if (!cols || !cells)
        return fth_err_nomem(err);
    if (name_cols(cli, answer, group, cols, err))
        return err->rc;
    for (size_t i = 0; i < list->nr; i++)
        if (fill_line(cli, answer, &list->items[i], cells + i * col_nr, err))
            return err->rc;
    return fth_out_table(&cli->out, &(struct fth_out_table){cols, col_nr, cells, list->nr, NULL, 0},
                         cli->arena, err);
}

static void print_remarks(struct fth_cli *cli, const struct fth_json *answer,
                          const struct fth_json *list)
{
    const struct fth_json *end = fth_json_get(answer, "history_end");
    const struct fth_json *warnings = fth_json_get(answer, "warnings");

    fth_cli_note(cli, "note: history ends on " FTH_STR_F ": " FTH_STR_F,
                 FTH_STR_A(text_of(end, "date")), FTH_STR_A(text_of(end, "text")));
    if (list->nr == 1) {
        struct fth_str reason = text_of(&list->items[0], "reason");

        if (reason.n)
            fth_cli_note(cli, "note: " FTH_STR_F, FTH_STR_A(reason));
        fth_cli_note(cli, FTH_STR_F, FTH_STR_A(text_of(&list->items[0], "sentence")));
    }
    for (size_t i = 0; warnings && i < warnings->nr; i++)
        fth_cli_note(cli, "note: " FTH_STR_F, FTH_STR_A(warnings->items[i].text));
}

/* ---- a line a step, or a series, for programs ---- */

static void put_csv_head(const struct fth_json *answer, const struct fth_json *group,
                         struct fth_buf *buf)
{
    const struct fth_json *levels = fth_json_get(answer, "levels");

    for (size_t i = 0; i < group->nr; i++) {
        fth_csv_put(buf, group->members[i].key);
        fth_buf_char(buf, ',');
    }
    fth_buf_c(buf, "currency,time,mean");
    for (size_t k = 0; k < levels->nr; k++)
        fth_buf_printf(buf, ",lo" FTH_STR_F ",hi" FTH_STR_F, FTH_STR_A(levels->items[k].text),
                       FTH_STR_A(levels->items[k].text));
    fth_buf_char(buf, '\n');
}

static void put_number(struct fth_buf *buf, const struct fth_json *object, const char *key)
{
    double value = 0;

    if (fth_json_double(fth_json_get(object, key), &value))
        fth_buf_printf(buf, ",%.10g", value);
    else
        fth_buf_char(buf, ',');
}

static void put_csv(const struct fth_json *series, struct fth_buf *buf)
{
    const struct fth_json *group = fth_json_get(series, "group");
    const struct fth_json *steps = fth_json_get(series, "forecast");

    for (size_t s = 0; s < steps->nr; s++) {
        const struct fth_json *step = &steps->items[s], *bands = fth_json_get(step, "bands");

        for (size_t i = 0; i < group->nr; i++) {
            fth_csv_put(buf, group->members[i].value.text);
            fth_buf_char(buf, ',');
        }
        fth_buf_printf(buf, FTH_STR_F "," FTH_STR_F, FTH_STR_A(text_of(series, "currency")),
                       FTH_STR_A(text_of(step, "time")));
        put_number(buf, step, "mean");
        for (size_t k = 0; k < bands->nr; k++) {
            put_number(buf, &bands->items[k], "lo");
            put_number(buf, &bands->items[k], "hi");
        }
        fth_buf_char(buf, '\n');
    }
}

static enum fth_rc print_text(struct fth_cli *cli, const struct fth_json *answer,
                              const struct fth_json *list, struct fth_err *err)
{
    struct fth_buf buf = fth_buf_max(TEXT_MAX);
    bool csv = cli->out.form == FTH_OUT_CSV;

    if (csv)
        put_csv_head(answer, fth_json_get(&list->items[0], "group"), &buf);
    for (size_t i = 0; i < list->nr && !err->rc; i++) {
        if (csv) {
            put_csv(&list->items[i], &buf);
        } else {
            fth_json_put(&buf, &list->items[i]);
            fth_buf_char(&buf, '\n');
        }
        if (!fth_buf_done(&buf, err))
            fth_out_text(&cli->out, fth_buf_view(&buf), err);
        fth_buf_clear(&buf);
    }
    fth_buf_release(&buf);
    return err->rc;
}

static enum fth_rc print(struct fth_cli *cli, const struct fth_json *answer, struct fth_err *err)
{
    const struct fth_json *list = fth_json_get(answer, "series");

    if (cli->out.form == FTH_OUT_JSON)
        return fth_out_json(&cli->out, answer, err);
    if (!list || list->nr == 0)
        return fth_err_set(err, FTH_E_FAILED, "the answer has no series");
    if (cli->out.form == FTH_OUT_CSV || cli->out.form == FTH_OUT_NDJSON)
        return print_text(cli, answer, list, err);
    if (!print_table(cli, answer, list, err))
        print_remarks(cli, answer, list);
    return err->rc;
}

static enum fth_rc check_args(const struct fth_cli *cli, struct fth_err *err)
{
    static const char *const of_files[] = {"meta", "season", "threads"};

    if (cli->args.arg_nr || fth_args_has(&cli->args, "input"))
        return fth_err_set(err, FTH_E_USAGE, "forecast: either FILE or --from");
    for (size_t i = 0; i < sizeof(of_files) / sizeof(*of_files); i++)
        if (fth_args_has(&cli->args, of_files[i]))
            return fth_err_set(err, FTH_E_USAGE, "forecast: --%s is for files, not for --from",
                               of_files[i]);
    if (fth_out_is_file(cli->out.form))
        return fth_err_set(err, FTH_E_USAGE,
                           "forecast: --output is table, csv, json, ndjson or markdown");
    return FTH_OK;
}

enum fth_rc fth_cli_forecast_from(struct fth_cli *cli, struct fth_err *err)
{
    struct fth_buf body = fth_buf_max(BODY_MAX);
    const struct fth_json *answer;
    struct fth_str plan;

    if (!check_args(cli, err) &&
        !fth_cmd_read_plan(cli, fth_args_value(&cli->args, "from"), &plan, err) &&
        !put_request(cli, plan, &body, err) &&
        !fth_cli_blame_usage(cli, fth_cli_post(cli, FTH_STR("/api/v1/forecasts"),
                                               fth_buf_view(&body), &answer, err)))
        (void)print(cli, answer, err);
    fth_buf_release(&body);
    return err->rc;
}
