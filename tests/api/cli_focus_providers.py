#!/usr/bin/env python3
"""focus export of the bills of every provider, in every version, breaks no rule of FOCUS. Prints TAP."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from lib_farthing import Folder, Tap, farthing, must  # noqa: E402

VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4")
GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden" / "import"
# What goes into one ledger: no bill twice.
LEDGERS = {
    "bills that are made": ("demo/aws-cur-2.0", "demo/azure-ea", "demo/google-detailed", "demo/oracle", "demo/focus"),
    "the same in their other form": ("demo/aws-cur-legacy", "demo/azure-mca", "demo/google-standard"),
    "bills by hand": ("aws_cur/cur2", "azure/ea", "azure/products", "gcp_billing/detailed", "oracle/reports", "custom/hoster",
                      "focus/1.2"),
    "more of these": ("aws_cur/athena", "azure/mca", "focus/1.0"),
}


def broken(to, version):
    """The rules that are violated, whatever the provider supports."""
    done = farthing("--json", "focus", "validate", "--version", version, "--applicability", "ALL", to)
    if done.returncode not in (0, 3):
        return [f"exit {done.returncode}: {done.stderr}"]
    return [(finding["rule"], finding["samples"][:1]) for finding in json.loads(done.stdout)["findings"] if finding["violation"]]


def check(tap, work, name, bills):
    data = work / name
    for bill in bills:
        path = work / bill if bill.startswith("demo/") else GOLDEN / bill / "input"
        done = farthing("ingest", path, data=data)
        tap.case(f"{name}: {bill} is imported", done.returncode in (0, 3), done.stderr)
    for version in VERSIONS:
        to = work / f"{name} {version}"
        must(farthing("focus", "export", "--version", version, "--to", to, data=data))
        rules = broken(to, version)
        tap.case(f"{name}: as FOCUS {version} no rule is broken", not rules, rules)


def main():
    tap = Tap()
    with Folder() as work:
        work = pathlib.Path(work)
        must(farthing("demo-data", work / "demo", "--provider", "all", "--months", "2", "--rows", "1200"))
        for name, bills in LEDGERS.items():
            check(tap, work, name, bills)
    tap.done()


if __name__ == "__main__":
    main()
