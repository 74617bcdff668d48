"""What the proofs by SIGKILL share: the programs, a seed, and how a proof ends."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

BUILD = pathlib.Path(os.environ.get("FARTHING_BUILD_DIR", "build/debug"))
RELEASE = BUILD.parent / "release" / "src" / "farthing"
FAULTY = str(BUILD / "src" / "farthing")  # the build whose moments can be killed by name
PROGRAM = str(RELEASE) if RELEASE.exists() else FAULTY
SEED = int(os.environ.get("FARTHING_SEED", time.time_ns() % 1_000_000))


def farthing(data, *args, text=None):
    done = subprocess.run([PROGRAM, "--data", str(data), *args], input=text, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{args}: exit {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def prove(proof, rounds):
    """Runs proof(folder, rounds), which prints TAP and returns whether all is well; `rounds` unless the command
    line says how many. What it asserts in vain is a failed case."""
    work = pathlib.Path(tempfile.mkdtemp(prefix="farthing-kill-"))
    try:
        good = proof(work, int(sys.argv[1]) if len(sys.argv) > 1 else rounds)
    except AssertionError as broken:
        print(f"# {broken}")
        print("not ok 1 - the ledger survives kills")
        good = False
    finally:
        shutil.rmtree(work, ignore_errors=True)
    sys.exit(0 if good else 1)
