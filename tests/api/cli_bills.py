#!/usr/bin/env python3
"""What the command line says of bills: refusals, restatements, balances, and how it ends. Prints TAP."""
import json
import pathlib
import sqlite3
import sys
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from lib_farthing import Folder, Server, Tap, farthing, must  # noqa: E402

HEAD = ("BilledCost,BillingCurrency,BillingAccountId,BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,"
        "ChargePeriodEnd,ChargeCategory,ServiceName,ProviderName\n")


def row(cost, day, service, category="Usage"):
    return (f"{cost},USD,account 1,2025-05-01,2025-06-01,2025-05-{day:02},2025-05-{day + 1:02},{category},"
            f"{service},Contoso\n")


def write(path, *rows):
    path.write_text(HEAD + "".join(rows), encoding="utf-8")
    return path


def first(done):
    """The first delivery of a report."""
    report = json.loads(done.stdout) if done.stdout.startswith("{") else {}
    if not report.get("deliveries"):
        raise AssertionError(f"no report: {done}")
    return report["deliveries"][0]


def refusals(tap, work):
    data = work / "refused"
    good, bad = write(work / "good.csv", row(1, 1, "A")), write(work / "bad.csv", row(1, 1, "A"), row(2, 2, "B", "Gift"))
    done = farthing("--json", "ingest", bad, data=data)
    delivery = first(done)
    tap.case("ingest --json of a refused bill is the report", delivery["status"] == "refused", done)
    error = {k: delivery["errors"][0][k] for k in ("file", "line", "column", "value", "rule")}
    tap.case("it names file, line, column, value and rule",
             error == {"file": str(bad), "line": 3, "column": "ChargeCategory", "value": "Gift",
                       "rule": "charge-category"}, error)
    tap.case("it ends with 1, and the reason is on standard error",
             done.returncode == 1 and done.stderr.startswith("farthing: ") and "Gift" in done.stderr, done)
    must(farthing("ingest", good, data=data))
    done = farthing("--json", "ingest", write(work / "other.csv", row(3, 1, "A")), data=data)
    tap.case("a conflict is a report and ends with 6",
             done.returncode == 6 and first(done)["status"] == "refused", done)
    done = farthing("--json", "ingest", "--replace", "--tolerate", "1", bad, data=data)
    delivery = first(done)
    dropped = sum(rule["rows"] for rule in delivery["rows_dropped"])
    tap.case("what is set aside counts as read and as dropped",
             (delivery["rows_read"], delivery["rows_stored"], dropped) == (2, 1, 1), delivery)
    kept = pathlib.Path(delivery["set_aside_file"]).read_text(encoding="utf-8")
    tap.case("it is kept where the report says", '"Gift"' in kept and kept.startswith("line,record,"), kept)
    shown = [(d["id"], d["status"]) for d in json.loads(must(farthing("--json", "deliveries", data=data)).stdout)["data"]]
    tap.case("deliveries lists what was refused, and what was replaced as superseded",
             shown == [("4", "loaded"), ("3", "refused"), ("2", "superseded"), ("1", "refused")], shown)
    page = must(farthing("deliveries", "show", "1", data=data)).stdout
    tap.case("its page says why", 'ChargeCategory "Gift": charge-category' in page, page)
    page = must(farthing("deliveries", "show", "4", data=data)).stdout
    tap.case("a page says what was read, dropped and stored",
             all(words in page for words in ("read", "- set-aside", "stored", "as delivered", "holds  rows")), page)
    done = farthing("ingest", "-", data=work / "piped", stdin=bad.read_text(encoding="utf-8"))
    tap.case("standard input is called so", done.stderr.startswith("farthing: standard input: line 3"), done.stderr)


