#!/usr/bin/env python3
"""All FOCUS rules over 1 M records of 57 columns, against one bare read of the file by the engine, and the official tool.

usage: focus.py [ROWS [PAIRS]]

The floor is CREATE TABLE AS SELECT * of the CSV file with every column as text. Goals: CPU at most twice the floor,
peak memory at most 1 GB. The official validator (FOCUS_VALIDATOR=path of its program, else `focus-validator` on the
path) is measured when it is there: it should take 20 times the CPU or more. The file is made from the correct one of
the tests, its records varied, and stays in build/bench/.
"""
import csv
import json
import os
import pathlib
import random
import shutil
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from ingest import ROOT, WORK, compiled, fast_program, measure  # noqa: E402

GOAL_CPU, GOAL_OFFICIAL, GOAL_MB = 2.0, 20.0, 1024
USES = (0, 1, 2, 9, 15)  # records of the correct file that may repeat: usage without a commitment


def vary(row, rng, number):
    row = dict(row)
    day, hour = number // 4000 % 27 + 1, number // 160 % 23
    row["ChargePeriodStart"] = f"2025-03-{day:02d}T{hour:02d}:00:00Z"
    row["ChargePeriodEnd"] = f"2025-03-{day:02d}T{hour + 1:02d}:00:00Z"
    row["SubAccountId"] = row["SubAccountName"] = f"team-{rng.randrange(40)}"
    row["ResourceId"] = f"arn:acme:eu-1:{row['SubAccountId']}:kettle/{rng.randrange(20000):08x}"
    quantity = rng.randrange(1, 100000)
    for price, cost in (("ListUnitPrice", ("ListCost",)),
                        ("ContractedUnitPrice", ("ContractedCost", "BilledCost", "EffectiveCost",
                                                 "PricingCurrencyEffectiveCost"))):
        units = round(float(row[price]) * 100) * quantity
        for name in cost:
            row[name] = f"{units // 100000}.{units % 100000:05d}"
    row["PricingQuantity"] = row["ConsumedQuantity"] = f"{quantity // 1000}.{quantity % 1000:03d}"
    if rng.random() < 0.8:
        row["Tags"] = json.dumps({"team": row["SubAccountId"], "env": rng.choice(("prod", "dev", "test")),
                                  "cost-center": f"CC-{rng.randrange(300):04d}", "owner": f"o{rng.randrange(900)}@acme"})
    return row


def made(rows):
    path = WORK / f"focus-{rows}.csv"
    if path.exists():
        return path
    print(f"making {path.name}", flush=True)
    rng = random.Random(1)
    with open(ROOT / "tests" / "unit" / "focus" / "data" / "good-1.2.csv", newline="", encoding="utf-8") as file:
        good = list(csv.DictReader(file))
    with open(f"{path}.new", "w", newline="", encoding="utf-8") as file:
        out = csv.DictWriter(file, good[0].keys(), lineterminator="\n")
        out.writeheader()
        out.writerows(good)
        for number in range(rows - len(good)):
            out.writerow(vary(good[USES[number * 7 % len(USES)]], rng, number))
    os.rename(f"{path}.new", path)
    return path


def floor(path):
    target = WORK / "floor.duckdb"
    for old in (target, pathlib.Path(f"{target}.wal")):
        old.unlink(missing_ok=True)
    return measure([compiled("script", "-lduckdb"), target, 2, "4096MB"],
                   f"CREATE TABLE t AS SELECT * FROM read_csv('{path}', header = true, delim = ',', quote = '\"', "
                   "escape = '\"', all_varchar = true)\n")


def ours(path):
    got = measure([fast_program(), "focus", "validate", "--json", path])
    report = json.loads(got["out"])
    if not report["valid"]:
        sys.exit(f"findings in a correct file: {report['findings']}")
    return got | {"report": report}


def show(name, run, rows, more=""):
    print(f"{name:9}{run['cpu']:8.2f}{run['wall']:8.2f}{run['rss']:8.0f}{rows / run['cpu']:14,.0f}{more}", flush=True)


def official(path, rows, mine):
    program = os.environ.get("FOCUS_VALIDATOR") or shutil.which("focus-validator")
    if not program:
        print("the official validator is not installed: not compared")
        return
    packages = next(pathlib.Path(program).resolve().parent.parent.glob("lib/python*/site-packages"))
    os.chdir(packages)  # it opens files relative to there
    run = measure([program, "--data-file", path, "--validate-version", "1.2.0.1", "--block-download",
                   "--applicability-criteria", "ALL"])
    ratio = run["cpu"] / mine["cpu"]
    show("official", run, rows, f"   {ratio:.0f} times ours")
    print(f"against the official validator {ratio:.0f}, goal {GOAL_OFFICIAL:.0f}: "
          f"{'met' if ratio >= GOAL_OFFICIAL else 'MISSED'}")


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1000000
    nr = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    WORK.mkdir(parents=True, exist_ok=True)
    path = made(rows)
    print(f"{path.name}: {rows:,} records, {path.stat().st_size / 1e6:.0f} MB")
    print(f"{'':9}{'CPU s':>8}{'wall s':>8}{'RSS MB':>8}{'records/CPU s':>14}   ratio of CPU")
    ratios = []
    for _ in range(nr):
        bare, mine = floor(path), ours(path)
        ratios.append(mine["cpu"] / bare["cpu"])
        show("floor", bare, rows)
        show("ours", mine, rows, f"   {ratios[-1]:.2f}")
    median = statistics.median(ratios)
    print(f"median ratio {median:.2f}, goal {GOAL_CPU:.2f}: {'met' if median <= GOAL_CPU else 'MISSED'}; "
          f"peak RSS {mine['rss']:.0f} MB of {GOAL_MB} allowed: {'met' if mine['rss'] <= GOAL_MB else 'MISSED'}")
    print("dearest rules, CPU ms: " + ", ".join(
        f"{o['rule']} {o['cpu_us'] / 1000:.0f}" for o in sorted(mine["report"]["outcomes"],
                                                                key=lambda o: -o["cpu_us"])[:8]))
    official(path, rows, mine)


if __name__ == "__main__":
    main()
