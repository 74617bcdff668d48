#include "import/propose.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/date.h"
#include "base/json.h"
#include "import/currency.h"
#include "import/feed_parquet.h"
#include "import/mapping_int.h"

enum { ROWS = 2000, NAME_MAX_LEN = 96, WORDS_MAX = 12, YAML_MAX = 64 * 1024 };

enum role {
    NONE,
    COST,
    PRICE,
    QUANTITY,
    DISCOUNT,
    START,
    END,
    PERIOD,
    CURRENCY,
    CATEGORY,
    TEXT,
    TAG_MAP,
    TAG,
    ROLE_NR
};

static const struct known {
    enum role role;
    const char *column;
    const char *words;
} known[] = {
#define FTH_PROPOSE(role, column, words) {role, column, words},
#define FTH_BRAND(word, name, currency)
#include "import/propose.def"
#undef FTH_PROPOSE
#undef FTH_BRAND
};

static const struct known whole_price = {COST, "BilledCost",
                                         "price preis prix precio prezzo prijs"};

static const struct brand {
    const char *word, *name, *currency;
} brands[] = {
#define FTH_PROPOSE(role, column, words)
#define FTH_BRAND(word, name, currency) {word, name, currency},
#include "import/propose.def"
#undef FTH_PROPOSE
#undef FTH_BRAND
};

static const struct fth_mapping_numbers number_forms[] = {
    {'.', 0}, {'.', ','}, {'.', '\''}, {'.', ' '}, {',', 0}, {',', '.'}, {',', ' '}, {',', '\''}};
static const char *const number_names[][2] = {
    {"point", NULL}, {"point", "comma"}, {"point", "apostrophe"}, {"point", "blank"},
    {"comma", NULL}, {"comma", "point"}, {"comma", "blank"},      {"comma", "apostrophe"}};

static const char *const date_forms[] = {
    "iso",   "us",       "eu",       "%b %Y",     "%B %Y",    "%m/%Y",
    "%m.%Y", "%d %b %Y", "%d-%b-%Y", "%b %d, %Y", "%Y/%m/%d", "%Y-%m-%d %H:%M:%S UTC",
    "unix"};

struct column {
    struct fth_str header;
    char name[NAME_MAX_LEN]; /* lower case, without blanks, marks and a currency */
    char currency[4];        /* that the header names; "" */
    const struct known *as;  /* NULL: nothing */
    size_t rank;             /* of its word */
};

struct look {
    struct fth_arena *arena;
    const struct fth_feed_head *head;
    struct column *cols;
    bool *total; /* rows that are totals */
    size_t total_nr, total_col;
    char delimiter;
    size_t numbers, dates; /* forms */
    bool numbers_open, dates_open;
    struct fth_str shown;
    struct fth_buf yaml;
    size_t doubt_nr;
    bool cut; /* something of the text is missing: there was no memory */
};

static struct fth_str cell(const struct look *look, size_t row, size_t col)
{
    return fth_mapping_trim(look->head->cells[row * look->head->header_nr + col]);
}

/* ---- names ---- */

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c & 0x80);
}

static struct fth_str next_token(struct fth_str *text)
{
    size_t from = 0, n = 0;
    struct fth_str token;

    while (from < text->n && !is_plain(text->p[from]))
        from++;
    while (from + n < text->n && is_plain(text->p[from + n]))
        n++;
    token = fth_str_sub(*text, from, n);
    *text = fth_str_sub(*text, from + n, SIZE_MAX);
    return token;
}

static bool currency_of(struct fth_str token, char out[4])
{
    static const char *const small[] = {"usd", "eur", "gbp", "chf"};

    for (size_t i = 0; i < FTH_NR(small); i++)
        if (fth_str_caseeq(token, fth_str_c(small[i]))) {
            for (size_t k = 0; k < 3; k++)
                out[k] = (char)(small[i][k] - 'a' + 'A');
            return true;
        }
    if (!fth_currency_is_code(token))
        return false;
    memcpy(out, token.p, 3);
    return true;
}

