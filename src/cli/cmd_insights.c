/* insights: what is worth knowing now, by the API. */
#include "cli/verb_int.h"

enum fth_rc cmd_insights(struct fth_cli *cli, struct fth_err *err)
{
    static const char *const options[] = {"metric", "currency", NULL};
    static const char *const fields[] = {"severity", "kind",     "#amount",
                                         "currency", "sentence", NULL};
    const struct fth_json *answer = NULL, *gaps;
    struct fth_str path;

    if (fth_cli_filtered(cli, "/api/v1/insights/summary", options, &path, err) ||
        fth_cli_get(cli, path, &answer, err))
        return err->rc;
    gaps = fth_json_get(answer, "left_out");
    for (size_t i = 0; gaps && i < gaps->nr; i++)
        fth_cli_note(cli, "note: nothing of %s: " FTH_STR_F,
                     fth_json_get(&gaps->items[i], "kind")->text.p,
                     FTH_STR_A(fth_json_str(&gaps->items[i], "why", FTH_STR("?"))));
    return fth_cli_list(cli, answer, "insights", fields, err);
}
