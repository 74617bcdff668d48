#!/usr/bin/env python3
"""A ledger of 13 months, one of which is restated twenty times, and what maintenance makes of it.

usage: restate.py [ROWS]     rows in all (390,000 unless given: minutes; 5,000,000 for a large ledger: an hour or two)

Goals, and exit code 1 when one is missed: restating a month costs at most 1.1 of the CPU of importing it into an
empty ledger; after twenty restatements and maintenance the ledger's files are at most 1.3 of those of a fresh
build; readers' p99 while months are restated and archived is at most 2 of that in quiet for questions over two
months, 3 over all thirteen.

Each restatement has an import into an empty ledger as its neighbour, and the median of their ratios counts. Counted
is what a process has used when its delivery is committed; it is told to stop then, which leaves archiving to the
maintenance behind it, measured apart. Delivered files are not kept here: they are copied behind the load. Readers
ask one after the other, each question once, before, while and after months are restated.
"""
import contextlib
import gzip
import itertools
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from lib_farthing import Folder, Server, farthing, fast_program, must, wait_for  # noqa: E402

MONTHS, TIMES, READS = 13, 20, 200
CPU_GOAL, SIZE_GOAL, READ_GOALS = 1.1, 1.3, ((2, 2.0), (MONTHS, 3.0))
APART = ["--set", "raw.keep=false"]
LOOK_S = 0.005


class Goals:
    """One line for each goal."""

    def __init__(self):
        self.missed = 0

    def held(self, name, ratio, goal):
        self.missed += ratio > goal
        print(f"{name:<46} {ratio:6.2f}   goal {goal:.1f}{'' if ratio <= goal else '   MISSED'}", flush=True)


