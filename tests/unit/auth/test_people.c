/* auth: who comes in and for how long, on both stores, by a clock that stands until it is moved. */
#include <stdio.h>

#include "auth/pass.h"
#include "auth/sign_in.h"
#include "base/check.h"
#include "base/date.h"
#include "crypt/totp.h"
#include "state/audit.h"
#include "test_db.h"

#define PASSWORD "four words without meaning"
#define MINUTE_US (INT64_C(60) * 1000000)

static int64_t now_us;
static struct fth_clock still;
static struct fth_people *people;

static struct fth_deed begin(void **state)
{
    struct fth_people_conf conf = {.db = test_db(state), .cost = FTH_PASSWORD_TEST};
    struct fth_err err = {0};

    now_us = INT64_C(1750000000) * 1000000;
    still = fth_clock_fixed(&now_us);
    conf.clock = &still;
    assert_ok(fth_people_open(&conf, &people, &err), &err);
    return (struct fth_deed){.people = people,
                             .arena = test_arena(8 << 20),
                             .address = FTH_STR("192.0.2.1"),
                             .request_id = FTH_STR("r")};
}

static void end(void)
{
    fth_people_close(people);
    people = NULL;
}

static void add_first(const struct fth_deed *deed)
{
    const struct fth_user_wish wish = {.email = FTH_STR("first@example.org"),
                                       .role = FTH_STR("administrator"),
                                       .password = FTH_STR(PASSWORD)};
    struct fth_user user = {0};
    struct fth_err err = {0};
    bool any = false;

    assert_ok(fth_people_any(deed->people, &any, &err), &err);
    if (!any)
        assert_ok(fth_user_add(deed, &wish, &user, &err), &err);
}

static struct fth_user add(const struct fth_deed *deed, const char *email, const char *role,
                           const char *scope)
{
    const struct fth_user_wish wish = {.email = fth_str_c(email),
                                       .role = fth_str_c(role),
                                       .scope = fth_str_c(scope),
                                       .password = FTH_STR(PASSWORD)};
    struct fth_user user = {0};
    struct fth_one_time once = {0};
    struct fth_once_use use = {.password = FTH_STR(PASSWORD)};
    struct fth_opened opened = {0};
    struct fth_err err = {0};

    if (strcmp(role, "administrator") != 0)
        add_first(deed);
    assert_ok(fth_user_add(deed, &wish, &user, &err), &err);
    /* A password that somebody else gave would have to be changed. */
    assert_ok(fth_once_for(deed, user.id, false, &once, &err), &err);
    use.secret = once.secret;
    assert_ok(fth_once_accept(deed, &use, &opened, &err), &err);
    return user;
}

static enum fth_rc try_in(const struct fth_deed *deed, const char *email, const char *password,
                          const char *code, struct fth_opened *opened)
{
    const struct fth_sign_in with = {.email = fth_str_c(email),
                                     .password = fth_str_c(password),
                                     .code = fth_str_c(code),
                                     .agent = FTH_STR("test")};
    struct fth_err err = {0};
    int64_t retry_s = 0;
    enum fth_rc rc = fth_sign_in(deed, &with, opened, &retry_s, &err);

    assert_int_equal(rc == FTH_E_QUOTA, retry_s > 0);
    return rc;
}

static enum fth_rc show(const struct fth_deed *deed, struct fth_str secret, struct fth_pass *pass)
{
    struct fth_err err = {0};

    return fth_pass_session(deed, secret, pass, &err);
}

static enum fth_rc show_bearer(const struct fth_deed *deed, struct fth_str token,
                               struct fth_pass *pass)
{
    struct fth_err err = {0};

    return fth_pass_bearer(deed, token, pass, &err);
}

/* ---- sessions ---- */

static void a_session_ends_two_hours_after_its_last_use_and_after_twelve(void **state)
{
    struct fth_deed deed = begin(state);
    struct fth_opened opened = {0};
    struct fth_pass pass = {0};
    struct fth_err err = {0};

    add(&deed, "Ada@Example.org", "viewer", "");
    assert_int_equal(try_in(&deed, " ada@example.org", PASSWORD, "", &opened), FTH_OK);
    for (unsigned i = 0; i < 6; i++) {
        now_us += 119 * MINUTE_US;
        assert_int_equal(show(&deed, opened.secret, &pass), FTH_OK);
        assert_ok(fth_pass_used(&deed, &pass, &err), &err);
    }
    now_us += 7 * MINUTE_US; /* twelve hours and a minute */
    assert_int_equal(show(&deed, opened.secret, &pass), FTH_E_UNAUTHENTICATED);

    assert_int_equal(try_in(&deed, "ada@example.org", PASSWORD, "", &opened), FTH_OK);
    now_us += 120 * MINUTE_US;
    assert_int_equal(show(&deed, opened.secret, &pass), FTH_E_UNAUTHENTICATED);
    end();
}

