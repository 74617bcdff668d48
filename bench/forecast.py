#!/usr/bin/env python3
"""Series a second and core of each forecasting model, on made daily costs of two years, 90 steps ahead.

The core is compiled as the release program is (-O2), without the program around it. Goals in series a second: theta
5,000, dotm 1,000, ets 200, arima 35, ridge 2,000, auto 25 (all models from the end and from five origins, weights, bands).
"""
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "bench"
BASE = ("alloc", "arena", "buf", "check", "date", "err", "fault", "rand", "str")
GOALS = {"theta": 5000, "dotm": 1000, "ets": 200, "arima": 35, "ridge": 2000, "auto": 25}
SERIES, SECONDS = 20, 1


def compiled():
    sources = [ROOT / "bench" / "forecast_models.c", *(ROOT / "src/stats").glob("*.c"), *(ROOT / "src/forecast").glob("*.c"),
               *(ROOT / "src/base" / f"{name}.c" for name in BASE)]
    program = WORK / "forecast_models"
    WORK.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cc", "-std=c17", "-D_GNU_SOURCE", "-DNDEBUG", "-O2", "-ffunction-sections", "-Wl,--gc-sections",
                    f"-I{ROOT / 'src'}", "-o", str(program), *map(str, sources), "-lm"], check=True)
    return program


def main():
    out = subprocess.run([compiled(), str(SERIES), str(SECONDS)], check=True, stdout=subprocess.PIPE, text=True).stdout
    print(f"{'model':<12}{'series/s':>10}{'goal':>8}")
    for line in out.splitlines():
        name, speed = line.split()
        print(f"{name:<12}{float(speed):>10.0f}{GOALS.get(name, ''):>8}")


if __name__ == "__main__":
    main()
