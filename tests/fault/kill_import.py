#!/usr/bin/env python3
"""Kills imports with SIGKILL at random moments and looks at what is left. Prints TAP.

usage: kill_import.py [ROUNDS]      (30 unless given)

Each round imports one month of a made bill into the same data directory and kills the process at a random
moment, or lets it end; when all months are in, the directory begins anew. After each kill the directory must open by itself, a month is either wholly there or
not at all, what was acknowledged is there, and every month that is there has exactly its true total. At the
end everything is imported and must equal the truth.
"""
import csv
import decimal
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

BUILD = pathlib.Path(os.environ.get("FARTHING_BUILD_DIR", "build/debug"))
RELEASE = BUILD.parent / "release" / "src" / "farthing"
PROGRAM = str(RELEASE if RELEASE.exists() else BUILD / "src" / "farthing")
SEED = int(os.environ.get("FARTHING_SEED", time.time_ns() % 1_000_000))


def farthing(data, *args, check=True):
    done = subprocess.run([PROGRAM, "--data", str(data), *args], capture_output=True, text=True)
    if check and done.returncode != 0:
        raise AssertionError(f"{args}: exit {done.returncode}: {done.stderr[-2000:]}")
    return done


def true_totals(bill):
    totals = {}
    with open(bill / "truth" / "aws_by_month_service_category.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            month = totals.setdefault(row["billing_month"], [decimal.Decimal(0)] * 2)
            month[0] += decimal.Decimal(row["billed"])
            month[1] += decimal.Decimal(row["effective"])
    return totals


def ledger_totals(data):
    plan = {"kind": "query", "subject": "cost", "measures": ["billed_cost", "effective_cost"],
            "time": None, "group_by": ["billing_period"]}
    done = subprocess.run([PROGRAM, "--data", str(data), "--json", "query", "-"], input=json.dumps(plan),
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"the ledger does not open: {done.stderr[-2000:]}")
    return {row["billing_period"]: [decimal.Decimal(row["billed_cost"]), decimal.Decimal(row["effective_cost"])]
            for row in json.loads(done.stdout)["rows"]}


def leftovers(data):
    return [p for p in (data / "tmp").glob("*")] if (data / "tmp").exists() else []


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    chance = random.Random(SEED)
    work = pathlib.Path(tempfile.mkdtemp(prefix="farthing-kill-"))
    data, bill = work / "data", work / "bill"
    decimal.getcontext().prec = 60
    try:
        farthing(data, "demo-data", str(bill), "--months", "6", "--seed", "5")
        truth = true_totals(bill)
        months = sorted(truth)
        started = time.monotonic()
        farthing(data, "ingest", str(bill / "aws-cur-2.0"), "--period", months[0])
        one_import = time.monotonic() - started
        acknowledged, killed, ended = {months[0]}, 0, 0
        print(f"# seed {SEED}, one import takes {one_import:.2f} s, {rounds} rounds")
        print("1..4")
        for number in range(rounds):
            # What is loaded already is only recognised; an empty directory makes imports work again.
            if acknowledged == set(months):
                shutil.rmtree(data)
                acknowledged = set()
            month = chance.choice(sorted(set(months) - acknowledged))
            process = subprocess.Popen([PROGRAM, "--data", str(data), "--json", "ingest",
                                        str(bill / "aws-cur-2.0"), "--period", month],
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            try:
                process.wait(timeout=chance.uniform(0, one_import * 1.1))
                ended += 1
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                killed += 1
            output = process.communicate()[0]
            if process.returncode == 0 and '"status"' in output:
                acknowledged.add(month)
            there = ledger_totals(data)
            for name, sums in there.items():
                assert sums == truth[name], f"round {number}: {name} holds {sums}, the truth is {truth[name]}"
            assert acknowledged <= set(there), f"round {number}: lost {acknowledged - set(there)}"
            acknowledged |= set(there)
        print(f"# {killed} killed, {ended} ended by themselves")
        print(f"{'ok' if killed else 'not ok'} 1 - imports were killed ({killed} of {rounds})")
        print("ok 2 - after every kill months were whole or absent, and nothing acknowledged was lost")
        farthing(data, "ingest", str(bill / "aws-cur-2.0"))
        there = ledger_totals(data)
        print(f"{'ok' if there == truth else 'not ok'} 3 - in the end the ledger is the truth")
        print(f"{'ok' if not leftovers(data) else 'not ok'} 4 - no temporary file is left")
        if not killed or there != truth or leftovers(data):
            sys.exit(1)
    except AssertionError as broken:
        print(f"# {broken}")
        print("not ok 1 - the ledger survives kills")
        sys.exit(1)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
