#!/usr/bin/env python3
"""Custom costs on the command line: a proposal, the import by it, and what is refused; how files are recognised.
Prints TAP."""
import json
import pathlib
import shutil
import sys
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from lib_farthing import SOURCE, Folder, Server, Tap, farthing, must  # noqa: E402

BILLS = pathlib.Path(__file__).resolve().parent / "bills"
# file, rows stored, currency, billed cost of all its periods
MAKES = [("acme-invoice.csv", 2, "USD", ["1430.5"]), ("datadog-usage.csv", 3, "USD", ["0.0868057055555556"]),
         ("snowflake-metering.csv", 2, "USD", ["5.203703673"]), ("github-billing.csv", 2, "USD", ["19"]),
         ("hetzner-2025-01.csv", 2, "EUR", ["4.548"]), ("Stadtwerke.csv", 3, "EUR", ["1225.49"]),
         ("printer-fleet.tsv.csv", 2, "EUR", ["13.3"]), ("notion-licences.csv", 2, "EUR", ["126", "144"])]


def proposals(tap, work):
    for name, rows, currency, costs in MAKES:
        data = work / f"data-{name}"
        done = must(farthing("ingest", "--propose-mapping", BILLS / name, data=data))
        mapping = work / f"{name}.yaml"
        mapping.write_text(done.stdout, encoding="utf-8")
        tap.case(f"{name}: the proposal is sure, and says why", "CHOOSE" not in done.stdout and "  # " in done.stdout, done)
        done = farthing("--json", "ingest", "--mapping", mapping, BILLS / name, data=data)
        report = json.loads(done.stdout)["deliveries"] if done.returncode == 0 else []
        got = (sum(d["rows_stored"] for d in report), sorted({d["currency"] for d in report}),
               [d["billed_cost"] for d in report], {d["difference"] for d in report})
        tap.case(f"{name}: it can be imported by it at once", got == (rows, [currency], costs, {"0"}), done)


def doubts(tap, work):
    data = work / "doubts"
    cases = [("01/02/2025,5", "dates: CHOOSE", "a date that can be read in two ways is left to choose"),
             ("2025-01-31,\"1,234\"", "decimal: CHOOSE", "a number that can be read in two ways is left to choose")]
    for row, line, name in cases:
        bill = work / "contoso.csv"
        bill.write_text(f"date,cost usd\n{row}\n", encoding="utf-8")
        done = must(farthing("ingest", "--propose-mapping", bill, data=data))
        tap.case(name, line in done.stdout and "CHOOSE" in done.stderr, done)
        (work / "contoso.yaml").write_text(done.stdout, encoding="utf-8")
        done = farthing("ingest", "--mapping", work / "contoso.yaml", bill, data=data)
        tap.case(f"{name}, and nothing is imported before", done.returncode != 0 and "CHOOSE" in done.stderr, done)


def refusals(tap, work):
    data, bill = work / "refused", work / "something.csv"
    bill.write_text("name,age\na,1\n", encoding="utf-8")
    done = farthing("ingest", bill, data=data)
    tap.case("a file of no kind is refused with a hint at a mapping",
             done.returncode != 0 and "--propose-mapping" in done.stderr, done)
    bill.write_bytes("Datum;Preis\n1.1.2025;5 für\n".encode("latin-1"))
    done = farthing("ingest", "--propose-mapping", bill, data=data)
    tap.case("Latin-1 is refused with how to convert it", done.returncode != 0 and "iconv" in done.stderr, done)
    mapping = work / "m.yaml"
    mapping.write_text("columns:\n  BilledCost: cost\n  BillingCurency: {value: USD}\n", encoding="utf-8")
    done = farthing("ingest", "--mapping", mapping, BILLS / "datadog-usage.csv", data=data)
    tap.case("a mapping's mistake is named by file, line and place, with the nearest name",
             "m.yaml:3: /columns/BillingCurency" in done.stderr and '"BillingCurrency"' in done.stderr, done)
    done = farthing("ingest", "--mapping", mapping, "--format", "oracle", BILLS / "datadog-usage.csv", data=data)
    tap.case("a mapping is for custom costs only", done.returncode == 2, done)


