#!/usr/bin/env python3
"""Kills imports with SIGKILL at random moments and looks at what is left. Prints TAP.

usage: kill_import.py [ROUNDS]      (30 unless given)

Made bills of every provider, each in a data directory of its own: first loaded, then billed again, late and
corrected, which replaces a month or adds to it. Each round takes the next step of one provider and kills the
process at a random moment, or lets it end; behind its last step a provider begins anew, empty or loaded. After
each kill the directory must open by itself, a month holds exactly what it held before the step or exactly what it
holds behind it, and what was acknowledged is there. At the end everything is imported and must equal the truth.
"""
import collections
import csv
import decimal
import json
import random
import shutil
import signal
import subprocess
import time

from lib_kill import PROGRAM, SEED, farthing, prove

# Provider, its folder, how what is billed again comes in, and what that does.
PROVIDERS = [
    ("aws", "aws-cur-2.0", [], "restatement"),
    ("google", "google-detailed", ["--append"], "append"),
    ("azure-ea", "azure-ea", [], "restatement"),
    ("azure-mca", "azure-mca", [], "restatement"),
    ("oracle", "oracle", [], "append"),
    ("focus", "focus", ["--replace"], "restatement"),
]
PHASES = ("load", "restatement", "append")


def true_totals(folder, provider):
    totals = {}
    name = f"{provider.replace('-', '_')}_by_month_service_category.csv"
    with open(folder / "truth" / name, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            month = totals.setdefault(row["billing_month"], [decimal.Decimal(0)] * 2)
            month[0] += decimal.Decimal(row["billed"])
            month[1] += decimal.Decimal(row["effective"])
    return totals


def ledger_totals(data):
    plan = {"kind": "query", "subject": "cost", "measures": ["billed_cost", "effective_cost"],
            "time": None, "group_by": ["billing_period"]}
    out = farthing(data, "--json", "query", "-", text=json.dumps(plan))
    return {row["billing_period"]: [decimal.Decimal(row["billed_cost"]), decimal.Decimal(row["effective_cost"])]
            for row in json.loads(out)["rows"]}


class Bill:
    """A provider's deliveries in their order, and what each month comes to behind each of them."""

    def __init__(self, work, provider, folder, how, phase):
        bills = work / "bills"
        self.provider = provider
        self.phase = phase
        self.data = work / f"data-{provider}"
        self.steps = [("load", bills / folder, how if phase == "append" else [])]
        self.steps += [(phase, bills / "restated" / step / folder, how) for step in ("late", "corrected")]
        self.states = [{}, true_totals(bills, provider)]
        self.states += [true_totals(bills / "restated" / step, provider) for step in ("late", "corrected")]
        self.loaded = work / f"loaded-{provider}"
        self.at = len(self.steps)

    def load(self):
        """Loads it once and keeps a copy to begin from; how long that takes."""
        self.at = 0
        started = time.monotonic()
        farthing(self.data, *self.step()[1])
        self.seconds = time.monotonic() - started
        shutil.copytree(self.data, self.loaded)
        self.at = len(self.steps)

    def begin(self, loaded):
        shutil.rmtree(self.data, ignore_errors=True)
        if loaded:
            shutil.copytree(self.loaded, self.data)
        self.at = int(loaded)

    def step(self):
        phase, folder, how = self.steps[self.at]
        return phase, ["--json", "ingest", str(folder), *how]

    def look(self, ended, where):
        """What is there is what was before the step or what is behind it, month by month."""
        before, behind = self.states[self.at], self.states[self.at + 1]
        there = ledger_totals(self.data)
        for month in sorted(set(there) | set(before) | set(behind)):
            allowed = [behind.get(month)] if ended else [before.get(month), behind.get(month)]
            assert there.get(month) in allowed, \
                f"{where}: {month} holds {there.get(month)}, not {' or '.join(map(str, allowed))}"
        if there == behind:
            self.at += 1


def leftovers(data):
    return list((data / "tmp").glob("*")) if (data / "tmp").exists() else []


def one_round(chance, bill, number):
    """Whether it was killed, and in which phase."""
    if bill.at == len(bill.steps):
        bill.begin(loaded=chance.random() < 0.5)
    phase, args = bill.step()
    seconds = bill.seconds if phase == "load" else bill.seconds * 0.6
    process = subprocess.Popen([PROGRAM, "--data", str(bill.data), *args],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    killed = False
    try:
        process.wait(timeout=chance.uniform(0, seconds * 1.1))
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        killed = True
    process.communicate()
    ended = process.returncode == 0
    assert ended or killed, f"round {number}: {bill.provider}, {phase}: exit {process.returncode}"
    bill.look(ended, f"round {number}: {bill.provider}, {phase}")
    return killed, phase


def missed(chance, bills, killed):
    """Chance may have spared a phase: what was not yet killed there is, in rounds of its own."""
    for phase in PHASES:
        mine = [bill for bill in bills if phase in ("load", bill.phase)]
        for number in range(20):
            if killed[phase]:
                break
            bill = mine[number % len(mine)]
            bill.begin(loaded=phase != "load")
            killed[phase] += one_round(chance, bill, f"{number} for {phase}")[0]


def proof(work, rounds):
    chance = random.Random(SEED)
    decimal.getcontext().prec = 60
    farthing(work / "none", "demo-data", str(work / "bills"), "--provider", "all", "--restate",
             "--months", "3", "--rows", "4000", "--seed", "5")
    bills = [Bill(work, *row) for row in PROVIDERS]
    for bill in bills:
        bill.load()
    print(f"# seed {SEED}, loads take {', '.join(f'{bill.seconds:.2f}' for bill in bills)} s, {rounds} rounds")
    print("1..4")
    killed = collections.Counter()
    for number in range(rounds):
        dead, phase = one_round(chance, bills[number % len(bills)], number)
        killed[phase] += dead
    missed(chance, bills, killed)
    for bill in bills:
        if bill.at == len(bill.steps):
            bill.begin(loaded=True)
        while bill.at < len(bill.steps):
            farthing(bill.data, *bill.step()[1])
            bill.look(True, f"{bill.provider}, at the end")
    total = min(killed.get(phase, 0) for phase in PHASES)
    print(f"{'ok' if total else 'not ok'} 1 - imports were killed in every phase ({dict(killed)} of {rounds})")
    print("ok 2 - after every kill months were whole or as before, and nothing acknowledged was lost")
    print("ok 3 - in the end the ledgers are the truth")
    left = [path for bill in bills for path in leftovers(bill.data)]
    print(f"{'ok' if not left else 'not ok'} 4 - no temporary file is left")
    return total and not left


if __name__ == "__main__":
    prove(proof, 30)
