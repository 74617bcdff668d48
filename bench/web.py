#!/usr/bin/env python3
"""Lighthouse on the first pages, best of five, against the release program with a made bill.

Goal: performance 98 on the desktop form, 90 on the mobile form; accessibility 100.
"""
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from lib_farthing import Folder, Server, farthing, fast_program, must  # noqa: E402

PAGES = ["/", "/explore", "/sources"]


def main():
    program, tool = fast_program(), ROOT / "bench" / "lighthouse"
    if not (tool / "node_modules").exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=tool, check=True, stdout=subprocess.DEVNULL)
    with Folder() as work:
        must(farthing("demo-data", work / "bill", program=program))
        must(farthing("ingest", work / "bill" / "aws-cur-2.0", data=work / "data", program=program))
        with Server(work / "data", program=program) as server:
            done = subprocess.run(["node", "run.mjs", server.url, "5", *PAGES], cwd=tool, check=True,
                                  stdout=subprocess.PIPE, text=True)
    print(f"{'page':<12}{'form':<10}{'perf':>5}{'a11y':>6}{'best':>6}{'LCP ms':>8}{'TBT ms':>8}{'CLS':>7}{'kB':>7}")
    for line in done.stdout.splitlines():
        r = json.loads(line)
        print(f"{r['path']:<12}{r['form']:<10}{r['performance']:>5}{r['accessibility']:>6}{r['best_practices']:>6}"
              f"{r['lcp_ms']:>8}{r['tbt_ms']:>8}{r['cls']:>7}{r['bytes'] / 1000:>7.0f}")


if __name__ == "__main__":
    main()