static void ending_a_session_wants_its_own_user(void **state)
{
    struct fth_deed deed = begin(state);
    struct fth_user ada = add(&deed, "ada@example.org", "viewer", "");
    struct fth_user eve = add(&deed, "eve@example.org", "viewer", "");
    struct fth_opened opened = {0};
    struct fth_session_info *list = NULL;
    struct fth_pass pass = {0};
    struct fth_err err = {0}, missing = {0};
    size_t nr = 0;

    assert_int_equal(try_in(&deed, "ada@example.org", PASSWORD, "", &opened), FTH_OK);
    assert_int_equal(show(&deed, opened.secret, &pass), FTH_OK);
    assert_ok(fth_sessions_of(&deed, ada.id, &list, &nr, &err), &err);
    assert_int_equal(nr, 2); /* one of the invitation */
    assert_str(list[0].address, "192.0.2.1");
    assert_int_equal(fth_session_end(&deed, eve.id, pass.id, &missing), FTH_E_NOTFOUND);
    assert_int_equal(show(&deed, opened.secret, &pass), FTH_OK);
    assert_ok(fth_session_end(&deed, ada.id, pass.id, &err), &err);
    assert_int_equal(show(&deed, opened.secret, &pass), FTH_E_UNAUTHENTICATED);
    end();
}

/* ---- guesses ---- */

static int64_t audit_rows(void)
{
    struct fth_audit_state found = {0};
    struct fth_db *db = test_db_again();
    struct fth_err err = {0};

    assert_ok(fth_audit_verify(db, NULL, &found, &err), &err);
    assert_int_equal(found.broken_seq, 0);
    fth_db_close(db);
    return found.rows;
}

static void guesses_wait_longer_each_time_and_are_forgotten(void **state)
{
    struct fth_deed deed = begin(state);
    struct fth_opened opened = {0};

    add(&deed, "ada@example.org", "viewer", "");
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(try_in(&deed, "ada@example.org", "wrong", "", &opened),
                         FTH_E_UNAUTHENTICATED);
    assert_int_equal(try_in(&deed, "ada@example.org", PASSWORD, "", &opened), FTH_E_QUOTA);
    now_us += 15 * 1000000;
    assert_int_equal(try_in(&deed, "ada@example.org", "wrong", "", &opened), FTH_E_UNAUTHENTICATED);
    now_us += 15 * 1000000; /* now it is thirty seconds */
    assert_int_equal(try_in(&deed, "ada@example.org", PASSWORD, "", &opened), FTH_E_QUOTA);
    now_us += 15 * 1000000;
    assert_int_equal(try_in(&deed, "ada@example.org", PASSWORD, "", &opened), FTH_OK);
    /* What went wrong before is forgotten: five are free again. */
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(try_in(&deed, "ada@example.org", "wrong", "", &opened),
                         FTH_E_UNAUTHENTICATED);
    assert_int_equal(try_in(&deed, "ada@example.org", PASSWORD, "", &opened), FTH_OK);
    end();
}

static void one_place_that_tries_many_users_is_put_off(void **state)
{
    struct fth_deed deed = begin(state);
    struct fth_opened opened = {0};
    char email[32];

    add(&deed, "ada@example.org", "viewer", "");
    for (unsigned i = 0; i < 21; i++) {
        snprintf(email, sizeof(email), "u%u@example.org", i);
        assert_int_equal(try_in(&deed, email, "wrong", "", &opened), FTH_E_UNAUTHENTICATED);
    }
    assert_int_equal(try_in(&deed, "ada@example.org", PASSWORD, "", &opened), FTH_E_QUOTA);
    deed.address = FTH_STR("192.0.2.2"); /* others are not held back */
    assert_int_equal(try_in(&deed, "ada@example.org", PASSWORD, "", &opened), FTH_OK);
    end();
}

static void guess_from(struct fth_deed deed, const char *address, unsigned nr, enum fth_rc want)
{
    struct fth_opened opened = {0};
    char email[64];

    deed.address = fth_str_c(address);
    snprintf(email, sizeof(email), "u%u-%zu@example.org", nr, strlen(address));
    assert_int_equal(try_in(&deed, email, "wrong", "", &opened), want);
}

