#!/usr/bin/env python3
"""64 connected clients at 8 requests a second while bills are imported, and what becomes of time and memory.

usage: load.py [MINUTES [ROWS]]      30 minutes over the ledger of query.py (5 M charges) unless said

The clients keep their connections; half of them follow the events as well. They ask the questions of questions.yaml,
by chance, result cache on, requests starting on the clock. Beside them one month of an account of its own is imported
and restated without end, with one thread. Goals, and exit code 1 when one is missed: no error that is not a limit; p99
below 1 s; memory flat: the mean of the last quarter at most 1.1 of that of the second.
"""
import gzip
import json
import os
import pathlib
import random
import shutil
import statistics
import sys
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "bench")]
from lib_farthing import Server, farthing, fast_program, must  # noqa: E402
from query import WORK, Client, percentile, prepare  # noqa: E402
from questions import names_of, questions  # noqa: E402

CLIENTS, RATE, MEMORY_GOAL, P99_GOAL_MS = 64, 8, 1.1, 1000


def resident_mb(pid):
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


class Load:
    def __init__(self, server, until):
        self.server, self.until, self.chance = server, until, random.Random(5)
        self.times, self.errors, self.limited, self.events, self.imports = [], [], 0, 0, 0
        self.memory, self.lock = [], threading.Lock()

    def running(self):
        return time.monotonic() < self.until

    def client(self, number, bodies):
        """Every eighth of a second one of the clients has its turn."""
        client, chance, next_at = Client(self.server), random.Random(number), time.monotonic() + number / RATE
        while next_at < self.until:
            time.sleep(max(0, next_at - time.monotonic()))
            started = time.monotonic()
            try:
                client.connection.request("POST", "/api/v1/costs/query", json.dumps(chance.choice(bodies)),
                                          {"Content-Type": "application/json"})
                reply = client.connection.getresponse()
                text = reply.read()
                with self.lock:
                    if reply.status == 429:
                        self.limited += 1
                    elif reply.status != 200:
                        self.errors.append(f"{reply.status} {text[:200]!r}")
                    else:
                        self.times.append((time.monotonic() - max(started, next_at)) * 1000)
            except OSError as problem:
                with self.lock:
                    self.errors.append(repr(problem))
                client = Client(self.server)
            next_at += CLIENTS / RATE

    def follower(self):
        while self.running():
            try:
                with urllib.request.urlopen(f"{self.server.url}/api/v1/events", timeout=20) as stream:
                    while self.running():
                        self.events += stream.readline().startswith(b"event:")
            except TimeoutError:
                pass
            except OSError as problem:
                with self.lock:
                    self.errors.append(f"events: {problem!r}")

    def importer(self, data, program, bill):
        text, again = gzip.decompress(bill.read_bytes()), WORK / "load.csv.gz"
        while self.running():
            self.imports += 1
            again.write_bytes(gzip.compress(text.replace(b"Meridian Management", b"Meridian Mgmt %06d" % self.imports), 1))
            done = farthing("ingest", "--replace", again, data=data, program=program, timeout=600)
            if done.returncode:
                self.errors.append(f"import: {done.stderr[-300:]}")

    def watcher(self):
        while self.running():
            self.memory.append(resident_mb(self.server.process.pid))
            time.sleep(1)


def main():
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 30
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 5_000_000
    program, data = fast_program(), WORK / "load"
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(prepare(rows, program), data)
    bill = WORK / "load-bill"
    if not bill.exists():
        must(farthing("demo-data", bill, "--months", 1, "--rows", 30000, "--seed", "99", program=program, timeout=600))
    month = next((bill / "aws-cur-2.0").rglob("*.csv.gz"))
    with Server(data, program=program, env={"FARTHING_LIMITS_QUERY": "0", "FARTHING_LEDGER_THREADS": "1"}) as server:
        bodies = [body for _, body, _ in questions(names_of(Client(server)), "")]
        load = Load(server, time.monotonic() + minutes * 60)
        threads = [threading.Thread(target=load.client, args=(number, bodies)) for number in range(CLIENTS)]
        threads += [threading.Thread(target=load.follower) for _ in range(CLIENTS // 2)]
        threads += [threading.Thread(target=load.importer, args=(data, program, month)),
                    threading.Thread(target=load.watcher)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    quarter = max(1, len(load.memory) // 4)
    second, last = (statistics.mean(load.memory[i * quarter:(i + 1) * quarter]) for i in (1, 3))
    p99 = percentile(load.times, .99)
    print(f"{len(load.times)} answers in {minutes:g} minutes, {load.limited} limited, {len(load.errors)} errors; "
          f"{load.imports} imports, {load.events} events")
    for error in load.errors[:10]:
        print(f"  {error}")
    print(f"p50 {percentile(load.times, .5):.1f}  p95 {percentile(load.times, .95):.1f}  p99 {p99:.1f}  "
          f"max {max(load.times):.1f} ms")
    print(f"memory: second quarter {second:.0f} MB, last {last:.0f} MB ({last / second:.2f}), most {max(load.memory):.0f}")
    sys.exit(bool(load.errors) or p99 > P99_GOAL_MS or last > second * MEMORY_GOAL)


if __name__ == "__main__":
    main()
