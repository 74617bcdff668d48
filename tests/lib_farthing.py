"""What the scripted tests share: the program under test, a server of it, TAP."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request

BUILD = pathlib.Path(os.environ.get("FARTHING_BUILD_DIR", "build/debug")).resolve()
SOURCE = pathlib.Path(os.environ.get("FARTHING_SOURCE", ".")).resolve()
SHARED = SOURCE.parent / "shared"
PROGRAM = str(BUILD / "src" / "farthing")
RELEASE = BUILD.parent / "release" / "src" / "farthing"


def fast_program():
    """The release build when there is one: for tests that look at timing, not at memory."""
    return str(RELEASE) if RELEASE.exists() else PROGRAM


class Tap:
    """Prints one line a case; the plan comes last."""

    def __init__(self):
        self.number = self.failed = 0

    def case(self, name, good, why=""):
        self.number += 1
        if not good:
            self.failed += 1
            for line in str(why).splitlines()[:40]:
                print(f"# {line}")
        print(f"{'ok' if good else 'not ok'} {self.number} - {name}", flush=True)
        return good

    def skip(self, name, why):
        self.number += 1
        print(f"ok {self.number} - {name} # skip {why}", flush=True)

    def attempt(self, name, function):
        """A case that is good when `function` returns without an exception."""
        try:
            function()
        except Exception as problem:  # every failure of a case is a failed case, not a crash
            return self.case(name, False, f"{type(problem).__name__}: {problem}")
        return self.case(name, True)

    def done(self):
        print(f"1..{self.number}")
        raise SystemExit(1 if self.failed else 0)


class Folder:
    """A temporary folder that goes with the `with` block."""

    def __enter__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="farthing-test-"))
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


def farthing(*args, data=None, program=None, stdin=None, env=None, timeout=300):
    """Runs the program to its end; text in, text out."""
    command = [program or PROGRAM]
    if data:
        command += ["--data", str(data)]
    return subprocess.run([*command, *map(str, args)], input=stdin, capture_output=True, text=True,
                          errors="backslashreplace", timeout=timeout, env={**os.environ, **(env or {})})


def must(done):
    if done.returncode != 0:
        raise AssertionError(f"{done.args[1:]}: exit {done.returncode}: {done.stderr[-3000:]}")
    return done


class Server:
    """`farthing serve` on a free loopback port for as long as the `with` block lasts."""

    def __init__(self, data, *args, program=None, env=None):
        self.command = [program or PROGRAM, "--data", str(data), "serve", "--listen", "127.0.0.1:0", *args]
        self.env = {**os.environ, **(env or {})}

    def __enter__(self):
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        env=self.env)
        line = self.process.stdout.readline()
        self.url = next((word.rstrip("/") for word in line.split() if word.startswith("http://")), None)
        if not self.url:
            self.process.wait(timeout=30)
            self.log.seek(0)
            raise AssertionError(f"serve did not start: {line!r} {self.log.read()[-3000:]}")
        self.port = int(self.url.rsplit(":", 1)[1])
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.code = self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.code = self.process.wait()
        self.log.seek(0)
        self.text = self.log.read()
        self.log.close()
        self.process.stdout.close()

    def get(self, path, **headers):
        request = urllib.request.Request(self.url + path, headers=headers)
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.loads(reply.read())


def wait_for(condition, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False
