#!/usr/bin/env python3
"""`farthing forecast` on files, as a person and a script meet it. Prints TAP."""
import csv
import gzip
import io
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from lib_farthing import SOURCE, Folder, Tap, farthing, must  # noqa: E402

SERIES = SOURCE / "tests" / "golden" / "forecast_series.csv"


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def main():
    tap = Tap()
    names = list(dict.fromkeys(row["series_id"] for row in rows(SERIES.read_text(encoding="utf-8"))))
    with Folder() as work:
        plain = must(farthing("forecast", SERIES, "--horizon", "14")).stdout
        got = rows(plain)
        tap.case("the head is that of the contract", plain.startswith("series_id,step,yhat,lo,hi\n"), plain[:80])
        tap.case("every series has its steps, in the order of the file",
                 [(r["series_id"], int(r["step"])) for r in got] == [(n, s) for n in names for s in range(1, 15)])
        tap.case("a band holds its forecast", all(float(r["lo"]) <= float(r["yhat"]) <= float(r["hi"]) for r in got))
        tap.case("30 steps are the default", len(rows(must(farthing("forecast", SERIES)).stdout)) == 30 * len(names))

        packed = work / "series.csv.gz"
        packed.write_bytes(gzip.compress(SERIES.read_bytes()))
        tap.case("a packed file gives the same",
                 must(farthing("forecast", packed, "--horizon", "14", "--threads", "3")).stdout == plain)
        narrow = rows(must(farthing("forecast", SERIES, "--horizon", "14", "--level", "50")).stdout)
        width = [[float(r["hi"]) - float(r["lo"]) for r in answer] for answer in (narrow, got)]
        still = {"constant"}  # without a step of its own it has a band without width
        tap.case("a lower level has narrower bands",
                 all(a["yhat"] == b["yhat"] and (small < wide or a["series_id"] in still)
                     for a, b, small, wide in zip(narrow, got, *width)))

        meta = work / "meta.csv"
        meta.write_text(f"series_id,m,h,start\n{names[0]},7,3,\n", encoding="utf-8")
        got = rows(must(farthing("forecast", SERIES, "--meta", meta)).stdout)
        tap.case("the second file says the horizon", [r["step"] for r in got[:4]] == ["1", "2", "3", "1"])

        told = json.loads(must(farthing("forecast", SERIES, "--horizon", "5", "--json")).stdout)["series"]
        tap.case("--json has every series and step",
                 [s["series_id"] for s in told] == names and all(len(s["forecast"]) == 5 for s in told))
        first = told[0]["models"]
        tap.case("--json says what each model is worth",
                 len(first) > 3 and abs(sum(m["weight"] for m in first) - 1) < 1e-6 and all(m["mase"] > 0 for m in first))
        tap.case("--json says why a model declined",
                 any(m["declined"] for m in told[names.index("two")]["models"]))
        lines = must(farthing("forecast", SERIES, "--horizon", "5", "--output", "ndjson")).stdout.splitlines()
        tap.case("ndjson is a series a line", [json.loads(line) for line in lines] == told)

        again = must(farthing("forecast", "--input", SERIES, "--horizon", "5", "--output", "ndjson")).stdout
        tap.case("--input is the same", again.splitlines() == lines)
        tap.case("a file and --input end with 2", farthing("forecast", SERIES, "--input", SERIES).returncode == 2)

        wrong = farthing("forecast", SERIES, "--model", "thta")
        tap.case("an unknown model is named with the nearest",
                 wrong.returncode != 0 and 'Did you mean "theta"?' in wrong.stderr, wrong.stderr)
        tap.case("a level out of bounds ends with 2", farthing("forecast", SERIES, "--level", "100").returncode == 2)
        tap.case("a form without bands ends with 2", farthing("forecast", SERIES, "--output", "markdown").returncode == 2)
        tap.case("a file that is not there ends with 5", farthing("forecast", work / "none.csv").returncode == 5)
    tap.done()


if __name__ == "__main__":
    main()