def restatements(tap, work):
    data = work / "restated"
    must(farthing("ingest", write(work / "v1.csv", row("1.5", 1, "A"), row(2, 2, "B"), row(3, 3, "C")), data=data))
    must(farthing("ingest", "--replace", write(work / "v2.csv", row("1.5", 1, "A"), row("2.5", 2, "B"), row(4, 4, "D")),
                  data=data))
    diff = json.loads(must(farthing("--json", "deliveries", "diff", "2", data=data)).stdout)
    tap.case("diff tells the totals", diff["totals"][0]["billed_cost"] == {"before": "6.5", "after": "8", "change": "1.5"},
             diff["totals"])
    services = {r["value"]: (r["status"], r["billed_cost"]["change"]) for r in diff["by"][0]["rows"]}
    tap.case("diff tells what came, went and changed, and nothing else",
             services == {"B": ("changed", "0.5"), "C": ("removed", "-3"), "D": ("added", "4")}, services)
    tap.case("each dimension adds up to the change",
             all(sum(float(r["billed_cost"]["change"]) for r in by["rows"]) == 1.5 for by in diff["by"]), diff)
    tap.case("by service, account, day, charge category and resource, all of them complete",
             [(by["dimension"], by["complete"], by["others"]) for by in diff["by"]]
             == [(name, True, []) for name in ("service", "sub_account", "time", "charge_category", "resource")], diff["by"])
    both = [must(farthing("--json", "deliveries", "diff", *ids, data=data)).stdout for ids in (("1", "2"), ("2", "1"))]
    tap.case("the older of two is the one before", both[0] == both[1] and json.loads(both[0]) == diff, both)
    tap.case("a delivery that is not there ends with 5", farthing("deliveries", "diff", "9", data=data).returncode == 5)
    tap.case("the earlier one can still be asked",
             '"6.5"' in must(farthing("--json", "costs", "--metric", "billed_cost", "--as-of", "1", data=data)).stdout)
    must(farthing("ingest", "--append", work / "v1.csv", data=data))
    one = json.loads(must(farthing("--json", "ingest", "--replace", work / "v1.csv", data=data)).stdout)
    tap.case("one of several deliveries replaces them all",
             one["deliveries"][0]["status"] == "loaded"
             and '"6.5"' in must(farthing("--json", "costs", "--metric", "billed_cost", data=data)).stdout, one)


def many_changes(tap, work):
    """1,300 services of which each costs a cent more, the last a unit."""
    data, bills = work / "many", []
    for more in ("0.00", "0.01"):
        rows = [row("1" + more[1:], 1, f"S{n}") for n in range(1299)] + [row("2" if more != "0.00" else "1", 1, "Last")]
        bills.append(write(work / f"many{more}.csv", *rows))
    must(farthing("ingest", bills[0], data=data))
    must(farthing("ingest", "--replace", bills[1], data=data))
    diff = json.loads(must(farthing("--json", "deliveries", "diff", "2", data=data)).stdout)
    service = diff["by"][0]
    told = {r["value"]: r["billed_cost"]["change"] for r in service["rows"]}
    tap.case("the thousand largest changes are told one by one", len(told) == 1000 and told.get("Last") == "1", len(told))
    tap.case("the others in one row, and together they are the change",
             [(o["values"], o["currency"], o["billed_cost"]["change"], o["charges"]["change"]) for o in service["others"]]
             == [(300, "USD", "3", 0)] and diff["totals"][0]["billed_cost"]["change"] == "13.99", service["others"])
    page = must(farthing("deliveries", "diff", "2", data=data)).stdout
    tap.case("the table tells the others, too", "300 others" in page, page[-600:])


def balances(tap, work):
    data = work / "restated"
    done = farthing("--json", "reconcile", data=data)
    entry = json.loads(done.stdout)["data"][0]
    tap.case("what balances ends with 0",
             done.returncode == 0 and entry["balances"] and entry["native_total"]["amount"] == entry["ledger_billed"]
             == "6.5" and entry["rows_stored"] == entry["ledger_rows"] == 3, done)
    state = sqlite3.connect(data / "state.db")
    with state:
        state.execute("UPDATE delivery SET report = replace(report, ?, ?) WHERE until_version IS NULL",
                      ('"amount":"6.5"', '"amount":"6.25"'))
    state.close()
    done = farthing("--json", "reconcile", data=data)
    entry = json.loads(done.stdout)["data"][0]
    tap.case("a delivery that says something else ends with 3",
             done.returncode == 3 and entry["difference"] == "-0.25" and not entry["balances"], done)
    state = sqlite3.connect(data / "state.db")
    state.create_collation("C", lambda a, b: (a > b) - (a < b))
    with state:
        state.execute("UPDATE delivery SET status = 'refused' WHERE until_version IS NULL")
    state.close()
    done = farthing("reconcile", data=data)
    tap.case("charges that no current delivery brought do not balance",
             done.returncode == 3 and "3 charges in the ledger that no current delivery brought" in done.stderr, done)
    entry = json.loads(farthing("--json", "reconcile", data=data).stdout)
    tap.case("they are an entry without deliveries, at the version that is told",
             (entry["ledger_version"], entry["data"][0]["deliveries"], entry["data"][0]["ledger_rows"],
              entry["data"][0]["native_total"]) == (4, [], 3, None), entry)
    tap.case("of another month there is nothing to say",
             farthing("reconcile", "--period", "2024-01", data=data).returncode == 0)
    tap.case("a source that is not there ends with 5",
             farthing("reconcile", "--source", "none", data=data).returncode == 5)


