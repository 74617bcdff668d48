#!/usr/bin/env python3
"""Forecasts of what a plan asks for: over the API on a demo bill, refusals, and what the command line prints of a
bill whose weeks are all the same. Prints TAP."""
import csv
import datetime
import io
import json
import pathlib
import sys
import urllib.error
import urllib.request
from decimal import Decimal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from lib_farthing import Folder, Server, Tap, farthing, must  # noqa: E402

PLAN = {"kind": "query", "subject": "cost", "measures": ["charge_count", "effective_cost", "billed_cost"],
        "time": None, "grain": "day"}
HEAD = ("BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,BillingPeriodStart,ChargePeriodStart,"
        "ChargePeriodEnd,ChargeCategory,ServiceName,ProviderName\n")
# Weekdays cost 10 and 3, weekends 4 and 3, until Sunday, 28 April 2024.
TABLE = """service  history_until  currency  total   lo95   hi95  model
Compute  2024-04-28     USD       58.00  58.00  58.00  snaive
Storage  2024-04-28     USD       21.00  21.00  21.00  snaive
"""
MARKDOWN = """| service | history_until | currency | total | lo95 | hi95 | model |
| --- | --- | --- | ---: | ---: | ---: | --- |
| Compute | 2024-04-28 | USD | 58.00 | 58.00 | 58.00 | snaive |
| Storage | 2024-04-28 | USD | 21.00 | 21.00 | 21.00 | snaive |
"""
STEPS = """service,currency,time,mean,lo80,hi80
Compute,USD,2024-04-29,10,10,10
Compute,USD,2024-04-30,10,10,10
Storage,USD,2024-04-29,3,3,3
Storage,USD,2024-04-30,3,3,3
"""


def ask(url, body):
    request = urllib.request.Request(url + "/api/v1/forecasts", data=json.dumps(body).encode(),
                                     headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=120) as reply:
            return reply.status, reply.headers["Content-Type"], json.loads(reply.read())
    except urllib.error.HTTPError as reply:
        return reply.code, reply.headers["Content-Type"], json.loads(reply.read())


def holds(bands, mean):
    wide = sorted(bands, key=lambda band: band["level"])
    return all(b["lo"] <= mean <= b["hi"] for b in wide) and \
        all(a["lo"] >= b["lo"] and a["hi"] <= b["hi"] for a, b in zip(wide, wide[1:]))


def happy(tap, url, costs):
    status, kind, answer = ask(url, {"plan": PLAN})
    series = answer["series"][0]
    tap.case("a plan is forecast", (status, kind, len(answer["series"])) == (200, "application/json", 1), str(answer)[:500])
    tap.case("it is the plan's first cost, 30 days, at 80 and 95 %, by all models",
             (answer["measure"], answer["horizon"]["steps"], answer["levels"], answer["model"]) ==
             ("effective_cost", 30, [80, 95], "auto") and len(series["forecast"]) == 30, str(answer)[:500])
    until = answer["history_end"]["date"]
    days = {day["time"]: day["amount"] for day in series["history"]}
    tap.case("history ends on a day that is over, and says why",
             until < datetime.datetime.now(datetime.timezone.utc).date().isoformat() and
             max(days) == until and answer["history_end"]["text"], answer["history_end"])
    tap.case("history is the ledger's, to the last digit",
             days == {d: c for d, c in costs.items() if d <= until} and
             all(isinstance(amount, str) for amount in days.values()), f"{list(days.items())[:3]}")
    tap.case("every step has its bands, wider at higher levels",
             all(holds(step["bands"], step["mean"]) and len(step["bands"]) == 2 for step in series["forecast"]))
    total = series["total"]
    tap.case("the total is the sum of the steps, its bands hold it",
             abs(total["mean"] - sum(s["mean"] for s in series["forecast"])) < 1e-6 and holds(total["bands"], total["mean"]))
    tap.case("the total's band is not the sum of bands",
             abs(total["bands"][1]["hi"] - sum(s["bands"][1]["hi"] for s in series["forecast"])) > 1e-3, total)
    tap.case("models are tried, and their weights are shares",
             len(series["models"]) > 3 and abs(sum(m["weight"] for m in series["models"]) - 1) < 1e-6 and
             all(m["mase"] is not None and m["origins"] > 0 for m in series["models"]), series["models"])
    tap.case("a sentence says it", series["sentence"].startswith("Forecast to ") and "USD, between" in series["sentence"],
             series["sentence"])
    tap.case("the same question has the same answer", ask(url, {"plan": PLAN})[2] == answer)

    _, _, answer = ask(url, {"plan": PLAN, "horizon": {"until": "month_end"}, "levels": [90], "measure": "billed_cost"})
    period = answer["series"][0]["period"]
    so_far = sum((Decimal(d["amount"]) for d in answer["series"][0]["history"] if d["time"] >= period["start"]), Decimal(0))
    tap.case("to the end of a month: what it cost so far and the rest make the month",
             Decimal(period["actual"]) == so_far and answer["horizon"]["end"] == period["end"] and
             abs(period["expected"] - float(so_far) - answer["series"][0]["total"]["mean"]) < 1e-6, period)

    _, _, answer = ask(url, {"plan": {**PLAN, "group_by": ["service", "region"]}, "model": "theta",
                             "horizon": {"steps": 90}})
    totals = [s["total"]["mean"] for s in answer["series"]]
    tap.case("two dimensions make a series each, the largest first",
             len(totals) > 5 and totals == sorted(totals, reverse=True) and
             all(set(s["group"]) == {"service", "region"} for s in answer["series"]))


