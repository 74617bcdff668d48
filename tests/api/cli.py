#!/usr/bin/env python3
"""The command line as a person and a script meet it: help, codes, pipes, widths, colours. Prints TAP."""
import json
import os
import pathlib
import pty
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import lib_xlsx  # noqa: E402
from lib_farthing import PROGRAM, SOURCE, Folder, Tap, farthing, must  # noqa: E402


def on_terminal(columns, *args, env=None):
    """Output of the program on a terminal of that width."""
    leader, follower = pty.openpty()
    import fcntl
    import struct
    import termios
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen([PROGRAM, *map(str, args)], stdout=follower, stderr=subprocess.DEVNULL,
                               env={**os.environ, "LC_ALL": "C.UTF-8", **(env or {})})
    os.close(follower)
    text = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:
            break
        if not piece:
            break
        text += piece
    process.wait()
    os.close(leader)
    return text.decode().replace("\r\n", "\n")


def main():
    tap = Tap()

    overview = must(farthing("help")).stdout
    tap.case("help lists every command", all(f"\n  {name} " in overview for name in ("serve", "ingest", "costs")))
    tap.case("no argument is a question for help", farthing().stdout == overview)
    tap.case("help lines fit 100 columns", all(len(line) <= 110 for line in overview.splitlines()))
    for command in ("ingest", "costs", "query", "serve", "demo-data"):
        tap.case(f"{command} --help has usage and examples",
                 all(word in must(farthing(command, "--help")).stdout for word in ("usage: ", "Examples")))
    tap.case("an example may hold a pipe", "farthing manual | man -l -\n" in must(farthing("manual", "--help")).stdout)
    manual = must(farthing("manual")).stdout
    committed = SOURCE / "docs" / "man" / "farthing.1"
    tap.case("the committed manual page is what the program prints",
             committed.exists() and committed.read_text(encoding="utf-8") == manual,
             "run: ./dev run manual > docs/man/farthing.1")
    for shell in ("bash", "zsh", "fish"):
        tap.case(f"there is a completion for {shell}", "costs" in must(farthing("completion", shell)).stdout)
    bash = must(farthing("completion", "bash")).stdout
    tap.case("bash takes its completion", subprocess.run(["bash", "-n"], input=bash, text=True).returncode == 0)

    tap.case("a mistyped command ends with 2 and a suggestion",
             (lambda d: d.returncode == 2 and 'Did you mean "costs"' in d.stderr)(farthing("csots")))
    tap.case("an error says who speaks", farthing("csots").stderr.startswith("farthing: "))
    problem = farthing("--json", "csots")
    tap.case("with --json an error is an object on standard output",
             json.loads(problem.stdout)["detail"].startswith("no command"), problem.stdout)
    version = must(farthing("version")).stdout
    tap.case("version names its engines", "duckdb" in version and "sqlite" in version.lower(), version)

    with Folder() as work:
        data, bill = work / "data", work / "bill"
        must(farthing("demo-data", bill, "--months", "2", "--seed", "3", "--rows", "3000"))
        tap.case("asking an empty ledger works", farthing("costs", data=data).returncode == 0)
        report = json.loads(must(farthing("--json", "ingest", bill / "aws-cur-2.0", data=data)).stdout)
        tap.case("ingest --json gives the report", {d["status"] for d in report["deliveries"]} == {"loaded"}, report)
        again = json.loads(must(farthing("--json", "ingest", bill / "aws-cur-2.0", data=data)).stdout)
        tap.case("the same again changes nothing", {d["status"] for d in again["deliveries"]} == {"unchanged"}, again)
        other = farthing("ingest", bill / "aws-cur-legacy", data=data)
        tap.case("the same bill in another form is refused with 6", other.returncode == 6, other.stderr)
        tap.case("a path that is not there ends with 5", farthing("ingest", work / "none", data=data).returncode == 5)

        args = ["--data", data, "costs", "--group-by", "service,resource", "--grain", "day"]
        reader = subprocess.Popen([PROGRAM, *map(str, args), "--output", "csv"], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE)
        reader.stdout.readline()
        reader.stdout.close()
        errors = reader.stderr.read()
        tap.case("a closed pipe ends quietly", reader.wait() == 0 and errors == b"", errors)
        tap.case("a full disk is an error",
                 subprocess.run([PROGRAM, *map(str, args)], stdout=open("/dev/full", "w"),
                                stderr=subprocess.DEVNULL).returncode == 1)

        narrow = on_terminal(60, "--data", data, "costs", "--group-by", "service", "--metric", "billed_cost")
        plain = [line for line in narrow.splitlines()]
        tap.case("a table fits a narrow terminal", all(len(strip_colour(line)) <= 60 for line in plain), narrow)
        tap.case("a terminal gets bold heads", "\x1b[1m" in narrow)
        tap.case("NO_COLOR is obeyed",
                 "\x1b[" not in on_terminal(100, "--data", data, "costs", env={"NO_COLOR": "1"}))
        tap.case("a pipe gets no colour", "\x1b[" not in must(farthing("costs", data=data)).stdout)
        csv = must(farthing("costs", "--group-by", "service", "--output", "csv", data=data)).stdout
        tap.case("CSV has a head and no totals", csv.startswith("service,") and "Total" not in csv, csv[:200])
        services = must(farthing("services", "--output", "csv", data=data)).stdout.splitlines()
        page = must(farthing("services", "show", services[1].split(",")[0], data=data)).stdout
        months = [line.split()[0] for line in page.split("By month\n")[1].splitlines() if line.strip()]
        tap.case("a month is shown as one", months and all(re.fullmatch(r"\d{4}-\d\d", month) for month in months), page)
        book = work / "costs.xlsx"
        with open(book, "wb") as to:
            done = subprocess.run([PROGRAM, "--data", data, "costs", "--group-by", "service", "--output", "xlsx"],
                                  stdout=to, stderr=subprocess.PIPE)
        tap.case("a workbook goes to a file", done.returncode == 0 and
                 lib_xlsx.read(book.read_bytes())["Costs"].height() == csv.count("\n") + 1, done)
        for form in ("xlsx", "parquet"):
            tap.case(f"{form} never goes to a terminal", on_terminal(80, "--data", data, "costs", "--output", form) == "")
        tap.case("only costs and query have rows for a workbook",
                 (lambda d: d.returncode == 2 and "--output xlsx: only costs and query" in d.stderr)(
                     farthing("sources", "--output", "xlsx", data=data)))
        started = time.monotonic()
        must(farthing("--help"))
        tap.case("--help touches nothing", time.monotonic() - started < 2)
        empty = work / "untouched"
        farthing("--help", data=empty)
        farthing("version", data=empty)
        tap.case("--help and version make no data directory", not empty.exists())
    tap.done()


def strip_colour(line):
    return line.replace("\x1b[1m", "").replace("\x1b[0m", "")


if __name__ == "__main__":
    main()