def lists(tap, work):
    data = work / "lists"
    for n in range(3):
        must(farthing("ingest", "--append", write(work / f"list{n}.csv", row(n + 1, n + 1, f"S{n}")), data=data))
    whole = json.loads(must(farthing("--json", "deliveries", data=data)).stdout)
    tap.case("a list is shown to its end", [d["id"] for d in whole["data"]] == ["3", "2", "1"]
             and whole["next_cursor"] is None, whole)
    done = must(farthing("deliveries", "--limit", "2", data=data))
    tap.case("one that is cut says so", done.stdout.count("focus") == 2 and "there are more" in done.stderr, done)
    done = must(farthing("dimensions", "service", "--limit", "1", data=data))
    tap.case("values that are cut say how many more there are", "S2" in done.stdout and "S0" not in done.stdout
             and "2 more" in done.stderr, done)
    done = must(farthing("dimensions", "service", data=data))
    tap.case("all values are shown, dearest first", [word for word in done.stdout.split() if word in ("S0", "S1", "S2")][::2]
             == ["S2", "S1", "S0"] and "more" not in done.stderr, done)
    with Server(data) as server:
        seen, cursor = [], ""
        while cursor is not None:
            with urllib.request.urlopen(f"{server.url}/api/v1/dimensions/service/values?limit=1{cursor}", timeout=60) as reply:
                page = json.load(reply)
            seen += [(v["id"], page["rest"]) for v in page["data"]]
            cursor = page["next_cursor"] and "&cursor=" + page["next_cursor"]
        tap.case("values come page by page", seen == [("S2", 2), ("S1", 1), ("S0", 0)], seen)


def two_currencies(tap, work):
    data = work / "two"
    done = farthing("--json", "ingest", write(work / "two.csv", row("1.5", 1, "A"), row(2, 2, "B"),
                                              row(7, 3, "A").replace("USD", "EUR")), data=data)
    delivery = first(done)
    tap.case("a bill in two currencies is loaded, and told by each", done.returncode == 0 and delivery["currency"] is None
             and [(c["currency"], c["billed_cost"], c["native_total"]["amount"], c["difference"])
                  for c in delivery["by_currency"]] == [("EUR", "7", "7", "0"), ("USD", "3.5", "3.5", "0")], delivery)
    checks = [(c["currency"], c["expected"], c["found"]) for c in delivery["checks"] if c["id"] == "native-total"]
    tap.case("its total is checked by currency", checks == [("EUR", "7", "7"), ("USD", "3.5", "3.5")], delivery["checks"])
    remark = [c for c in delivery["checks"] if c["id"] == "one-currency"][0]
    tap.case("that there are two is a remark", not remark["ok"] and remark["remark"] and "EUR, USD" in remark["detail"], remark)
    done = farthing("--json", "reconcile", data=data)
    entry = json.loads(done.stdout)["data"][0]
    tap.case("it balances, each currency by itself", done.returncode == 0 and entry["balances"]
             and entry["ledger_billed"] is None and [(c["currency"], c["ledger_billed"], c["difference"])
                                                     for c in entry["by_currency"]]
             == [("EUR", "7", "0"), ("USD", "3.5", "0")], entry)
    page = must(farthing("--output", "csv", "reconcile", data=data)).stdout.splitlines()
    tap.case("the table has a line for each", [line.split(",")[2:6] for line in page[1:]]
             == [["EUR", "7", "7", "0"], ["USD", "3.5", "3.5", "0"]], page)
    page = must(farthing("deliveries", "show", "1", data=data)).stdout
    tap.case("so has its page, and the remark is no failure", "EUR" in page and "remark one-currency" in page
             and "FAILS" not in page, page)


AWS = ("bill/PayerAccountId,bill/BillingPeriodStartDate,bill/BillingPeriodEndDate,lineItem/UsageAccountId,"
       "lineItem/LineItemType,lineItem/UsageStartDate,lineItem/UsageEndDate,lineItem/ProductCode,lineItem/CurrencyCode,"
       "lineItem/UnblendedCost,savingsPlan/SavingsPlanARN,savingsPlan/SavingsPlanEffectiveCost\n")


