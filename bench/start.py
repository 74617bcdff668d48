#!/usr/bin/env python3
"""Start to ready, idle memory, --help, each the median of seven.

Goal: ready in under 1 s, under 150 MiB idle, --help in under 30 ms. The floor beside --help is `true`, the
cheapest program there is.
"""
import pathlib
import statistics
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from lib_farthing import Folder, Server, farthing, fast_program, must  # noqa: E402

RUNS = 7


def wall_ms(command):
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - started) * 1000


def rss_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0


def main():
    program = fast_program()
    with Folder() as work:
        must(farthing("demo-data", work / "bill", program=program))
        must(farthing("ingest", work / "bill" / "aws-cur-2.0", data=work / "data", program=program))
        ready, memory = [], []
        for _ in range(RUNS):
            started = time.perf_counter()
            with Server(work / "data", program=program) as server:
                urllib.request.urlopen(server.url + "/readyz", timeout=10).read()
                ready.append((time.perf_counter() - started) * 1000)
                time.sleep(0.5)
                memory.append(rss_mib(server.process.pid))
    helps = [wall_ms([program, "--help"]) for _ in range(RUNS)]
    floor = [wall_ms(["true"]) for _ in range(RUNS)]
    print(f"start to ready   {statistics.median(ready):8.0f} ms")
    print(f"idle memory      {statistics.median(memory):8.0f} MiB")
    print(f"--help           {statistics.median(helps):8.1f} ms   (true: {statistics.median(floor):.1f} ms)")


if __name__ == "__main__":
    main()
