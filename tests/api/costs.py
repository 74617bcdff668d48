#!/usr/bin/env python3
"""Questions about cost over a small bill: pages, forms and entity tags of the same answer, refusals, and the
shapes of what stands beside it. Prints TAP."""
import csv
import io
import json
import pathlib
import sys
import urllib.error
import urllib.parse
import urllib.request
from decimal import Decimal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from lib_farthing import Folder, Server, Tap, farthing, must  # noqa: E402

RESOURCES = 2300  # three pages
PLAN = {"kind": "query", "subject": "cost", "measures": ["billed_cost", "effective_cost", "charge_count"],
        "group_by": ["resource", "service"], "time": None, "order": {"by": "billed_cost", "dir": "desc"}}
HEAD = ("BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,BillingPeriodStart,ChargePeriodStart,"
        "ChargePeriodEnd,ChargeCategory,ServiceName,ProviderName,ResourceId").split(",")
# What a careless writer of CSV or JSON would break.
SERVICES = ["Storage", 'a "quoted" one', "comma, and more", "two\nlines", "Ünïcödé ☃", " blanks "]


def bill():
    """The text of the bill, and its sum."""
    text, total = io.StringIO(), Decimal(0)
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(HEAD)
    for n in range(RESOURCES):
        cost = Decimal(n % 700) + Decimal(n).scaleb(-18)  # many that differ in the last digits only
        total += cost
        rows.writerow([f"{cost:f}", f"{cost / 2:f}", "USD", "account 1", "2025-01-01", f"2025-01-{n % 28 + 1:02}",
                       f"2025-01-{n % 28 + 2:02}", "Usage", SERVICES[n % len(SERVICES)], "Contoso",
                       f"resource-{n}" if n else ""])
    return text.getvalue(), total


class Client:
    def __init__(self, url):
        self.url = url

    def ask(self, path, body=None, **headers):
        data = None if body is None else json.dumps(body).encode()
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, data=data,
                                         headers={"Content-Type": "application/json", **headers})
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return reply.status, reply.headers, reply.read().decode()
        except urllib.error.HTTPError as reply:
            return reply.code, reply.headers, reply.read().decode()

    def query(self, plan, cursor=None, **headers):
        path = "/api/v1/costs/query" + (f"?cursor={urllib.parse.quote(cursor)}" if cursor else "")
        return self.ask(path, plan, **headers)

    def answers(self, where):
        name = f'farthing_query_answers_total{{from="{where}"}} '
        return next(int(line[len(name):]) for line in self.ask("/metrics")[2].splitlines() if line.startswith(name))

    def pages(self, plan):
        cursor, pages = None, []
        while True:
            pages.append(json.loads(self.query(plan, cursor)[2]))
            cursor = pages[-1]["next_cursor"]
            if not cursor:
                return pages


def forms(tap, client, total):
    pages = client.pages(PLAN)
    rows = [row for page in pages for row in page["rows"]]
    tap.case("an answer comes in pages of at most 1,000 rows", [len(p["rows"]) for p in pages] == [1000, 1000, 300],
             [len(p["rows"]) for p in pages])
    tap.case("every row is on one page only", len({row["resource"] for row in rows}) == RESOURCES)
    tap.case("pages go on in the order that was asked for",
             (lambda costs: costs == sorted(costs, reverse=True))([Decimal(row["billed_cost"]) for row in rows]))
    tap.case("rows add up to the bill, to the last digit", sum(Decimal(r["billed_cost"]) for r in rows) == total)
    tap.case("totals are those of all rows, on every page",
             all(Decimal(p["totals"][0]["billed_cost"]) == total for p in pages), pages[0]["totals"])
    tap.case("only the last page is not cut", [p["truncated"] for p in pages] == [True, True, False])

    status, headers, text = client.query(PLAN, Accept="application/x-ndjson")
    tap.case("NDJSON is the rows of all pages",
             status == 200 and headers["Content-Type"] == "application/x-ndjson" and
             [json.loads(line) for line in text.split("\n")[:-1]] == rows, text[:300])
    status, headers, text = client.query(PLAN, Accept="text/csv")
    names = [column["name"] for column in pages[0]["columns"]]
    got = list(csv.reader(io.StringIO(text, newline="")))
    expected = [["" if row[name] is None else str(row[name]) for name in names] for row in rows]
    different = [(a, b) for a, b in zip(got[1:], expected) if a != b][:3]
    tap.case("CSV is a head and the rows of all pages",
             status == 200 and headers["Content-Type"].startswith("text/csv") and got[0] == names and
             got[1:] == expected, f"{got[0]} {names} {len(got)} {different}")
    link = "/api/v1/costs/query?" + urllib.parse.urlencode(
        {"plan": json.dumps(PLAN), "format": "csv", "download": "a.csv"})
    status, headers, again = client.ask(link)
    tap.case("a link downloads the same CSV",
             again == text and headers["Content-Disposition"] == 'attachment; filename="a.csv"', again[:300])


