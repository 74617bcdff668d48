#include "app/metrics.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/thread.h"

/* Upper bounds in microseconds; the last bucket has none. */
static const int64_t bounds_us[] = {1000,   2000,   5000,    10000,   25000,   50000,   100000,
                                    250000, 500000, 1000000, 2500000, 5000000, 10000000};

enum { BUCKET_NR = FTH_NR(bounds_us) + 1, OPERATION_MAX = 96, CLASS_NR = 6 };

/* One operation: requests by class of status (1xx to 5xx, 0: no reply), and how long they took. */
struct operation {
    const char *name;
    uint64_t by_class[CLASS_NR];
    uint64_t buckets[BUCKET_NR];
    uint64_t sum_us, nr;
};

struct fth_metrics {
    atomic_int_fast64_t counters[FTH_COUNTER_NR];
    atomic_int_fast64_t gauges[FTH_GAUGE_NR];
    struct fth_mutex mutex;
    struct operation operations[OPERATION_MAX];
    size_t operation_nr;
};

struct naming {
    const char *name, *help, *labels;
};

/* Names that differ only in labels stand side by side, so that HELP is written once. */
static const struct naming counter_names[FTH_COUNTER_NR] = {
    [FTH_COUNT_CACHE_HIT] = {"farthing_query_answers_total", "Answers to plans, by where from.",
                             "{from=\"cache\"}"},
    [FTH_COUNT_CACHE_MISS] = {"farthing_query_answers_total", "", "{from=\"ledger\"}"},
    [FTH_COUNT_NOT_MODIFIED] = {"farthing_query_answers_total", "", "{from=\"client\"}"},
    [FTH_COUNT_UPLOAD_BYTES] = {"farthing_upload_bytes_total", "Bytes of uploaded files.", ""},
    [FTH_COUNT_IMPORT_DONE] = {"farthing_imports_total", "Imports that ended, by how.",
                               "{state=\"done\"}"},
    [FTH_COUNT_IMPORT_FAILED] = {"farthing_imports_total", "", "{state=\"failed\"}"},
    [FTH_COUNT_IMPORT_ROWS] = {"farthing_import_rows_total", "Rows read by imports.", ""},
#define FTH_LIMIT(id, name, window_s, by, what)                                            \
    [FTH_COUNT_LIMITED_##id] = {"farthing_http_limited_total",                             \
                                FTH_COUNT_LIMITED_##id == FTH_COUNT_LIMITED                \
                                    ? "Requests that were refused over a limit, by which." \
                                    : "",                                                  \
                                "{limit=\"" name "\"}"},
#include "app/limit.def"
#undef FTH_LIMIT
};

static const struct naming gauge_names[FTH_GAUGE_NR] = {
    [FTH_GAUGE_IN_FLIGHT] = {"farthing_http_requests_in_flight",
                             "Requests being read, run or sent.", ""},
    [FTH_GAUGE_QUERIES] = {"farthing_queries_running", "Heavy queries that run.", ""},
    [FTH_GAUGE_EVENT_READERS] = {"farthing_event_readers", "Open event streams.", ""},
    [FTH_GAUGE_CACHE_BYTES] = {"farthing_cache_bytes", "Bytes in the result cache.", ""},
    [FTH_GAUGE_LEDGER_VERSION] = {"farthing_ledger_version", "Version of the ledger.", ""},
};

enum fth_rc fth_metrics_new(struct fth_metrics **out, struct fth_err *err)
{
    struct fth_metrics *metrics = fth_calloc(1, sizeof(*metrics));

    if (!metrics)
        return fth_err_nomem(err);
    fth_mutex_init(&metrics->mutex, FTH_LOCK_METRICS);
    *out = metrics;
    return FTH_OK;
}

void fth_metrics_free(struct fth_metrics *metrics)
{
    if (!metrics)
        return;
    fth_mutex_release(&metrics->mutex);
    fth_free(metrics);
}

void fth_metrics_count(struct fth_metrics *metrics, enum fth_counter counter, int64_t by)
{
    atomic_fetch_add_explicit(&metrics->counters[counter], by, memory_order_relaxed);
}

void fth_metrics_add(struct fth_metrics *metrics, enum fth_gauge gauge, int64_t by)
{
    atomic_fetch_add_explicit(&metrics->gauges[gauge], by, memory_order_relaxed);
}

void fth_metrics_set(struct fth_metrics *metrics, enum fth_gauge gauge, int64_t value)
{
    atomic_store_explicit(&metrics->gauges[gauge], value, memory_order_relaxed);
}

/* With the lock held. The last row takes what does not fit, so that nothing is lost. */
static struct operation *operation_of(struct fth_metrics *metrics, const char *name)
{
    for (size_t i = 0; i < metrics->operation_nr; i++)
        if (strcmp(metrics->operations[i].name, name) == 0)
            return &metrics->operations[i];
    if (metrics->operation_nr == OPERATION_MAX)
        return &metrics->operations[OPERATION_MAX - 1];
    metrics->operations[metrics->operation_nr].name =
        metrics->operation_nr == OPERATION_MAX - 1 ? "others" : name;
    return &metrics->operations[metrics->operation_nr++];
}

