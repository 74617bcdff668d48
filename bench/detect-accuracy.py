#!/usr/bin/env python3
"""Accuracy of `farthing detect` on labelled cost series, and whether the rate that was set holds on clean ones.

The labelled set is not in the tree: ANOMALY_SET names its folder (else ../shared/data/anomaly beside the tree), with
cost.csv.gz and labels.csv, and the program score_anomaly.py that scores them in ../../tools of it. Series of odd number
were used to choose constants, those of even number only to check them: both halves are scored, then all.

The clean series are made here: levels, weekends, growth, fees on a day of the month, peaks at its end, noise with heavy
tails. Every alarm on them is a false one.
"""
import csv
import datetime
import gzip
import math
import os
import pathlib
import random
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from lib_farthing import fast_program  # noqa: E402

WORK = ROOT / "build" / "bench"
RATES = (0.1, 0.35, 1, 2)
CLEAN_SERIES, CLEAN_DAYS, WARM_UP = 1200, 730, 60


def detect(path, name, *options):
    out = WORK / f"{name}.csv"
    started = time.perf_counter()
    with out.open("wb") as file:
        subprocess.run([fast_program(), "detect", "--input", path, *options], check=True, stdout=file)
    return out, time.perf_counter() - started


# ---- the labelled set ----

def half(folder, parity):
    """The set without the other half."""
    to = WORK / f"anomaly-{parity}"
    to.mkdir(parents=True, exist_ok=True)

    def keeps(series):
        return int("".join(filter(str.isdigit, series))) % 2 == (parity == "odd")

    with gzip.open(folder / "cost.csv.gz", "rt") as source, gzip.open(to / "cost.csv.gz", "wt") as file:
        file.write(next(source))
        file.writelines(line for line in source if keeps(line.split(",", 1)[0]))
    with (folder / "labels.csv").open() as source, (to / "labels.csv").open("w") as file:
        file.write(next(source))
        file.writelines(line for line in source if keeps(line.split(",", 1)[0]))
    return to


def labelled(folder, score):
    for name, data in (("odd", half(folder, "odd")), ("even", half(folder, "even")), ("all", folder)):
        events, wall = detect(data / "cost.csv.gz", f"detect-{name}-events")
        scores, _ = detect(data / "cost.csv.gz", f"detect-{name}-scores", "--scores")
        print(f"\n{name}: {wall:.1f} s", flush=True)
        subprocess.run([sys.executable, score, "--data", data, "--kinds", events], check=True)
        subprocess.run([sys.executable, score, "--data", data, scores], check=True)


# ---- clean series ----

def clean_series(rng):
    level, growth, noise = 10 ** rng.uniform(-1, 4), rng.gauss(0, 0.0008), rng.choice((0.005, 0.02, 0.05, 0.1))
    weekend = rng.choice((1, 1, 0.9, 0.6, 0.4))
    fee_day, fee = rng.choice((0, 0, 1, 3, 15)), rng.uniform(1, 10)
    end = rng.choice((0, 0, 0.3))
    day = datetime.date(2022, 1, 1) + datetime.timedelta(days=rng.randrange(365))
    for t in range(CLEAN_DAYS):
        heavy = rng.gauss(0, 1) / math.sqrt(rng.gammavariate(4, 1 / 4))  # Student's t with 8 degrees of freedom
        y = level * math.exp(growth * t + noise * heavy) * (weekend if day.weekday() > 4 else 1)
        y += level * fee * (day.day == fee_day)
        y *= 1 + end * ((day + datetime.timedelta(days=1)).day == 1)
        yield day, y
        day += datetime.timedelta(days=1)


def clean():
    rng = random.Random(20240229)
    path, starts = WORK / "detect-clean.csv", {}
    with path.open("w") as file:
        file.write("series_id,date,cost\n")
        for i in range(CLEAN_SERIES):
            for day, y in clean_series(rng):
                starts.setdefault(f"c{i}", day)
                file.write(f"c{i},{day},{y:.6g}\n")
    years = CLEAN_SERIES * (CLEAN_DAYS - WARM_UP) / 365.25
    print(f"\nclean series, {years:.0f} series-years: false alarms a series and year")
    for rate in RATES:
        events, _ = detect(path, "detect-clean-events", "--false-alarms-per-year", str(rate))
        with events.open() as file:
            alarms = sum(float(row["score"]) >= 1
                         and (datetime.date.fromisoformat(row["start"]) - starts[row["series_id"]]).days >= WARM_UP
                         for row in csv.DictReader(file))
        print(f"  set {rate:<5} reached {alarms / years:.2f}")


def main():
    folder = pathlib.Path(os.environ.get("ANOMALY_SET", ROOT.parent / "shared/data/anomaly"))
    score = folder.parent.parent / "tools/score_anomaly.py"
    WORK.mkdir(parents=True, exist_ok=True)
    if score.exists():
        labelled(folder, score)
    else:
        print(f"detect-accuracy: no labelled set in {folder}; name its folder in ANOMALY_SET", file=sys.stderr)
    clean()
    for parity in ("odd", "even"):
        shutil.rmtree(WORK / f"anomaly-{parity}", ignore_errors=True)


if __name__ == "__main__":
    main()
