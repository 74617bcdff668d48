#!/usr/bin/env python3
"""A ledger of 13 months, one of which is restated twenty times, and what maintenance makes of it.

usage: restate.py [ROWS]     rows in all (390,000 unless given; 5,000,000 for a large one)

Goals: restating a month costs at most 1.1 of the CPU of importing it into an empty ledger (archiving apart: the
import is told to stop once its answer is out, which leaves that to the maintenance behind it);
after twenty restatements and maintenance the ledger's files are at most 1.3 of those of a fresh build; readers'
p99 meanwhile is at most 2 of that before for questions over two months, 3 over all thirteen. Delivered files
are not kept here: they are copied behind the load.
"""
import gzip
import json
import pathlib
import resource
import signal
import statistics
import subprocess
import sys
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from lib_farthing import Folder, Server, farthing, fast_program, must  # noqa: E402

TIMES, READS, ASK_S = 20, 40, 15
APART = ["--set", "raw.keep=false"]


def cpu_of(*args, program, data):
    """CPU seconds of a command up to its answer; what it would do behind that is left."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with subprocess.Popen([program, "--data", str(data), *APART, *map(str, args)], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as process:
        process.stdout.read(1)
        process.send_signal(signal.SIGINT)
        process.communicate()
    assert process.returncode == 0, f"{args}: exit {process.returncode}"
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def size(folder):
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) if folder.exists() else 0


def restated(bill, n, to):
    """The month once more, with one value changed, so that it is a delivery of its own."""
    with gzip.open(bill, "rb") as file:
        text = file.read()
    to.write_bytes(gzip.compress(text.replace(b"Meridian Management", b"Meridian Management %03d" % n), 1))
    return to


def ask(server, plan):
    request = urllib.request.Request(f"{server.url}/api/v1/costs/query", data=json.dumps(plan).encode(),
                                     headers={"Content-Type": "application/json"})
    started = time.perf_counter()
    urllib.request.urlopen(request, timeout=60).read()
    return (time.perf_counter() - started) * 1000


def p99(times):
    return sorted(times)[min(len(times) - 1, int(len(times) * 0.99))]


def plans(months):
    """Each question once, so that no answer is kept."""
    for n in range(100000):
        yield {"kind": "query", "subject": "cost", "measures": ["effective_cost"], "group_by": ["service"],
               "time": {"from": f"{months[0]}-01", "to": f"{months[-1]}-28"},
               "filters": [{"dimension": "usage_type", "op": "ne", "values": [f"none {n}"]}]}


def readers(server, months, work):
    """p99 alone and while `work` runs, in milliseconds."""
    asked = plans(months)
    alone = [ask(server, next(asked)) for _ in range(READS)]
    meanwhile, thread = [], threading.Thread(target=work)
    thread.start()
    until = time.monotonic() + ASK_S
    while thread.is_alive() or (len(meanwhile) < READS and time.monotonic() < until):
        meanwhile.append(ask(server, next(asked)))
    thread.join()
    return p99(alone), p99(meanwhile), len(meanwhile)


def main():
    program, rows = fast_program(), sys.argv[1] if len(sys.argv) > 1 else "390000"
    with Folder() as work:
        must(farthing("demo-data", work / "bill", "--months", "13", "--rows", rows, program=program, timeout=3600))
        bills = sorted((work / "bill" / "aws-cur-2.0").rglob("*.csv.gz"))
        months = [str(b.parent.name)[-7:] for b in bills]
        fresh, data, month = work / "fresh", work / "data", bills[6]
        for to in (fresh, data):
            must(farthing(*APART, "ingest", *bills, data=to, program=program, timeout=3600))
        empty = statistics.median(cpu_of("ingest", month, program=program, data=work / f"empty{n}") for n in range(3))
        costs, behind = [], []
        for n in range(TIMES):
            again = restated(month, n, work / "month.csv.gz")
            costs.append(cpu_of("ingest", "--replace", again, program=program, data=data))
            behind.append(cpu_of("--set", "compact.free_percent=0", "maintain", program=program, data=data))
        grown = size(data / "ledger")
        must(farthing(*APART, "maintain", data=data, program=program, timeout=3600))
        print(f"CPU of a month into an empty ledger  {empty:8.2f} s")
        print(f"CPU of restating it                  {statistics.median(costs):8.2f} s   {statistics.median(costs) / empty:.2f}")
        print(f"CPU of archiving behind it           {statistics.median(behind):8.2f} s   {statistics.median(behind) / empty:.2f}")
        print(f"fresh ledger                         {size(fresh / 'ledger') >> 20:8d} MiB")
        print(f"after {TIMES} restatements              {grown >> 20:8d} MiB   {grown / size(fresh / 'ledger'):.2f}")
        after = size(data / "ledger")
        print(f"after maintenance                    {after >> 20:8d} MiB   {after / size(fresh / 'ledger'):.2f}")
        print(f"archive                              {size(data / 'archive') >> 20:8d} MiB")
        with Server(data, *[], program=program) as server:
            for name, some in (("2 months", months[5:7]), ("13 months", months)):
                n = 100 + len(some)
                alone, meanwhile, nr = readers(server, some, lambda n=n: must(farthing(
                    "ingest", "--replace", restated(month, n, work / "month.csv.gz"), data=data, program=program,
                    timeout=3600)))
                print(f"p99 over {name:9}  alone {alone:6.0f} ms, during a restatement {meanwhile:6.0f} ms "
                      f"({nr} questions)   {meanwhile / alone:.2f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
