#!/usr/bin/env python3
"""Questions to a ledger of 5 M charges through the API, against hand-written SQL on the same file.

usage: query.py [ROWS]

Goals, one client, result cache off: what a cube covers p95 < 60 ms; a scan of charges at most 1.1 times the CPU of
the best SQL we know to write; a cached answer and a 304 under 2 ms; ten requests a second, p95 < 150 ms.
The SQL by hand gives the same answer: exact sums, the first page in an order without ties, totals, number of rows;
ours is asked through the API and includes HTTP and JSON. Both run in turn, and the ratio is the median of
neighbouring rounds. The made bill and the ledger stay in build/bench/ for the next run.
"""
import http.client
import json
import pathlib
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from lib_farthing import Server, farthing, fast_program, must  # noqa: E402

WORK = ROOT / "build" / "bench"
ROUNDS, REPEATS = 5, 5


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


def by_hand(keys, order, where="TRUE", limit=1000, also=""):
    return (f"WITH g AS MATERIALIZED (SELECT {keys}, sum(EffectiveCost) AS c{also} FROM ({{all}}) WHERE {where} "
            f"GROUP BY ALL), p AS (SELECT * FROM g ORDER BY {order} LIMIT {limit}) "
            f"SELECT p.*, t.* FROM p, (SELECT count(*), sum(c) FROM g) t")