/* Who has an address of IPv6 has as many as they like of its network. */
static void a_place_is_an_address_or_a_network_of_ipv6(void **state)
{
    struct fth_deed deed = begin(state);
    char address[64];

    add(&deed, "ada@example.org", "viewer", "");
    for (unsigned i = 0; i < 21; i++) {
        snprintf(address, sizeof(address), "2001:db8:1:2:%x::%x", i, i);
        guess_from(deed, address, i, FTH_E_UNAUTHENTICATED);
        guess_from(deed, "::ffff:192.0.2.7", i, FTH_E_UNAUTHENTICATED);
    }
    guess_from(deed, "2001:db8:1:2::ffff", 0, FTH_E_QUOTA);
    guess_from(deed, "2001:db8:1:3::ffff", 0, FTH_E_UNAUTHENTICATED);
    guess_from(deed, "192.0.2.7", 0, FTH_E_QUOTA);
    guess_from(deed, "192.0.2.8", 0, FTH_E_UNAUTHENTICATED);
    end();
}

static void a_list_says_who_has_to_wait(void **state)
{
    struct fth_deed deed = begin(state);
    struct fth_opened opened = {0};
    struct fth_user *users = NULL, ada = {0};
    struct fth_err err = {0};
    size_t nr = 0;

    add(&deed, "ada@example.org", "viewer", "");
    for (unsigned i = 0; i < 6; i++)
        (void)try_in(&deed, "ada@example.org", "wrong", "", &opened);
    assert_ok(fth_user_list(&deed, 10, FTH_STR(""), &users, &nr, &err), &err);
    assert_int_equal(nr, 2); /* the first administrator is behind her */
    assert_int_equal(users[0].locked_until_us, now_us + 15 * 1000000);
    assert_int_equal(users[1].locked_until_us, 0);
    assert_ok(fth_user_find(&deed, FTH_STR("Ada@example.org"), &ada, &err), &err);
    assert_int_equal(ada.locked_until_us, now_us + 15 * 1000000);
    now_us += 15 * 1000000;
    assert_ok(fth_user_find(&deed, FTH_STR("ada@example.org"), &ada, &err), &err);
    assert_int_equal(ada.locked_until_us, 0);
    end();
}

/* What is done for who is not there is what is done for who is: a count, a hash, a row. */
static void an_unknown_user_is_as_much_work(void **state)
{
    struct fth_deed deed = begin(state);
    struct fth_opened opened = {0};
    int64_t before, after;

    add(&deed, "ada@example.org", "viewer", "");
    before = audit_rows();
    assert_int_equal(try_in(&deed, "ada@example.org", "wrong", "", &opened), FTH_E_UNAUTHENTICATED);
    after = audit_rows();
    assert_int_equal(after, before + 1);
    assert_int_equal(try_in(&deed, "eve@example.org", "wrong", "", &opened), FTH_E_UNAUTHENTICATED);
    assert_int_equal(audit_rows(), after + 1);
    end();
}

/* ---- second factor ---- */

/* What an authenticator that was given the secret shows now. */
static void code_of(struct fth_str secret, char out[16])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    char key[FTH_TOTP_KEY + 1] = "";
    unsigned value = 0, bits = 0;
    size_t n = 0;

    for (size_t i = 0; i < secret.n; i++) {
        value = value << 5 | (unsigned)(strchr(digits, secret.p[i]) - digits);
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            key[n++] = (char)(value >> bits & 255);
        }
    }
    snprintf(out, 16, "%06u",
             fth_totp_code((struct fth_str){key, n}, now_us / 1000000 / FTH_TOTP_STEP_S, 6));
}

static void a_code_is_wanted_used_once_and_counted(void **state)
{
    struct fth_deed deed = begin(state);
    struct fth_user ada = add(&deed, "ada@example.org", "viewer", "");
    struct fth_proof proof = {.user = ada.id, .password = FTH_STR(PASSWORD)};
    struct fth_str secret = {0}, uri = {0}, codes[FTH_RECOVERY_CODES];
    struct fth_opened opened = {0};
    struct fth_err err = {0}, wrong = {0};
    int64_t retry_s = 0;
    char code[16] = "";

    assert_ok(fth_factor_begin(&deed, &proof, &secret, &uri, &retry_s, &err), &err);
    assert_true(fth_str_search(uri, FTH_STR("ada%40example.org?secret=")) != SIZE_MAX);
    code_of(secret, code);
    assert_int_equal(fth_factor_confirm(&deed, ada.id, FTH_STR("12345"), codes, &wrong),
                     FTH_E_INVALID);
    assert_ok(fth_factor_confirm(&deed, ada.id, fth_str_c(code), codes, &err), &err);
    assert_int_equal(try_in(&deed, "ada@example.org", PASSWORD, "", &opened), FTH_OK);
    assert_int_equal(opened.secret.n, 0); /* not yet */
    assert_int_equal(try_in(&deed, "ada@example.org", PASSWORD, code, &opened),
                     FTH_E_UNAUTHENTICATED); /* it confirmed, and is none any more */
    assert_int_equal(try_in(&deed, "ada@example.org", PASSWORD, codes[3].p, &opened), FTH_OK);
    assert_true(opened.secret.n > 0);
    assert_int_equal(try_in(&deed, "ada@example.org", PASSWORD, codes[3].p, &opened),
                     FTH_E_UNAUTHENTICATED);
    for (unsigned i = 0; i < 5; i++)
        (void)try_in(&deed, "ada@example.org", PASSWORD, "000000", &opened);
    assert_int_equal(try_in(&deed, "ada@example.org", PASSWORD, codes[4].p, &opened), FTH_E_QUOTA);
    end();
}

