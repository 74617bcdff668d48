#!/usr/bin/env python3
"""Generated requests against a real server over a made bill, with every check that Schemathesis has.

usage: run.py PROGRAM WORK [CASES [SEED]]      PROGRAM: a debug build, WORK: a folder of our own

An administrator asks, with an API token; who shows none is to be refused. Ends with 1 when a check failed, when the
server wrote of an error of its own (a sanitizer's, a broken promise), or when it is gone before it was told to.
"""
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent


def demo(program, work):
    """A data directory with three months of a made bill."""
    data, bill = work / "data", work / "bill"
    for old in (data, bill):
        shutil.rmtree(old, ignore_errors=True)
    for arguments in (["demo-data", bill, "--seed", "7", "--months", "3", "--rows", "2000"],
                      ["--data", data, "ingest", bill / "aws-cur-2.0"]):
        subprocess.run([program, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return data


def call(address, path, body, **headers):
    request = urllib.request.Request(address + path, json.dumps(body).encode(),
                                     {"Content-Type": "application/json", "Origin": address, **headers})
    with urllib.request.urlopen(request) as reply:
        return json.load(reply), reply.headers


def token_of(address, line):
    """Makes the first administrator with the link that the server printed, and a token of theirs."""
    session, headers = call(address, "/api/v1/auth/setup",
                            {"secret": line.strip().rsplit("#", 1)[1], "email": "root@example.org",
                             "password": "correct horse battery"})
    return call(address, "/api/v1/tokens", {"name": "generated requests", "expires_days": 1},
                **{"Cookie": headers["Set-Cookie"].split(";")[0],
                   "X-CSRF-Token": session["csrf_token"]})[0]["secret"]


def main():
    program, work = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    cases = sys.argv[3] if len(sys.argv) > 3 else "200"
    seed = sys.argv[4] if len(sys.argv) > 4 else str(random.SystemRandom().randrange(1 << 32))
    work.mkdir(parents=True, exist_ok=True)
    log = work / "server.log"
    server = subprocess.Popen([program, "--data", demo(program, work), "serve", "--listen", "127.0.0.1:0"],
                              stdout=subprocess.PIPE, stderr=log.open("wb"), text=True,
                              env=os.environ | {"FARTHING_LOG_LEVEL": "warn", "FARTHING_AUTH_LOGIN": "on"}
                              # More is asked in a minute than one user may.
                              | {f"FARTHING_LIMITS_{name}": "0" for name in ("DEFAULT", "QUERY", "WRITE", "AUTH")})
    address = server.stdout.readline().split()[-1].rstrip("/")
    token = token_of(address, server.stdout.readline())
    print(f"seed {seed}, {cases} cases an operation, {address}", flush=True)
    tested = subprocess.run(
        [work / "venv" / "bin" / "schemathesis", "--config-file", HERE / "schemathesis.toml", "run",
         f"{address}/api/v1/openapi.json", "--checks", "all", "-n", cases, "--seed", seed, "--continue-on-failure",
         "-H", f"Authorization: Bearer {token}", "--phases", "examples,coverage,fuzzing", "--request-timeout", "30", "--no-color"], cwd=work)
    alive = server.poll() is None
    if alive:
        server.send_signal(signal.SIGTERM)
    ended = server.wait(timeout=60)
    said = log.read_text(errors="replace")
    own = [line for line in said.splitlines()
           if '"level":"error"' in line or "ERROR: " in line or "runtime error" in line or "reply is not" in line]
    print("\n".join(own[:20]))
    if tested.returncode or own or not alive or ended:
        sys.exit(f"not clean (seed {seed}): the server's log is {log}")


main()