# What is asked, and the best SQL we know to write for it: the engine does not know that a segment is a month.
FACTS = {
    "day by account, service, region, whole ledger":
        (plan(group_by=["sub_account", "service", "region"], grain="day"),
         by_hand("CAST(ChargePeriodStart AS DATE) AS t, SubAccountId, ServiceName, RegionId",
                 "t, c DESC, SubAccountId, ServiceName, RegionId")),
    "month by usage type, whole ledger":
        (plan(group_by=["usage_type"], grain="month"),
         by_hand("date_trunc('month', ChargePeriodStart) AS t, SkuMeter", "t, c DESC, SkuMeter")),
    "by usage type, whole ledger":
        (plan(group_by=["usage_type"]), by_hand("SkuMeter", "c DESC, SkuMeter")),
    "one account, by resource, whole ledger":
        (plan(group_by=["resource"],
              filters=[{"field": "sub_account", "op": "in", "values": ["{account}"]}],
              limit=50, order={"by": "effective_cost", "dir": "desc"}, grain="none",
              measures=["effective_cost", "charge_count"], where='charge_category in ("Usage")'),
         by_hand("ResourceId", "c DESC, ResourceId", where="SubAccountId = '{account}' AND ChargeCategory = 'Usage'",
                 limit=50, also=", count(*) AS n")),
    "by tag and service, whole ledger":
        (plan(group_by=["tag:team", "service"]),
         "WITH s AS (SELECT TagSetId, ServiceName, sum(EffectiveCost) AS c FROM ({all}) GROUP BY ALL), g AS MATERIALIZED "
         "(SELECT Tags['team'] AS team, ServiceName, sum(c) AS c FROM s LEFT JOIN tag_set USING (TagSetId) GROUP BY ALL), "
         "p AS (SELECT * FROM g ORDER BY c DESC, team, ServiceName LIMIT 1000) SELECT p.*, t.* FROM p, (SELECT count(*), sum(c) FROM g) t"),
    "drivers by service, second half on first":
        (plan(group_by=["service"], analysis="drivers", time={"start": "{middle}", "end": "{end}"},
              compare={"start": "{start}", "end": "{middle}"}),
         "SELECT ServiceName, SkuPriceId, PricingUnit, CASE WHEN ChargeCategory = 'Credit' OR x_CreditType IS NOT NULL THEN 5 "
         "WHEN CommitmentDiscountId IS NOT NULL OR CommitmentDiscountStatus IS NOT NULL OR PricingCategory = 'Committed' THEN 4 "
         "WHEN ChargeClass IS NULL AND ChargeCategory IN ('Usage', 'Purchase') THEN 1 ELSE 6 END AS kind, "
         + ", ".join(f"sum(EffectiveCost) FILTER ({half}), fsum(PricingQuantity) FILTER ({half})"
                     for half in ("ChargePeriodStart >= TIMESTAMP '{middle}'", "ChargePeriodStart < TIMESTAMP '{middle}'"))
         + " FROM ({all}) WHERE ChargePeriodStart >= TIMESTAMP '{start}' AND ChargePeriodStart < TIMESTAMP '{end}' GROUP BY ALL"),
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
        """Of the server with all its threads, by its own clock."""
        return time.clock_gettime((~self.pid << 3) | 2) * 1000


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


def floor_program():
    source, program, deps = ROOT / "bench" / "sql.c", WORK / "sql", ROOT / ".deps" / "duckdb"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        subprocess.run(["cc", "-O2", "-o", str(program), str(source), f"-I{deps}", f"-L{deps}", "-lduckdb",
                        f"-Wl,-rpath,{deps.resolve()}"], check=True)
    return program


def compare(client, copy, segments, names):
    """Fact scans in turn with the SQL by hand, which runs on a copy of the file since the server holds its own."""
    program = floor_program()
    for name, (body, sql) in FACTS.items():
        body, sql = json.dumps(body), sql.replace("{all}", segments)
        for key, value in names.items():
            body, sql = body.replace("{%s}" % key, value), sql.replace("{%s}" % key, value)
        body = json.loads(body)
        ours, theirs = [], []
        client.ask(body)
        for _ in range(ROUNDS):
            cpu = client.cpu_ms()
            for _ in range(REPEATS):
                client.ask(body)
            ours.append((client.cpu_ms() - cpu) / REPEATS)
            done = subprocess.run([str(program), str(copy), "2", str(REPEATS)], input=sql, check=True,
                                  capture_output=True, text=True)
            theirs.append(float(done.stdout.split()[0]))
        ratio = statistics.median(a / b for a, b in zip(ours, theirs))
        print(f"{name:<52} CPU ours {statistics.median(ours):8.1f}  by hand {statistics.median(theirs):8.1f} ms  "
              f"ratio {ratio:.2f}", flush=True)


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
    copy = WORK / "floor.duckdb"
    segments = " UNION ALL ".join(
        f"SELECT ChargePeriodStart, SubAccountId, ServiceName, RegionId, SkuMeter, ResourceId, ChargeCategory, TagSetId, "
        f"SkuPriceId, PricingUnit, PricingQuantity, x_CreditType, CommitmentDiscountId, CommitmentDiscountStatus, PricingCategory, "
        f"ChargeClass, EffectiveCost FROM {table}" for table in tables(data))
    shutil.copyfile(data / "ledger" / "ledger.duckdb", copy)
    with Server(data, program=program, env={"FARTHING_QUERY_CACHE": "0"}) as server:
        client = Client(server)
        _, _, text = client.ask(plan(group_by=["billing_period"], measures=["charge_count"]))
        answer = json.loads(text)
        months = sorted(row["billing_period"] for row in answer["rows"])
        print(f"{sum(int(row['charge_count']) for row in answer['rows'])} charges, {len(months)} periods")
        account = json.loads(client.ask(plan(group_by=["sub_account"]))[2])["rows"][0]["sub_account"]
        plans = cube_plans(chance, months)
        cpu, times = client.cpu_ms(), [client.ask(next(plans))[0] for _ in range(300)]
        show("covered by a cube", times, f"  CPU {(client.cpu_ms() - cpu) / len(times):.2f} ms")
        compare(client, copy, segments, {"account": account, "start": f"{months[0]}-01", "end": f"{months[-1]}-01",
                                         "middle": f"{months[(len(months) - 1) // 2]}-01"})
        _, reply, _ = client.ask(plan(group_by=["service"]))
        etag = reply.getheader("ETag")
        show("304", [client.ask(plan(group_by=["service"]), **{"If-None-Match": etag})[0] for _ in range(200)])
        show("10 requests a second, open", open_load(server, plans))
    with Server(data, program=program) as server:
        client = Client(server)
        client.ask(plan(group_by=["service"]))
        show("from the result cache", [client.ask(plan(group_by=["service"]))[0] for _ in range(200)])


def tables(data):
    with sqlite3.connect(f"file:{data / 'state.db'}?mode=ro", uri=True) as db:
        return [f"seg_{row[0]}" for row in db.execute("SELECT id FROM segment WHERE until_version IS NULL ORDER BY id")]


if __name__ == "__main__":
    main()
