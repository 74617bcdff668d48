#!/usr/bin/env python3
"""Kills 200 imports at random moments: nothing acknowledged lost, nothing half visible, restart clean.

usage: kills.py [ROUNDS]

Of every provider, while it is loaded, billed again and added to. The tests do the same 30 times
(tests/fault/kill_import.py, which this runs); what is rare needs more.
FARTHING_SEED repeats a run.
"""
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main():
    rounds = sys.argv[1] if len(sys.argv) > 1 else "200"
    started = time.monotonic()
    done = subprocess.run([sys.executable, str(ROOT / "tests" / "fault" / "kill_import.py"), rounds],
                          env={"FARTHING_BUILD_DIR": str(ROOT / "build" / "release"), **os.environ})
    print(f"{rounds} rounds in {time.monotonic() - started:.0f} s: "
          f"{'the ledger survived them all' if done.returncode == 0 else 'FAILED'}")
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