def note(text):
    print(f"# {time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def deliveries(data):
    try:
        with contextlib.closing(sqlite3.connect(f"file:{data}/state.db?mode=ro", uri=True)) as state:
            return state.execute("SELECT count(*) FROM delivery").fetchone()[0]
    except sqlite3.OperationalError:  # not there yet, or just being made
        return 0


def used(pid):
    """CPU seconds of a process and its threads so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cpu_of_import(*args, program, data):
    """CPU seconds of an import of one delivery up to its commit."""
    before = deliveries(data)
    with subprocess.Popen([program, "--data", str(data), *APART, "ingest", *map(str, args)],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while deliveries(data) == before:
            assert process.poll() is None, f"ingest {args}: exit {process.returncode}"
            time.sleep(LOOK_S)
        cost = used(process.pid)
        process.send_signal(signal.SIGINT)
    return cost


def cpu_of(*args, program, data):
    before = os.times()
    must(farthing(*APART, *args, data=data, program=program, timeout=7200))
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def size(folder):
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) if folder.exists() else 0


class Month:
    """The bill of one month, which can be written again with one value changed: a delivery of its own."""

    def __init__(self, bill, work):
        self.text = gzip.decompress(bill.read_bytes())
        self.again = work / "month.csv.gz"
        self.number = 0

    def restated(self):
        self.number += 1
        said = self.text.replace(b"Meridian Management", b"Meridian Management %03d" % self.number)
        self.again.write_bytes(gzip.compress(said, 1))
        return self.again


def restate(program, data, month, work):
    """(CPU into an empty ledger, CPU of restating, CPU of archiving) of each time."""
    for number in range(TIMES):
        again, empty = month.restated(), work / "empty"
        shutil.rmtree(empty, ignore_errors=True)
        alone = cpu_of_import(again, program=program, data=empty)
        cost = cpu_of_import("--replace", again, program=program, data=data)
        behind = cpu_of("--set", "compact.free_percent=0", "maintain", program=program, data=data)
        note(f"restatement {number + 1} of {TIMES}: {alone:.2f}, {cost:.2f}, archiving {behind:.2f} s")
        yield alone, cost, behind


# ---- readers ----


def ask(server, months, number):
    """Milliseconds of a question that no cube answers."""
    plan = {"kind": "query", "subject": "cost", "measures": ["effective_cost"], "group_by": ["service"],
            "time": {"start": f"{months[0]}-01", "end": f"{months[-1]}-28"},
            "filters": [{"field": "usage_type", "op": "not_in", "values": [f"none {number}"]}]}
    request = urllib.request.Request(f"{server.url}/api/v1/costs/query", data=json.dumps(plan).encode(),
                                     headers={"Content-Type": "application/json"})
    started = time.perf_counter()
    urllib.request.urlopen(request, timeout=60).read()
    return (time.perf_counter() - started) * 1000


def p99(times):
    return sorted(times)[int(len(times) * 0.99)]


def is_quiet(server):
    return all(job["state"] not in ("queued", "running") for job in server.get("/api/v1/jobs")["data"])


def readers(server, months, restate_once):
    """p99 in quiet, and while months are restated one after the other; of how many restatements."""
    numbers, done, enough = itertools.count(), [], threading.Event()

    def restating():
        while not enough.is_set():
            restate_once()
            done.append(True)

    quiet = [ask(server, months, next(numbers)) for _ in range(READS // 2)]
    thread = threading.Thread(target=restating)
    thread.start()
    meanwhile = []
    while thread.is_alive():
        meanwhile.append(ask(server, months, next(numbers)))
        if len(meanwhile) >= READS:
            enough.set()
    thread.join()
    assert done, "no restatement came to its end"
    assert wait_for(lambda: is_quiet(server), 600), "jobs do not end"
    quiet += [ask(server, months, next(numbers)) for _ in range(READS // 2)]
    return p99(quiet), p99(meanwhile), len(meanwhile), len(done)


# ---- all of it ----


def main():
    program, rows = fast_program(), sys.argv[1] if len(sys.argv) > 1 else "390000"
    goals = Goals()
    with Folder() as work:
        fresh, data = work / "fresh", work / "data"
        note(f"{rows} rows, {MONTHS} months")
        must(farthing("demo-data", work / "bill", "--months", MONTHS, "--rows", rows, program=program, timeout=7200))
        bills = sorted((work / "bill" / "aws-cur-2.0").rglob("*.csv.gz"))
        names = [bill.parent.name[-7:] for bill in bills]
        assert len(set(names)) == MONTHS, f"{len(bills)} files of {len(set(names))} months"
        must(farthing(*APART, "ingest", *bills, data=fresh, program=program, timeout=7200))
        shutil.copytree(fresh, data)
        month = Month(bills[6], work)
        costs = list(restate(program, data, month, work))
        grown = size(data / "ledger")
        must(farthing(*APART, "maintain", data=data, program=program, timeout=7200))
        before, after = size(fresh / "ledger"), size(data / "ledger")
        alone, again, behind = (statistics.median(column) for column in zip(*costs))
        print(f"CPU of a month: into an empty ledger {alone:.2f} s, restated {again:.2f} s, archiving {behind:.2f} s")
        goals.held("CPU of restating", statistics.median(cost / empty for empty, cost, _ in costs), CPU_GOAL)
        print(f"ledger: fresh {before >> 20} MiB, after {TIMES} restatements {grown >> 20} MiB, maintained "
              f"{after >> 20} MiB; archive {size(data / 'archive') >> 20} MiB")
        goals.held("size after maintenance", after / before, SIZE_GOAL)
        with Server(data, *APART, program=program) as server:
            for over, goal in READ_GOALS:
                first = 5 if over < MONTHS else 0
                note(f"readers over {over} months")
                quiet, meanwhile, nr, times = readers(server, names[first:first + over], lambda: must(farthing(
                    "ingest", "--replace", month.restated(), data=data, program=program, timeout=7200)))
                print(f"p99 over {over} months: quiet {quiet:.0f} ms, meanwhile {meanwhile:.0f} ms "
                      f"({nr} questions, {times} restatements)")
                goals.held(f"p99 over {over} months", meanwhile / quiet, goal)
    return 1 if goals.missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
