#!/usr/bin/env python3
"""Runs cases.json, and what takes more than one request, against a real server on a temporary directory. TAP.

A case: name; get, post, or method and path; headers; send (JSON) or text as body; again (ask a
second time with the ETag of the first reply); expected status, reply (header: pattern), json (subset), body (pattern).
Every status from 400 on must be a problem that says itself and its request.
"""
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = pathlib.Path(os.environ["FARTHING_BUILD_DIR"]) / "src" / "farthing"


class Wrong(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Wrong(what)


class Server:
    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="farthing-api-")
        self.log = open(os.path.join(self.dir, "log"), "w+b")
        self.process = subprocess.Popen(
            [str(PROGRAM), "--data", os.path.join(self.dir, "data"), "serve", "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=self.log)
        line = self.process.stdout.readline().decode()
        match = re.search(r":(\d+)\s*$", line)
        expect(match, f"the server said {line!r}")
        self.port = int(match[1])

    def ask(self, method, path, headers=None, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            reply = connection.getresponse()
            return reply.status, reply.headers, reply.read()
        finally:
            connection.close()

    def dial(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=30)
        self.log.seek(0)
        text = self.log.read().decode("utf-8", "replace")
        self.log.close()
        shutil.rmtree(self.dir)
        return code, text


def is_part(want, got):
    """Is `want` in `got`: objects by the members that are named, lists item by item."""
    if isinstance(want, dict):
        return isinstance(got, dict) and all(key in got and is_part(value, got[key]) for key, value in want.items())
    if isinstance(want, list):
        return isinstance(got, list) and len(want) == len(got) and all(map(is_part, want, got))
    return want == got


def check_problem(status, headers, body):
    expect(headers["Content-Type"] == "application/problem+json", f"an error of type {headers['Content-Type']}")
    problem = json.loads(body)
    expect(problem["status"] == status and problem["title"] and problem["detail"], f"a problem without words: {problem}")
    expect(problem["request_id"] == headers["X-Request-Id"], "a problem of another request")


def run_case(server, case):
    method = case.get("method") or ("GET" if "get" in case else "POST")
    path = case.get("path") or case.get("get") or case.get("post")
    headers = dict(case.get("headers", {}))
    body = None
    if "send" in case:
        body = json.dumps(case["send"])
    elif "text" in case:
        body = case["text"]
    if body is not None:
        headers.setdefault("Content-Type", "application/json")
    if case.get("again"):
        _, first, _ = server.ask(method, path, headers, body)
        expect(first["ETag"], "the first reply has no ETag")
        headers["If-None-Match"] = first["ETag"]
    status, got, text = server.ask(method, path, headers, body)
    expect(status == case["status"], f"status {status}, expected {case['status']}: {text[:400]!r}")
    if status >= 400 and method != "HEAD":
        check_problem(status, got, text)
    for name, pattern in case.get("reply", {}).items():
        expect(re.search(pattern, got[name] or ""), f"{name}: {got[name]!r} is not {pattern}")
    if "json" in case:
        expect(is_part(case["json"], json.loads(text)), f"{case['json']} is not in {text[:400]!r}")
    if "body" in case:
        expect(re.search(case["body"], text.decode()), f"{case['body']} is not in {text[:400]!r}")


# ---- what takes more than one request ----

def large_heads_are_refused(server):
    status, _, _ = server.ask("GET", "/healthz", {"X-Large": "a" * 40000})
    expect(status == 431, f"status {status}")


def an_announced_body_over_the_limit_is_refused_unread(server):
    with server.dial() as s:
        s.sendall(b"POST /api/v1/views HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                  b"Content-Length: 999999999\r\n\r\n")
        expect(b" 413 " in s.recv(4096), "no 413 before the body")


def garbage_is_not_answered_with_a_crash(server):
    for junk in (b"\x00\xff\xfe\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\r\n" * 50,
                 b"GET /%00 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"):
        with server.dial() as s:
            s.settimeout(2)
            try:
                s.sendall(junk)
                s.shutdown(socket.SHUT_WR)
                s.recv(4096)
            except OSError:
                pass
    status, _, _ = server.ask("GET", "/healthz")
    expect(status == 200, f"afterwards: status {status}")


def a_slow_client_holds_nobody_up(server):
    slow = [server.dial() for _ in range(20)]
    for s in slow:
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: loc")
    started = time.monotonic()
    status, _, _ = server.ask("GET", "/readyz")
    expect(status == 200 and time.monotonic() - started < 5, "another client had to wait")
    for s in slow:
        s.close()


def events_are_replayed_from_the_last_one_seen(server):
    with server.dial() as s:
        s.sendall(b"GET /api/v1/events HTTP/1.0\r\nHost: localhost\r\nLast-Event-ID: 0\r\n\r\n")
        missing = json.dumps({"kind": "ingest", "uploads": [upload(server)]})
        status, _, text = server.ask("POST", "/api/v1/jobs", {"Content-Type": "application/json"}, missing)
        expect(status in (200, 202), f"status {status}: {text[:200]!r}")
        seen = read_until(s, b"event: job\n")
    first = int(re.search(rb"id: (\d+)\nevent: job", seen)[1])
    with server.dial() as s:
        s.sendall(b"GET /api/v1/events?topics=jobs HTTP/1.0\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n"
                  b"Last-Event-ID: %d\r\n\r\n" % (first - 1))
        again = read_until(s, b"event: job\n")
    expect(b"content-encoding" not in again.lower(), "a stream of events is packed")
    expect(b"id: %d\n" % first in again, "the event did not come again")


def upload(server):
    status, _, text = server.ask("POST", "/api/v1/uploads?name=no-bill.txt",
                                 {"Content-Type": "application/octet-stream"}, "this is no bill\n")
    expect(status == 201, f"upload: status {status}")
    return json.loads(text)["id"]


def read_until(s, what):
    seen = b""
    s.settimeout(20)
    while what not in seen:
        piece = s.recv(4096)
        expect(piece, f"the stream ended: {seen[-300:]!r}")
        seen += piece
    return seen


def a_large_upload_is_not_held_in_memory(server):
    def resident():
        for line in pathlib.Path(f"/proc/{server.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        return 0

    before, size, piece = resident(), 200 << 20, b"x" * (1 << 20)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.putrequest("POST", "/api/v1/uploads?name=large.bin")
    connection.putheader("Content-Type", "application/octet-stream")
    connection.putheader("Content-Length", str(size))
    connection.endheaders()
    for _ in range(size // len(piece)):
        connection.send(piece)
    reply = connection.getresponse()
    expect(reply.status == 201, f"status {reply.status}")
    expect(json.loads(reply.read())["bytes"] == size, "bytes were lost")
    connection.close()
    grown = resident() - before
    expect(grown < 64 * 1024, f"{grown} kB more memory after {size >> 10} kB of upload")


def paths(server):
    """Each path of the document, with something in the place of its variables, and its methods."""
    for path, item in json.loads(server.ask("GET", "/api/v1/openapi.json")[2])["paths"].items():
        yield (re.sub(r"\{\w+\}", "x1", path.replace("{dimension}", "service")),
               {method.upper() for method in item if method in ("get", "post", "put", "patch", "delete")})


def every_path_says_its_methods(server):
    for path, methods in paths(server):
        status, headers, body = server.ask("OPTIONS", path)
        want = methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
        expect(status == 204 and not body and set(headers["Allow"].split(", ")) == want,
               f"{path}: {status}, {headers['Allow']}, not {sorted(want)}")


def every_head_is_that_of_get(server):
    for path, methods in paths(server):
        if "GET" not in methods:
            continue
        status, headers, body = server.ask("HEAD", path)
        expect(not body, f"HEAD {path} has a body")
        if path == "/api/v1/events":  # the stream of GET does not end
            expect(status == 200 and headers["Content-Type"] == "text/event-stream", f"HEAD {path}: {status}")
            continue
        got_status, got, _ = server.ask("GET", path)
        for name in ("Content-Type", "ETag", "Allow", "Vary", "Cache-Control"):
            expect(headers[name] == got[name], f"HEAD {path}: {name} {headers[name]}, of GET {got[name]}")
        expect(status == got_status, f"HEAD {path}: {status}, of GET {got_status}")


FLOWS = [every_path_says_its_methods, every_head_is_that_of_get, large_heads_are_refused, an_announced_body_over_the_limit_is_refused_unread,
         garbage_is_not_answered_with_a_crash, a_slow_client_holds_nobody_up,
         events_are_replayed_from_the_last_one_seen, a_large_upload_is_not_held_in_memory]


def main():
    cases = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))
    todo = [(case["name"], lambda server, case=case: run_case(server, case)) for case in cases]
    todo += [(flow.__name__.replace("_", " "), flow) for flow in FLOWS]
    print(f"1..{len(todo) + 1}")
    server, failed = Server(), 0
    for number, (name, run) in enumerate(todo, 1):
        try:
            run(server)
            print(f"ok {number} - {name}", flush=True)
        except (Wrong, OSError, ValueError, KeyError, TypeError, http.client.HTTPException) as why:
            failed += 1
            print(f"# {why}\nnot ok {number} - {name}", flush=True)
    code, log = server.stop()
    clean = code == 0 and "ERROR: " not in log and "runtime error" not in log
    if not clean:
        failed += 1
        print("\n".join("# " + line for line in log.splitlines()[-40:]))
    print(f"{'ok' if clean else 'not ok'} {len(todo) + 1} - the server stops when told, with nothing to complain about")
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
