#!/usr/bin/env python3
"""A wide CUR file of 1 M rows into the ledger, against the plainest thing the engine can do with it.

usage: ingest.py [ROWS [PAIRS [csv|parquet|json]]]

The floor is CREATE TABLE AS over all of the file's columns with explicit types, money as DOUBLE and the same sort;
ours maps, keeps every digit, and builds tag dictionary, cubes and roll-up. Runs alternate, and what counts is the
ratio of neighbours. Goals: CPU with one thread at most 1.0 of the floor for CSV.gz (stretch 0.75) and 1.2 for Parquet
(stretch 1.0), 1.5 for JSON lines (a Google export, read by read_json); with two threads less wall time than the floor; peak memory within the setting plus 20 %. The files
stay in build/bench/ for the next run.
"""
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from lib_farthing import fast_program  # noqa: E402

WORK = ROOT / "build" / "bench"
DUCKDB = ROOT / ".deps" / "duckdb"
MEMORY_MB = 4096
SORT = ("ORDER BY CAST(line_item_usage_start_date AS DATE), line_item_usage_account_id, line_item_product_code, "
        "line_item_resource_id")
TYPES = {"text": "VARCHAR", "money": "DOUBLE", "double": "DOUBLE", "instant": "TIMESTAMP", "map": "VARCHAR"}


def compiled(name, *libraries):
    source, program = ROOT / "bench" / f"{name}.c", WORK / name
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        subprocess.run(["cc", "-O2", "-o", str(program), str(source), f"-I{DUCKDB}", f"-L{DUCKDB}", *libraries,
                        f"-Wl,-rpath,{DUCKDB}"], check=True)
    return program


def measure(command, text=None):
    """CPU and wall seconds, peak RSS in MB, standard output."""
    started = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    if text:
        process.stdin.write(text.encode())
    process.stdin.close()
    out = process.stdout.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command[0]} failed with {process.returncode}:\n{out}")
    return {"cpu": used.ru_utime + used.ru_stime, "wall": time.perf_counter() - started,
            "rss": used.ru_maxrss / 1024, "out": out}


# A Cloud Billing export, with all of its members.
KEYS = "STRUCT(key VARCHAR, value VARCHAR)[]"
GCP_TYPES = {
    "billing_account_id": "VARCHAR", "service": "STRUCT(id VARCHAR, description VARCHAR)",
    "sku": "STRUCT(id VARCHAR, description VARCHAR)", "usage_start_time": "VARCHAR", "usage_end_time": "VARCHAR",
    "project": f"STRUCT(id VARCHAR, number VARCHAR, name VARCHAR, labels {KEYS}, ancestry_numbers VARCHAR, "
               "ancestors STRUCT(resource_name VARCHAR, display_name VARCHAR)[])",
    "labels": KEYS, "system_labels": KEYS, "tags": KEYS,
    "location": "STRUCT(location VARCHAR, country VARCHAR, region VARCHAR, zone VARCHAR)",
    "resource": "STRUCT(name VARCHAR, global_name VARCHAR)", "cost": "DOUBLE", "currency": "VARCHAR",
    "currency_conversion_rate": "DOUBLE",
    "usage": "STRUCT(amount DOUBLE, unit VARCHAR, amount_in_pricing_units DOUBLE, pricing_unit VARCHAR)",
    "credits": "STRUCT(name VARCHAR, amount DOUBLE, full_name VARCHAR, id VARCHAR, type VARCHAR)[]",
    "invoice": "STRUCT(month VARCHAR, publisher_type VARCHAR)", "cost_type": "VARCHAR",
    "adjustment_info": "STRUCT(id VARCHAR, description VARCHAR, mode VARCHAR, type VARCHAR)", "export_time": "VARCHAR",
    "cost_at_list": "DOUBLE", "transaction_type": "VARCHAR", "seller_name": "VARCHAR",
    "subscription": "STRUCT(instance_id VARCHAR)",
    "price": "STRUCT(effective_price DOUBLE, tier_start_amount DOUBLE, unit VARCHAR, pricing_unit_quantity DOUBLE, "
             "list_price DOUBLE)",
    "consumption_model": "STRUCT(id VARCHAR, description VARCHAR)",
}
GCP_SORT = "ORDER BY usage_start_time[:10], project.id, service.description, resource.global_name"


def reader(path, kinds):
    if kinds is GCP_TYPES:
        types = ", ".join(f"{name}: '{kind}'" for name, kind in kinds.items())
        return f"read_json('{path}', format = 'newline_delimited', columns = {{{types}}})"
    if path.suffix == ".parquet":
        return f"read_parquet('{path}')"
    types = ", ".join(f"'{name}': '{TYPES[kind]}'" for name, kind in kinds.items())
    return f"read_csv('{path}', header = true, delim = ',', quote = '\"', escape = '\"', columns = {{{types}}})"


