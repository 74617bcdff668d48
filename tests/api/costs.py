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
import lib_xlsx  # noqa: E402
from lib_farthing import Folder, Server, Tap, farthing, must  # noqa: E402

RESOURCES = 2300  # three pages
PLAN = {"kind": "query", "subject": "cost", "measures": ["billed_cost", "effective_cost", "charge_count"],
        "group_by": ["resource", "service"], "time": None, "order": {"by": "billed_cost", "dir": "desc"}}
HEAD = ("BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,BillingPeriodStart,ChargePeriodStart,"
        "ChargePeriodEnd,ChargeCategory,ServiceName,ProviderName,ResourceId").split(",")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a careless writer of CSV or JSON would break.
SERVICES = ["Storage", 'a "quoted" one', "comma, and more", "two\nlines", "Ünïcödé ☃", " blanks ", "=1+1"]


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

    def bytes(self, plan, **headers):
        request = urllib.request.Request(self.url + "/api/v1/costs/query", data=json.dumps(plan).encode(),
                                         headers={"Content-Type": "application/json", **headers})
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.status, reply.headers, reply.read()

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


def shown(cell):
    """An amount as a spreadsheet shows it: 15 digits of the double that the file's text says."""
    return Decimal(f"{float(cell[2]):.15G}" if cell[0] == "n" else cell[2])


def xlsx(tap, client, data):
    pages = client.pages(PLAN)
    names = [column["name"] for column in pages[0]["columns"]]
    rows = [[row[name] for name in names] for page in pages for row in page["rows"]]
    status, headers, book = client.bytes(PLAN, Accept=XLSX)
    tap.case("a workbook is what Accept asks for", status == 200 and headers["Content-Type"] == XLSX, f"{status} {book[:300]}")
    sheets = lib_xlsx.read(book)
    costs, about = sheets["Costs"], sheets["About"]
    money = [names.index(name) for name in ("billed_cost", "effective_cost")]
    tap.case("its head is the names of the columns and stays in sight",
             costs.row(1) == names and costs.frozen() == "1", costs.row(1))
    got, texts = [], 0
    for number in range(2, len(rows) + 2):
        cells = [costs.cells.get(f"{'ABCDEFGH'[c]}{number}") for c in range(len(names))]
        texts += sum(1 for c in money if cells[c][0] == "s")
        got.append([None if cell is None else shown(cell) if c in money else
                    int(cell[2]) if names[c] == "charge_count" else cell[2] for c, cell in enumerate(cells)])
    expected = [[Decimal(v) if c in money else v for c, v in enumerate(row)] for row in rows]
    different = [(a, b) for a, b in zip(got, expected) if a != b][:3]
    tap.case("its rows are those of all pages, to the last digit", got == expected, different)
    total = len(rows) + 2
    by_name = {about.value(f"A{n}"): about.value(f"B{n}") for n in range(1, about.height() + 1)}
    tap.case("its last line is the total", costs.height() == total and costs.value(f"A{total}") == "Total" and
             Decimal(costs.value(f"{'ABCDE'[money[0]]}{total}")) == Decimal(pages[0]["totals"][0]["billed_cost"]),
             costs.row(total))
    texts += sum(1 for c in money if costs.cells[f"{'ABCDE'[c]}{total}"][0] == "s")
    tap.case("what a number cannot hold is text, and it says how many are",
             texts > 1000 and by_name["Amounts that are text"].startswith(f"{texts}: "), by_name)
    looks = {costs.cells[f"{'ABCDE'[money[0]]}{n}"][1] for n in range(2, total)}
    tap.case("amounts have their currency", looks == {"[$USD] #,##0.00#############", "@"}, looks)
    tap.case("the second sheet says what was asked, of what, and that it is all",
             json.loads(by_name["Plan"]) == pages[0]["plan"] and "by Resource, Service" in by_name["Question"] and
             by_name["Currency"] == "USD" and by_name["Rows"] == str(len(rows)) and
             by_name["Rows cut"].startswith("No") and
             by_name["Version of the ledger"] == str(pages[0]["ledger_version"]) and "Loaded at" in about.row(15) and
             pages[0]["freshness"][0]["source"] in by_name, by_name)
    cut = lib_xlsx.read(client.bytes({**PLAN, "limit": 3}, Accept=XLSX)[2])
    tap.case("a workbook that was cut says so, and its total is of all",
             cut["Costs"].height() == 5 and "Totals cover them all" in cut["About"].value("B8") and
             Decimal(cut["Costs"].value(f"{'ABCDE'[money[0]]}5")) == Decimal(pages[0]["totals"][0]["billed_cost"]),
             cut["About"].cells)
    days = lib_xlsx.read(client.bytes({**PLAN, "group_by": [], "grain": "day"}, Accept=XLSX)[2])["Costs"]
    tap.case("days are dates", days.cells["A2"] == ("n", "yyyy-mm-dd", "45685"), days.cells["A2"])  # 28 January
    link = "/api/v1/costs/query?" + urllib.parse.urlencode(
        {"plan": json.dumps(PLAN), "format": "xlsx", "download": "a.xlsx"})
    with urllib.request.urlopen(client.url + link, timeout=60) as reply:
        again = lib_xlsx.read(reply.read())
        tap.case("a link downloads the same workbook", again["Costs"].cells == costs.cells and
                 reply.headers["Content-Disposition"] == 'attachment; filename="a.xlsx"', reply.headers)
    tap.case("a workbook has a tag of its own",
             len({client.query(PLAN)[1]["ETag"], client.query(PLAN, Accept="text/csv")[1]["ETag"], headers["ETag"]}) == 3)
    status, _, text = client.query({**PLAN, "measures": ["nothing"]}, Accept=XLSX)
    tap.case("a question that is refused is a problem in any form", status == 422 and "measures" in text, text)
    left = list((data / "ledger" / "tmp").iterdir())
    tap.case("nothing is left of workbooks", not left, left)


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
            xlsx(tap, client, work / "data")
            tags(tap, client)
            refusals(tap, client)
            shapes(tap, client, total)
        tap.case("the server ends cleanly", server.code == 0 and "runtime error" not in server.text,
                 server.text[-2000:])
    tap.done()


if __name__ == "__main__":
    main()
