#!/usr/bin/env python3
"""Questions to a ledger of 5 M charges through the API, against hand-written SQL on the same file.

usage: query.py [ROWS]

Goals, one client, result cache off: what a cube covers p95 < 60 ms; a scan of charges at most 1.1 times the CPU of
the best SQL we know to write; a cached answer and a 304 under 2 ms; ten requests a second, p95 < 150 ms.
The made bill and the ledger stay in build/bench/ for the next run.
"""
import http.client
import json
import os
import pathlib
import random
import sqlite3
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from lib_farthing import Server, farthing, fast_program, must  # noqa: E402

WORK = ROOT / "build" / "bench"
TICK = os.sysconf("SC_CLK_TCK")


def plan(**fields):
    return {"kind": "query", "subject": "cost", "measures": ["effective_cost"], "time": None, **fields}


def cube_plans(chance, months):
    """A question each that some cube answers, over a range that differs every time."""
    while True:
        first, last = sorted((chance.choice(months), chance.choice(months)))
        year, month = map(int, last.split("-"))
        end = f"{year + month // 12}-{month % 12 + 1:02d}-01"
        time_range = {"start": f"{first}-{chance.randint(1, 28):02d}", "end": end}
        yield plan(time=time_range, group_by=[chance.choice(["service", "sub_account", "region", "charge_category"])],
                   grain=chance.choice(["none", "day", "month"]))


FACTS = {
    "day by service, account, region, whole ledger":
        (plan(group_by=["sub_account", "service", "region"], grain="day"),
         "SELECT CAST(ChargePeriodStart AS DATE), SubAccountId, ServiceName, RegionId, sum(EffectiveCost) "
         "FROM ({all}) GROUP BY ALL"),
    "by usage type, whole ledger":
        (plan(group_by=["usage_type"]),
         "SELECT SkuMeter, sum(EffectiveCost) AS c FROM ({all}) GROUP BY ALL ORDER BY c DESC"),
    "one account, by resource, whole ledger":
        (plan(group_by=["resource"], filters=[{"field": "sub_account", "op": "in", "values": ["{account}"]}],
              limit=50, order={"by": "effective_cost", "dir": "desc"}, grain="none",
              measures=["effective_cost", "charge_count"], where='charge_category in ("Usage")'),
         "SELECT ResourceId, sum(EffectiveCost) AS c, count(*) FROM ({all}) WHERE SubAccountId = '{account}' "
         "AND ChargeCategory = 'Usage' GROUP BY ALL ORDER BY c DESC LIMIT 50"),
}


class Client:
    def __init__(self, server):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
        self.pid = server.process.pid

    def ask(self, body, **headers):
        started = time.perf_counter()
        self.connection.request("POST", "/api/v1/costs/query", json.dumps(body),
                                {"Content-Type": "application/json", **headers})
        reply = self.connection.getresponse()
        text = reply.read()
        if reply.status not in (200, 304):
            raise SystemExit(f"{reply.status}: {text[:2000]!r}")
        return (time.perf_counter() - started) * 1000, reply, text

    def cpu_ms(self):
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / TICK


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def show(name, values, extra=""):
    print(f"{name:<52} p50 {percentile(values, .5):8.2f}  p95 {percentile(values, .95):8.2f}  "
          f"max {max(values):8.2f} ms  n {len(values)}{extra}", flush=True)


def prepare(rows, program):
    data, bill = WORK / f"query-{rows}", WORK / f"bill-{rows}"
    if not (data / "state.db").exists():
        WORK.mkdir(parents=True, exist_ok=True)
        print(f"making a ledger of about {rows} charges in {data}", flush=True)
        must(farthing("demo-data", bill, "--rows", rows, "--seed", "11", program=program, timeout=3600))
        must(farthing("ingest", bill / "aws-cur-2.0", data=data, program=program, timeout=3600))
    return data


def floor(data, sql):
    source = ROOT / "bench" / "sql.c"
    program = WORK / "sql"
    deps = ROOT / ".deps" / "duckdb"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        subprocess.run(["cc", "-O2", "-o", str(program), str(source), f"-I{deps}", f"-L{deps}", "-lduckdb",
                        f"-Wl,-rpath,{deps.resolve()}"], check=True)
    done = subprocess.run([str(program), str(data / "ledger" / "ledger.duckdb"), "2", "7"], input=sql, check=True,
                          capture_output=True, text=True)
    return [float(word) for word in done.stdout.split()]


def open_load(server, plans, seconds=20, rate=10):
    """Requests start on the clock, whether the ones before have ended or not."""
    times, lock, threads = [], threading.Lock(), []

    def one(body):
        milliseconds, _, _ = Client(server).ask(body)
        with lock:
            times.append(milliseconds)

    started = time.perf_counter()
    for number in range(seconds * rate):
        delay = started + number / rate - time.perf_counter()
        if delay > 0:
            time.sleep(delay)
        thread = threading.Thread(target=one, args=(next(plans),))
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()
    return times


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    program = fast_program()
    data = prepare(rows, program)
    chance = random.Random(7)
    with Server(data, program=program, env={"FARTHING_QUERY_CACHE": "0"}) as server:
        client = Client(server)
        _, _, text = client.ask(plan(group_by=["billing_period"], measures=["charge_count"]))
        answer = json.loads(text)
        months = [row["billing_period"] for row in answer["rows"]]
        print(f"{sum(int(row['charge_count']) for row in answer['rows'])} charges, {len(months)} periods")
        account = json.loads(client.ask(plan(group_by=["sub_account"]))[2])["rows"][0]["sub_account"]
        plans = cube_plans(chance, months)
        cpu, times = client.cpu_ms(), [client.ask(next(plans))[0] for _ in range(300)]
        show("covered by a cube", times, f"  CPU {(client.cpu_ms() - cpu) / len(times):.2f} ms")
        own = {}
        for name, (body, _) in FACTS.items():
            body = json.loads(json.dumps(body).replace("{account}", account))
            client.ask(body)
            cpu, times = client.cpu_ms(), [client.ask(body)[0] for _ in range(9)]
            own[name] = (client.cpu_ms() - cpu) / len(times)
            show(name, times, f"  CPU {own[name]:.1f} ms")
        _, reply, _ = client.ask(plan(group_by=["service"]))
        etag = reply.getheader("ETag")
        show("304", [client.ask(plan(group_by=["service"]), **{"If-None-Match": etag})[0] for _ in range(200)])
        show("10 requests a second, open", open_load(server, plans))
    with Server(data, program=program) as server:
        client = Client(server)
        client.ask(plan(group_by=["service"]))
        show("from the result cache", [client.ask(plan(group_by=["service"]))[0] for _ in range(200)])
    segments = " UNION ALL ".join(
        f"SELECT ChargePeriodStart, SubAccountId, ServiceName, RegionId, SkuMeter, ResourceId, ChargeCategory, "
        f"EffectiveCost FROM {table}" for table in tables(data))
    for name, (_, sql) in FACTS.items():
        best, _, _ = floor(data, sql.replace("{all}", segments).replace("{account}", account))
        print(f"{name:<52} CPU ours {own[name]:8.1f}  by hand {best:8.1f} ms  ratio {own[name] / best:.2f}")


def tables(data):
    with sqlite3.connect(f"file:{data / 'state.db'}?mode=ro", uri=True) as db:
        return [f"seg_{row[0]}" for row in db.execute("SELECT id FROM segment WHERE until_version IS NULL ORDER BY id")]


if __name__ == "__main__":
    main()