def floor(path, kinds, threads):
    target = WORK / "floor.duckdb"
    for old in (target, pathlib.Path(f"{target}.wal")):
        old.unlink(missing_ok=True)
    got = measure([compiled("script", "-lduckdb"), target, threads, f"{MEMORY_MB}MB"],
                  f"CREATE TABLE t AS SELECT * FROM {reader(path, kinds)} "
                  f"{GCP_SORT if kinds is GCP_TYPES else SORT}\n")
    return got | {"file": target.stat().st_size / 1e6}


def ours(path, threads):
    data = WORK / "ours"
    shutil.rmtree(data, ignore_errors=True)
    os.environ |= {"FARTHING_LEDGER_THREADS": str(threads), "FARTHING_LEDGER_MEMORY": f"{MEMORY_MB}MiB"}
    got = measure([fast_program(), "--data", data, "ingest", "--json", path])
    report = json.loads(got["out"])["deliveries"][0]
    if report["status"] != "loaded":
        sys.exit(f"not loaded: {got['out'][:2000]}")
    return got | {"file": (data / "ledger" / "ledger.duckdb").stat().st_size / 1e6, "report": report}


def files(rows):
    """The bill as CSV.gz and, made from it, as zstd Parquet with maps; and its columns."""
    generator = compiled("wide_cur", "-lz")
    kinds = dict(line.split() for line in
                 subprocess.run([generator, "--columns"], check=True, stdout=subprocess.PIPE, text=True)
                 .stdout.splitlines())
    csv, parquet = WORK / f"wide-{rows}.csv.gz", WORK / f"wide-{rows}.parquet"
    if not csv.exists():
        print(f"making {csv.name}", flush=True)
        subprocess.run([generator, str(rows), f"{csv}.new"], check=True)
        os.rename(f"{csv}.new", csv)
    if not parquet.exists():
        maps = ", ".join(f"CAST(CAST({name} AS JSON) AS MAP(VARCHAR, VARCHAR)) AS {name}"
                         for name, kind in kinds.items() if kind == "map")
        measure([compiled("script", "-lduckdb"), ":memory:", 2, "8GB"],
                f"COPY (SELECT * REPLACE ({maps}) FROM {reader(csv, kinds)}) TO '{parquet}.new' "
                "(FORMAT parquet, COMPRESSION zstd)\n")
        os.rename(f"{parquet}.new", parquet)
    return csv, parquet, kinds


def json_lines(rows):
    path = WORK / f"gcp-{rows}.jsonl.gz"
    if not path.exists():
        print(f"making {path.name}", flush=True)
        subprocess.run([compiled("gcp_export", "-lz"), str(rows), f"{path}.new"], check=True)
        os.rename(f"{path}.new", path)
    return path


def pairs(title, path, kinds, threads, nr, key, goal):
    print(f"\n{title}: {path.name}, {threads} thread{'s' if threads > 1 else ''}, {path.stat().st_size / 1e6:.0f} MB")
    print(f"{'':6}{'CPU s':>8}{'wall s':>8}{'RSS MB':>8}{'file MB':>9}{'rows/s':>10}   ratio of {key}")
    ratios = []
    for _ in range(nr):
        bare, mine = floor(path, kinds, threads), ours(path, threads)
        ratios.append(mine[key] / bare[key])
        for name, run in (("floor", bare), ("ours", mine)):
            rate = f"{mine['report']['rows_read'] / run['wall']:10,.0f}"
            last = f"   {ratios[-1]:.2f}" if name == "ours" else ""
            print(f"{name:6}{run['cpu']:8.1f}{run['wall']:8.1f}{run['rss']:8.0f}{run['file']:9.0f}{rate}{last}",
                  flush=True)
    median, most = statistics.median(ratios), MEMORY_MB * 1.2
    print(f"median ratio {median:.2f}, goal {goal:.2f}: {'met' if median <= goal else 'MISSED'};"
          f" peak RSS {mine['rss']:.0f} MB of {most:.0f} allowed: {'met' if mine['rss'] <= most else 'MISSED'}")
    print(f"read {mine['report']['rows_read']:,}, stored {mine['report']['rows_stored']:,}; CPU s of the last run: "
          + ", ".join(f"{name} {seconds:.1f}" for name, seconds in mine["report"]["phases"].items()))


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1000000
    nr = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    WORK.mkdir(parents=True, exist_ok=True)
    only = sys.argv[3] if len(sys.argv) > 3 else None
    if only in (None, "json"):
        pairs("JSON lines", json_lines(rows), GCP_TYPES, 1, nr, "cpu", 1.5)
    if only == "json":
        return
    csv, parquet, kinds = files(rows)
    if only in (None, "csv"):
        pairs("CSV.gz", csv, kinds, 1, nr, "cpu", 1.0)
    if only in (None, "parquet"):
        pairs("Parquet", parquet, kinds, 1, nr, "cpu", 1.2)
    if only in (None, "csv"):
        pairs("CSV.gz", csv, kinds, 2, min(nr, 3), "wall", 1.0)
    if only in (None, "parquet"):
        pairs("Parquet", parquet, kinds, 2, min(nr, 3), "wall", 1.0)


if __name__ == "__main__":
    main()
