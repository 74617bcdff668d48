#!/usr/bin/env python3
"""Custom costs on the command line: a proposal, the import by it, and what is refused. Prints TAP."""
import json
import pathlib
import sys
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from lib_farthing import Folder, Server, Tap, farthing, must  # noqa: E402

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
    tap.done()


if __name__ == "__main__":
    main()
