#!/usr/bin/env python3
"""Made bills of growing size into the ledger: does the CPU per row stay, does memory?

usage: scale.py [MILLIONS [PROVIDER]]      (1 and aws unless given; 30 to 100 need hours and disk: about 60 MB of bill
                                           and 150 MB of ledger a million)

For a quarter, a half and the whole of so many million rows: `demo-data --rows` writes the bill, `ingest` loads it into
a fresh ledger with a memory setting of 2 GB. Printed are CPU seconds per million rows (imported and written), the
peak memory of both, and how the dearest size compares with the cheapest. Goals: CPU per row at most 1.25 times of the
smallest size's; memory of the import within the setting plus 20 %, of the writer within 1 GB.
"""
import json
import os
import pathlib
import shutil
import sys

from ingest import WORK, measure

from lib_farthing import fast_program

MEMORY_MB = 2048
FOLDERS = {"aws": "aws-cur-2.0", "google": "google-detailed", "azure-ea": "azure-ea", "azure-mca": "azure-mca",
           "oracle": "oracle", "focus": "focus"}


def one_size(program, provider, rows):
    bills, data = WORK / "scale-bills", WORK / "scale-data"
    shutil.rmtree(bills, ignore_errors=True)
    shutil.rmtree(data, ignore_errors=True)
    made = measure([program, "--data", data, "demo-data", bills, "--provider", provider, "--rows", rows,
                    "--months", 3, "--seed", 9])
    shutil.rmtree(data, ignore_errors=True)
    os.environ["FARTHING_LEDGER_MEMORY"] = f"{MEMORY_MB}MiB"
    loaded = measure([program, "--data", data, "--json", "ingest", bills / FOLDERS[provider]])
    read = sum(delivery["rows_read"] for delivery in json.loads(loaded["out"])["deliveries"])
    shutil.rmtree(bills)
    shutil.rmtree(data)
    return read, made, loaded


def main():
    millions = float(sys.argv[1]) if len(sys.argv) > 1 else 1
    provider = sys.argv[2] if len(sys.argv) > 2 else "aws"
    program = pathlib.Path(fast_program())
    WORK.mkdir(parents=True, exist_ok=True)
    costs, failed = [], False
    print(f"{provider}, memory setting {MEMORY_MB} MB")
    print(f"{'rows':>12} {'import CPU s/M':>15} {'import RSS MB':>14} {'write CPU s/M':>14} {'write RSS MB':>13}")
    for part in (4, 2, 1):
        rows, made, loaded = one_size(program, provider, max(1000, int(millions * 1e6 / part)))
        costs.append(loaded["cpu"] / rows * 1e6)
        failed |= loaded["rss"] > MEMORY_MB * 1.2 or made["rss"] > 1024
        print(f"{rows:>12,} {costs[-1]:>15.2f} {loaded['rss']:>14.0f} {made['cpu'] / rows * 1e6:>14.2f} "
              f"{made['rss']:>13.0f}")
    ratio = max(costs) / costs[0]
    print(f"dearest size {ratio:.2f} times the smallest one's CPU per row")
    sys.exit(1 if failed or ratio > 1.25 else 0)


if __name__ == "__main__":
    main()
