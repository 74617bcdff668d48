#!/usr/bin/env python3
"""Bills of 1 M rows into the ledger, against the plainest thing the engine can do with them.

usage: ingest.py [ROWS [PAIRS [FORMAT [csv|parquet|json]]]]      FORMAT: cur, focus, azure, oracle, google

The floor is CREATE TABLE AS over all of the file's columns with explicit types, money as DOUBLE and the same sort;
ours maps, keeps every digit, and builds tag dictionary, cubes and roll-up. Runs alternate, and what counts is the
ratio of neighbours. Goals: CPU with one thread at most 1.0 of the floor for CSV.gz (stretch 0.75), 1.2 for Parquet
(stretch 1.0) and 1.5 for JSON lines; with two threads (a CUR) less wall time than the floor; peak memory within the
setting plus 20 %. bench/bills/ says what the bills are; a CUR is made by wide_cur.c, a Google export by gcp_export.c.
The files stay in build/bench/ for the next run.
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
    if process.returncode not in (0, 3):
        sys.exit(f"{command[0]} failed with {process.returncode}:\n{out}")
    return {"cpu": used.ru_utime + used.ru_stime, "wall": time.perf_counter() - started,
            "rss": used.ru_maxrss / 1024, "out": out}


SORT = "CAST(line_item_usage_start_date AS DATE), line_item_usage_account_id, line_item_product_code, line_item_resource_id"
GOALS = {"csv": 1.0, "parquet": 1.2, "json": 1.5}
TITLES = {"csv": "CSV.gz", "parquet": "Parquet", "json": "JSON lines"}

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
GCP_SORT = "usage_start_time[:10], project.id, service.description, resource.global_name"


def reader(path, types):
    if path.suffix == ".parquet":
        return f"read_parquet('{path}')"
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
    if ".jsonl" in path.suffixes:
        return f"read_json('{path}', format = 'newline_delimited', columns = {{{columns}}})"
    return f"read_csv('{path}', header = true, delim = ',', quote = '\"', escape = '\"', columns = {{{columns}}})"


def script(target, threads, memory, *statements):
    return measure([compiled("script", "-lduckdb"), target, threads, memory], "\n".join(statements) + "\n")


def floor(path, types, sort, threads):
    target = WORK / "floor.duckdb"
    for old in (target, pathlib.Path(f"{target}.wal")):
        old.unlink(missing_ok=True)
    got = script(target, threads, f"{MEMORY_MB}MB",
                 f"CREATE TABLE t AS SELECT * FROM {reader(path, types)} ORDER BY {sort}")
    return got | {"file": target.stat().st_size / 1e6}


def ours(path, threads):
    data = WORK / "ours"
    shutil.rmtree(data, ignore_errors=True)
    os.environ |= {"FARTHING_LEDGER_THREADS": str(threads), "FARTHING_LEDGER_MEMORY": f"{MEMORY_MB}MiB",
                   "FARTHING_RAW_KEEP": "false"}
    got = measure([fast_program(), "--data", data, "ingest", "--json", path])
    report = json.loads(got["out"])["deliveries"][0]
    if report["status"] != "loaded":
        sys.exit(f"not loaded: {got['out'][:2000]}")
    return got | {"file": (data / "ledger" / "ledger.duckdb").stat().st_size / 1e6, "report": report}


def made(path, make):
    """Calls make with the path of a new file when the file is not there yet."""
    if not path.exists():
        print(f"making {path.name}", flush=True)
        make(f"{path}.new")
        os.rename(f"{path}.new", path)
    return path


def copied(to, rows, options):
    return made(to, lambda new: script(":memory:", 2, "8GB", f"COPY (SELECT {rows}) TO '{new}' ({options})"))


def cur(rows):
    """Its files by kind, the floor's types of the columns, the order."""
    generator = compiled("wide_cur", "-lz")
    kinds = dict(line.split() for line in
                 subprocess.run([generator, "--columns"], check=True, stdout=subprocess.PIPE, text=True)
                 .stdout.splitlines())
    types = {name: TYPES[kind] for name, kind in kinds.items()}
    csv = made(WORK / f"cur-{rows}.csv.gz",
               lambda new: subprocess.run([generator, str(rows), new], check=True))
    maps = ", ".join(f"CAST(CAST({name} AS JSON) AS MAP(VARCHAR, VARCHAR)) AS {name}"
                     for name, kind in kinds.items() if kind == "map")
    parquet = copied(WORK / f"cur-{rows}.parquet", f"* REPLACE ({maps}) FROM {reader(csv, types)}",
                     "FORMAT parquet, COMPRESSION zstd")
    return {"csv": csv, "parquet": parquet}, types, SORT


