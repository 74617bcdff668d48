#!/usr/bin/env python3
"""`farthing detect` on files, as a person and a script meet it. Prints TAP."""
import csv
import datetime
import gzip
import io
import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from lib_farthing import Folder, Tap, farthing, must  # noqa: E402

DAYS, AT, START = 200, 150, datetime.date(2024, 1, 1)


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def day(t):
    return START + datetime.timedelta(days=t)


def made():
    """A series with a spike on day AT, one without, and one that begins later and is missing a day."""
    rng, series = random.Random(4), {}
    for name, first in (("spike", 0), ("quiet", 0), ("late, and short", 150)):
        series[name] = {day(t): 100 * (1 + 0.03 * rng.gauss(0, 1)) for t in range(first, DAYS)}
    series["spike"][day(AT)] *= 3
    del series["late, and short"][day(170)]
    return series


def write(path, series, line='"{}",{},{:.4f}\n'.format):
    path.write_text("series_id,date,cost\n" + "".join(line(name, when, cost) for name, days in series.items()
                                                      for when, cost in days.items()), encoding="utf-8")


def check_input(tap, work, series, plain):
    packed = work / "series.csv.gz"
    packed.write_bytes(gzip.compress((work / "series.csv").read_bytes()))
    tap.case("a packed file, on three threads, gives the same",
             must(farthing("detect", "--input", packed, "--threads", "3")).stdout == plain)
    tap.case("FILE alone means --input FILE", must(farthing("detect", work / "series.csv")).stdout == plain)
    hours = work / "hours.csv"
    write(hours, series, lambda name, when, cost: "".join(
        f'"{name}",{when}T{hour:02}:00:00Z,{cost / 2:.5f}\n' for hour in (3, 20)))
    tap.case("timestamps are added up to days", [(r["series_id"], r["start"], r["detected"]) for r in rows(
        must(farthing("detect", "--input", hours)).stdout)] == [(r["series_id"], r["start"], r["detected"])
                                                                 for r in rows(plain)])


def check_errors(tap, work):
    bad = work / "bad.csv"
    for name, text, message in (
            ("a column that is missing is named", "series_id,day,cost\na,2024-01-01,1\n", 'no column "date"'),
            ("a cost that is none is named with its line", "series_id,date,cost\na,2024-01-01,x\n", 'bad.csv:2: cost is no number: "x"'),
            ("a date that is none is named with its line", "series_id,date,cost\na,1,2\n", 'bad.csv:2: date is no date'),
            ("days in disorder are named", "series_id,date,cost\na,2024-01-02,1\na,2024-01-01,1\n", "bad.csv:3: date is before"),
            ("a cost beyond all bounds is named with its series", "series_id,date,cost\na,2024-01-02,1e50\n", 'series "a": value 1 is beyond')):
        bad.write_text(text, encoding="utf-8")
        done = farthing("detect", "--input", bad)
        tap.case(name, done.returncode == 1 and message in done.stderr, done.stderr)
    for name, arguments, code in (("no file ends with 2", (), 2), ("a rate of 0 ends with 2", ("--input", bad, "--false-alarms-per-year", "0"), 2),
                                  ("a form without events ends with 2", ("--input", bad, "--output", "markdown"), 2),
                                  ("two files end with 2", (bad, "--input", bad), 2),
                                  ("a file that is not there ends with 5", ("--input", work / "none.csv"), 5)):
        done = farthing("detect", *arguments)
        tap.case(name, done.returncode == code, f"{done.returncode} {done.stderr}")
    bad.write_text("series_id,date,cost\n", encoding="utf-8")
    tap.case("a file without a row has no events",
             must(farthing("detect", "--input", bad)).stdout == "series_id,start,end,score,detected\n")


def main():
    tap = Tap()
    with Folder() as work:
        series = made()
        write(work / "series.csv", series)
        plain = must(farthing("detect", "--input", work / "series.csv")).stdout
        got = rows(plain)
        tap.case("the head is that of the contract", plain.startswith("series_id,start,end,score,detected\n"), plain[:80])
        alarms = [r for r in got if float(r["score"]) >= 1]
        tap.case("the spike is the only alarm, on its day", [(r["series_id"], r["start"], r["end"], r["detected"])
                                                             for r in alarms] == [("spike", *3 * (str(day(AT)),))], plain)
        tap.case("weak events are listed from 0.25 on", all(float(r["score"]) >= 0.25 for r in got), plain)

        scores = rows(must(farthing("detect", "--input", work / "series.csv", "--scores")).stdout)
        tap.case("--scores has every day of every series, in order", [(r["series_id"], r["date"]) for r in scores]
                 == [(name, str(day(t))) for name in series for t in range(150 if name.startswith("late") else 0, DAYS)])
        tap.case("a day above 1 is the spike", {r["date"] for r in scores if float(r["score"]) >= 1} >= {str(day(AT))}
                 and all(float(r["score"]) < 1 for r in scores if r["series_id"] == "quiet"))
        tap.case("a missing day has no score", [float(r["score"]) for r in scores
                                                 if r["series_id"].startswith("late") and r["date"] == str(day(170))] == [0])

        cut = {"spike": {when: cost for when, cost in series["spike"].items() if when <= day(AT)}}
        write(work / "cut.csv", cut)
        known = rows(must(farthing("detect", "--input", work / "cut.csv", "--scores")).stdout)
        tap.case("what is said of a day does not change with later ones",
                 [r["score"] for r in known] == [r["score"] for r in scores[:AT + 1]])

        told = json.loads(must(farthing("detect", "--input", work / "series.csv", "--json")).stdout)["series"]
        event = next(e for e in told[0]["events"] if e["score"] >= 1)
        tap.case("--json has channel, what was expected and the money",
                 event["channel"] == "up" and event["direction"] == "up" and 85 < event["expected"] < 115
                 and abs(event["impact"] - (event["actual"] - event["expected"])) < 1e-6 and event["impact"] > 150, event)
        lines = must(farthing("detect", "--input", work / "series.csv", "--output", "ndjson")).stdout.splitlines()
        tap.case("ndjson is a series a line", [json.loads(line) for line in lines] == told)
        many = rows(must(farthing("detect", "--input", work / "series.csv", "--false-alarms-per-year", "20")).stdout)
        tap.case("more false alarms make no fewer alarms",
                 sum(float(r["score"]) >= 1 for r in many) >= len(alarms), len(many))
        check_input(tap, work, series, plain)
        check_errors(tap, work)
    tap.done()


if __name__ == "__main__":
    main()
