#!/usr/bin/env python3
"""The thirty questions of questions.yaml to a ledger of 5 M charges, through the API.

usage: questions.py [ROWS [SECONDS]]      SECONDS of the open load, 30 unless said

Each question alone, result cache off: what answers it, time and CPU; where no cube does, CPU beside the best SQL by
hand on a copy of the same file. Then all of them: the first time after a start; from the cache; 16 clients at once;
8 requests a second on the clock, cache on. Goals: at least 22 of 30 from cubes, those p95 < 100 ms; scans at most 1.1
times the CPU; cached < 5 ms; the open load p95 < 100 ms with no error. The ledger is the one of query.py.
"""
import datetime
import json
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import threading
import time

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "bench")]
from lib_farthing import Server, fast_program  # noqa: E402
from query import Client, WORK, floor_program, percentile, plan, prepare, show, tables  # noqa: E402

ROUNDS, REPEATS, CUBES = 5, 5, ("cube", "roll-up")
COLUMNS = ("ChargePeriodStart, SubAccountId, ServiceName, RegionId, SkuMeter, ResourceId, TagSetId, PricingCategory, "
           "EffectiveCost")


def shifted(day, months):
    month = day.year * 12 + day.month - 1 + months
    return datetime.date(month // 12, month % 12 + 1, 1)


def names_of(client):
    """What the words in braces stand for in this ledger."""
    def dearest(key):
        rows = json.loads(client.ask(plan(group_by=[key]))[2])["rows"]
        return next(row[key] for row in rows if row[key])

    periods = json.loads(client.ask(plan(group_by=["billing_period"], measures=["charge_count"]))[2])["rows"]
    print(f"{sum(int(row['charge_count']) for row in periods)} charges, {len(periods)} periods")
    end = datetime.date.fromisoformat(max(row["billing_period"] for row in periods)[:7] + "-01")
    month = shifted(end, -1)
    days = {f"{name}": str(end - datetime.timedelta(days=nr)) for name, nr in (("week", 7), ("week2", 14), ("days", 30))}
    return days | {"end": str(end), "month": str(month), "before": str(shifted(month, -1)), "year": str(shifted(end, -12)),
                   "account": dearest("sub_account"), "service": dearest("service"), "resource": dearest("resource"),
                   "team": dearest("tag:team")}


def questions(names, segments):
    text = (ROOT / "bench" / "questions.yaml").read_text().replace("{all}", segments)
    for key, value in names.items():
        text = text.replace("{%s}" % key, value)
    return [(asked["id"], plan(**asked["plan"]), asked.get("by_hand")) for asked in yaml.safe_load(text)]


def served_by(client, body):
    client.connection.request("POST", "/api/v1/costs/explain", json.dumps(body), {"Content-Type": "application/json"})
    return json.loads(client.connection.getresponse().read())["served_by"]


def one_by_one(client, asked, copy):
    """A line for each question, and one for all that cubes answer."""
    covered, times = 0, []
    for name, body, sql in asked:
        source = served_by(client, body)
        client.ask(body)
        ours, theirs, took = [], [], []
        for _ in range(ROUNDS):
            cpu = client.cpu_ms()
            took += [client.ask(body)[0] for _ in range(REPEATS)]
            ours.append((client.cpu_ms() - cpu) / REPEATS)
            if sql:
                done = subprocess.run([str(floor_program()), str(copy), "2", str(REPEATS)], input=sql, check=True,
                                      capture_output=True, text=True)
                theirs.append(float(done.stdout.split()[0]))
        extra = f"  CPU {statistics.median(ours):7.1f}  {source}"
        if sql:
            ratio = statistics.median(a / b for a, b in zip(ours, theirs))
            extra += f", by hand {statistics.median(theirs):.1f}, ratio {ratio:.2f}"
        show(name, took, extra)
        if source in CUBES:
            covered, times = covered + 1, times + took
    print(f"{covered} of {len(asked)} from cubes")
    show("those", times)


def together(server, bodies, clients, rounds):
    """Each client asks all questions, in an order of its own, one after the other."""
    times, lock = [], threading.Lock()

    def run(seed):
        mine, client = list(bodies) * rounds, Client(server)
        random.Random(seed).shuffle(mine)
        took = [client.ask(body)[0] for body in mine]
        with lock:
            times.extend(took)

    threads = [threading.Thread(target=run, args=(seed,)) for seed in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, len(times) / (time.perf_counter() - started)


def open_load(server, bodies, seconds, rate):
    """Requests start on the clock, whether the ones before have ended or not."""
    times, threads, chance = [], [], random.Random(3)
    started = time.perf_counter()
    for number in range(seconds * rate):
        delay = started + number / rate - time.perf_counter()
        if delay > 0:
            time.sleep(delay)
        threads.append(threading.Thread(target=lambda: times.append(Client(server).ask(chance.choice(bodies))[0])))
        threads[-1].start()
    for thread in threads:
        thread.join()
    return times


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 30
    program, copy = fast_program(), WORK / "floor.duckdb"
    data = prepare(rows, program)
    segments = " UNION ALL ".join(f"SELECT {COLUMNS} FROM {table}" for table in tables(data))
    shutil.copyfile(data / "ledger" / "ledger.duckdb", copy)
    free = {"FARTHING_QUERY_CACHE": "0", "FARTHING_LIMITS_QUERY": "0"}
    with Server(data, program=program, env=free) as server:
        client = Client(server)
        names = names_of(client)
        asked = questions(names, segments)
        bodies = [body for _, body, _ in asked]
        one_by_one(client, asked, copy)
        for clients in (1, 16):
            times, rate = together(server, bodies, clients, 3)
            show(f"all, {clients} client{'s' if clients > 1 else ''}, cache off", times, f"  {rate:.0f} requests/s")
    with Server(data, program=program, env={"FARTHING_LIMITS_QUERY": "0"}) as server:
        client = Client(server)
        show("all, first time after the start", [client.ask(body)[0] for body in bodies])
        show("all, from the result cache", [client.ask(body)[0] for body in bodies for _ in range(10)])
        show(f"8 requests a second for {seconds} s, cache on", open_load(server, bodies, seconds, 8))


if __name__ == "__main__":
    main()
