#!/usr/bin/env python3
"""Farthing behind the real nginx with contrib/nginx/farthing.conf, and attacks on where a request ends. Prints TAP.

nginx runs as whoever runs the test, on free ports of loopback, out of a temporary folder, with a certificate made
here. Clients come from 127.0.0.2, so that what the proxy says of them can be told from the proxy's own address."""
import concurrent.futures
import getpass
import hashlib
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from lib_farthing import SOURCE, Folder, Server, Tap, wait_for  # noqa: E402

PASSWORD = "four words without meaning"
CLIENT = "127.0.0.2"
MAX_UPLOAD = 64 << 20
NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") or "nginx"


# ---- nginx ----

def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Proxy:
    """nginx with the configuration that we give away, but for names, ports, certificate and time-outs."""

    def __init__(self, folder, backend):
        self.folder, self.port, self.plain_port = folder, free_port(), free_port()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key.pem",
                        "-out", folder / "cert.pem"], check=True, capture_output=True)
        site = (SOURCE / "contrib/nginx/farthing.conf").read_text(encoding="utf-8")
        for old, new in (("costs.example.org$request_uri", f"localhost:{self.port}$request_uri"),
                         ("costs.example.org", "localhost"), ("127.0.0.1:8642", f"127.0.0.1:{backend}"),
                         ("/etc/ssl/private/farthing.pem", str(folder / "cert.pem")),
                         ("/etc/ssl/private/farthing.key", str(folder / "key.pem")),
                         ("client_header_timeout 15s", "client_header_timeout 2s"),
                         ("listen 443", f"listen 127.0.0.1:{self.port}"), ("listen 80", f"listen 127.0.0.1:{self.plain_port}")):
            assert old in site, f"farthing.conf has no {old!r}"
            site = site.replace(old, new)
        site = re.sub(r"^ *listen \[::\].*\n", "", site, flags=re.M)
        (folder / "farthing.conf").write_text(site, encoding="utf-8")
        temps = "".join(f"    {name}_temp_path {folder}/{name};\n" for name in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        user = f"user {getpass.getuser()};\n" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(
            f"{user}daemon off;\nworker_processes 1;\npid {folder}/pid;\nerror_log {folder}/error.log info;\n"
            f"events {{}}\nhttp {{\n    access_log off;\n{temps}    include {folder}/farthing.conf;\n}}\n", encoding="utf-8")

    def __enter__(self):
        self.process = subprocess.Popen([NGINX, "-p", str(self.folder), "-e", str(self.folder / "error.log"),
                                         "-c", str(self.folder / "nginx.conf")], stderr=subprocess.PIPE, text=True)
        self.context = ssl.create_default_context(cafile=str(self.folder / "cert.pem"))
        if not wait_for(self.answers, 20):
            self.process.terminate()
            raise AssertionError(f"nginx did not start: {self.process.communicate()[1]}")
        return self

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"nginx ended: {self.process.communicate()[1]}")
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()

    def dial(self):
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=60, source_address=(CLIENT, 0))
        return self.context.wrap_socket(raw, server_hostname="localhost")

    def connect(self):
        connection = http.client.HTTPSConnection("localhost", self.port, timeout=120, context=self.context)
        connection.sock = self.dial()
        return connection


class Browser:
    def __init__(self, proxy):
        self.proxy, self.cookie, self.csrf = proxy, None, None

    def headers(self, method, **more):
        send = dict(more)
        if self.cookie:
            send["Cookie"] = self.cookie
        if method not in ("GET", "HEAD"):
            send["Origin"] = f"https://localhost:{self.proxy.port}"
            if self.csrf:
                send["X-CSRF-Token"] = self.csrf
        return send

    def ask(self, method, path, body=None, **more):
        connection = self.proxy.connect()
        try:
            send = self.headers(method, **more)
            if isinstance(body, dict):
                body = json.dumps(body)
                send.setdefault("Content-Type", "application/json")
            connection.request(method, path, body, send)
            reply = connection.getresponse()
            reply.text = reply.read().decode()
            return reply
        finally:
            connection.close()


# ---- what goes through ----