def tags(tap, client):
    _, headers, _ = client.query(PLAN)
    tag, ledger, known = headers["ETag"], client.answers("ledger"), client.answers("client")
    status, headers, text = client.query(PLAN, If_None_Match=tag)
    tap.case("an answer that the client has is not sent again", (status, text, headers["ETag"]) == (304, "", tag))
    tap.case("nor asked of the ledger again",
             client.answers("ledger") == ledger and client.answers("client") == known + 1)
    same = dict(reversed(list(PLAN.items())))
    tap.case("the same plan in another order of members has the same tag", client.query(same)[1]["ETag"] == tag)
    tap.case("another plan has another tag", client.query({**PLAN, "measures": ["billed_cost"]})[1]["ETag"] != tag)
    tap.case("another form has another tag", client.query(PLAN, Accept="text/csv")[1]["ETag"] != tag)
    cursor = json.loads(client.query(PLAN)[2])["next_cursor"]
    tap.case("another page has another tag", client.query(PLAN, cursor)[1]["ETag"] != tag)


REFUSED = [  # what is changed in the plan, where the problem points
    ("an unknown measure", {"measures": ["bild_cost"]}, "/measures/0"),
    ("an unknown dimension", {"group_by": ["service", "servcie"]}, "/group_by/1"),
    ("an unknown field", {"gruop_by": []}, "/gruop_by"),
    ("a time that is none", {"time": {"start": "2025-02-30", "end": "2025-03-01"}}, "/time/start"),
    ("a filter over nothing known", {"filters": [{"field": "colour", "op": "in", "values": ["red"]}]},
     "/filters/0/field"),
    ("an unknown kind", {"kind": "quarry"}, "/kind"),
    ("an unknown grain", {"grain": "fortnight"}, "/grain"),
]


def refusals(tap, client):
    for name, change, pointer in REFUSED:
        status, headers, text = client.query({**PLAN, **change})
        problem = json.loads(text)
        tap.case(f"{name} is a problem that points at it",
                 status == 422 and headers["Content-Type"] == "application/problem+json" and
                 problem["errors"][0]["pointer"] == pointer and problem["request_id"] == headers["X-Request-Id"],
                 f"{status} {text}")
    cursor = json.loads(client.query(PLAN)[2])["next_cursor"]
    version, offset, mac = cursor.split(".")
    for name, plan, text in [("a cursor of another plan", {**PLAN, "group_by": ["resource"]}, cursor),
                             ("a cursor that was changed", PLAN, f"{version}.{int(offset) + 1}.{mac}"),
                             ("a cursor that is none", PLAN, "abc")]:
        status, _, answer = client.query(plan, text)
        tap.case(f"{name} is refused", status == 422 and "cursor" in answer, f"{status} {answer}")


