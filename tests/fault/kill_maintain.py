#!/usr/bin/env python3
"""Kills maintenance with SIGKILL at random moments and looks at what is left. Prints TAP.

usage: kill_maintain.py [ROUNDS]      (10 unless given)

Each round a month is replaced and added to, then maintained with settings so low that its segments are merged,
those of before archived and the ledger's file written anew; the process is killed at a random moment, or ends.
After each kill the directory must open by itself, and every version that was ever loaded answers what it answered
when it was new. At the end a run that is let alone leaves nothing behind that is not needed.
"""
import decimal
import json
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from kill_import import PROGRAM, SEED, farthing

LINES, PARTS, ASKED = 600, 3, 4
NOT_NOW = ["--set", "compact.segments=0", "--set", "compact.free_percent=0"]
NOW = ["--set", "compact.segments=2", "--set", "compact.free_percent=1", "--set", "compact.free_bytes=1"]
HEAD = ("BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,BillingAccountId,BillingPeriodStart,"
        "BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName,ProviderName,Tags,x_Note\n")


def bill(path, chance):
    """A part of a month: lines of four services, with tags and a column of its own."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(HEAD)
        for n in range(LINES):
            day = 1 + n % 28
            cost = decimal.Decimal(chance.randrange(10 ** 12)) / 10 ** 9
            file.write(f'{cost},{cost},{cost},{cost},USD,a-1,2025-05-01,2025-06-01,2025-05-{day:02},'
                       f'2025-05-{day + 1:02},Usage,S{n % 4},Contoso,"{{""team"":""t{n % 9}""}}",note {n}\n')


def ask(data, version=0):
    """Sums by service and tag, and the number of charges, of a version or the newest."""
    plan = {"kind": "query", "subject": "cost", "measures": ["billed_cost", "effective_cost", "charge_count"],
            "time": None, "group_by": ["service", "tag:team"]}
    if version:
        plan["as_of"] = version
    return json.loads(farthing(data, "--json", "query", "-", text=json.dumps(plan)))


def answer(data, version=0):
    return ask(data, version)["rows"]


def look(data, truth, chance, where):
    versions = sorted(truth)
    for version in {versions[-1], *chance.sample(versions, min(ASKED, len(versions)))}:
        assert answer(data, version) == truth[version], f"{where}: version {version} says something else"
    assert answer(data) == truth[versions[-1]], f"{where}: the ledger says something else"


def load(data, work, truth, chance):
    for part in range(PARTS):
        path = work / f"part-{chance.randrange(10 ** 9)}.csv"
        bill(path, chance)
        farthing(data, *NOT_NOW, "ingest", "--append" if part else "--replace", str(path))
        path.unlink()
        said = ask(data)
        truth[said["ledger_version"]] = said["rows"]


def maintain(data, seconds):
    """Whether it was killed."""
    process = subprocess.Popen([PROGRAM, "--data", str(data), *NOW, "maintain"], stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
    try:
        process.wait(timeout=seconds)
        killed = False
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        killed = True
    _, said = process.communicate()
    assert killed or process.returncode == 0, f"maintain: exit {process.returncode}: {said[-1000:]}"
    return killed


def leftovers(data):
    """Files that nobody needs once maintenance has ended."""
    stores = sorted(p.name for p in (data / "ledger").glob("ledger*.duckdb"))
    return stores[1:] + [p.name for p in (data / "archive" / "segments").glob("*.part")] \
        + [p.name for p in (data / "archive" / "raw").glob("part")]


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    chance = random.Random(SEED)
    work = pathlib.Path(tempfile.mkdtemp(prefix="farthing-kill-"))
    data, truth, killed = work / "data", {}, 0
    try:
        load(data, work, truth, chance)
        load(data, work, truth, chance)
        started = time.monotonic()
        maintain(data, 600)
        took = time.monotonic() - started
        print(f"# seed {SEED}, maintenance takes {took:.2f} s, {rounds} rounds", flush=True)
        print("1..4")
        for number in range(rounds):
            load(data, work, truth, chance)
            for _ in range(2):
                started = time.monotonic()
                dead = maintain(data, chance.uniform(0, took))
                killed += dead
                if not dead:  # what there is to do differs, and so does how busy the machine is
                    took = time.monotonic() - started
            look(data, truth, chance, f"round {number}")
        print(f"{'ok' if killed else 'not ok'} 1 - maintenance was killed ({killed} of {2 * rounds})")
        print("ok 2 - after every kill every version answered as before")
        maintain(data, 600)
        for version, said in truth.items():
            assert answer(data, version) == said, f"at the end version {version} says something else"
        print("ok 3 - in the end every version answers as when it was new")
        left = leftovers(data)
        print(f"{'ok' if not left else 'not ok'} 4 - nothing is left that nobody needs {left or ''}")
        if not killed or left:
            sys.exit(1)
    except AssertionError as broken:
        print(f"# {broken}")
        print("not ok 1 - the ledger survives kills")
        sys.exit(1)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