def aws_row(kind, cost, day=7, service="AmazonEC2", effective="", plan="arn:plan/1"):
    return (f"1,2025-03-01T00:00:00Z,2025-04-01T00:00:00Z,22,{kind},2025-03-{day:02}T00:00:00Z,"
            f"2025-03-{day:02}T01:00:00Z,{service},USD,{cost},{plan if kind.startswith('SavingsPlan') else ''},{effective}\n")


def failed_checks(tap, work):
    data, bill = work / "failed", work / "failed.csv"
    right = [aws_row("Usage", 5), aws_row("Usage", 2, 8), aws_row("SavingsPlanCoveredUsage", "0.40", effective="0"),
             aws_row("SavingsPlanNegation", "-0.40")]
    bill.write_text(AWS + "".join(right), encoding="utf-8")
    must(farthing("ingest", bill, data=work / "right"))
    bill.write_text(AWS + "".join(right[:3]) + aws_row("SavingsPlanNegation", "-0.41"), encoding="utf-8")
    done = farthing("ingest", bill, data=data)
    tap.case("a bill whose checks do not hold ends with 3, and is loaded",
             done.returncode == 3 and "loaded" in done.stdout and "native-total" in done.stderr
             and "what was read is loaded" in done.stderr, done)
    tap.case("the ledger has it", '"7"' in must(farthing("--json", "costs", "--metric", "billed_cost", data=data)).stdout)
    tap.case("reconcile ends with 3 too", farthing("reconcile", data=data).returncode == 3)
    tap.case("the same again changes nothing and ends with 0", farthing("ingest", bill, data=data).returncode == 0)
    return data


def sources(tap, work):
    data = work / "sources"
    declare = ["sources", "add", "mine", "--provider", "Contoso", "--account", "account 1", "--dataset", "focus"]
    must(farthing(*declare, data=data))
    tap.case("a source is declared once", farthing(*declare, data=data).returncode == 6)
    tap.case("what is missing is named", "--provider" in farthing("sources", "add", "x", data=data).stderr)
    report = first(must(farthing("--json", "ingest", write(work / "s.csv", row(1, 1, "A")), data=data)))
    tap.case("its bills go by its name", report["source"] == "mine", report)
    for args in (["--yes"], [], ["--with-charges"]):
        done = farthing("sources", "remove", "mine", *args, data=data)
        tap.case(f"its charges are safe from {args}", done.returncode in (2, 6) and "1 charge" in done.stderr, done)
    with Server(data) as server:
        gone = json.loads(must(farthing("--json", "--server", server.url, "sources", "remove", "mine", "--with-charges",
                                        "--yes")).stdout)
        tap.case("over --server it and its charges are taken out",
                 gone == {"name": "mine", "removed": False, "charges": 1, "version": 2}, gone)
        listed = [[s["name"] for s in json.loads(must(farthing("--json", "--server", server.url, "sources", "list", *how))
                                                 .stdout)["data"]] for how in ([], ["--all"])]
        tap.case("what earlier versions alone have is listed when asked for", listed == [[], ["mine"]], listed)
        must(farthing("--server", server.url, "sources", "add", "two", "--provider", "Contoso", "--account", "2",
                      "--dataset", "focus"))
        done = must(farthing("--data", data, "sources", "remove", "two", "--yes"))
        tap.case("through the socket an empty one is gone", "two is gone" in done.stderr, done)
    tap.case("the server ends cleanly", server.code == 0, server.text[-2000:])
    done = farthing(*declare, data=data)
    tap.case("what was removed says why it cannot be added", done.returncode == 6 and "was removed at" in done.stderr
             and "next delivery brings it back" in done.stderr, done)
    declare[4] = "Other"
    done = farthing(*declare, data=data)
    tap.case("so does its name", done.returncode == 6 and "Choose another name" in done.stderr, done)
    tap.case("the charges are out of the ledger, and still in its past",
             json.loads(must(farthing("--json", "costs", data=data)).stdout)["rows"] == []
             and '"1"' in must(farthing("--json", "costs", "--as-of", "1", data=data)).stdout)


