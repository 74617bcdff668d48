/* The sheet of an answer's rows. Numbers of a spreadsheet are doubles, of which it shows 15 digits:
 * an amount is held against what a reader makes of the text that the file will have of it. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/alloc.h"
#include "plan/xlsx_int.h"

enum { DIGITS_MAX = 15, DECIMALS_MAX = 15, TEXT_CHARS_MAX = 32767, FORMAT_MAX = 96 };
enum { COLS_MAX = 1024, LABEL_MAX = 64, LOOK_ROWS = 1024 };

#define DATE_FORMAT "yyyy-mm-dd"
#define INSTANT_FORMAT "yyyy-mm-dd hh:mm:ss"
#define MICROS_A_DAY INT64_C(86400000000)
#define EXACT_COUNT INT64_C(999999999999999)
#define DISK_MARGIN (UINT64_C(1) << 20)

/* ---- the library ---- */

enum fth_rc fth_xlsx_said(struct fth_xlsx *xlsx, lxw_error said, struct fth_err *err)
{
    if (said == LXW_NO_ERROR)
        return FTH_OK;
    if (said == LXW_ERROR_MEMORY_MALLOC_FAILED)
        return fth_err_nomem(err);
    return fth_err_set(err, FTH_E_IO, "%s: %s", xlsx->wish.path, lxw_strerror(said));
}

/* A reader takes _x0041_ in a text for the character of that number: such underscores become
 * _x005F_ themselves. */
static bool looks_escaped(struct fth_str text, size_t at)
{
    if (at + 7 > text.n || text.p[at] != '_' || text.p[at + 1] != 'x' || text.p[at + 6] != '_')
        return false;
    for (size_t i = at + 2; i < at + 6; i++)
        if (!strchr("0123456789abcdefABCDEF", text.p[i]) || !text.p[i])
            return false;
    return true;
}

/* U+FFFE and U+FFFF, which XML has no way to write. */
static bool is_noncharacter(struct fth_str text, size_t at)
{
    return at + 3 <= text.n && (memcmp(text.p + at, "\xEF\xBF\xBE", 3) == 0 ||
                                memcmp(text.p + at, "\xEF\xBF\xBF", 3) == 0);
}

/* For the library, which wants a zero byte at the end. */
static enum fth_rc prepare_text(struct fth_xlsx *xlsx, struct fth_str text, struct fth_err *err)
{
    fth_buf_clear(&xlsx->text);
    for (size_t i = 0; i < text.n; i++) {
        if (looks_escaped(text, i))
            fth_buf_c(&xlsx->text, "_x005F_");
        else if (text.p[i] == '\0')
            fth_buf_c(&xlsx->text, "_x0000_");
        else if (is_noncharacter(text, i)) {
            fth_buf_c(&xlsx->text, text.p[i + 2] == '\xBE' ? "_xFFFE_" : "_xFFFF_");
            i += 2;
        } else
            fth_buf_char(&xlsx->text, text.p[i]);
    }
    fth_buf_char(&xlsx->text, '\0');
    return fth_buf_done(&xlsx->text, err);
}

static size_t chars_of(struct fth_str text)
{
    size_t nr = 0;

    for (size_t i = 0; i < text.n; i++)
        nr += ((unsigned char)text.p[i] & 0xC0) != 0x80;
    return nr;
}

enum fth_rc fth_xlsx_text(struct fth_xlsx *xlsx, lxw_worksheet *sheet, uint32_t row, uint16_t col,
                          struct fth_str text, lxw_format *format, struct fth_err *err)
{
    size_t chars = chars_of(text);

    if (chars <= TEXT_CHARS_MAX) {
        if (prepare_text(xlsx, text, err))
            return err->rc;
        chars = chars_of(fth_buf_view(&xlsx->text)) - 1;
    }
    if (chars > TEXT_CHARS_MAX) {
        fth_err_set(err, FTH_E_LIMIT,
                    "row %u, column %u: a text of %zu characters; a cell holds %d", row + 1,
                    col + 1U, chars, TEXT_CHARS_MAX);
        fth_err_hint(err, "CSV, NDJSON and Parquet hold texts of any length.");
        return err->rc;
    }
    return fth_xlsx_said(
        xlsx, worksheet_write_string(sheet, row, col, fth_buf_view(&xlsx->text).p, format), err);
}