/* ---- tokens ---- */

static struct fth_str make_token(const struct fth_deed *deed, struct fth_str user,
                                 const char *scope, struct fth_token *token)
{
    static const struct fth_str permissions[] = {FTH_STR_INIT("costs.read"),
                                                 FTH_STR_INIT("views.read")};
    const struct fth_token_wish wish = {.name = FTH_STR("t"),
                                        .user = user,
                                        .scope = fth_str_c(scope),
                                        .permissions = permissions,
                                        .permission_nr = FTH_NR(permissions),
                                        .days = 2};
    struct fth_str secret = {0};
    struct fth_err err = {0};

    assert_ok(fth_token_add(deed, &wish, token, &secret, &err), &err);
    return secret;
}

static void a_token_is_what_it_was_given_of_what_its_user_has(void **state)
{
    struct fth_deed deed = begin(state);
    struct fth_user ada = add(&deed, "ada@example.org", "analyst", "region = \"eu-west-1\"");
    const struct fth_str views = FTH_STR("views");
    const bool yes = true;
    const struct fth_user_change of_role = {.role = &views}, disable = {.disabled = &yes};
    struct fth_token token = {0};
    struct fth_str secret = make_token(&deed, ada.id, "service = \"Amazon EC2\"", &token);
    struct fth_pass pass = {0};
    struct fth_err err = {0};

    assert_int_equal(show_bearer(&deed, secret, &pass), FTH_OK);
    assert_true(fth_who_may(&pass.who, FTH_STR("costs.read")));
    assert_false(fth_who_may(&pass.who, FTH_STR("costs.export")));
    assert_str(pass.who.scope_text, "region = \"eu-west-1\" and service = \"Amazon EC2\"");

    /* Its user loses the permission, and so does the token; disabled, it is none. */
    {
        static const struct fth_str none[] = {FTH_STR_INIT("views.read")};
        struct fth_role role = {
            .name = FTH_STR("Views"), .permissions = none, .permission_nr = FTH_NR(none)};

        assert_ok(fth_role_add(&deed, &role, &err), &err);
    }
    assert_ok(fth_user_set(&deed, ada.id, &of_role, &ada, &err), &err);
    assert_int_equal(show_bearer(&deed, secret, &pass), FTH_OK);
    assert_false(fth_who_may(&pass.who, FTH_STR("costs.read")));
    assert_true(fth_who_may(&pass.who, FTH_STR("views.read")));
    assert_ok(fth_user_set(&deed, ada.id, &disable, &ada, &err), &err);
    assert_int_equal(show_bearer(&deed, secret, &pass), FTH_E_UNAUTHENTICATED);
    end();
}

static void who_was_only_invited_has_no_tokens(void **state)
{
    struct fth_deed deed = begin(state);
    const struct fth_user_wish wish = {.email = FTH_STR("new@example.org"),
                                       .role = FTH_STR("viewer")};
    const struct fth_token_wish token = {
        .name = FTH_STR("t"), .user = FTH_STR("new@example.org"), .days = 2};
    struct fth_token made = {0};
    struct fth_user user = {0};
    struct fth_str secret = {0};
    struct fth_err err = {0}, refused = {0};

    add_first(&deed);
    assert_ok(fth_user_add(&deed, &wish, &user, &err), &err);
    assert_int_equal(fth_token_add(&deed, &token, &made, &secret, &refused), FTH_E_CONFLICT);
    assert_non_null(strstr(refused.msg, "has not accepted the invitation"));
    end();
}

