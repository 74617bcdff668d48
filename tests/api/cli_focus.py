#!/usr/bin/env python3
"""focus validate as a script meets it: exit codes, forms, files of reports. Prints TAP."""
import json
import pathlib
import subprocess
import sys
import xml.etree.ElementTree as xml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from lib_farthing import PROGRAM, Folder, Tap  # noqa: E402

DATA = pathlib.Path(__file__).resolve().parent.parent / "unit" / "focus" / "data"
SHARED = pathlib.Path(__file__).resolve().parents[3] / "shared" / "data" / "billing" / "synthetic"


def run(*arguments):
    return subprocess.run([PROGRAM, "focus", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False, stdin=subprocess.DEVNULL)


def main():
    tap = Tap()
    good = DATA / "good-1.2.csv"
    text = good.read_text(encoding="utf-8")
    with Folder() as work:
        work = pathlib.Path(work)
        bad, warned = work / "bad.csv", work / "warned.csv"
        bad.write_text(text.replace("kettle hours", "\x1b[31mred").replace(",Usage,", ",Use,", 1), encoding="utf-8")
        warned.write_text(text.replace("kettle hours", "", 1), encoding="utf-8")

        got = run("validate", good)
        tap.case("a correct file ends with 0", got.returncode == 0 and got.stdout.endswith("\nvalid\n"), got)
        got = run("validate", bad)
        tap.case("a broken MUST ends with 3 and says where", got.returncode == 3 and "bad.csv:2: " in got.stdout, got)
        tap.case("what a file holds cannot colour the terminal", "\x1b" not in got.stdout, got)
        tap.case("a broken SHOULD ends with 0", run("validate", warned).returncode == 0)
        tap.case("with --strict it ends with 3", run("validate", "--strict", warned).returncode == 3)
        tap.case("what cannot be asked ends with 2", run("validate", "--version", "7", good).returncode == 2
                 and run("validate").returncode == 2 and run("judge", good).returncode == 2)
        tap.case("a file that is not there ends with 5", run("validate", work / "none.csv").returncode == 5)

        report = json.loads(run("validate", "--json", bad).stdout)
        tap.case("--json gives findings, outcomes and times", not report["valid"] and report["findings"][0]["samples"]
                 and len(report["outcomes"]) > 280 and report["time"]["wall_ms"] >= 0, report)
        lines = run("validate", "--output", "csv", bad).stdout.splitlines()
        tap.case("--output csv has a line a finding", len(lines) == len(report["findings"]) + 1, lines)

        page, suite = work / "report.html", work / "report.xml"
        got = run("validate", "--html", page, "--junit", suite, bad)
        cases = xml.parse(suite).getroot()[0]
        tap.case("--junit has a case a rule", int(cases.get("tests")) == len(cases) > 280
                 and int(cases.get("failures")) == len(report["findings"]), cases.attrib)
        tap.case("--html names no other place", "ChargeCategory-C-003-M" in page.read_text(encoding="utf-8")
                 and "http" not in page.read_text(encoding="utf-8"))
        tap.case("--time says what rules cost", "BilledCost-C-001-M" in run("validate", "--time", good).stdout)

        folder = run("validate", "--json", DATA)
        tap.case("a folder holds datasets of several versions",
                 {f["dataset"] for f in json.loads(folder.stdout)["files"]} ==
                 {"Cost and Usage", "Contract Commitment", "Billing Period", "Invoice Detail"}, folder)

        if SHARED.exists():
            for name in ("golden/aws-focus-1.2-reference", "third-party-focus/aws_1_2_cost_and_usage_rows25_seed7.csv.gz",
                         "third-party-focus/azure_1_3_cost_and_usage_rows25_seed7.csv.gz"):
                got = run("validate", "--strict", SHARED / name)
                tap.case(f"{name} has no finding", got.returncode == 0, got.stdout[-2000:])
    tap.done()


if __name__ == "__main__":
    main()
