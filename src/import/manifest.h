/*
 * manifest: the small JSON files by which providers say which data files make up a delivery.
 *
 * Known are the manifests of the legacy AWS report (assemblyId, reportKeys) and of AWS data exports
 * (executionId, dataFiles), which carry CUR 2.0 and FOCUS, and of Azure cost exports (runInfo,
 * blobs). A manifest does not say of what kind its files are: their headers do; Azure's says which
 * of the two halves of a bill it is.
 *
 * Thread rule: pure but for the arena.
 */
#ifndef FTH_IMPORT_MANIFEST_H
#define FTH_IMPORT_MANIFEST_H

#include <stdbool.h>

#include "base/json.h"

enum fth_manifest_kind {
    FTH_MANIFEST_AWS_REPORT, /* keys below the bucket; the top one of a period rules */
    FTH_MANIFEST_AWS_EXPORT, /* s3://bucket/key addresses; metadata/ beside data/ */
    FTH_MANIFEST_AZURE       /* <export>/<yyyymmdd-yyyymmdd>/<run>/manifest.json, written last */
};

/* Texts live in the arena of the JSON tree. */
struct fth_manifest {
    enum fth_manifest_kind kind;
    struct fth_str identity;       /* assembly or execution id */
    struct fth_str dataset;        /* name of the report or export */
    struct fth_str account;        /* empty when it does not say */
    struct fth_str billing_period; /* "2025-01", or empty */
    int64_t submitted_us;          /* 0: unknown */
    const struct fth_str *keys;    /* data files without "s3://bucket/" */
    size_t key_nr;
    struct fth_str role;  /* Azure: "actual", "amortized", or empty */
    struct fth_str other; /* Azure: kind of an export that is no bill, "PriceSheet" */
    const int64_t *rows,
        *sizes; /* per key: records, bytes as on disk, -1: unknown; NULL: none said */
};

/* Is `json`, read from `path`, a manifest? *is says so; then *out is filled. A file that calls
 * itself one and misses what it needs is FTH_E_INVALID. */
enum fth_rc fth_manifest_read(struct fth_arena *arena, struct fth_str path,
                              const struct fth_json *json, bool *is, struct fth_manifest *out,
                              struct fth_err *err);

#endif
