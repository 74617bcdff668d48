/*
 * csv_index: where the fields of a CSV text end.
 *
 * One pass over the text finds every delimiter and newline that stands outside of quotes, 64 bytes
 * at a time, with what the processor has (chosen at run time). The same pass sees quotes that stand
 * where RFC 4180 has none, counts lines, and notes whether there is anything but ASCII.
 *
 * Thread rule: pure functions.
 */
#ifndef FTH_CSV_INDEX_H
#define FTH_CSV_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fth_csv_isa {
    FTH_CSV_BEST,
    FTH_CSV_PLAIN,
    FTH_CSV_SSE2,
    FTH_CSV_AVX2,
    FTH_CSV_AVX512,
    FTH_CSV_ISA_NR
};

/* Does this machine have it? */
bool fth_csv_isa_has(enum fth_csv_isa isa);

struct fth_csv_index {
    size_t nr;       /* separators found */
    size_t newlines; /* of these; the others are delimiters */
    size_t lines;    /* all newlines, also those inside of quotes */
    bool open;       /* the text ends inside of quotes */
    bool ascii;      /* no byte above 0x7f */
    size_t bad;      /* first byte where a quote opens inside of a field, or where text follows a
                      * closing quote; SIZE_MAX: none */
};

/*
 * Indexes `n` bytes (less than 4 GiB) that begin at the start of a record. `ends` has room for `n`
 * positions and gets those of the separators, rising.
 */
void fth_csv_index(enum fth_csv_isa isa, const char *text, size_t n, char delimiter, uint32_t *ends,
                   struct fth_csv_index *out);

#endif
