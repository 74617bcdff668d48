#!/usr/bin/env python3
"""Accuracy of `farthing forecast` on sets of series with held-back ends.

usage: forecast-accuracy.py [MODEL]...     (auto without one)

The sets are not in the tree: FORECAST_SETS names their folder (else ../shared/data/forecast beside the tree), with
NAME_train.csv.gz, NAME_test.csv.gz and NAME_meta.csv, and the program score_forecast.py that scores them in ../../tools
of it. No constant of the models was chosen on the test parts: run this to know, not to tune.
"""
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from lib_farthing import fast_program  # noqa: E402

WORK = ROOT / "build" / "bench"
SETS = ("cost", "nn5_daily", "daily_mix", "m4_weekly", "m4_hourly", "m3_monthly")


def forecast(folder, name, model):
    path = WORK / f"{name}-{model}.csv"
    started = time.perf_counter()
    with path.open("wb") as out:
        subprocess.run([fast_program(), "forecast", folder / f"{name}_train.csv.gz", "--meta", folder / f"{name}_meta.csv",
                        "--model", model], check=True, stdout=out)
    return path, time.perf_counter() - started


def main():
    folder = pathlib.Path(os.environ.get("FORECAST_SETS", ROOT.parent / "shared/data/forecast"))
    score = folder.parent.parent / "tools/score_forecast.py"
    if not score.exists():
        sys.exit(f"forecast-accuracy: no sets in {folder}; name their folder in FORECAST_SETS")
    WORK.mkdir(parents=True, exist_ok=True)
    for name in SETS:
        made = [forecast(folder, name, model) for model in sys.argv[1:] or ["auto"]]
        print(f"\n{name}: " + ", ".join(f"{path.stem} {wall:.1f} s" for path, wall in made), flush=True)
        subprocess.run([sys.executable, score, "--data", folder, "--set", name, *(path for path, _ in made)], check=True)


if __name__ == "__main__":
    main()
