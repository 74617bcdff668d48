/* maintain: a job of the API; this starts it, waits for it and prints what it did. */
#include "cli/cmd_int.h"

enum fth_rc cmd_maintain(struct fth_cli *cli, struct fth_err *err)
{
    static const char *const fields[] = {
        "#files_kept",          "#files_missed",      "#files_removed",
        "#segments_merged",     "#segments_archived", "#segments_dropped",
        "#ledger_bytes_before", "#ledger_bytes",      NULL};
    const struct fth_json *job;

    if (fth_cli_post(cli, FTH_STR("/api/v1/jobs"), FTH_STR("{\"kind\":\"maintain\"}"), &job, err) ||
        fth_cli_follow_job(cli, job, &job, err))
        return err->rc;
    if (!fth_str_eq_c(fth_json_str(job, "state", FTH_STR("")), "done"))
        return fth_cli_job_error(job, "maintain: cancelled; what was done by then stays", err);
    return fth_cli_list(cli, fth_json_get(job, "result"), NULL, fields, err);
}