MONEY = (str, type(None))
SOURCE = {"id": str, "name": str, "provider": str, "billing_account": MONEY, "dataset": MONEY, "format": str,
          "created_at": str, "deliveries": int, "rows": int, "billing_periods": list, "charges_until": MONEY,
          "last_loaded_at": MONEY, "billed": list, "final": (bool, type(None))}
DELIVERY = {"id": str, "source": str, "provider": str, "format": str, "billing_period": str, "status": str,
            "loaded_at": str, "version": int, "supersedes": MONEY}


def has_shape(item, shape):
    return all(name in item and isinstance(item[name], kind) for name, kind in shape.items())


def shapes(tap, client, total):
    values = json.loads(client.ask("/api/v1/dimensions/service/values")[2])["data"]
    tap.case("values of a dimension come dearest first, with their cost",
             {v["id"] for v in values} == set(SERVICES) and
             [Decimal(v["cost"]) for v in values] == sorted((Decimal(v["cost"]) for v in values), reverse=True) and
             sum(Decimal(v["cost"]) for v in values) == total / 2, values)
    found = json.loads(client.ask("/api/v1/dimensions/service/values?q=QUOTED")[2])["data"]
    tap.case("values are found in any case", [v["id"] for v in found] == ['a "quoted" one'], found)
    within = json.dumps({**PLAN, "filters": [{"field": "service", "op": "in", "values": ["Storage"]}]})
    found = json.loads(client.ask("/api/v1/dimensions/service/values?plan=" + urllib.parse.quote(within))[2])["data"]
    tap.case("values within a plan are those that it counts", [v["id"] for v in found] == ["Storage"], found)
    status, _, text = client.ask("/api/v1/dimensions/servcie/values")
    tap.case("an unknown dimension is refused", status in (404, 422) and "service" in json.loads(text)["hint"], text)

    sources = json.loads(client.ask("/api/v1/sources")[2])["data"]
    tap.case("a source says what it has brought",
             len(sources) == 1 and has_shape(sources[0], SOURCE) and sources[0]["rows"] == RESOURCES and
             sources[0]["billing_periods"] == ["2025-01"] and sources[0]["billed"][0]["currency"] == "USD" and
             Decimal(sources[0]["billed"][0]["amount"]) == total, sources)
    one = json.loads(client.ask("/api/v1/sources/" + urllib.parse.quote(sources[0]["name"]))[2])
    tap.case("a source is found by its name", one == sources[0], one)
    listed = json.loads(client.ask("/api/v1/deliveries")[2])
    delivery = listed["data"][0]
    tap.case("a delivery says what it is",
             len(listed["data"]) == 1 and listed["next_cursor"] is None and has_shape(delivery, DELIVERY) and
             delivery["status"] == "loaded" and delivery["source"] == sources[0]["name"], listed)
    tap.case("deliveries are listed by billing period",
             [len(json.loads(client.ask(f"/api/v1/deliveries?period={p}")[2])["data"]) for p in ("2025-01", "2025-02")]
             == [1, 0])
    whole = json.loads(client.ask(f"/api/v1/deliveries/{delivery['id']}")[2])
    tap.case("its report has its files and its sum",
             has_shape(whole, DELIVERY) and [f["rows"] for f in whole["files"]] == [RESOURCES] and
             Decimal(whole["billed_cost"]) == total, whole)
    tap.case("a delivery that is not there is a 404", client.ask("/api/v1/deliveries/none")[0] == 404)


def main():
    tap = Tap()
    with Folder() as work:
        text, total = bill()
        (work / "bill.csv").write_text(text, encoding="utf-8")
        must(farthing("ingest", work / "bill.csv", data=work / "data"))
        with Server(work / "data") as server:
            client = Client(server.url)
            forms(tap, client, total)
            tags(tap, client)
            refusals(tap, client)
            shapes(tap, client, total)
        tap.case("the server ends cleanly", server.code == 0 and "runtime error" not in server.text,
                 server.text[-2000:])
    tap.done()


if __name__ == "__main__":
    main()