def set_up(tap, browser, line):
    secret = line.strip().rsplit("#", 1)[1]
    reply = browser.ask("POST", "/api/v1/auth/setup", {"secret": secret, "email": "root@example.org", "name": "Root",
                                                       "password": PASSWORD}, **{"X-Forwarded-For": "198.51.100.9"})
    cookie = reply.headers["Set-Cookie"] or ""
    tap.case("through nginx the first administrator comes in", reply.status == 200, reply.text)
    tap.case("the cookie is for TLS alone", cookie.startswith("__Host-farthing_session=") and "; Secure" in cookie, cookie)
    tap.case("and the browser is told to come by TLS alone",
             reply.headers["Strict-Transport-Security"] == "max-age=31536000", reply.headers.items())
    tap.case("what is left of the limit is told", reply.headers["RateLimit"].startswith('"auth";r='), reply.headers.items())
    browser.cookie, browser.csrf = cookie.split(";")[0], json.loads(reply.text)["csrf_token"]


def addresses(tap, browser):
    sessions = json.loads(browser.ask("GET", "/api/v1/sessions").text)["data"]
    tap.case("the address is the client's, not the proxy's, nor what it says of itself",
             [session["address"] for session in sessions] == [CLIENT], sessions)
    audit = browser.ask("GET", "/api/v1/audit").text
    tap.case("and so it is in the audit", CLIENT in audit and "198.51.100.9" not in audit, audit[:2000])


