/* Handlers of anomalies. */
#include "api/call.h"

enum fth_rc h_anomalies_list(struct fth_call *call, struct fth_err *err)
{
    (void)call;
    return fth_err_set(err, FTH_E_UNSUPPORTED, "anomalies are not there yet");
}

enum fth_rc h_anomalies_get(struct fth_call *call, struct fth_err *err)
{
    (void)call;
    return fth_err_set(err, FTH_E_UNSUPPORTED, "anomalies are not there yet");
}

enum fth_rc h_anomalies_patch(struct fth_call *call, struct fth_err *err)
{
    (void)call;
    return fth_err_set(err, FTH_E_UNSUPPORTED, "anomalies are not there yet");
}

enum fth_rc h_anomalies_comment(struct fth_call *call, struct fth_err *err)
{
    (void)call;
    return fth_err_set(err, FTH_E_UNSUPPORTED, "anomalies are not there yet");
}

enum fth_rc h_anomalies_preview(struct fth_call *call, struct fth_err *err)
{
    (void)call;
    return fth_err_set(err, FTH_E_UNSUPPORTED, "anomalies are not there yet");
}

enum fth_rc h_anomalies_find(struct fth_call *call, struct fth_err *err)
{
    (void)call;
    return fth_err_set(err, FTH_E_UNSUPPORTED, "anomalies are not there yet");
}

enum fth_rc h_anomalies_detect(struct fth_call *call, struct fth_err *err)
{
    (void)call;
    return fth_err_set(err, FTH_E_UNSUPPORTED, "anomalies are not there yet");
}
