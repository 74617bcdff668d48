#!/usr/bin/env python3
"""Every command that is a client of the API prints the same in this process, through the owner's socket, and
over --server. Prints TAP."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from lib_farthing import Folder, Server, Tap, farthing, must  # noqa: E402

PLAN = json.dumps({"kind": "query", "subject": "cost", "measures": ["billed_cost", "effective_cost"], "time": None,
                   "group_by": ["billing_period", "service_code"]})
DAYS = json.dumps({"kind": "query", "subject": "cost", "measures": ["billed_cost"], "time": None, "grain": "day",
                   "group_by": ["service"]})
COMMANDS = [
    (["costs"], None),
    (["costs", "--group-by", "service,sub_account", "--metric", "billed_cost,charge_count"], None),
    (["costs", "--group-by", "tag:Team", "--grain", "month", "--output", "csv"], None),
    (["costs", "--group-by", "service", "--order", "-effective_cost", "--limit", "3", "--output", "markdown"], None),
    (["costs", "--where", 'not service in ("nothing like this")', "--output", "ndjson"], None),
    (["query", "-", "--output", "parquet"], PLAN),
    (["--json", "query", "-"], PLAN),
    (["query", "-"], PLAN),
    (["--json", "explain", "-"], PLAN),
    (["explain", "-"], PLAN),
    (["dimensions"], None),
    (["dimensions", "service"], None),
    (["--json", "sources"], None),
    (["sources"], None),
    (["--json", "deliveries"], None),
    (["deliveries"], None),
    (["deliveries", "--period", "2025-01"], None),
    (["deliveries", "show", "1"], None),
    (["--json", "deliveries", "show", "2"], None),
    (["--json", "deliveries", "diff", "2"], None),
    (["deliveries", "diff", "1"], None),
    (["sources", "show", "1"], None),
    (["insights"], None),
    (["--json", "insights", "--metric", "billed_cost"], None),
    (["insights", "--currency", "USD", "--output", "csv"], None),
    (["--json", "reconcile"], None),
    (["reconcile", "--period", "2025-01"], None),
    (["reconcile"], None),
    (["forecast", "--from", "-", "--model", "theta"], DAYS),
    (["forecast", "--from", "-", "--model", "snaive", "--horizon", "month_end", "--output", "csv"], DAYS),
    (["--json", "forecast", "--from", "-", "--model", "calendar", "--level", "50"], DAYS),
    # What is refused is refused alike: same code, same words.
    (["deliveries", "diff", "99"], None),
    (["costs", "--group-by", "servcie"], None),
    (["costs", "--where", "service in ("], None),
    (["query", "-"], '{"kind":"query"}'),
    (["query", "-"], "not json"),
    (["query", "-", "--output", "parquet"], '{"kind":"query"}'),
    (["forecast", "--from", "-"], PLAN),
    (["forecast", "--from", "-", "--measure", "bild_cost"], DAYS),
    (["sources", "--output", "parquet"], None),
    (["deliveries", "show", "no-such"], None),
]
WORKS = COMMANDS.index((["deliveries", "diff", "99"], None))


def run(args, stdin, *where):
    done = farthing(*where, *args, stdin=stdin)
    return done.returncode, done.stdout, done.stderr


HEAD = ("BilledCost,BillingCurrency,BillingAccountId,BillingPeriodStart,ChargePeriodStart,ChargePeriodEnd,"
        "ChargeCategory,ServiceName,ProviderName\n")


def standard_input(tap, work):
    """`farthing ingest -`, each way into a directory of its own; the bill is larger than one piece of it."""
    rows = "".join(f"0.{n:06},USD,account 1,2025-05-01,2025-05-02,2025-05-03,Usage,Storage,Contoso\n"
                   for n in range(1, 5001))

    def brought(where, *args):
        done = farthing("--json", *args, "ingest", "-", stdin=HEAD + rows)
        sums = farthing("--json", *args, "costs", "--metric", "billed_cost")
        got = done.returncode, [(d["status"], d["billed_cost"]) for d in json.loads(done.stdout).get("deliveries", [])]
        tap.case(f"standard input is brought in {where}",
                 got == (0, [("loaded", "12.5025")]) and '"12.5025"' in sums.stdout, (done, sums.stdout[:300]))

    brought("by this process", "--data", work / "alone")
    with Server(work / "socket") as server:
        brought("through the socket", "--data", work / "socket")
    tap.case("the server that it went through ends cleanly", server.code == 0, server.text[-2000:])
    with Server(work / "remote") as server:
        brought("over --server", "--server", server.url)
    empty = farthing("ingest", "-", data=work / "alone", stdin="")
    tap.case("standard input that is empty is refused", empty.returncode != 0 and "empty" in empty.stderr, empty)


def main():
    tap = Tap()
    with Folder() as work:
        standard_input(tap, work)
    with Folder() as work:
        data, bill = work / "data", work / "bill"
        must(farthing("demo-data", bill, "--months", "2", "--seed", "3", "--rows", "3000"))
        must(farthing("ingest", bill / "aws-cur-2.0", data=data))
        alone = [run(args, stdin, "--data", data) for args, stdin in COMMANDS]
        with Server(data) as server:
            for (args, stdin), expected in zip(COMMANDS, alone):
                name = " ".join(args)
                socket = run(args, stdin, "--data", data)
                remote = run(args, stdin, "--server", server.url)
                tap.case(f"{name}: the same through the socket", socket == expected, f"{expected}\n{socket}")
                tap.case(f"{name}: the same over --server", remote == expected, f"{expected}\n{remote}")
            again = farthing("--json", "--server", server.url, "ingest",
                             next((bill / "aws-cur-2.0").rglob("*.csv.gz")))
            tap.case("a file is uploaded to a server elsewhere", again.returncode in (0, 6), again.stderr)
        tap.case("the server ends cleanly", server.code == 0, server.text[-2000:])
        tap.case("what was asked for worked", all(code == 0 for code, _, _ in alone[:WORKS]),
                 [(args, r) for (args, _), r in zip(COMMANDS[:WORKS], alone) if r[0] != 0])
    tap.done()


if __name__ == "__main__":
    main()
