/* help, manual and completion: made from the table of commands, so that nothing is left out. */
#include <stdio.h>

#include "base/check.h"
#include "cli/cli.h"
#include "test.h"

enum { OUTPUT_MAX = 1 << 18 };

/* What a printing function prints. */
static const char *printed(enum fth_rc (*print)(struct fth_cli *, const void *, struct fth_err *),
                           const void *what)
{
    char *text = fth_arena_alloc(test_arena(OUTPUT_MAX * 2), OUTPUT_MAX);
    struct fth_cli cli = {.arena = test_arena(1 << 20)};
    struct fth_err err = {0};

    cli.out.file = fmemopen(text, OUTPUT_MAX, "w");
    assert_non_null(cli.out.file);
    assert_ok(print(&cli, what, &err), &err);
    fclose(cli.out.file);
    return text;
}

static enum fth_rc print_help(struct fth_cli *cli, const void *command, struct fth_err *err)
{
    return fth_cli_help(cli, command, err);
}

static enum fth_rc print_manual(struct fth_cli *cli, const void *unused, struct fth_err *err)
{
    (void)unused;
    return fth_cli_manual(cli, err);
}

static enum fth_rc print_completion(struct fth_cli *cli, const void *shell, struct fth_err *err)
{
    return fth_cli_completion(cli, shell, err);
}

static void has(const char *text, const char *part)
{
    if (!strstr(text, part))
        print_error("\"%s\" is not in:\n%s\n", part, text);
    assert_non_null(strstr(text, part));
}

static void fits(const char *text, size_t columns)
{
    struct fth_str rest = fth_str_c(text), line;

    while (fth_str_next(&rest, '\n', &line)) {
        if (line.n > columns + 8)
            print_error("%zu bytes: " FTH_STR_F "\n", line.n, FTH_STR_A(line));
        assert_true(line.n <= columns + 8); /* some characters are three bytes */
    }
}

static void the_overview_names_every_command_and_what_holds_for_all(void **state)
{
    const char *text = printed(print_help, NULL);
    char part[64];

    (void)state;
    for (size_t i = 0; i < fth_command_nr(); i++) {
        snprintf(part, sizeof(part), "\n  %s ", fth_command_at(i)->name);
        has(text, part);
    }
    has(text, "--data DIR");
    has(text, "--json");
    fits(text, 110);
}

static void help_of_a_command_has_usage_options_and_examples(void **state)
{
    char part[64];

    (void)state;
    for (size_t i = 0; i < fth_command_nr(); i++) {
        const struct fth_command *command = fth_command_at(i);
        const char *text = printed(print_help, command);

        snprintf(part, sizeof(part), "usage: farthing %s", command->name);
        has(text, part);
        has(text, "\nExamples\n  farthing ");
        for (size_t o = 0; o < fth_option_nr(); o++)
            if (fth_option_is_of(fth_option_at(o), command)) {
                snprintf(part, sizeof(part), "--%s", fth_option_at(o)->name);
                has(text, part);
            }
        fits(text, 110);
    }
}

static void the_manual_holds_all_of_it_and_the_exit_codes(void **state)
{
    const char *text = printed(print_manual, NULL);

    (void)state;
    has(text, ".TH FARTHING 1\n");
    has(text, ".SS farthing demo\\-data");
    has(text, ".TP\n75\n");
    for (int rc = FTH_OK; rc < FTH_RC_NR; rc++) {
        char part[32];

        snprintf(part, sizeof(part), ".TP\n%d\n", fth_rc_info((enum fth_rc)rc)->exit_code);
        has(text, part);
    }
}

static void every_shell_completes_every_command_and_option(void **state)
{
    static const char *const shells[] = {"bash", "zsh", "fish"};

    (void)state;
    for (size_t s = 0; s < FTH_NR(shells); s++) {
        const char *text = printed(print_completion, shells[s]);

        for (size_t i = 0; i < fth_command_nr(); i++)
            has(text, fth_command_at(i)->name);
        for (size_t i = 0; i < fth_option_nr(); i++)
            has(text, fth_option_at(i)->name);
    }
}

static void a_shell_that_is_not_known_is_refused(void **state)
{
    struct fth_cli cli = {0};
    struct fth_err err = {0};

    (void)state;
    assert_int_equal(fth_cli_completion(&cli, "tcsh", &err), FTH_E_USAGE);
    assert_non_null(strstr(err.msg, "bash, zsh or fish"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_overview_names_every_command_and_what_holds_for_all),
        TEST(help_of_a_command_has_usage_options_and_examples),
        TEST(the_manual_holds_all_of_it_and_the_exit_codes),
        TEST(every_shell_completes_every_command_and_option),
        TEST(a_shell_that_is_not_known_is_refused),
    };

    return cmocka_run_group_tests_name("cli_help", tests, NULL, NULL);
}
