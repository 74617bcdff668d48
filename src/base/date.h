/*
 * date: civil dates, months and instants, without the C library's hidden time zone.
 *
 * A date is days since 1970-01-01 in the proleptic Gregorian calendar (0001-01-01 to 9999-12-31), a
 * month is year * 12 + month - 1, an instant is microseconds since 1970-01-01T00:00:00Z.
 * Algorithms: Howard Hinnant, "chrono-compatible low-level date algorithms".
 *
 * Thread rule: pure functions; a loaded zone is immutable.
 */
#ifndef FTH_DATE_H
#define FTH_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#define FTH_DAY_US INT64_C(86400000000)
#define FTH_HOUR_US INT64_C(3600000000)

struct fth_civil {
    int year, month, day; /* month 1 to 12 */
};

int32_t fth_date_from_civil(int year, int month, int day); /* must be a real date */
struct fth_civil fth_date_to_civil(int32_t date);
bool fth_date_is_real(int year, int month, int day);
int fth_date_days_in_month(int year, int month);
int fth_date_weekday(int32_t date); /* 1 Monday to 7 Sunday */

/* "2025-01-31". false when it is no such date. */
bool fth_date_parse(struct fth_str text, int32_t *out);
/* Writes 10 bytes, no zero byte. A date out of the calendar's range is a broken invariant. */
void fth_date_text(int32_t date, char out[10]);
void fth_date_put(struct fth_buf *buf, int32_t date);

int32_t fth_month_of_date(int32_t date);
int32_t fth_month_first_date(int32_t month);
/* "2025-01". */
enum { FTH_MONTH_TEXT = 7 };
bool fth_month_parse(struct fth_str text, int32_t *out);
/* Writes its text and no zero byte; what it returns is that. A month out of the calendar's range is
 * a broken invariant. */
struct fth_str fth_month_text(int32_t month, char out[FTH_MONTH_TEXT]);
void fth_month_put(struct fth_buf *buf, int32_t month);

/* First date of the bucket that holds `date`. */
int32_t fth_date_week(int32_t date); /* Monday */
int32_t fth_date_quarter(int32_t date);
int32_t fth_date_year(int32_t date);
/* `months` later (or earlier), the day cut to the month's length. */
int32_t fth_date_add_months(int32_t date, int months);

/*
 * Instants of bills: RFC 3339 with 'T' or a blank, seconds and fraction optional, 'Z', "UTC", an
 * offset, or nothing (then UTC); a date alone is its midnight. false when it is none of these, or
 * no such moment (30 February, 25:00). Digits behind the microsecond are cut.
 */
bool fth_instant_parse(struct fth_str text, int64_t *out_us);
/* "2025-01-31T05:06:07Z", with as many decimals of a second as needed (a year out of 0000 to
 * 9999 has a sign and six digits). At most 32 bytes. */
size_t fth_instant_text(int64_t us, char out[32]);
void fth_instant_put(struct fth_buf *buf, int64_t us);
int32_t fth_instant_date(int64_t us); /* UTC, floor */

/* ---- IANA time zones, from the system's tzdata ---- */

struct fth_zone;

/* "Europe/Berlin", "UTC". Lives as long as the arena. FTH_E_NOTFOUND for a name that is not there
 * (or tries to leave the folder), FTH_E_CORRUPT, FTH_E_IO. UTC needs no file. */
enum fth_rc fth_zone_load(struct fth_arena *arena, struct fth_str name, const struct fth_zone **out,
                          struct fth_err *err);
/* The same from the bytes of a TZif file (RFC 8536, version 2 or later). FTH_E_CORRUPT. */
enum fth_rc fth_zone_parse(struct fth_arena *arena, struct fth_str bytes,
                           const struct fth_zone **out, struct fth_err *err);
/* Seconds east of UTC at an instant. Uses the file's POSIX rule beyond its table. */
int32_t fth_zone_offset_s(const struct fth_zone *zone, int64_t us);
int32_t fth_zone_date(const struct fth_zone *zone, int64_t us);
/* The instant of a local midnight; in a gap the first instant after it. */
int64_t fth_zone_midnight(const struct fth_zone *zone, int32_t date);

#endif