/* Revoking is a change of its user. */
static void a_token_is_revoked_by_who_may_change_its_user(void **state)
{
    struct fth_deed deed = begin(state);
    static const struct fth_str people_only[] = {
        FTH_STR_INIT("users.write"), FTH_STR_INIT("costs.read"), FTH_STR_INIT("views.read")};
    const struct fth_who warden = {
        .id = FTH_STR("warden"), .permissions = people_only, .permission_nr = FTH_NR(people_only)};
    struct fth_user ada = add(&deed, "ada@example.org", "administrator", "");
    struct fth_token token = {0};
    struct fth_str secret = make_token(&deed, ada.id, "", &token);
    struct fth_pass pass = {0};
    struct fth_err refused = {0}, missing = {0}, err = {0};

    deed.who = &warden;
    assert_int_equal(fth_token_revoke(&deed, FTH_STR(""), token.id, &refused), FTH_E_DENIED);
    assert_int_equal(fth_token_revoke(&deed, FTH_STR(""), FTH_STR("none"), &missing),
                     FTH_E_NOTFOUND);
    assert_int_equal(show_bearer(&deed, secret, &pass), FTH_OK);
    deed.who = &pass.who;
    assert_ok(fth_token_revoke(&deed, FTH_STR(""), token.id, &err), &err);
    assert_int_equal(show_bearer(&deed, secret, &pass), FTH_E_UNAUTHENTICATED);
    end();
}

static void a_token_ends_when_it_says_so(void **state)
{
    struct fth_deed deed = begin(state);
    struct fth_user ada = add(&deed, "ada@example.org", "viewer", "");
    struct fth_token token = {0};
    struct fth_str secret = make_token(&deed, ada.id, "", &token);
    struct fth_pass pass = {0};

    now_us += 2 * FTH_DAY_US - 1;
    assert_int_equal(show_bearer(&deed, secret, &pass), FTH_OK);
    now_us += 1;
    assert_int_equal(show_bearer(&deed, secret, &pass), FTH_E_UNAUTHENTICATED);
    end();
}

static void an_access_token_ends_after_a_quarter_of_an_hour(void **state)
{
    struct fth_deed deed = begin(state);
    struct fth_user ada = add(&deed, "ada@example.org", "viewer", "");
    struct fth_token token = {0};
    struct fth_str secret = make_token(&deed, ada.id, "", &token), access = {0};
    struct fth_pass pass = {0}, by = {0};
    struct fth_err err = {0};

    assert_int_equal(show_bearer(&deed, secret, &pass), FTH_OK);
    assert_ok(fth_access_token(&deed, &pass, &access, &err), &err);
    assert_int_equal(show_bearer(&deed, access, &by), FTH_OK);
    assert_true(by.by_access_token);
    assert_str(by.who.name, "ada@example.org");
    now_us += 14 * MINUTE_US;
    assert_int_equal(show_bearer(&deed, access, &by), FTH_OK);
    now_us += MINUTE_US + 6 * 1000000; /* clocks may differ by five seconds */
    assert_int_equal(show_bearer(&deed, access, &by), FTH_E_UNAUTHENTICATED);
    now_us -= 30 * MINUTE_US;
    assert_int_equal(show_bearer(&deed, access, &by), FTH_E_UNAUTHENTICATED); /* not good yet */
    end();
}

static void keys_change_every_week_and_the_last_stays_a_day(void **state)
{
    struct fth_deed deed = begin(state);
    struct fth_user ada = add(&deed, "ada@example.org", "viewer", "");
    struct fth_pass pass = {.shown = FTH_SHOWN_TOKEN, .user = ada, .id = FTH_STR("x")};
    struct fth_access_key *keys = NULL;
    struct fth_err err = {0};
    struct fth_str text = {0};
    size_t nr = 0;

    assert_ok(fth_access_token(&deed, &pass, &text, &err), &err);
    now_us += 6 * FTH_DAY_US;
    assert_ok(fth_access_token(&deed, &pass, &text, &err), &err);
    assert_ok(fth_access_keys(&deed, &keys, &nr, &err), &err);
    assert_int_equal(nr, 1);
    now_us += FTH_DAY_US;
    assert_ok(fth_access_token(&deed, &pass, &text, &err), &err);
    assert_ok(fth_access_keys(&deed, &keys, &nr, &err), &err);
    assert_int_equal(nr, 2);
    now_us += 8 * FTH_DAY_US;
    assert_ok(fth_access_token(&deed, &pass, &text, &err), &err);
    assert_ok(fth_access_keys(&deed, &keys, &nr, &err), &err);
    assert_int_equal(nr, 2);
    end();
}

/* ---- one-time secrets ---- */

static void a_link_is_good_for_its_time_and_once(void **state)
{
    struct fth_deed deed = begin(state);
    struct fth_user ada = add(&deed, "ada@example.org", "viewer", "");
    struct fth_one_time once = {0}, found = {0};
    struct fth_once_use use = {.password = FTH_STR("quite another set of words")};
    struct fth_opened opened = {0};
    struct fth_err err = {0}, late = {0}, used = {0};

    assert_ok(fth_once_for(&deed, ada.id, false, &once, &err), &err);
    assert_int_equal(once.kind, FTH_ONCE_RESET);
    now_us += FTH_DAY_US;
    assert_int_equal(fth_once_find(&deed, once.secret, &found, &late), FTH_E_NOTFOUND);
    assert_ok(fth_once_for(&deed, ada.id, false, &once, &err), &err);
    assert_ok(fth_once_find(&deed, once.secret, &found, &err), &err);
    use.secret = once.secret;
    assert_ok(fth_once_accept(&deed, &use, &opened, &err), &err);
    assert_int_equal(fth_once_accept(&deed, &use, &opened, &used), FTH_E_NOTFOUND);
    end();
}