static enum fth_rc put_number(struct fth_xlsx *xlsx, uint16_t col, double value, lxw_format *format,
                              struct fth_err *err)
{
    return fth_xlsx_said(xlsx, worksheet_write_number(xlsx->rows, xlsx->row, col, value, format),
                         err);
}

/* ---- cells ---- */

static bool reads_as(struct fth_money amount, const char *text, int n)
{
    struct fth_err ignored = {0};
    struct fth_money back;

    return !fth_money_parse((struct fth_str){text, (size_t)n}, &back, &ignored) &&
           fth_money_cmp(back, amount) == 0;
}

/* Does a reader of the file get the double that is nearest to this decimal, and does a spreadsheet
 * show that as the decimal? The file has 16 digits of it (8.95: 8.949999999999999), a spreadsheet
 * shows 15. */
static bool survives(struct fth_money amount, struct fth_str text, double *out)
{
    size_t digits = 0, decimals = 0;
    bool behind = false;
    char written[40], shown[40];
    int n;

    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '.')
            behind = true;
        else if (text.p[i] != '-' && (digits > 0 || text.p[i] != '0'))
            digits++;
        decimals += behind && text.p[i] != '.';
    }
    if (digits > DIGITS_MAX || decimals > DECIMALS_MAX)
        return false;
    *out = fth_money_to_double(amount);
    snprintf(written, sizeof(written), "%.16G", *out);
    n = snprintf(shown, sizeof(shown), "%.15G", *out);
    return strtod(written, NULL) == *out && reads_as(amount, shown, n);
}

static enum fth_rc put_amount(struct fth_xlsx *xlsx, uint16_t col, struct fth_money amount,
                              const struct fth_xlsx_look *look, struct fth_err *err)
{
    char room[FTH_MONEY_TEXT_MAX];
    struct fth_str text = {room, fth_money_text(amount, room)};
    double value;

    if (survives(amount, text, &value))
        return put_number(xlsx, col, value, look->number, err);
    xlsx->as_text_nr++;
    return fth_xlsx_text(xlsx, xlsx->rows, xlsx->row, col, text, look->text, err);
}

static enum fth_rc put_count(struct fth_xlsx *xlsx, uint16_t col, int64_t count,
                             const struct fth_xlsx_look *look, struct fth_err *err)
{
    char room[24];
    int n;

    if (count >= -EXACT_COUNT && count <= EXACT_COUNT)
        return put_number(xlsx, col, (double)count, look->number, err);
    xlsx->as_text_nr++;
    n = snprintf(room, sizeof(room), "%lld", (long long)count);
    return fth_xlsx_text(xlsx, xlsx->rows, xlsx->row, col, (struct fth_str){room, (size_t)n},
                         look->text, err);
}

/* Days since 1899-12-30, as spreadsheets count; those before March 1900 they count wrongly. */
static bool day_number(int32_t date, double *out)
{
    int32_t first;

    if (!fth_date_parse(FTH_STR("1900-03-01"), &first) || date < first)
        return false;
    *out = (double)(date - first) + 61;
    return true;
}

static bool instant_number(int64_t us, double *out)
{
    int64_t of_day = us % MICROS_A_DAY;
    double day;

    if (of_day < 0)
        of_day += MICROS_A_DAY;
    if (of_day % 1000000 != 0 || !day_number(fth_instant_date(us), &day))
        return false;
    *out = day + (double)of_day / (double)MICROS_A_DAY;
    return true;
}

/* A day, or with hours RFC 3339. What is neither stays as it is. */
static enum fth_rc put_time(struct fth_xlsx *xlsx, uint16_t col, struct fth_str text,
                            const struct fth_xlsx_look *look, struct fth_err *err)
{
    int32_t date;
    int64_t us;
    double number;

    if (fth_date_parse(text, &date) && day_number(date, &number))
        return put_number(xlsx, col, number, xlsx->date, err);
    if (text.n > 10 && fth_instant_parse(text, &us) && instant_number(us, &number))
        return put_number(xlsx, col, number, xlsx->instant, err);
    return fth_xlsx_text(xlsx, xlsx->rows, xlsx->row, col, text, look->text, err);
}

