#!/usr/bin/env python3
"""Speed and size of the anomaly detector on made daily costs, one core.

The core is compiled as the release program is (-O2), without the program around it. Goals: 200 series a second replayed
(730 days each, with events and scores), 50,000 new days a second, at most 16 kB of state a series.
"""
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "bench"
BASE = ("alloc", "arena", "buf", "check", "date", "err", "fault", "rand", "str")
GOALS = {"replay": (200, "series/s"), "stream": (50000, "days/s"), "state": (16384, "bytes, at most")}
SERIES, SECONDS = 500, 2


def compiled():
    sources = [ROOT / "bench" / "detect_series.c", *(ROOT / "src/stats").glob("*.c"), *(ROOT / "src/detect").glob("*.c"),
               *(ROOT / "src/base" / f"{name}.c" for name in BASE)]
    program = WORK / "detect_series"
    WORK.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cc", "-std=c17", "-D_GNU_SOURCE", "-DNDEBUG", "-O2", "-ffunction-sections", "-Wl,--gc-sections",
                    f"-I{ROOT / 'src'}", "-o", str(program), *map(str, sources), "-lm"], check=True)
    return program


def main():
    out = subprocess.run([compiled(), str(SERIES), str(SECONDS)], check=True, stdout=subprocess.PIPE, text=True).stdout
    for line in out.splitlines():
        name, figure = line.split()
        goal, unit = GOALS[name]
        print(f"{name:<8}{float(figure):>12,.0f} {unit} (goal {goal:,})")


if __name__ == "__main__":
    main()