FOCUS = "BilledCost,BillingCurrency,BillingAccountId,BillingPeriodStart,ChargePeriodStart,ChargeCategory,ProviderName"
# name, content, exit code, words on standard error
NEAR_MISSES = [
    ("a file that lacks what its kind needs is doubtful, and says what it lacks",
     "EffectiveCost,ListCost,ChargeCategory,ChargePeriodStart,ProviderName\n1,1,Usage,2025-05-01,C\n", 1,
     ["could be a bill of these kinds: focus (without BilledCost, BillingPeriodStart)"]),
    ("a file that two kinds could be is doubtful, and names both",
     "BilledCost,BillingPeriodStart,ChargePeriodStart,ChargeCategory,SubscriptionId,Date,MeterCategory,Cost\n"
     "1,2025-05-01,2025-05-01,Usage,s,05/01/2025,Storage,1\n", 1, ["could be a bill of these kinds: azure, focus"]),
    ("a file of invoice lines is named for what it is, and whom it is for",
     "InvoiceDetailId,InvoiceId,BilledCost,BillingPeriodStart,ChargeCategory\n1,2,3,2025-05-01,Usage\n", 5,
     ["a FOCUS Invoice Detail file, which holds no charges", "reconcile --invoice"]),
    ("so is one of commitments", "ContractCommitmentId,ContractId\n1,2\n", 5,
     ["a FOCUS Contract Commitment file, which holds no charges", "focus validate"]),
    ("a header alone is no bill", FOCUS + "\n", 1, ["no record in it"]),
    ("an empty file is no bill", "", 1, ["empty"]),
    ("two columns of Azure are no bill", "SubscriptionId,Cost\ns,1\n", 5, ["no bill of a known kind"]),
    ("semicolons are named", "BilledCost;BillingCurrency\n1,5;EUR\n", 5, ["this one semicolons", "--propose-mapping"]),
    ("half of a header of Oracle names what is missing",
     "lineItem/intervalUsageStart,cost/myCost\n2025-05-01T00:00Z,1\n", 1, ["product/service is missing"]),
    ("half of a header of AWS names what is missing",
     "line_item_line_item_type,line_item_unblended_cost\nUsage,1\n", 1, ["line_item_usage_start_date is missing"]),
    ("half of a header of Google names what is missing",
     "cost,sku.description,invoice.month\n1,x,202505\n", 1, ["gcp_billing (without usage_start_time)"]),
]


def recognition(tap, work):
    data, bill = work / "recognition", work / "bill.csv"
    for name, text, code, words in NEAR_MISSES:
        bill.write_text(text, encoding="utf-8")
        done = farthing("ingest", "--dry-run", bill, data=data)
        tap.case(name, done.returncode == code and all(w in done.stderr for w in words), done)
    bill.write_text(FOCUS + "\n1,USD,a,2025-05-01,2025-05-01,Usage,Contoso\n", encoding="utf-8")
    report = json.loads(must(farthing("--json", "ingest", "--dry-run", bill, data=data)).stdout)["deliveries"][0]
    tap.case("what a FOCUS file lacks is named, and it is taken",
             report["status"] == "loaded" and "ServiceName" in report["missing_columns"], report)
    folder = work / "folder"
    golden = SOURCE / "tests/golden/import"
    for n, path in enumerate(("aws_cur/legacy/input", "azure/ea/input", "focus/1.0/input", "gcp_billing/detailed/input",
                              "oracle/reports/input", "custom/hoster/input")):
        shutil.copytree(golden / path, folder / str(n))
    (folder / "notes.csv").write_text("just,notes\n", encoding="utf-8")
    (folder / "terms.csv").write_text("ContractCommitmentId,ContractId\n1,2\n", encoding="utf-8")
    done = must(farthing("ingest", "--dry-run", folder, data=data))
    tap.case("a dry run says of each file what it is taken for, and why",
             "oracle cost-csv by column cost/myCost" in done.stderr and "march.csv: custom by the mapping" in done.stderr
             and "notes.csv: no bill of a known kind" in done.stderr
             and "terms.csv: a FOCUS Contract Commitment file, which holds no charges, passed over" in done.stderr, done)
    done = must(farthing("--json", "ingest", folder, data=data))
    got = {(d["format"], d["billing_period"], d["status"]) for d in json.loads(done.stdout)["deliveries"]}
    tap.case("a folder that holds several sources is taken apart",
             {f for f, _, _ in got} == {"aws_cur", "azure", "custom", "focus", "gcp_billing", "oracle"}
             and {s for _, _, s in got} == {"loaded"}, got)


def post(server, path, body):
    kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
    request = urllib.request.Request(server.url + path, body if isinstance(body, bytes) else json.dumps(body).encode(),
                                     {"Content-Type": kind})
    with urllib.request.urlopen(request, timeout=60) as reply:
        return json.loads(reply.read())


def over_http(tap, work):
    with Server(work / "served") as server:
        upload = post(server, "/api/v1/uploads?name=notion-licences.csv", (BILLS / "notion-licences.csv").read_bytes())
        preview = post(server, "/api/v1/mappings/preview", {"upload": upload["id"]})
        first = preview["charges"][0]
        tap.case("a preview shows what the first lines become",
                 first["BilledCost"] == {"value": "126", "refused": None}
                 and first["ChargePeriodEnd"]["value"] == "2025-02-01T00:00:00Z", preview)
        tried = post(server, "/api/v1/mappings/preview", {"upload": upload["id"], "mapping": preview["mapping"].replace(
            "[Price per seat]", "[Licence]")})
        tap.case("a value that would be refused is shown as such",
                 tried["charges"][0]["BilledCost"] == {"value": None, "refused": "not-a-number"}, tried)


def main():
    tap = Tap()
    with Folder() as work:
        proposals(tap, work)
        doubts(tap, work)
        refusals(tap, work)
        over_http(tap, work)
        recognition(tap, work)
    tap.done()


if __name__ == "__main__":
    main()