static enum fth_rc put_instant(struct fth_xlsx *xlsx, uint16_t col, int64_t us,
                               const struct fth_xlsx_look *look, struct fth_err *err)
{
    char text[32];
    double number;

    if (instant_number(us, &number))
        return put_number(xlsx, col, number, xlsx->instant, err);
    return fth_xlsx_text(xlsx, xlsx->rows, xlsx->row, col,
                         (struct fth_str){text, fth_instant_text(us, text)}, look->text, err);
}

static enum fth_rc put_cell(struct fth_xlsx *xlsx, uint16_t col, const struct fth_cell *cell,
                            const struct fth_xlsx_look *look, struct fth_err *err)
{
    if (cell->null)
        return FTH_OK;
    switch (xlsx->cols[col].kind) {
    case FTH_CELL_MONEY:
    case FTH_CELL_RATIO:
    case FTH_CELL_PERCENT:
        return put_amount(xlsx, col, cell->money, look, err);
    case FTH_CELL_COUNT:
        return put_count(xlsx, col, cell->i64, look, err);
    case FTH_CELL_QUANTITY:
        return isfinite(cell->f64) ? put_number(xlsx, col, cell->f64, look->number, err) : FTH_OK;
    case FTH_CELL_TIME:
        return put_time(xlsx, col, cell->text, look, err);
    case FTH_CELL_INSTANT:
        return put_instant(xlsx, col, cell->i64, look, err);
    default:
        return fth_xlsx_text(xlsx, xlsx->rows, xlsx->row, col, cell->text, look->text, err);
    }
}

/* ---- looks ---- */

/* Only a code in capitals goes into the format: it is read by the spreadsheet. */
static bool is_code(struct fth_str currency)
{
    for (size_t i = 0; i < currency.n; i++)
        if (currency.p[i] < 'A' || currency.p[i] > 'Z')
            return false;
    return currency.n == 3;
}

static void name_format(enum fth_cell_kind kind, struct fth_str currency, char out[FORMAT_MAX])
{
    /* As many places as an amount has that is a number. */
    static const char money[] = "#,##0.00#############";

    if (kind == FTH_CELL_MONEY && is_code(currency))
        snprintf(out, FORMAT_MAX, "[$" FTH_STR_F "] %s", FTH_STR_A(currency), money);
    else
        snprintf(out, FORMAT_MAX, "%s",
                 kind == FTH_CELL_MONEY     ? money
                 : kind == FTH_CELL_RATIO   ? "0.00#############%"
                 : kind == FTH_CELL_PERCENT ? "0.00#############"
                 : kind == FTH_CELL_COUNT   ? "#,##0"
                                            : "General");
}

static bool is_number(enum fth_cell_kind kind)
{
    return kind == FTH_CELL_MONEY || kind == FTH_CELL_RATIO || kind == FTH_CELL_PERCENT ||
           kind == FTH_CELL_COUNT || kind == FTH_CELL_QUANTITY;
}

static bool make_look(struct fth_xlsx *xlsx, enum fth_cell_kind kind, struct fth_str currency,
                      bool total, struct fth_xlsx_look *out)
{
    char format[FORMAT_MAX];

    out->number = workbook_add_format(xlsx->book);
    out->text = workbook_add_format(xlsx->book);
    if (!out->number || !out->text)
        return false;
    name_format(kind, currency, format);
    format_set_num_format(out->number, format);
    format_set_num_format(out->text, "@");
    if (is_number(kind))
        format_set_align(out->text, LXW_ALIGN_RIGHT);
    if (total) {
        format_set_bold(out->number);
        format_set_bold(out->text);
        format_set_top(out->number, LXW_BORDER_THIN);
        format_set_top(out->text, LXW_BORDER_THIN);
    }
    return true;
}