def codes(tap, work):
    data = work / "codes"
    questions = [("costs", "--group-by", "nonsense"), ("costs", "--metric", "nonsense"), ("costs", "--where", "service ="),
                 ("costs", "--group-by", "nonsense", "--output", "csv"), ("ingest", "--period", "2025-13", work),
                 ("ingest", "--replace", "--append", work), ("deliveries", "nonsense"), ("deliveries", "diff")]
    for question in questions:
        done = farthing(*question, data=data)
        tap.case(f"{' '.join(map(str, question[:3]))}: wrong usage ends with 2", done.returncode == 2, done)
    done = farthing("query", "-", data=data, stdin='{"kind": "query", "subject": "cost", "measures": [], "time": 7}')
    tap.case("a plan that is none ends with 2", done.returncode == 2, done)
    done = farthing("explain", "-", data=data, stdin="")
    tap.case("an empty plan is called so", done.returncode == 2 and "empty" in done.stderr, done)
    problem = json.loads(farthing("--json", "costs", "--group-by", "nonsense", data=data).stdout)
    tap.case("a problem has its type and place", problem["type"] == "/problems/invalid"
             and problem["errors"][0]["pointer"] == "/group_by/0", problem)
    problem = json.loads(farthing("--json", "csots").stdout)
    tap.case("wrong usage has its type too", problem["type"] == "/problems/usage", problem)
    with Server(work / "remote") as server:
        tap.case("over --server the codes are the same",
                 farthing("--server", server.url, "costs", "--group-by", "nonsense").returncode == 2)
        done = farthing("--json", "--server", server.url, "ingest", work / "bad.csv")
        tap.case("a refused upload is a report, under the file's own name",
                 done.returncode == 1 and first(done)["errors"][0]["file"] == "bad.csv", done)
    tap.case("the server ends cleanly", server.code == 0, server.text[-2000:])
    tap.case("a server that is not there ends with 8",
             farthing("--server", "http://127.0.0.1:9", "costs").returncode == 8)


