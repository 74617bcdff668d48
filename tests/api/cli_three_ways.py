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
COMMANDS = [
    (["costs"], None),
    (["costs", "--group-by", "service,sub_account", "--metric", "billed_cost,charge_count"], None),
    (["costs", "--group-by", "tag:Team", "--grain", "month", "--output", "csv"], None),
    (["costs", "--group-by", "service", "--order", "-effective_cost", "--limit", "3", "--output", "markdown"], None),
    (["costs", "--where", 'not service in ("nothing like this")', "--output", "ndjson"], None),
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
    (["deliveries", "show", "1"], None),
    (["--json", "reconcile"], None),
    (["reconcile"], None),
    # What is refused is refused alike: same code, same words.
    (["costs", "--group-by", "servcie"], None),
    (["costs", "--where", "service in ("], None),
    (["query", "-"], '{"kind":"query"}'),
    (["query", "-"], "not json"),
    (["deliveries", "show", "no-such"], None),
]


def run(args, stdin, *where):
    done = farthing(*where, *args, stdin=stdin)
    return done.returncode, done.stdout, done.stderr


def main():
    tap = Tap()
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
        tap.case("what was asked for worked", all(code == 0 for code, _, _ in alone[:18]),
                 [(args, r) for (args, _), r in zip(COMMANDS[:18], alone) if r[0] != 0])
    tap.done()


if __name__ == "__main__":
    main()
