#!/usr/bin/env python3
"""Kills maintenance with SIGKILL, at named moments and at random ones, and looks at what is left. Prints TAP.

usage: kill_maintain.py [ROUNDS]      (5 at random moments unless given)

A month is replaced and added to, then maintained with settings so low that its files are kept, its segments are
merged, those of before archived, what is nobody's is swept and the ledger's file is written anew. First it is killed
once at each moment between two steps (base/fault.h), of which each kill leaves the later ones to be done; then, in
rounds, at a random moment. After each kill the directory must open by itself, and every version that was ever
loaded answers what it answered when it was new. At the end a run that is let alone leaves nothing behind that is
not needed.
"""
import collections
import decimal
import json
import os
import random
import signal
import subprocess
import time

from lib_kill import FAULTY, PROGRAM, SEED, farthing, prove

LINES, PARTS, ASKED = 600, 3, 4
NOBODYS = "999999.parquet"  # an archived segment that no catalogue has
NOT_NOW = ["--set", "compact.segments=0", "--set", "compact.free_percent=0", "--set", "raw.keep=false"]
NOW = ["--set", "compact.segments=2", "--set", "compact.free_percent=1", "--set", "compact.free_bytes=1"]
# In the order in which a run comes to them.
MOMENTS = [("keeping files", "raw-copied"), ("keeping files", "raw-settled"),
           ("merging", "merge-loaded"), ("merging", "merge-committed"),
           ("archiving", "archive-written"), ("archiving", "archive-settled"), ("archiving", "archive-marked"),
           ("archiving", "archive-dropped"), ("sweeping", "archive-swept"),
           ("rewriting the file", "rewrite-written"), ("rewriting the file", "rewrite-current")]
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
    """A month of three parts, whose files stay to be kept by maintenance."""
    for part in range(PARTS):
        path = work / f"part-{chance.randrange(10 ** 9)}.csv"
        bill(path, chance)
        farthing(data, *NOT_NOW, "ingest", "--append" if part else "--replace", str(path))
        said = ask(data)
        truth[said["ledger_version"]] = said["rows"]


def maintain(data, seconds=600, moment=None):
    """Whether it was killed: at a moment, or when the time was over."""
    env = {**os.environ, **({"FARTHING_FAULT": f"kill:{moment}"} if moment else {})}
    process = subprocess.Popen([FAULTY if moment else PROGRAM, "--data", str(data), *NOW, "maintain"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=env)
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    _, said = process.communicate()
    assert process.returncode in (0, -signal.SIGKILL), f"maintain: exit {process.returncode}: {said[-1000:]}"
    return process.returncode != 0


def leftovers(data):
    """Files that nobody needs once maintenance has ended."""
    stores = sorted(p.name for p in (data / "ledger").glob("ledger*.duckdb"))
    return stores[1:] + [p.name for p in (data / "archive" / "segments").glob("*.part")] \
        + [p.name for p in (data / "archive" / "segments").glob(NOBODYS)] \
        + [p.name for p in (data / "archive" / "raw").glob("part")]


def kill_at_moments(data, truth, chance):
    """How many kills each phase had."""
    killed = collections.Counter({phase: 0 for phase, _ in MOMENTS})
    (data / "archive" / "segments" / NOBODYS).write_bytes(b"PAR1")
    for phase, moment in MOMENTS:
        killed[phase] += maintain(data, moment=moment)
        look(data, truth, chance, moment)
    return killed


def kill_at_random(data, work, truth, chance, rounds):
    """How many of two kills each round hit."""
    killed = 0
    started = time.monotonic()
    maintain(data)
    took = time.monotonic() - started
    for number in range(rounds):
        load(data, work, truth, chance)
        for _ in range(2):
            started = time.monotonic()
            dead = maintain(data, chance.uniform(0, took))
            killed += dead
            if not dead:  # what there is to do differs, and so does how busy the machine is
                took = time.monotonic() - started
        look(data, truth, chance, f"round {number}")
    return killed


def proof(work, rounds):
    chance = random.Random(SEED)
    data, truth = work / "data", {}
    load(data, work, truth, chance)
    load(data, work, truth, chance)
    print(f"# seed {SEED}, {len(MOMENTS)} moments, {rounds} rounds\n1..5", flush=True)
    phases = kill_at_moments(data, truth, chance)
    hit = sum(phases.values()) == len(MOMENTS)
    said = ", ".join(f"{phase} {nr}" for phase, nr in phases.items())
    print(f"{'ok' if hit else 'not ok'} 1 - maintenance was killed at every moment of every phase ({said})", flush=True)
    killed = kill_at_random(data, work, truth, chance, rounds)
    print(f"{'ok' if killed else 'not ok'} 2 - and at random moments ({killed} of {2 * rounds})")
    print("ok 3 - after every kill every version answered as before")
    maintain(data)
    for version, said in truth.items():
        assert answer(data, version) == said, f"at the end version {version} says something else"
    print("ok 4 - in the end every version answers as when it was new")
    left = leftovers(data)
    print(f"{'ok' if not left else 'not ok'} 5 - nothing is left that nobody needs {left or ''}")
    return hit and killed and not left


if __name__ == "__main__":
    prove(proof, 5)