static void set_up_works_once_while_there_is_nobody(void **state)
{
    struct fth_deed deed = begin(state);
    struct fth_one_time first = {0}, second = {0}, found = {0};
    struct fth_once_use use = {.email = FTH_STR("root@example.org"), .password = FTH_STR(PASSWORD)};
    struct fth_opened opened = {0};
    struct fth_pass pass = {0};
    struct fth_err err = {0}, old = {0}, other = {0}, again = {0}, late = {0};
    bool any = true;

    assert_ok(fth_people_any(people, &any, &err), &err);
    assert_false(any);
    assert_ok(fth_once_setup(&deed, &first, &err), &err);
    assert_ok(fth_once_setup(&deed, &second, &err), &err);
    assert_int_equal(fth_once_find(&deed, second.secret, &found, &other), FTH_E_NOTFOUND);
    use.secret = first.secret;
    assert_int_equal(fth_once_set_up(&deed, &use, &opened, &old), FTH_E_NOTFOUND);
    use.secret = second.secret;
    assert_ok(fth_once_set_up(&deed, &use, &opened, &err), &err);
    assert_int_equal(show(&deed, opened.secret, &pass), FTH_OK);
    assert_int_equal(pass.who.permission_nr, fth_permission_nr());
    assert_ok(fth_people_any(people, &any, &err), &err);
    assert_true(any);
    assert_int_equal(fth_once_set_up(&deed, &use, &opened, &again), FTH_E_CONFLICT);
    assert_int_equal(fth_once_setup(&deed, &first, &late), FTH_E_CONFLICT);
    end();
}

static void refuse_first(const struct fth_deed *deed, const char *role, const char *scope)
{
    const struct fth_user_wish wish = {
        .email = FTH_STR("a@example.org"), .role = fth_str_c(role), .scope = fth_str_c(scope)};
    struct fth_user user = {0};
    struct fth_err err = {0};
    bool any = true;

    assert_int_equal(fth_user_add(deed, &wish, &user, &err), FTH_E_CONFLICT);
    err = (struct fth_err){0};
    assert_ok(fth_people_any(deed->people, &any, &err), &err);
    assert_false(any);
}

/* Or everybody would have to sign in, and nobody could let them. */
static void the_first_is_an_administrator_who_sees_all(void **state)
{
    struct fth_deed deed = begin(state);

    refuse_first(&deed, "viewer", "");
    refuse_first(&deed, "administrator", "service = 'S3'");
    add_first(&deed);
    add(&deed, "b@example.org", "viewer", "service = 'S3'");
    end();
}

/* ---- changes of people ---- */

static void what_is_not_named_stays_as_it_is(void **state)
{
    struct fth_deed deed = begin(state);
    struct fth_user ada = add(&deed, "ada@example.org", "analyst", "service = 'S3'");
    static const struct fth_str one[] = {FTH_STR_INIT("views.read")};
    const struct fth_str name = FTH_STR("Ada"), text = FTH_STR("reads"), all = FTH_STR("");
    const bool yes = true, no = false;
    const struct fth_user_change disable = {.disabled = &yes}, rename = {.name = &name};
    const struct fth_user_change enable = {.disabled = &no}, widen = {.scope = &all};
    const struct fth_role_change say = {.text = &text}, none = {.permissions = one};
    struct fth_role role = {.name = FTH_STR("Own"), .permissions = one, .permission_nr = 1};
    struct fth_err err = {0};

    assert_ok(fth_user_set(&deed, ada.id, &disable, &ada, &err), &err);
    assert_ok(fth_user_set(&deed, ada.id, &rename, &ada, &err), &err);
    assert_true(ada.disabled_us > 0);
    assert_str(ada.role, "analyst");
    assert_str(ada.scope, "service = \"S3\"");
    assert_ok(fth_user_set(&deed, ada.id, &enable, &ada, &err), &err);
    assert_ok(fth_user_set(&deed, ada.id, &widen, &ada, &err), &err);
    assert_str(ada.name, "Ada");
    assert_int_equal(ada.disabled_us, 0);
    assert_int_equal(ada.scope.n, 0);

    assert_ok(fth_role_add(&deed, &role, &err), &err);
    assert_ok(fth_role_set(&deed, role.id, &none, &role, &err), &err);
    assert_ok(fth_role_set(&deed, FTH_STR("own"), &say, &role, &err), &err);
    assert_str(role.text, "reads");
    assert_int_equal(role.permission_nr, 0);
    assert_ok(fth_role_delete(&deed, role.id, &err), &err);
    assert_int_equal(fth_role_set(&deed, role.id, &say, &role, &err), FTH_E_NOTFOUND);
    end();
}