def answer_in_euros(server):
    """The entity tag and the text of an answer."""
    plan = {"kind": "query", "subject": "cost", "measures": ["billed_cost"], "time": None, "currency": "EUR"}
    request = urllib.request.Request(server.url + "/api/v1/costs/query", json.dumps(plan).encode(),
                                     {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as reply:
        return reply.headers["ETag"], reply.read().decode()


def whole(data, *options):
    return json.loads(must(farthing("--json", "costs", "--metric", "billed_cost", *options, data=data)).stdout)


def organisation(tap, data):
    """What is set for all holds where a question says nothing of a currency, and nowhere else."""
    done = must(farthing("rates", "currency", "EUR", data=data))
    tap.case("the organisation has a currency", "EUR" in done.stdout
             and "EUR" in must(farthing("rates", "currency", data=data)).stdout, done)
    plain, named = whole(data), whole(data, "--currency", "EUR")
    tap.case("a question that names none is asked in it", plain["totals"] == named["totals"] and plain["currency"] == "EUR"
             and plain["plan"]["currency"] == "EUR" and plain["rates"] == named["rates"], plain)
    billed = whole(data, "--currency", "billed")
    tap.case("and as billed when it says so", [t["currency"] for t in billed["totals"]] == ["EUR", "USD"]
             and billed["plan"]["currency"] is None, billed)
    plan = {"kind": "query", "subject": "cost", "time": None, "rows": True}
    rows = json.loads(must(farthing("--json", "query", "-", data=data, stdin=json.dumps(plan))).stdout)
    tap.case("single charges stay as billed", rows["row_count"] == 3, rows)
    counted = json.loads(must(farthing("--json", "costs", "--metric", "resource_count", data=data)).stdout)
    tap.case("what is only counted is not converted", "rates" not in counted, counted)
    done = farthing("rates", "currency", "Euro", data=data)
    tap.case("a currency has three capital letters", done.returncode == 2 and "/currency" in done.stderr, done)
    must(farthing("rates", "currency", "CHF", data=data))
    done = farthing("costs", data=data)
    tap.case("its gap is named, with the way out", done.returncode != 0 and "to CHF" in done.stderr
             and "--currency billed" in done.stderr, done)
    must(farthing("rates", "currency", "billed", data=data))
    tap.case("taken back, amounts are as billed", whole(data) == billed, whole(data))


def summaries(tap, server):
    """The month's figures, as billed and in one currency."""
    def ask(path, body=None):
        request = urllib.request.Request(server.url + path, body, {"Content-Type": "application/json"},
                                         method="PATCH" if body else "GET")
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.headers["ETag"], json.loads(reply.read())

    path = "/api/v1/costs/summary?metric=billed_cost"
    before, billed = ask(path)
    tap.case("a summary knows where rates lead", (billed["currencies"], billed["reporting_currency"], billed["convertible"])
             == (["EUR", "USD"], None, ["EUR", "USD"]), billed)
    euros = ask(path + "&currency=EUR")[1]
    tap.case("and sums up in one currency", euros["currency"] == "EUR" and len(euros["by_currency"]) == 1
             and euros["month_to_date"] is not None, euros)
    tap.case("the organisation is set by the API", ask("/api/v1/organisation", b'{"currency":"EUR"}')[1] == {"currency": "EUR"})
    after, told = ask(path)
    tap.case("a summary tells it, under a new tag", told["reporting_currency"] == "EUR" and before != after
             and told["by_currency"] == billed["by_currency"], told)
    ask("/api/v1/organisation", b'{"currency":null}')


def currencies(tap, work):
    data = work / "currencies"
    must(farthing("ingest", write(work / "usd.csv", row(10, 1, "A"), row("1.5", 5, "A")), data=data))
    must(farthing("ingest", write(work / "eur.csv", row(2, 1, "B").replace("USD", "EUR").replace("account 1", "account 2")),
                  data=data))
    done = farthing("costs", "--currency", "EUR", data=data)
    tap.case("without rates the gap is named", done.returncode != 0 and "from USD to EUR for 2025-05-01 to 2025-05-05"
             in done.stderr and "rates import" in done.stderr, done)
    rates = work / "rates.xml"
    rates.write_text("<e:Envelope xmlns:e='e'><Cube><Cube time='2025-05-02'><Cube currency='USD' rate='1.5'/></Cube>"
                     "<Cube time='2025-04-30'><Cube currency='USD' rate='1.25'/></Cube></Cube></e:Envelope>",
                     encoding="utf-8")
    done = json.loads(must(farthing("--json", "rates", "import", rates, data=data)).stdout)
    tap.case("rates import tells what came", (done["rates"], done["changed"], done["last_day"]) == (2, 2, "2025-05-02"), done)
    one = json.loads(must(farthing("--json", "costs", "--metric", "billed_cost", "--currency", "EUR", data=data)).stdout)
    tap.case("each day takes its rate, at the week's end Friday's", one["totals"] == [{"currency": "EUR", "billed_cost": "11"}]
             and [(r["rate_date"], r["first_day"]) for r in one["rates"]]
             == [("2025-04-30", "2025-05-01"), ("2025-05-02", "2025-05-05")], one)
    done = must(farthing("costs", "--metric", "billed_cost", "--currency", "EUR", data=data))
    tap.case("the table says by which rates", "2025-04-30" in done.stderr and "2025-05-02" in done.stderr, done)
    rates.write_text("date,from,to,rate\n2025-05-02,USD,EUR,2\n", encoding="utf-8")
    must(farthing("rates", "import", rates, data=data))
    one = json.loads(must(farthing("--json", "costs", "--metric", "billed_cost", "--currency", "EUR", data=data)).stdout)
    tap.case("a corrected rate is a new answer", one["totals"][0]["billed_cost"] == "13", one)
    tap.case("rates lists them", "rates.xml" in must(farthing("rates", data=data)).stdout)
    done = farthing("rates", "import", work / "usd.csv", data=data)
    tap.case("a bill is no file of rates", done.returncode == 1 and "no header of rates" in done.stderr, done)
    organisation(tap, data)
    with Server(data) as server:
        summaries(tap, server)
        before = answer_in_euros(server)
        must(farthing("--server", server.url, "rates", "import", "-", stdin="date,from,to,rate\n2025-05-02,USD,EUR,4\n"))
        after = answer_in_euros(server)
        tap.case("new rates are a new answer and a new tag",
                 '"13"' in before[1] and '"16"' in after[1] and before[0] != after[0], (before, after))


def main():
    tap = Tap()
    with Folder() as work:
        refusals(tap, work)
        restatements(tap, work)
        many_changes(tap, work)
        balances(tap, work)
        lists(tap, work)
        two_currencies(tap, work)
        failed_checks(tap, work)
        sources(tap, work)
        codes(tap, work)
        currencies(tap, work)
    tap.done()


if __name__ == "__main__":
    main()