static double width_of(const struct fth_answer_col *col)
{
    static const double widths[] = {
        [FTH_CELL_DIMENSION] = 30, [FTH_CELL_LABEL] = 30,   [FTH_CELL_TIME] = 20,
        [FTH_CELL_MONEY] = 22,     [FTH_CELL_COUNT] = 12,   [FTH_CELL_QUANTITY] = 20,
        [FTH_CELL_RATIO] = 16,     [FTH_CELL_PERCENT] = 16, [FTH_CELL_TEXT] = 30,
        [FTH_CELL_INSTANT] = 20,   [FTH_CELL_TAGS] = 40,
    };
    double head = (double)strlen(col->name) + 4;

    return head > widths[col->kind] ? head : widths[col->kind];
}

/* ---- the sink ---- */

static enum fth_rc begin(void *ctx, const struct fth_answer_col *cols, size_t col_nr,
                         struct fth_str currency, struct fth_err *err)
{
    struct fth_xlsx *xlsx = ctx;

    if (col_nr > COLS_MAX)
        return fth_err_set(err, FTH_E_LIMIT, "%zu columns; a workbook is written of at most %d",
                           col_nr, COLS_MAX);
    xlsx->cols = cols;
    xlsx->col_nr = (uint16_t)col_nr;
    if (fth_arena_str(xlsx->arena, currency, &xlsx->currency, err))
        return err->rc;
    xlsx->looks = FTH_NEW_ARRAY(xlsx->arena, struct fth_xlsx_look, col_nr + 1);
    if (!xlsx->looks)
        return fth_err_nomem(err);
    for (uint16_t c = 0; c < xlsx->col_nr; c++) {
        if (!make_look(xlsx, cols[c].kind, cols[c].unit, false, &xlsx->looks[c]))
            return fth_err_nomem(err);
        if (fth_xlsx_said(xlsx, worksheet_set_column(xlsx->rows, c, c, width_of(&cols[c]), NULL),
                          err) ||
            fth_xlsx_text(xlsx, xlsx->rows, 0, c, fth_str_c(cols[c].name), xlsx->head, err))
            return err->rc;
    }
    worksheet_freeze_panes(xlsx->rows, 1, 0);
    xlsx->row = 1;
    return FTH_OK;
}

static enum fth_rc too_many(struct fth_err *err)
{
    fth_err_hint(err, "Ask for fewer (a filter, a coarser grain, a limit), or take CSV, NDJSON or "
                      "Parquet, which hold any number.");
    return err->rc;
}

/* How much of a sheet waits in its temporary file; 0 without one. */
static enum fth_rc waiting(struct fth_xlsx *xlsx, const lxw_worksheet *sheet, uint64_t *out,
                           struct fth_err *err)
{
    off_t n = sheet->optimize_tmpfile ? ftello(sheet->optimize_tmpfile) : 0;

    *out = 0;
    if (n < 0)
        return fth_err_errno(err, errno, "%s: rows", xlsx->wish.path);
    *out = (uint64_t)n;
    return FTH_OK;
}

static enum fth_rc check_bytes(struct fth_xlsx *xlsx, uint64_t *out, struct fth_err *err)
{
    if (waiting(xlsx, xlsx->rows, out, err) || *out <= xlsx->wish.bytes_max)
        return err->rc;
    fth_err_set(err, FTH_E_LIMIT,
                "%u rows of more than %llu bytes, which is all that a sheet holds", xlsx->row - 1,
                (unsigned long long)xlsx->wish.bytes_max);
    return too_many(err);
}

static enum fth_rc need_row(struct fth_xlsx *xlsx, struct fth_err *err)
{
    uint64_t bytes;

    if (xlsx->row >= xlsx->wish.rows_max) {
        fth_err_set(err, FTH_E_LIMIT, "more than %zu rows, which is all that a sheet holds",
                    xlsx->wish.rows_max);
        return too_many(err);
    }
    return xlsx->row % LOOK_ROWS ? FTH_OK : check_bytes(xlsx, &bytes, err);
}

static enum fth_rc put_cells(struct fth_xlsx *xlsx, const struct fth_cell *cells,
                             const struct fth_xlsx_look *looks, struct fth_err *err)
{
    for (uint16_t c = 0; c < xlsx->col_nr; c++)
        if (put_cell(xlsx, c, &cells[c], &looks[c], err))
            return err->rc;
    xlsx->row++;
    return FTH_OK;
}

static enum fth_rc row(void *ctx, const struct fth_cell *cells, struct fth_err *err)
{
    struct fth_xlsx *xlsx = ctx;