static void refuse_change(const struct fth_deed *deed, struct fth_str user,
                          const struct fth_user_change *change)
{
    struct fth_user changed = {0};
    struct fth_err err = {0};

    assert_int_equal(fth_user_set(deed, user, change, &changed, &err), FTH_E_CONFLICT);
}

/* An administrator with a scope can change nobody, so none of the others is one with it. */
static void the_last_who_can_change_everybody_stays(void **state)
{
    struct fth_deed deed = begin(state);
    struct fth_user ada = add(&deed, "ada@example.org", "administrator", "");
    struct fth_user eve = add(&deed, "eve@example.org", "administrator", "service = 'S3'");
    const struct fth_str part = FTH_STR("service = 'S3'"), all = FTH_STR("");
    const struct fth_str viewer = FTH_STR("viewer");
    const bool yes = true;
    const struct fth_user_change disable = {.disabled = &yes}, narrow = {.scope = &part};
    const struct fth_user_change less = {.role = &viewer}, widen = {.scope = &all};
    struct fth_err err = {0};

    refuse_change(&deed, ada.id, &disable);
    refuse_change(&deed, ada.id, &narrow);
    refuse_change(&deed, ada.id, &less);
    assert_ok(fth_user_set(&deed, eve.id, &widen, &eve, &err), &err);
    assert_ok(fth_user_set(&deed, ada.id, &narrow, &ada, &err), &err);
    assert_ok(fth_user_set(&deed, ada.id, &disable, &ada, &err), &err);
    refuse_change(&deed, eve.id, &narrow);
    end();
}

static void nobody_gets_a_link_for_themselves(void **state)
{
    struct fth_deed deed = begin(state);
    struct fth_user eve = add(&deed, "eve@example.org", "administrator", "");
    struct fth_opened opened = {0};
    struct fth_one_time once = {0};
    struct fth_pass pass = {0};
    struct fth_err own = {0}, err = {0};

    add(&deed, "ada@example.org", "administrator", "");
    assert_int_equal(try_in(&deed, "ada@example.org", PASSWORD, "", &opened), FTH_OK);
    assert_int_equal(show(&deed, opened.secret, &pass), FTH_OK);
    deed.who = &pass.who;
    assert_int_equal(fth_once_for(&deed, pass.user.id, true, &once, &own), FTH_E_DENIED);
    assert_int_equal(once.secret.n, 0);
    assert_ok(fth_once_for(&deed, eve.id, true, &once, &err), &err);
    end();
}

static void change_password(const struct fth_deed *deed, struct fth_str user, const char *current,
                            const char *password, enum fth_rc want)
{
    const struct fth_proof proof = {.user = user, .password = fth_str_c(current)};
    struct fth_err err = {0};
    int64_t retry_s = 0;

    assert_int_equal(fth_password_change(deed, &proof, fth_str_c(password), &retry_s, &err), want);
}

static void a_bad_new_password_is_no_wrong_guess(void **state)
{
    struct fth_deed deed = begin(state);
    struct fth_user ada = add(&deed, "ada@example.org", "viewer", "");

    for (unsigned i = 0; i < 10; i++) {
        change_password(&deed, ada.id, PASSWORD, "short", FTH_E_INVALID);
        change_password(&deed, ada.id, PASSWORD, PASSWORD, FTH_E_INVALID);
    }
    for (unsigned i = 0; i < 6; i++)
        change_password(&deed, ada.id, "wrong", "quite another set of words", FTH_E_DENIED);
    change_password(&deed, ada.id, PASSWORD, "quite another set of words", FTH_E_QUOTA);
    now_us += 15 * 1000000;
    change_password(&deed, ada.id, PASSWORD, "quite another set of words", FTH_OK);
    end();
}

/* ---- whether a login is needed ---- */

static bool needed(enum fth_login login, bool exposed, struct fth_db *db)
{
    const struct fth_people_conf conf = {
        .db = db, .clock = &still, .login = login, .cost = FTH_PASSWORD_TEST};
    struct fth_people *some = NULL;
    struct fth_err err = {0};
    bool yes = false;

    assert_ok(fth_people_open(&conf, &some, &err), &err);
    if (exposed)
        fth_people_expose(some);
    assert_ok(fth_people_needed(some, &yes, &err), &err);
    fth_people_close(some);
    return yes;
}

