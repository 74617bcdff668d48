#!/usr/bin/env python3
"""Lighthouse on the first pages, best of five (or of as many as said), against the release program with a made bill.

usage: web.py [RUNS]

Goal: performance 98 on the desktop form, 90 on the mobile form; accessibility 100.
"""
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from lib_farthing import Folder, Server, farthing, fast_program, must  # noqa: E402

PAGES = ["/", "/explore", "/sources"]
GOALS = {"desktop": 98, "mobile": 90}


def main():
    runs = sys.argv[1] if len(sys.argv) > 1 else "5"
    program, tool = fast_program(), ROOT / "bench" / "lighthouse"
    if not (tool / "node_modules").exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=tool, check=True, stdout=subprocess.DEVNULL)
    with Folder() as work:
        must(farthing("demo-data", work / "bill", program=program))
        must(farthing("ingest", work / "bill" / "aws-cur-2.0", data=work / "data", program=program))
        with Server(work / "data", program=program) as server:
            done = subprocess.run(["node", "run.mjs", server.url, runs, *PAGES], cwd=tool, check=True,
                                  stdout=subprocess.PIPE, text=True)
    print(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores: where it is more than these, performance reads too low")
    print(f"{'page':<12}{'form':<10}{'perf':>5}{'a11y':>6}{'best':>6}{'LCP ms':>8}{'TBT ms':>8}{'CLS':>7}{'kB':>7}")
    for line in done.stdout.splitlines():
        r = json.loads(line)
        print(f"{r['path']:<12}{r['form']:<10}{r['performance']:>5}{r['accessibility']:>6}{r['best_practices']:>6}"
              f"{r['lcp_ms']:>8}{r['tbt_ms']:>8}{r['cls']:>7}{r['bytes'] / 1000:>7.0f}"
              f"{'' if r['performance'] >= GOALS[r['form']] and r['accessibility'] == 100 else '  below the goal'}")


if __name__ == "__main__":
    main()