    if (need_row(xlsx, err))
        return err->rc;
    return put_cells(xlsx, cells, xlsx->looks, err);
}

/* In the first column that has no numbers, with the currency when there are several. */
static enum fth_rc put_total_label(struct fth_xlsx *xlsx, const struct fth_answer_total *total,
                                   bool alone, const struct fth_xlsx_look *looks,
                                   struct fth_err *err)
{
    char room[LABEL_MAX];
    uint16_t c = 0;
    int n;

    while (c < xlsx->col_nr && is_number(xlsx->cols[c].kind))
        c++;
    if (c == xlsx->col_nr)
        return FTH_OK;
    n = snprintf(room, sizeof(room), alone ? "Total" : "Total " FTH_STR_F,
                 FTH_STR_A(fth_str_sub(total->currency, 0, LABEL_MAX / 2)));
    return fth_xlsx_text(xlsx, xlsx->rows, xlsx->row, c, (struct fth_str){room, (size_t)n},
                         looks[c].text, err);
}

static enum fth_rc put_total(struct fth_xlsx *xlsx, const struct fth_answer_total *total,
                             bool alone, struct fth_err *err)
{
    struct fth_xlsx_look *looks =
        FTH_NEW_ARRAY(xlsx->arena, struct fth_xlsx_look, xlsx->col_nr + 1U);

    if (!looks)
        return fth_err_nomem(err);
    if (need_row(xlsx, err))
        return err->rc;
    for (uint16_t c = 0; c < xlsx->col_nr; c++)
        if (!make_look(xlsx, xlsx->cols[c].kind, total->currency, true, &looks[c]))
            return fth_err_nomem(err);
    if (put_total_label(xlsx, total, alone, looks, err))
        return err->rc;
    return put_cells(xlsx, total->cells, looks, err);
}

/* What waits in temporary files is written by the library without looking; they say whether it went
 * well. */
static enum fth_rc check_written(struct fth_xlsx *xlsx, lxw_worksheet *sheet, struct fth_err *err)
{
    if (sheet->optimize_tmpfile &&
        (fflush(sheet->optimize_tmpfile) || ferror(sheet->optimize_tmpfile)))
        return fth_err_errno(err, errno ? errno : EIO, "%s: rows", xlsx->wish.path);
    return FTH_OK;
}

/* The sheet is written once more before it is packed, in the same folder. */
static enum fth_rc check_disk(struct fth_xlsx *xlsx, uint64_t need, struct fth_err *err)
{
    struct statvfs disk;
    uint64_t left;

    need += DISK_MARGIN;
    if (statvfs(xlsx->wish.folder, &disk))
        return fth_err_set(err, FTH_E_IO, "%s: no disk that says how much room it has",
                           xlsx->wish.folder);
    left = (uint64_t)disk.f_bavail * disk.f_frsize;
    if (left >= need)
        return FTH_OK;
    return fth_err_set(err, FTH_E_IO,
                       "%s: the workbook needs %llu more bytes of the disk, which has %llu left",
                       xlsx->wish.path, (unsigned long long)need, (unsigned long long)left);
}

/* While the book can still be let go: once the library fails to make the file, it leaves its
 * temporary ones open. */
static enum fth_rc make_file(struct fth_xlsx *xlsx, struct fth_err *err)
{
    FILE *file = fopen(xlsx->wish.path, "wbxe");

    if (!file || fclose(file))
        return fth_err_set(err, FTH_E_IO, "%s: the file cannot be made", xlsx->wish.path);
    return FTH_OK;
}

static enum fth_rc finish(struct fth_xlsx *xlsx, struct fth_err *err)
{
    lxw_workbook *book = xlsx->book;
    uint64_t rows = 0, about = 0;

    if (check_written(xlsx, xlsx->rows, err) || check_written(xlsx, xlsx->about, err) ||
        check_bytes(xlsx, &rows, err) || waiting(xlsx, xlsx->about, &about, err) ||
        check_disk(xlsx, rows + about, err) || make_file(xlsx, err))
        return err->rc;
    xlsx->book = NULL; /* closing frees it, whatever comes of it */
    if (fth_xlsx_said(xlsx, workbook_close(book), err) ||
        fth_xlsx_whole(xlsx->arena, xlsx->wish.path, FTH_STR("xl/worksheets/sheet1.xml"), rows,
                       err))
        return err->rc;
    return fth_xlsx_whole(xlsx->arena, xlsx->wish.path, FTH_STR("xl/worksheets/sheet2.xml"), about,
                          err);
}