REFUSED = [  # what is changed in the request, status, where the problem points
    ("no plan", {"plan": None}, 422, "/plan"),
    ("a plan without a grain", {"plan": {k: v for k, v in PLAN.items() if k != "grain"}}, 422, "/plan/grain"),
    ("an error of the plan itself", {"plan": {**PLAN, "group_by": ["servcie"]}}, 422, "/plan/group_by/0"),
    ("three dimensions", {"plan": {**PLAN, "group_by": ["service", "region", "sub_account"]}}, 422, "/plan/group_by"),
    ("a measure that is no cost", {"measure": "charge_count"}, 422, "/measure"),
    ("an unknown model", {"model": "thta"}, 422, "/model"),
    ("a level out of bounds", {"levels": [100]}, 422, "/levels/0"),
    ("a horizon too far", {"horizon": {"steps": 400}}, 422, "/horizon/steps"),
    ("an end that is none", {"horizon": {"until": "doomsday"}}, 422, "/horizon/until"),
    ("two horizons", {"horizon": {"steps": 3, "until": "month_end"}}, 422, "/horizon"),
    ("an unknown field", {"horzion": {}}, 422, "/horzion"),
]


def refusals(tap, url):
    for name, change, expected, pointer in REFUSED:
        status, kind, problem = ask(url, {"plan": PLAN, **change})
        tap.case(f"{name} is a problem that points at it",
                 (status, kind) == (expected, "application/problem+json") and problem["errors"][0]["pointer"] == pointer,
                 f"{status} {problem}"[:500])


def printed(tap, work):
    """The weeks of this bill are all the same, so every digit that is printed is known."""
    rows, first = [], datetime.date(2024, 1, 1)
    for n in range(119):
        day = first + datetime.timedelta(n)
        for service, cost in (("Compute", 10 if n % 7 < 5 else 4), ("Storage", 3)):
            rows.append(f"{cost},{cost},USD,account 1,{day.replace(day=1)},{day},{day + datetime.timedelta(1)},Usage,"
                        f"{service},Contoso\n")
    (work / "bill.csv").write_text(HEAD + "".join(rows), encoding="utf-8")
    plan = work / "plan.json"
    plan.write_text(json.dumps({**PLAN, "group_by": ["service"]}), encoding="utf-8")
    must(farthing("ingest", work / "bill.csv", data=work / "data"))

    def forecast(*args, stdin=None):
        return farthing("forecast", "--from", plan, "--model", "snaive", *args, data=work / "data", stdin=stdin)

    table = forecast("--horizon", "7", "--output", "table")
    tap.case("the table is as it was", (table.returncode, table.stdout) == (0, TABLE), table.stdout + table.stderr)
    tap.case("it says where history ends", "history ends on 2024-04-28: the last day with charges" in table.stderr,
             table.stderr)
    got = forecast("--horizon", "7", "--output", "markdown").stdout
    tap.case("Markdown is as it was", got == MARKDOWN, got)
    got = forecast("--horizon", "2", "--level", "80", "--output", "csv").stdout
    tap.case("CSV has the steps", got == STEPS, got)
    tap.case("CSV can be read", len(list(csv.DictReader(io.StringIO(got)))) == 4)
    whole = json.loads(forecast("--json", "--horizon", "month_end").stdout)
    lines = forecast("--output", "ndjson", "--horizon", "month_end").stdout.splitlines()
    tap.case("NDJSON is a series a line", [json.loads(line) for line in lines] == whole["series"])
    tap.case("the sentence is as it was", whole["series"][0]["sentence"] ==
             "Forecast to 30 Apr 2024: 20.00 USD, between 20.00 and 20.00 (95 %); the whole month: 252.00 USD, between "
             "252.00 and 252.00 (95 %)", whole["series"][0]["sentence"])
    for name, args in [("a file and a plan", [plan]), ("an option of files", ["--meta", "x"]),
                       ("a form without bands", ["--output", "parquet"]), ("a level that is none", ["--level", "high"]),
                       ("an end that is none", ["--horizon", "doomsday"])]:
        refused = forecast(*args)
        tap.case(f"{name} ends with 2", refused.returncode == 2, refused)
    tap.case("neither file nor plan ends with 2", farthing("forecast").returncode == 2)


def main():
    tap = Tap()
    with Folder() as work:
        must(farthing("demo-data", work / "bill", "--months", "5", "--seed", "3", "--rows", "3000"))
        must(farthing("ingest", work / "bill" / "aws-cur-2.0", data=work / "data"))
        daily = must(farthing("costs", "--grain", "day", "--metric", "effective_cost", "--output", "csv",
                              data=work / "data")).stdout
        costs = {row["time"]: row["effective_cost"] for row in csv.DictReader(io.StringIO(daily))}
        with Server(work / "data") as server:
            happy(tap, server.url, costs)
            refusals(tap, server.url)
        tap.case("the server ends cleanly", server.code == 0 and "runtime error" not in server.text, server.text[-2000:])
    with Folder() as work:
        printed(tap, work)
    tap.done()


if __name__ == "__main__":
    main()