static void a_login_is_needed_with_people_or_beyond_this_machine(void **state)
{
    struct fth_deed deed = begin(state);
    struct fth_db *db = test_db_again();

    assert_false(needed(FTH_LOGIN_AUTO, false, db));
    assert_true(needed(FTH_LOGIN_AUTO, true, db));
    assert_true(needed(FTH_LOGIN_ON, false, db));
    assert_false(needed(FTH_LOGIN_OFF, false, db));
    add(&deed, "ada@example.org", "viewer", "");
    assert_true(needed(FTH_LOGIN_AUTO, false, db));
    assert_false(needed(FTH_LOGIN_OFF, false, db));
    fth_db_close(db);
    end();
}

/* ---- what fails ---- */

/* Who is right is never told otherwise because something failed, and is let in whole or not at all.
 */
static void come_in_once(struct fth_deed deed)
{
    struct fth_opened opened = {0};
    struct fth_pass pass = {0};
    enum fth_rc rc;

    deed.arena = fth_arena_new(1 << 20);
    if (!deed.arena)
        return;
    rc = try_in(&deed, "ada@example.org", PASSWORD, "", &opened);
    assert_true(rc != FTH_E_UNAUTHENTICATED && rc != FTH_E_QUOTA);
    assert_int_equal(rc == FTH_OK, opened.secret.n > 0);
    if (rc == FTH_OK) {
        rc = show(&deed, opened.secret, &pass);
        assert_int_not_equal(rc, FTH_E_UNAUTHENTICATED);
        assert_int_equal(rc == FTH_OK, pass.who.permission_nr > 0);
    }
    fth_arena_free(deed.arena);
}

static void after_failures(const struct fth_deed *deed, struct fth_str user)
{
    struct fth_session_info *list = NULL;
    struct fth_err err = {0};
    size_t nr = 0;

    assert_ok(fth_sessions_of(deed, user, &list, &nr, &err), &err);
    assert_int_equal(nr, 1); /* that of the last round; those before have ended */
    assert_true(audit_rows() > 0);
}

static void whichever_statement_fails_nobody_is_let_in_by_half(void **state)
{
    struct fth_deed deed = begin(state);
    struct fth_user ada = add(&deed, "ada@example.org", "viewer", "");

    for (unsigned n = 1; test_fault(FTH_FAULT_SQL, n); n++) {
        now_us += 150 * MINUTE_US;
        come_in_once(deed);
    }
    after_failures(&deed, ada.id);
    end();
}

static void whichever_allocation_fails_nobody_is_let_in_by_half(void **state)
{
    struct fth_deed deed = begin(state);
    struct fth_user ada = add(&deed, "ada@example.org", "viewer", "");

    for (unsigned n = 1; test_fault(FTH_FAULT_ALLOC, n); n++) {
        now_us += 150 * MINUTE_US;
        come_in_once(deed);
    }
    after_failures(&deed, ada.id);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_DB(a_session_ends_two_hours_after_its_last_use_and_after_twelve),
        TEST_DB(ending_a_session_wants_its_own_user),
        TEST_DB(the_first_is_an_administrator_who_sees_all),
        TEST_DB(guesses_wait_longer_each_time_and_are_forgotten),
        TEST_DB(one_place_that_tries_many_users_is_put_off),
        TEST_DB(a_place_is_an_address_or_a_network_of_ipv6),
        TEST_DB(a_list_says_who_has_to_wait),
        TEST_DB(an_unknown_user_is_as_much_work),
        TEST_DB(a_code_is_wanted_used_once_and_counted),
        TEST_DB(a_token_is_what_it_was_given_of_what_its_user_has),
        TEST_DB(who_was_only_invited_has_no_tokens),
        TEST_DB(a_token_is_revoked_by_who_may_change_its_user),
        TEST_DB(a_token_ends_when_it_says_so),
        TEST_DB(an_access_token_ends_after_a_quarter_of_an_hour),
        TEST_DB(keys_change_every_week_and_the_last_stays_a_day),
        TEST_DB(a_link_is_good_for_its_time_and_once),
        TEST_DB(set_up_works_once_while_there_is_nobody),
        TEST_DB(what_is_not_named_stays_as_it_is),
        TEST_DB(the_last_who_can_change_everybody_stays),
        TEST_DB(nobody_gets_a_link_for_themselves),
        TEST_DB(a_bad_new_password_is_no_wrong_guess),
        TEST_DB(a_login_is_needed_with_people_or_beyond_this_machine),
        TEST_DB(whichever_statement_fails_nobody_is_let_in_by_half),
        TEST_DB(whichever_allocation_fails_nobody_is_let_in_by_half),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
