#include "app/focus_export.h"

#include "app/desk_int.h"

enum fth_rc fth_app_focus_export(const struct fth_asked *asked,
                                 const struct fth_focus_export_request *request,
                                 const struct fth_focus_exported **out, struct fth_err *err)
{
    struct fth_focus_export_request whole = *request;
    struct fth_seat seat;

    whole.generator = fth_version();
    if (fth_desk_take(asked, false, &seat, err))
        return err->rc;
    whole.run = &seat.run;
    (void)fth_focus_export(&whole, out, err);
    fth_desk_give(&seat);
    return err->rc;
}