static void read_name(struct column *col)
{
    struct fth_str rest = col->header, token;
    size_t n = 0;

    while ((token = next_token(&rest)).n) {
        if (currency_of(token, col->currency) || (n && fth_str_eq_c(token, "in")))
            continue;
        for (size_t i = 0; i < token.n && n + 1 < sizeof(col->name); i++) {
            char c = token.p[i];

            col->name[n++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        }
    }
    col->name[n] = '\0';
}

static bool is_total(struct fth_str text)
{
    static const char *const words[] = {"total",  "grand total", "subtotal",    "sum",
                                        "summe",  "gesamt",      "gesamtsumme", "zwischensumme",
                                        "totaal", "totale",      "somme",       "suma"};

    for (size_t i = 0; i < FTH_NR(words); i++) {
        struct fth_str word = fth_str_c(words[i]), rest = fth_str_sub(text, word.n, SIZE_MAX);

        if (fth_str_caseeq(fth_str_sub(text, 0, word.n), word) &&
            (!rest.n || rest.p[0] == ' ' || rest.p[0] == ':'))
            return true;
    }
    return false;
}

static void find_totals(struct look *look)
{
    for (size_t r = 0; r < look->head->row_nr; r++)
        for (size_t c = 0; c < look->head->header_nr; c++) {
            struct fth_str text = cell(look, r, c);

            if (!text.n)
                continue;
            look->total[r] = is_total(text);
            if (look->total[r]) {
                look->total_col = c;
                look->total_nr++;
            }
            break;
        }
}

/* ---- values ---- */

static bool reads_number(const struct look *look, size_t col, size_t form)
{
    char out[FTH_MAPPING_NUMBER_MAX];
    size_t n, nr = 0;

    for (size_t r = 0; r < look->head->row_nr; r++) {
        struct fth_str text = cell(look, r, col);

        if (look->total[r] || !text.n)
            continue;
        if (!fth_mapping_number(text, number_forms[form], out, &n))
            return false;
        nr++;
    }
    return nr > 0;
}

static bool is_number(const struct look *look, size_t col)
{
    for (size_t form = 0; form < FTH_NR(number_forms); form++)
        if (reads_number(look, col, form))
            return true;
    return false;
}

static bool reads_date(const struct look *look, size_t col, const char *form)
{
    size_t nr = 0;

    for (size_t r = 0; r < look->head->row_nr; r++) {
        struct fth_str text = cell(look, r, col);
        int64_t us;
        bool day;

        if (look->total[r] || !text.n)
            continue;
        if (!fth_mapping_date(text, fth_str_c(form), &us, &day) ||
            us < fth_date_from_civil(2000, 1, 1) * FTH_DAY_US ||
            us > fth_date_from_civil(2100, 1, 1) * FTH_DAY_US)
            return false;
        nr++;
    }
    return nr > 0;
}

static bool is_date(const struct look *look, size_t col)
{
    for (size_t i = 0; i < FTH_NR(date_forms); i++)
        if (reads_date(look, col, date_forms[i]))
            return true;
    return false;
}

static bool is_currency(const struct look *look, size_t col)
{
    size_t nr = 0;

    for (size_t r = 0; r < look->head->row_nr; r++) {
        struct fth_str text = cell(look, r, col);

        if (look->total[r] || !text.n)
            continue;
        if (!fth_currency_is_code(text))
            return false;
        nr++;
    }
    return nr > 0;
}

/* The words of a kind of line, and the category of each. */
static const char *category_of(struct fth_str word)
{
    static const struct {
        const char *word, *category;
    } words[] = {{"usage", "Usage"},
                 {"use", "Usage"},
                 {"consumption", "Usage"},
                 {"verbrauch", "Usage"},
                 {"purchase", "Purchase"},
                 {"subscription", "Purchase"},
                 {"fee", "Purchase"},
                 {"abo", "Purchase"},
                 {"tax", "Tax"},
                 {"vat", "Tax"},
                 {"steuer", "Tax"},
                 {"mwst", "Tax"},
                 {"credit", "Credit"},
                 {"refund", "Credit"},
                 {"credit note", "Credit"},
                 {"gutschrift", "Credit"},
                 {"avoir", "Credit"},
                 {"adjustment", "Adjustment"},
                 {"correction", "Adjustment"}};

    for (size_t i = 0; i < FTH_NR(words); i++)
        if (fth_str_caseeq(word, fth_str_c(words[i].word)))
            return words[i].category;
    return NULL;
}

/* Different words of a column; false when they are more than `max`. */
static bool distinct(const struct look *look, size_t col, struct fth_str *out, size_t max,
                     size_t *nr)
{
    *nr = 0;
    for (size_t r = 0; r < look->head->row_nr; r++) {
        struct fth_str text = cell(look, r, col);
        size_t i = 0;

        while (i < *nr && !fth_str_caseeq(out[i], text))
            i++;
        if (look->total[r] || !text.n || i < *nr)
            continue;
        if (*nr == max)
            return false;
        out[(*nr)++] = text;
    }
    return true;
}

static bool is_category(const struct look *look, size_t col)
{
    struct fth_str words[WORDS_MAX];
    size_t nr;
    bool any = false;

    if (!distinct(look, col, words, WORDS_MAX, &nr))
        return false;
    for (size_t i = 0; i < nr; i++)
        any = any || category_of(words[i]);
    return any;
}

static bool fits(const struct look *look, size_t col, enum role role)
{
    switch (role) {
    case COST:
    case PRICE:
    case QUANTITY:
    case DISCOUNT:
        return is_number(look, col);
    case START:
    case END:
    case PERIOD:
        return is_date(look, col);
    case CURRENCY:
        return is_currency(look, col);
    case CATEGORY:
        return is_category(look, col);
    default:
        return true;
    }
}

/* ---- which column is what ---- */

/* The best column for a row of the table: the one whose name stands first in its words. */
static void give_role(struct look *look, const struct known *as)
{
    struct fth_str words = fth_str_c(as->words), word;
    size_t rank = 0;

    for (; fth_str_next(&words, ' ', &word); rank++)
        for (size_t c = 0; c < look->head->header_nr; c++) {
            if (look->cols[c].as || !fth_str_eq_c(word, look->cols[c].name) ||
                !fits(look, c, as->role))
                continue;
            look->cols[c].as = as;
            look->cols[c].rank = rank;
            if (as->role != TAG)
                return;
        }
}

static size_t col_of(const struct look *look, enum role role)
{
    for (size_t c = 0; c < look->head->header_nr; c++)
        if (look->cols[c].as && look->cols[c].as->role == role)
            return c;
    return SIZE_MAX;
}

static size_t col_for(const struct look *look, const char *focus)
{
    for (size_t c = 0; c < look->head->header_nr; c++)
        if (look->cols[c].as && strcmp(look->cols[c].as->column, focus) == 0)
            return c;
    return SIZE_MAX;
}

static void give_roles(struct look *look)
{
    for (size_t i = 0; i < FTH_NR(known); i++)
        give_role(look, &known[i]);
    /* Beside a price of one, a price is that of all. */
    if (col_of(look, COST) == SIZE_MAX && col_of(look, PRICE) != SIZE_MAX)
        give_role(look, &whole_price);
}

/* ---- forms ---- */

static bool same_number(const struct look *look, size_t col, size_t a, size_t b)
{
    for (size_t r = 0; r < look->head->row_nr; r++) {
        char x[FTH_MAPPING_NUMBER_MAX], y[FTH_MAPPING_NUMBER_MAX];
        size_t n = 0, m = 0;
        struct fth_str text = cell(look, r, col);

        if (look->total[r] || !text.n)
            continue;
        if (!fth_mapping_number(text, number_forms[a], x, &n) ||
            !fth_mapping_number(text, number_forms[b], y, &m) || n != m || memcmp(x, y, n) != 0)
            return false;
    }
    return true;
}

static bool is_amount(const struct look *look, size_t col)
{
    const struct known *as = look->cols[col].as;

    return as &&
           (as->role == COST || as->role == PRICE || as->role == QUANTITY || as->role == DISCOUNT);
}

static bool reads_amounts(const struct look *look, size_t form)
{
    for (size_t c = 0; c < look->head->header_nr; c++)
        if (is_amount(look, c) && !reads_number(look, c, form))
            return false;
    return true;
}

/* The first form that reads all amounts; open when another reads some of them as something else. */
static void find_numbers(struct look *look)
{
    size_t found = FTH_NR(number_forms);

    for (size_t form = 0; form < FTH_NR(number_forms); form++) {
        if (!reads_amounts(look, form))
            continue;
        if (found == FTH_NR(number_forms))
            found = form;
        for (size_t c = 0; c < look->head->header_nr; c++)
            look->numbers_open =
                look->numbers_open || (is_amount(look, c) && !same_number(look, c, found, form));
    }
    look->numbers_open = look->numbers_open || found == FTH_NR(number_forms);
    look->numbers = found % FTH_NR(number_forms);
}

static bool is_moment(const struct look *look, size_t col)
{
    const struct known *as = look->cols[col].as;

    return as && (as->role == START || as->role == END || as->role == PERIOD);
}

static bool reads_moments(const struct look *look, size_t form)
{
    bool any = false;

    for (size_t c = 0; c < look->head->header_nr; c++) {
        if (!is_moment(look, c))
            continue;
        if (!reads_date(look, c, date_forms[form]))
            return false;
        any = true;
    }
    return any;
}

static bool same_date(const struct look *look, size_t a, size_t b)
{
    for (size_t c = 0; c < look->head->header_nr; c++)
        for (size_t r = 0; is_moment(look, c) && r < look->head->row_nr; r++) {
            int64_t x = 0, y = 0;
            bool day;

            if (look->total[r])
                continue;
            (void)fth_mapping_date(cell(look, r, c), fth_str_c(date_forms[a]), &x, &day);
            (void)fth_mapping_date(cell(look, r, c), fth_str_c(date_forms[b]), &y, &day);
            if (x != y)
                return false;
        }
    return true;
}

static void find_dates(struct look *look)
{
    size_t found = FTH_NR(date_forms), period = col_of(look, PERIOD);
    bool any = false;

    for (size_t form = 0; form < FTH_NR(date_forms); form++) {
        if (!reads_moments(look, form))
            continue;
        if (found == FTH_NR(date_forms))
            found = form;
        look->dates_open = look->dates_open || !same_date(look, found, form);
    }
    look->dates = found;
    if (found < FTH_NR(date_forms))
        return;
    /* A period in a form of its own says nothing that the days do not say. */
    if (period != SIZE_MAX && col_of(look, START) != SIZE_MAX) {
        look->cols[period].as = NULL;
        find_dates(look);
        return;
    }
    for (size_t c = 0; c < look->head->header_nr; c++)
        any = any || is_moment(look, c);
    look->dates_open = any;
}

/* ---- writing ---- */

static void put_name(struct look *look, struct fth_str name)
{
    fth_json_put_string(&look->yaml, name);
}

static void choose(struct look *look, const char *why)
{
    fth_buf_printf(&look->yaml, "  # CHOOSE: %s\n", why);
    look->doubt_nr++;
}

static void put_forms(struct look *look)
{
    static const struct {
        char mark;
        const char *name;
    } marks[] = {{';', "semicolon"}, {'\t', "tab"}, {'|', "pipe"}};
    const char *const *numbers = number_names[look->numbers];

    for (size_t i = 0; i < FTH_NR(marks); i++)
        if (marks[i].mark == look->delimiter)
            fth_buf_printf(&look->yaml, "delimiter: %s  # the header has most fields by it\n",
                           marks[i].name);
    if (look->numbers_open) {
        fth_buf_c(&look->yaml, "decimal: CHOOSE");
        choose(look, "point or comma; the numbers can be read in more than one way");
    } else if (look->numbers) {
        fth_buf_printf(&look->yaml, "decimal: %s  # only so all numbers can be read\n", numbers[0]);
        if (numbers[1])
            fth_buf_printf(&look->yaml, "thousands: %s\n", numbers[1]);
    }
    if (look->dates_open) {
        fth_buf_c(&look->yaml, "dates: CHOOSE");
        choose(look, look->dates == FTH_NR(date_forms)
                         ? "no form reads all dates"
                         : "us (1/31/2025) or eu (31.1.2025); no day over 12 says which");
    } else if (look->dates == FTH_NR(date_forms)) {
        return;
    } else if (look->dates) {
        fth_buf_printf(&look->yaml,
                       "dates: \"%s\"  # so all dates can be read, and in no other way\n",
                       date_forms[look->dates]);
    }
}

static void put_column(struct look *look, const char *focus, size_t col, const char *why)
{
    fth_buf_printf(&look->yaml, "  %s: ", focus);
    put_name(look, look->cols[col].header);
    fth_buf_printf(&look->yaml, "  # %s\n", why);
}

static void put_cost(struct look *look)
{
    size_t cost = col_of(look, COST), price = col_of(look, PRICE), many = col_of(look, QUANTITY);
    size_t discount = col_of(look, DISCOUNT);
    struct fth_buf text = fth_buf_max(YAML_MAX);
    struct fth_err ignored = {0};

    if (cost != SIZE_MAX) {
        put_column(look, "BilledCost", cost, "by its name, and all values are numbers");
        return;
    }
    fth_buf_c(&look->yaml, "  BilledCost: ");
    if (price == SIZE_MAX) {
        fth_buf_c(&look->yaml, "CHOOSE");
        choose(look, "the column that says what a line costs");
        return;
    }
    fth_buf_c(&look->yaml, "{expression: ");
    if (many != SIZE_MAX)
        fth_buf_printf(&text, "[" FTH_STR_F "] * ", FTH_STR_A(look->cols[many].header));
    fth_buf_printf(&text, "[" FTH_STR_F "]", FTH_STR_A(look->cols[price].header));
    if (discount != SIZE_MAX)
        fth_buf_printf(&text, " * (1 - default([" FTH_STR_F "], 0) / 100)",
                       FTH_STR_A(look->cols[discount].header));
    put_name(look, fth_buf_view(&text));
    look->cut = fth_buf_done(&text, &ignored) != FTH_OK;
    fth_buf_release(&text);
    fth_buf_c(&look->yaml, "}");
    if (discount == SIZE_MAX)
        fth_buf_c(&look->yaml, "  # no column says what a line costs, but these make it\n");
    else
        choose(look, "is the discount a percentage, and of the price? Then take this mark away");
}

/* A sign of a currency before or behind the amounts. */
static const char *sign_of(const struct look *look, size_t col)
{
    static const char *const signs[][2] = {
        {"€", "EUR"}, {"£", "GBP"}, {"US$", "USD"}, {"$", "USD"}};

    for (size_t r = 0; r < look->head->row_nr && col != SIZE_MAX; r++)
        for (size_t i = 0; i < FTH_NR(signs); i++)
            if (fth_str_search(cell(look, r, col), fth_str_c(signs[i][0])) != SIZE_MAX)
                return signs[i][1];
    return NULL;
}

static struct fth_str first_word(const struct look *look)
{
    struct fth_str rest = look->shown;

    rest = fth_str_sub(rest, fth_str_rfind(rest, '/') + 1, SIZE_MAX);
    return next_token(&rest);
}

static const struct brand *brand_of(const struct look *look)
{
    struct fth_str word = first_word(look);

    for (size_t i = 0; i < FTH_NR(brands); i++)
        if (fth_str_caseeq(word, fth_str_c(brands[i].word)))
            return &brands[i];
    return NULL;
}

static void put_currency(struct look *look)
{
    size_t col = col_of(look, CURRENCY), cost = col_of(look, COST);
    const struct brand *brand = brand_of(look);
    const char *sign;

    if (cost == SIZE_MAX)
        cost = col_of(look, PRICE);
    sign = sign_of(look, cost);
    if (col != SIZE_MAX) {
        put_column(look, "BillingCurrency", col, "all values are currency codes");
    } else if (cost != SIZE_MAX && look->cols[cost].currency[0]) {
        fth_buf_printf(&look->yaml, "  BillingCurrency: {value: %s}  # the cost's header says it\n",
                       look->cols[cost].currency);
    } else if (sign) {
        fth_buf_printf(&look->yaml, "  BillingCurrency: {value: %s}  # the amounts have its sign\n",
                       sign);
    } else if (brand && brand->currency[0]) {
        fth_buf_printf(&look->yaml,
                       "  BillingCurrency: {value: %s}  # all that %s exports is in it\n",
                       brand->currency, brand->name);
    } else {
        fth_buf_c(&look->yaml, "  BillingCurrency: {value: CHOOSE}");
        choose(look, "its code (EUR, USD); the file does not say");
    }
}

/* The first word of the file's name, unless it is a word that any bill has. */
static bool name_of(const struct look *look, char out[NAME_MAX_LEN])
{
    static const char *const general[] = {
        "bill",   "bills",  "invoice", "invoices", "usage",    "cost",     "costs",   "export",
        "report", "data",   "billing", "rechnung", "kosten",   "file",     "csv",     "standard",
        "my",     "upload", "detail",  "details",  "licences", "licenses", "monthly", "test"};
    struct fth_str token = first_word(look);
    const struct brand *brand = brand_of(look);

    if (brand) {
        snprintf(out, NAME_MAX_LEN, "%s", brand->name);
        return true;
    }
    for (size_t i = 0; i < FTH_NR(general); i++)
        if (fth_str_caseeq(token, fth_str_c(general[i])))
            return false;
    if (!token.n || token.n >= NAME_MAX_LEN || (token.p[0] >= '0' && token.p[0] <= '9'))
        return false;
    memcpy(out, token.p, token.n);
    out[token.n] = '\0';
    if (out[0] >= 'a' && out[0] <= 'z')
        out[0] = (char)(out[0] - 'a' + 'A');
    return true;
}

static void put_provider(struct look *look)
{
    size_t col = col_for(look, "ProviderName");
    char name[NAME_MAX_LEN];

    if (col != SIZE_MAX) {
        put_column(look, "ProviderName", col, "by its name");
    } else if (name_of(look, name)) {
        fth_buf_c(&look->yaml, "  ProviderName: {value: ");
        put_name(look, fth_str_c(name));
        fth_buf_c(&look->yaml, "}  # the file is called so\n");
    } else {
        fth_buf_c(&look->yaml, "  ProviderName: CHOOSE");
        choose(look, "who sends the bill: {value: \"…\"}, or a column");
    }
}

/* An end on the day of the start, or on the last of a month that begins on its first. */
static bool is_included(const struct look *look, size_t start, size_t end)
{
    for (size_t r = 0; r < look->head->row_nr; r++) {
        struct fth_str form = fth_str_c(date_forms[look->dates]);
        int64_t from, to;
        bool from_day, to_day;
        struct fth_civil first, next;

        if (look->total[r] || !fth_mapping_date(cell(look, r, start), form, &from, &from_day) ||
            !fth_mapping_date(cell(look, r, end), form, &to, &to_day) || !from_day || !to_day)
            continue;
        first = fth_date_to_civil(fth_instant_date(from));
        next = fth_date_to_civil(fth_instant_date(to) + 1);
        if (from == to || (first.day == 1 && next.day == 1))
            return true;
    }
    return false;
}

/* Are there moments on different hours of one day? */
static bool is_hourly(const struct look *look, size_t col)
{
    for (size_t r = 0; r < look->head->row_nr; r++) {
        int64_t us;
        bool day;

        if (!look->total[r] &&
            fth_mapping_date(cell(look, r, col), fth_str_c(date_forms[look->dates]), &us, &day) &&
            us % FTH_DAY_US != 0)
            return true;
    }
    return false;
}

static void put_moments(struct look *look)
{
    size_t start = col_of(look, START), end = col_of(look, END), period = col_of(look, PERIOD);
    static const char why[] = "by its name, and all values are dates";

    if (start != SIZE_MAX)
        put_column(look, "ChargePeriodStart", start, why);
    if (start != SIZE_MAX && end != SIZE_MAX && !look->dates_open &&
        look->dates < FTH_NR(date_forms) && is_included(look, start, end)) {
        fth_buf_c(&look->yaml, "  ChargePeriodEnd: {column: ");
        put_name(look, look->cols[end].header);
        fth_buf_c(&look->yaml,
                  ", included: true}  # the last day belongs to it: some are of one day "
                  "or a whole month\n");
    } else if (start != SIZE_MAX && end != SIZE_MAX) {
        put_column(look, "ChargePeriodEnd", end, why);
    }
    if (period != SIZE_MAX)
        put_column(look, "BillingPeriodStart", period, why);
    if (start == SIZE_MAX && period == SIZE_MAX) {
        fth_buf_c(&look->yaml, "  ChargePeriodStart: CHOOSE");
        choose(look, "the column with the day, or BillingPeriodStart: {value: 2025-01}");
    }
}

/* A credit whose amount is above zero lowers the bill only when the mapping says so. */
static bool has_odd_credit(const struct look *look, size_t col)
{
    size_t cost = col_of(look, COST), n;
    char number[FTH_MAPPING_NUMBER_MAX];

    for (size_t r = 0; r < look->head->row_nr && cost != SIZE_MAX; r++) {
        const char *category = category_of(cell(look, r, col));

        if (!look->total[r] && category && strcmp(category, "Credit") == 0 &&
            fth_mapping_number(cell(look, r, cost), number_forms[look->numbers], number, &n) &&
            number[0] != '-')
            return true;
    }
    return false;
}

static void put_category(struct look *look)
{
    size_t col = col_of(look, CATEGORY), nr = 0;
    struct fth_str words[WORDS_MAX];
    bool first = true;

    if (col == SIZE_MAX || !distinct(look, col, words, WORDS_MAX, &nr))
        return;
    fth_buf_c(&look->yaml, "  ChargeCategory: {column: ");
    put_name(look, look->cols[col].header);
    fth_buf_c(&look->yaml, ", values: {");
    for (size_t i = 0; i < nr; i++) {
        const char *category = category_of(words[i]);

        if (!category)
            continue;
        fth_buf_c(&look->yaml, first ? "" : ", ");
        put_name(look, words[i]);
        fth_buf_printf(&look->yaml, ": %s", category);
        first = false;
    }
    fth_buf_c(&look->yaml, "}, otherwise: Usage}  # by the words in it\n");
    if (has_odd_credit(look, col))
        choose(look,
               "credits are above zero; BilledCost may want negative: {column: …, values: […]}. "
               "Settle that, then take this line away");
}

static void put_texts(struct look *look)
{
    for (size_t i = 0; i < FTH_NR(known); i++)
        for (size_t c = 0; c < look->head->header_nr; c++)
            if (look->cols[c].as == &known[i] && known[i].column[0] &&
                (known[i].role == QUANTITY ||
                 (known[i].role == TEXT && strcmp(known[i].column, "ProviderName") != 0)))
                put_column(look, known[i].column, c, "by its name");
}

static void put_tags(struct look *look)
{
    size_t map = col_of(look, TAG_MAP);
    bool any = col_of(look, TAG) != SIZE_MAX;

    if (!any && map == SIZE_MAX)
        return;
    fth_buf_c(&look->yaml, "tags:\n");
    if (any)
        fth_buf_c(&look->yaml, "  columns:\n");
    for (size_t c = 0; c < look->head->header_nr; c++) {
        if (!look->cols[c].as || look->cols[c].as->role != TAG)
            continue;
        fth_buf_c(&look->yaml, "    ");
        put_name(look, look->cols[c].header);
        fth_buf_c(&look->yaml, ": ");
        put_name(look, look->cols[c].header);
        fth_buf_char(&look->yaml, '\n');
    }
    if (map != SIZE_MAX) {
        fth_buf_c(&look->yaml, "  map: ");
        put_name(look, look->cols[map].header);
        fth_buf_char(&look->yaml, '\n');
    }
}

static void put_skip(struct look *look)
{
    struct fth_str words[WORDS_MAX];
    size_t nr = 0;

    for (size_t r = 0; r < look->head->row_nr; r++) {
        struct fth_str text = cell(look, r, look->total_col);
        size_t i = 0;

        while (i < nr && !fth_str_eq(words[i], text))
            i++;
        if (look->total[r] && is_total(text) && i == nr && nr < WORDS_MAX)
            words[nr++] = text;
    }
    if (!nr)
        return;
    fth_buf_c(&look->yaml, "skip:\n  - {rule: total-line, column: ");
    put_name(look, look->cols[look->total_col].header);
    fth_buf_c(&look->yaml, ", values: [");
    for (size_t i = 0; i < nr; i++) {
        fth_buf_c(&look->yaml, i ? ", " : "");
        put_name(look, words[i]);
    }
    fth_buf_printf(&look->yaml, "]}  # %zu of the lines that were seen\n", look->total_nr);
}

static void write_it(struct look *look)
{
    fth_buf_printf(&look->yaml,
                   "# A first mapping of " FTH_STR_F ", by its header and %zu lines.\n",
                   FTH_STR_A(look->shown), look->head->row_nr);
    put_forms(look);
    if (look->dates < FTH_NR(date_forms) && col_of(look, START) != SIZE_MAX &&
        col_of(look, END) == SIZE_MAX && is_hourly(look, col_of(look, START)))
        fth_buf_c(&look->yaml, "lasts: hour  # the dates have hours\n");
    fth_buf_c(&look->yaml, "columns:\n");
    put_cost(look);
    put_currency(look);
    put_provider(look);
    put_moments(look);
    put_category(look);
    put_texts(look);
    put_tags(look);
    put_skip(look);
}

/* ---- the file ---- */

/* By the delimiter that makes most fields of the header; the rows have to have as many. */
static enum fth_rc read_head(struct fth_arena *arena, const char *path, struct fth_feed_head *out,
                             char *delimiter, struct fth_err *err)
{
    static const char marks[] = {',', ';', '\t', '|'};
    struct fth_err first = {0};
    bool found = false;

    for (size_t i = 0; i < sizeof(marks); i++) {
        struct fth_feed_head head = {0};
        struct fth_err why = {0};

        if (fth_import_feed_head(NULL, path, ROWS, marks[i], arena, &head, &why)) {
            if (why.rc != FTH_E_SYNTAX) {
                *err = why;
                return why.rc;
            }
            first = first.rc ? first : why;
            continue;
        }
        if (!head.csv)
            return fth_err_set(err, FTH_E_INVALID, "%s: a mapping is for CSV files", path);
        if (found && head.header_nr <= out->header_nr)
            continue;
        *out = head;
        *delimiter = marks[i];
        found = true;
    }
    if (!found) {
        *err = first;
        return first.rc;
    }
    if (out->header_nr < 2 || !out->row_nr)
        return fth_err_set(err, FTH_E_INVALID, "%s: no table of columns with a header and a line",
                           path);
    return FTH_OK;
}

enum fth_rc fth_mapping_propose(struct fth_arena *arena, const char *path, struct fth_str shown,
                                struct fth_proposal *out, struct fth_err *err)
{
    struct fth_feed_head head = {0};
    struct look look = {
        .arena = arena, .head = &head, .shown = shown, .yaml = fth_buf_max(YAML_MAX)};
    struct fth_str text;
    enum fth_rc rc;

    if (fth_feed_is_parquet(path))
        return fth_err_set(err, FTH_E_INVALID, "%s: a mapping is for CSV files", path);
    rc = read_head(arena, path, &head, &look.delimiter, err);
    if (rc)
        return rc;
    look.cols = FTH_NEW_ARRAY(arena, struct column, head.header_nr);
    look.total = FTH_NEW_ARRAY(arena, bool, head.row_nr);
    if (!look.cols || !look.total)
        return fth_err_nomem(err);
    for (size_t i = 0; i < head.header_nr; i++) {
        look.cols[i].header = head.headers[i];
        read_name(&look.cols[i]);
    }
    find_totals(&look);
    give_roles(&look);
    find_numbers(&look);
    find_dates(&look);
    write_it(&look);
    rc = look.cut ? fth_err_nomem(err) : fth_buf_done(&look.yaml, err);
    if (!rc)
        rc = fth_arena_str(arena, fth_buf_view(&look.yaml), &text, err);
    fth_buf_release(&look.yaml);
    if (!rc)
        *out = (struct fth_proposal){text, look.doubt_nr == 0, look.doubt_nr, head};
    return rc;
}
