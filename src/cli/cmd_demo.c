/* demo-data: made bills to try things on. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/date.h"
#include "cli/cmd_int.h"
#include "demo/demo.h"

enum fth_rc cmd_demo_data(struct fth_cli *cli, struct fth_err *err)
{
    const char *provider = fth_args_value(&cli->args, "provider");
    struct fth_clock clock = fth_clock_system();
    struct fth_demo_options options = fth_demo_defaults(fth_instant_date(fth_clock_now_us(&clock)));
    struct fth_demo_summary summary;
    long long seed, months, rows;

    if (fth_args_number(&cli->args, "seed", 0, INT64_MAX, (long long)options.seed, &seed, err) ||
        fth_args_number(&cli->args, "months", 1, 120, options.months, &months, err) ||
        fth_args_number(&cli->args, "rows", 1000, 1000000000, (long long)options.rows, &rows, err))
        return err->rc;
    options.seed = (uint64_t)seed;
    options.months = (unsigned)months;
    options.rows = (uint64_t)rows;
    options.restate = fth_args_has(&cli->args, "restate");
    options.provider = fth_str_c(provider);
    if (fth_demo_write(cli->args.args[0], &options, &summary, err))
        return err->rc;
    fth_cli_note(cli, "%llu rows over %u months in %s: import its folders%s, check with %s/truth",
                 (unsigned long long)summary.rows, summary.months, cli->args.args[0],
                 !provider || strcmp(provider, "aws") == 0 ? ", of AWS aws-cur-2.0" : "",
                 cli->args.args[0]);
    return FTH_OK;
}