def forms(tap, proxy):
    with socket.create_connection(("127.0.0.1", proxy.plain_port), timeout=30) as s:
        s.sendall(b"GET /explore?x=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        text = read_all(s)
        tap.case("without TLS one is sent to where it is",
                 text.startswith(b"HTTP/1.1 308 ") and f"https://localhost:{proxy.port}/explore?x=1".encode() in text, text)
    done = subprocess.run(["curl", "-s", "--cacert", proxy.folder / "cert.pem", "-o", "/dev/null",
                           "-w", "%{http_version} %{http_code}", f"https://localhost:{proxy.port}/healthz"],
                          capture_output=True, text=True, timeout=60)
    tap.case("HTTP/2 is spoken", done.stdout == "2 200", done)


def events(tap, browser):
    stream = browser.proxy.connect()
    stream.request("GET", "/api/v1/events?topics=jobs", headers=browser.headers("GET"))
    reply = stream.getresponse()
    tap.case("events are a stream", reply.status == 200 and reply.headers["Content-Type"] == "text/event-stream",
             reply.headers.items())
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        made = pool.submit(browser.ask, "POST", "/api/v1/jobs", {"kind": "maintain"})
        seen = b""
        # A proxy that keeps them back gives them away when the stream ends, after about a minute.
        while b"event: job" not in seen and (piece := reply.read1(65536)):
            seen += piece
        tap.case("and come while it is open", b"event: job" in seen and made.result().status in (200, 202, 409), seen[:500])
        stream.sock.settimeout(2)
        try:
            ended = reply.read1(65536) == b""
        except TimeoutError:
            ended = False
        tap.case("which it still is", not ended)
    stream.close()


def uploads(tap, browser, data):
    size, piece = 48 << 20, bytes(range(256)) * 4096
    connection = browser.proxy.connect()
    connection.putrequest("POST", "/api/v1/uploads?name=large.csv")
    for name, value in {**browser.headers("POST"), "Content-Type": "application/octet-stream",
                        "Content-Length": str(size)}.items():
        connection.putheader(name, value)
    connection.endheaders()
    digest = hashlib.sha256()
    for i in range(size // len(piece)):
        if i == size // len(piece) // 2:
            there = wait_for(lambda: sum(f.stat().st_size for f in (data / "tmp").rglob("*") if f.is_file()) > size // 4, 20)
            tap.case("an upload is on disk while it comes", there)
        connection.send(piece)
        digest.update(piece)
    reply = connection.getresponse()
    text = reply.read().decode()
    tap.case("and whole in the end", reply.status == 201 and json.loads(text)["sha256"] == digest.hexdigest(), text)
    connection.close()
    connection = browser.proxy.connect()
    connection.request("POST", "/api/v1/uploads?name=chunked.csv", iter([piece, piece]), {
        **browser.headers("POST"), "Content-Type": "application/octet-stream", "Transfer-Encoding": "chunked"}, encode_chunked=True)
    reply = connection.getresponse()
    text = reply.read().decode()
    tap.case("so is one whose length nobody said", reply.status == 201 and json.loads(text)["bytes"] == 2 * len(piece), text)
    connection.close()
    temporary = sum(f.stat().st_size for f in browser.proxy.folder.rglob("*") if f.is_file())
    tap.case("nginx kept nothing of it", temporary < 1 << 20, temporary)


def too_large(tap, browser):
    reply = browser.ask("POST", "/api/v1/views", "x" * (2 << 20), **{"Content-Type": "application/json"})
    tap.case("a body over the limit is a 413", reply.status == 413, reply.text[:300])
    connection = browser.proxy.connect()
    connection.putrequest("POST", "/api/v1/uploads?name=larger.csv")
    for name, value in {**browser.headers("POST"), "Content-Type": "application/octet-stream",
                        "Content-Length": str(MAX_UPLOAD + 1)}.items():
        connection.putheader(name, value)
    connection.endheaders()
    reply = connection.getresponse()
    tap.case("an upload over the limit is one of ours, before it comes",
             reply.status == 413 and reply.headers["Content-Type"] == "application/problem+json", reply.read())
    connection.close()


# ---- attacks ----

def read_all(s):
    """All that comes until the other side closes; what was sent too much makes that a reset."""
    text = b""
    try:
        while piece := s.recv(65536):
            text += piece
    except (ConnectionError, ssl.SSLError):
        pass
    return text


SMUGGLED = b"GET /healthz?smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
CHUNKED = b"0\r\n\r\n" + SMUGGLED
ATTACKS = {
    "CL.TE": [b"Content-Length: %d" % len(CHUNKED), b"Transfer-Encoding: chunked"],
    "TE.CL": [b"Transfer-Encoding: chunked", b"Content-Length: 5"],
    "CL.CL": [b"Content-Length: 5", b"Content-Length: %d" % len(CHUNKED)],
    "CL.CL in one": [b"Content-Length: 5, 5"],
    "TE.TE": [b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity"],
    "TE.TE the other way": [b"Transfer-Encoding: identity", b"Transfer-Encoding: chunked"],
    "TE in one": [b"Transfer-Encoding: gzip, chunked"],
    "TE that is none": [b"Transfer-Encoding: xchunked", b"Content-Length: 5"],
    "TE behind a tab": [b"Transfer-Encoding:\tchunked", b"Content-Length: 5"],
    "TE with a blank": [b"Transfer-Encoding : chunked", b"Content-Length: 5"],
    "TE in a folded line": [b"X: x\r\n Transfer-Encoding: chunked", b"Content-Length: -5"],
    "CL with a sign": [b"Content-Length: +5"],
    "CL in hexadecimal": [b"Content-Length: 0x5"],
    "CL with a blank": [b"Content-Length : 5"],
}


def attack(dial, headers):
    with dial() as s:
        s.settimeout(30)
        s.sendall(b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                  + b"".join(line + b"\r\n" for line in headers) + b"\r\n" + CHUNKED)
        return read_all(s)


def smuggling(tap, where, dial):
    for name, headers in ATTACKS.items():
        text = attack(dial, headers)
        # libmicrohttpd sends the head of a refusal of its own twice, and closes.
        answers = set(re.findall(rb"HTTP/1\.1 (\d+)", text))
        tap.case(f"{where}: {name} is refused and the connection closed",
                 answers <= {b"400", b"501"} and b'"ok"' not in text, text[:600])


def slow_head(dial, until=120):
    """Is a head cut that comes byte by byte, so that the connection is never silent?"""
    begun = time.monotonic()
    with dial() as s:
        s.settimeout(0.2)
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        while time.monotonic() - begun < until:
            try:
                s.sendall(b"x")
                if s.recv(4096) == b"":
                    return True
            except (TimeoutError, socket.timeout):
                continue
            except OSError:
                return True
    return False


def main():
    tap = Tap()
    with Folder() as folder, Folder() as conf:
        data = folder / "data"
        with Server(data, "--set", "http.proxies=127.0.0.1", "--set", f"http.max_upload={MAX_UPLOAD}") as server, \
                concurrent.futures.ThreadPoolExecutor(2) as pool:
            line = server.process.stdout.readline()
            direct = lambda: socket.create_connection(("127.0.0.1", server.port), timeout=30)  # noqa: E731
            slow = pool.submit(slow_head, direct)
            smuggling(tap, "direct", direct)
            with Proxy(conf, server.port) as proxy:
                slow_behind = pool.submit(slow_head, proxy.dial)
                browser = Browser(proxy)
                set_up(tap, browser, line)
                addresses(tap, browser)
                forms(tap, proxy)
                events(tap, browser)
                uploads(tap, browser, data)
                too_large(tap, browser)
                smuggling(tap, "behind nginx", proxy.dial)
                tap.case("nginx cuts a head that comes too slowly", slow_behind.result())
            tap.case("and so does the server itself", slow.result())
        tap.case("the server ends cleanly", server.code == 0, server.text[-2000:])
    tap.done()


if __name__ == "__main__":
    main()
