/* report_int: what the forms of a report share. Private to focus/. */
#ifndef FTH_FOCUS_REPORT_INT_H
#define FTH_FOCUS_REPORT_INT_H

#include "focus/focus_int.h"

/* Text with what XML and HTML read as markup escaped, and without what XML cannot hold. */
void fth_focus_put_xml(struct fth_buf *buf, struct fth_str text);
/* "file.csv:17", escaped. */
void fth_focus_put_place(struct fth_buf *buf, const struct fth_focus_sample *sample);

#endif
