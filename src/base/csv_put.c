#include "base/csv.h"

static bool needs_quotes(struct fth_str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == ',' || text.p[i] == '"' || text.p[i] == '\n' || text.p[i] == '\r')
            return true;
    return false;
}

void fth_csv_put(struct fth_buf *buf, struct fth_str text)
{
    if (!needs_quotes(text)) {
        fth_buf_str(buf, text);
        return;
    }
    fth_buf_char(buf, '"');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"')
            fth_buf_char(buf, '"');
        fth_buf_char(buf, text.p[i]);
    }
    fth_buf_char(buf, '"');
}
