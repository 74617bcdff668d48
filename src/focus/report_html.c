/* The report as a page without outside resources. */
#include "focus/focus_int.h"

void fth_focus_put_html(struct fth_buf *buf, const struct fth_focus_report *report)
{
    (void)report;
    fth_buf_c(buf, "<!doctype html>");
}
