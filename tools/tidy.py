#!/usr/bin/env python3
"""clang-tidy over the C sources, two at a time, only over what changed since the last clean run.

The list of checks is in .clang-tidy; any finding is an error. What was found clean is remembered under
build/ by a hash of the source, every header of the house and the list.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/debug"
CACHE = ROOT / "build/tidy.json"


def digest(paths):
    total = hashlib.sha256()
    for path in paths:
        total.update(path.read_bytes())
    return total.hexdigest()


def tidy(path):
    done = subprocess.run(["clang-tidy-14", "-p", str(BUILD), "--quiet", "--warnings-as-errors=*",
                           "--extra-arg=-Wno-unknown-warning-option", str(path)], cwd=ROOT,
                          capture_output=True, text=True)
    return path, done.returncode, done.stdout


def main():
    headers = sorted((ROOT / "src").rglob("*.h")) + sorted((ROOT / "src").rglob("*.def"))
    common = digest([ROOT / ".clang-tidy", *headers])
    clean = json.loads(CACHE.read_text()) if CACHE.exists() else {}
    known = {entry["file"] for entry in json.loads((BUILD / "compile_commands.json").read_text())}
    todo, keys = [], {}
    for path in sorted((ROOT / "src").rglob("*.c")):
        if not any(os.path.realpath(os.path.join(BUILD, name)) == str(path) for name in known):
            continue
        keys[path] = common + digest([path])
        if clean.get(str(path.relative_to(ROOT))) != keys[path]:
            todo.append(path)
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        for path, code, output in pool.map(tidy, todo):
            if code:
                print(output.strip())
                bad += 1
            else:
                clean[str(path.relative_to(ROOT))] = keys[path]
    CACHE.write_text(json.dumps(clean))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