def google(rows):
    lines = made(WORK / f"gcp-{rows}.jsonl.gz",
                 lambda new: subprocess.run([compiled("gcp_export", "-lz"), str(rows), new], check=True))
    parquet = copied(WORK / f"gcp-{rows}.parquet", f"* FROM {reader(lines, GCP_TYPES)}",
                     "FORMAT parquet, COMPRESSION zstd")
    return {"json": lines, "parquet": parquet}, GCP_TYPES, GCP_SORT


def described(name, rows):
    """A bill that bench/bills describes."""
    lines = (ROOT / "bench" / "bills" / f"{name}.txt").read_text().splitlines()
    sort = next(line.removeprefix("-- sort ") for line in lines if line.startswith("-- sort "))
    columns = [line.split(None, 2) for line in lines if not line.startswith("--")]
    values = ", ".join(f'CAST({value} AS {kind}) AS "{column}"' for column, kind, value in columns)
    # Timestamps of a text file are written as bills have them.
    texts = ", ".join(f"strftime(\"{column}\", '%Y-%m-%dT%H:%M:%SZ') AS \"{column}\""
                      for column, kind, _ in columns if kind == "TIMESTAMP")
    source = f"{values} FROM (SELECT i, r(i, 0, {max(1, rows * 13 // 100)}) AS x FROM range({rows}) t(i))"

    def make(options):
        return lambda new: script(":memory:", 2, "8GB",
                                  "CREATE MACRO r(i, k, n) AS (hash(i * 64 + k) % n)::BIGINT",
                                  f"COPY (SELECT * {f'REPLACE ({texts})' if texts and 'csv' in options else ''} "
                                  f"FROM (SELECT {source})) TO '{new}' ({options})")

    files = {"csv": made(WORK / f"{name}-{rows}.csv.gz", make("FORMAT csv, COMPRESSION gzip")),
             "parquet": made(WORK / f"{name}-{rows}.parquet", make("FORMAT parquet, COMPRESSION zstd"))}
    return files, {column: kind for column, kind, _ in columns}, sort


FORMATS = {"cur": cur, "google": google} | {
    name: lambda rows, name=name: described(name, rows) for name in ("focus", "azure", "oracle")}


def pairs(title, path, types, sort, threads, nr, key, goal):
    print(f"\n{title}: {path.name}, {threads} thread{'s' if threads > 1 else ''}, {path.stat().st_size / 1e6:.0f} MB")
    print(f"{'':6}{'CPU s':>8}{'wall s':>8}{'RSS MB':>8}{'file MB':>9}{'rows/s':>10}   ratio of {key}")
    ratios = []
    for _ in range(nr):
        bare, mine = floor(path, types, sort, threads), ours(path, threads)
        ratios.append(mine[key] / bare[key])
        for name, run in (("floor", bare), ("ours", mine)):
            rate = f"{mine['report']['rows_read'] / run['wall']:10,.0f}"
            last = f"   {ratios[-1]:.2f}" if name == "ours" else ""
            print(f"{name:6}{run['cpu']:8.1f}{run['wall']:8.1f}{run['rss']:8.0f}{run['file']:9.0f}{rate}{last}",
                  flush=True)
    median, most = statistics.median(ratios), MEMORY_MB * 1.2
    print(f"median ratio {median:.2f}, goal {goal:.2f}: {'met' if median <= goal else 'MISSED'};"
          f" peak RSS {mine['rss']:.0f} MB of {most:.0f} allowed: {'met' if mine['rss'] <= most else 'MISSED'}")
    wrong = [check["id"] for check in mine["report"]["checks"] if not check["ok"]]
    if wrong:
        print(f"checks that do not hold, which costs time: {', '.join(wrong)}")
    print(f"read {mine['report']['rows_read']:,}, stored {mine['report']['rows_stored']:,}; CPU s of the last run: "
          + ", ".join(f"{name} {seconds:.1f}" for name, seconds in mine["report"]["phases"].items()))


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1000000
    nr = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    WORK.mkdir(parents=True, exist_ok=True)
    formats = [sys.argv[3]] if len(sys.argv) > 3 else list(FORMATS)
    only = sys.argv[4] if len(sys.argv) > 4 else None
    for name in formats:
        files, types, sort = FORMATS[name](rows)
        kinds = [kind for kind in files if only in (None, kind)]
        for kind in kinds:
            pairs(f"{name}, {TITLES[kind]}", files[kind], types, sort, 1, nr, "cpu", GOALS[kind])
        for kind in kinds if name == "cur" else ():
            pairs(f"{name}, {TITLES[kind]}", files[kind], types, sort, 2, min(nr, 3), "wall", 1.0)


if __name__ == "__main__":
    main()