void fth_metrics_request(struct fth_metrics *metrics, const char *operation, int status,
                         int64_t duration_us)
{
    size_t bucket = 0;
    struct operation *row;

    while (bucket < FTH_NR(bounds_us) && duration_us > bounds_us[bucket])
        bucket++;
    fth_mutex_lock(&metrics->mutex);
    row = operation_of(metrics, operation);
    row->by_class[status >= 100 && status < 600 ? status / 100 : 0]++;
    row->buckets[bucket]++;
    row->sum_us += (uint64_t)(duration_us > 0 ? duration_us : 0);
    row->nr++;
    fth_mutex_unlock(&metrics->mutex);
}

static void put_head(struct fth_buf *buf, const char *name, const char *help, const char *type)
{
    fth_buf_printf(buf, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_plain(struct fth_buf *buf, const struct naming *names, size_t nr, const char *type,
                      const atomic_int_fast64_t *values)
{
    for (size_t i = 0; i < nr; i++) {
        if (names[i].help[0])
            put_head(buf, names[i].name, names[i].help, type);
        fth_buf_printf(buf, "%s%s %" PRIdFAST64 "\n", names[i].name, names[i].labels,
                       atomic_load_explicit(&values[i], memory_order_relaxed));
    }
}

static void put_counts(struct fth_buf *buf, const struct fth_metrics *metrics)
{
    put_head(buf, "farthing_http_requests_total", "Requests that are over, by class of status.",
             "counter");
    for (size_t i = 0; i < metrics->operation_nr; i++)
        for (size_t class = 0; class < CLASS_NR; class ++)
            if (metrics->operations[i].by_class[class] > 0)
                fth_buf_printf(buf,
                               "farthing_http_requests_total{operation=\"%s\",status=\"%zuxx\"} "
                               "%" PRIu64 "\n",
                               metrics->operations[i].name, class,
                               metrics->operations[i].by_class[class]);
}

static void put_histogram(struct fth_buf *buf, const struct operation *row)
{
    static const char name[] = "farthing_http_request_duration_seconds";
    uint64_t below = 0;

    for (size_t i = 0; i < BUCKET_NR; i++) {
        below += row->buckets[i];
        fth_buf_printf(buf, "%s_bucket{operation=\"%s\",le=\"", name, row->name);
        if (i < FTH_NR(bounds_us))
            fth_buf_printf(buf, "%g", (double)bounds_us[i] / 1e6);
        else
            fth_buf_c(buf, "+Inf");
        fth_buf_printf(buf, "\"} %" PRIu64 "\n", below);
    }
    fth_buf_printf(buf, "%s_sum{operation=\"%s\"} %.6f\n", name, row->name,
                   (double)row->sum_us / 1e6);
    fth_buf_printf(buf, "%s_count{operation=\"%s\"} %" PRIu64 "\n", name, row->name, row->nr);
}

/* Resident pages, the second number of /proc/self/statm; 0 when it cannot be read. */
static uint64_t resident_bytes(void)
{
    char text[128];
    struct fth_str rest, piece = {0};
    uint64_t pages = 0;
    ssize_t n;
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return 0;
    n = read(fd, text, sizeof(text));
    close(fd);
    rest = (struct fth_str){text, n > 0 ? (size_t)n : 0};
    (void)fth_str_next(&rest, ' ', &piece);
    (void)fth_str_next(&rest, ' ', &piece);
    (void)fth_str_to_u64(piece, &pages);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

void fth_metrics_put(struct fth_metrics *metrics, struct fth_buf *buf)
{
    put_plain(buf, counter_names, FTH_COUNTER_NR, "counter", metrics->counters);
    put_plain(buf, gauge_names, FTH_GAUGE_NR, "gauge", metrics->gauges);
    fth_mutex_lock(&metrics->mutex);
    put_counts(buf, metrics);
    put_head(buf, "farthing_http_request_duration_seconds",
             "From a request's head to the end of its reply.", "histogram");
    for (size_t i = 0; i < metrics->operation_nr; i++)
        put_histogram(buf, &metrics->operations[i]);
    fth_mutex_unlock(&metrics->mutex);
    put_head(buf, "process_resident_memory_bytes", "Memory in use.", "gauge");
    fth_buf_printf(buf, "process_resident_memory_bytes %" PRIu64 "\n", resident_bytes());
    put_head(buf, "process_cpu_seconds_total", "CPU time used.", "counter");
    fth_buf_printf(buf, "process_cpu_seconds_total %.3f\n", (double)fth_clock_cpu_us() / 1e6);
}