static enum fth_rc end(void *ctx, const struct fth_answer_end *end, struct fth_err *err)
{
    struct fth_xlsx *xlsx = ctx;

    for (size_t t = 0; t < end->total_nr; t++)
        if (put_total(xlsx, &end->totals[t], end->total_nr == 1, err))
            return err->rc;
    if (fth_xlsx_about(xlsx, end, err))
        return err->rc;
    return finish(xlsx, err);
}

struct fth_answer_sink fth_answer_to_xlsx(struct fth_xlsx *xlsx)
{
    return (struct fth_answer_sink){.begin = begin, .row = row, .end = end, .ctx = xlsx};
}

/* ---- life ---- */

static bool open_sheets(struct fth_xlsx *xlsx)
{
    /* The library takes the folder as one to be changed and does not. */
    union {
        const char *given;
        char *taken;
    } folder = {xlsx->wish.folder};
    lxw_workbook_options options = {
        .constant_memory = LXW_TRUE, .tmpdir = folder.taken, .use_zip64 = LXW_FALSE};

    xlsx->book = workbook_new_opt(xlsx->wish.path, &options);
    if (!xlsx->book)
        return false;
    xlsx->rows = workbook_add_worksheet(xlsx->book, "Costs");
    xlsx->about = workbook_add_worksheet(xlsx->book, "About");
    xlsx->head = workbook_add_format(xlsx->book);
    xlsx->date = workbook_add_format(xlsx->book);
    xlsx->instant = workbook_add_format(xlsx->book);
    xlsx->wrap = workbook_add_format(xlsx->book);
    if (!xlsx->rows || !xlsx->about || !xlsx->head || !xlsx->date || !xlsx->instant || !xlsx->wrap)
        return false;
    format_set_bold(xlsx->head);
    format_set_bottom(xlsx->head, LXW_BORDER_THIN);
    format_set_num_format(xlsx->date, DATE_FORMAT);
    format_set_num_format(xlsx->instant, INSTANT_FORMAT);
    format_set_text_wrap(xlsx->wrap);
    format_set_align(xlsx->wrap, LXW_ALIGN_VERTICAL_TOP);
    return true;
}

enum fth_rc fth_xlsx_new(struct fth_arena *arena, const struct fth_plan *plan,
                         const struct fth_xlsx_wish *wish, struct fth_xlsx **out,
                         struct fth_err *err)
{
    struct fth_xlsx *xlsx = FTH_NEW(arena, struct fth_xlsx);

    if (!xlsx)
        return fth_err_nomem(err);
    xlsx->arena = arena;
    xlsx->plan = plan;
    xlsx->wish = *wish;
    if (!wish->rows_max)
        xlsx->wish.rows_max = FTH_XLSX_ROWS;
    if (!wish->bytes_max)
        xlsx->wish.bytes_max = FTH_XLSX_BYTES;
    xlsx->text = fth_buf_max((size_t)1 << 20);
    if (!open_sheets(xlsx)) {
        fth_xlsx_free(xlsx);
        return fth_err_set(err, FTH_E_IO, "%s: no workbook can be begun in \"%s\"", wish->path,
                           wish->folder);
    }
    *out = xlsx;
    return FTH_OK;
}

/* The library closes its temporary files only when it puts the book together. */
static void let_rows_go(lxw_worksheet *sheet)
{
    if (!sheet || !sheet->optimize_tmpfile)
        return;
    (void)fclose(sheet->optimize_tmpfile);
    sheet->optimize_tmpfile = NULL;
}

void fth_xlsx_free(struct fth_xlsx *xlsx)
{
    if (!xlsx)
        return;
    if (xlsx->book) {
        let_rows_go(xlsx->rows);
        let_rows_go(xlsx->about);
        lxw_workbook_free(xlsx->book);
    }
    xlsx->book = NULL;
    fth_buf_release(&xlsx->text);
}
