#!/usr/bin/env python3
"""Files that jobs leave, as a download manager and a hostile client ask for them: whole, in parts, again.
Prints TAP."""
import http.client
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from lib_farthing import Folder, Server, Tap, farthing, must  # noqa: E402


class Client:
    def __init__(self, port):
        self.port = port

    def ask(self, method, path, body=None, **headers):
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            link.request(method, path, None if body is None else json.dumps(body),
                         {"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}})
            reply = link.getresponse()
            return reply.status, dict(reply.getheaders()), reply.read()
        finally:
            link.close()


WHOLE = ["bytes", "bytes=", "bytes=-", "bytes=5-2", "lines=0-1", "bytes=0-1,5-6", "bytes=x-y", "bytes=1-2-3",
         "bytes=" + ",".join(f"{n}-{n}" for n in range(1000)), "bytes=--5", "items=0-5"]


def main():
    tap = Tap()
    with Folder() as work:
        must(farthing("demo-data", work / "bill", "--months", "2", "--seed", "3", "--rows", "30000"))
        must(farthing("ingest", work / "bill" / "aws-cur-2.0", data=work / "data"))
        with Server(work / "data") as server:
            client = Client(server.port)
            job = json.loads(client.ask("POST", "/api/v1/focus/exports", {"version": "1.2"}, Prefer="wait=60")[2])
            name = max(job["result"]["files"], key=lambda f: f.get("bytes", 0))["name"]
            path = f"/api/v1/jobs/{job['id']}/file?name={name}"
            status, headers, text = client.ask("GET", path)
            size, tag = len(text), headers["ETag"]
            tap.case("a file comes whole, with its size and tag", status == 200 and size > 100000 and
                     headers["Content-Length"] == str(size) and headers["Accept-Ranges"] == "bytes" and
                     tag.startswith('"') and "Transfer-Encoding" not in headers, headers)
            status, head, body = client.ask("HEAD", path)
            same = ("Content-Length", "ETag", "Accept-Ranges", "Content-Disposition")
            tap.case("HEAD tells the same of it", status == 200 and body == b"" and
                     all(head[n] == headers[n] for n in same), head)
            status, head, body = client.ask("HEAD", path, Range="bytes=0-9")
            tap.case("HEAD knows no ranges", status == 200 and head["Content-Length"] == str(size), head)
            for given, first, last in [("bytes=0-0", 0, 0), ("bytes=10-19", 10, 19), (f"bytes={size - 5}-", size - 5, size - 1),
                                       ("bytes=-7", size - 7, size - 1), ("bytes=0-", 0, size - 1),
                                       (f"bytes=3-{10 ** 30}", 3, size - 1), (f"bytes=-{10 ** 30}", 0, size - 1)]:
                status, part, body = client.ask("GET", path, Range=given)
                tap.case(f"{given[:40]} is that part", status == 206 and body == text[first:last + 1] and
                         part["Content-Range"] == f"bytes {first}-{last}/{size}" and part["ETag"] == tag and
                         part["Content-Length"] == str(last - first + 1), part)
            for given in WHOLE:
                status, part, body = client.ask("GET", path, Range=given)
                tap.case(f"{given[:40]} is the whole", (status, body) == (200, text) and "Content-Range" not in part, part)
            for given in (f"bytes={size}-", f"bytes={10 ** 30}-", "bytes=-0", f"bytes={size}-{size + 5}"):
                status, part, body = client.ask("GET", path, Range=given)
                tap.case(f"{given[:40]} is not there", status == 416 and part["Content-Range"] == f"bytes */{size}" and
                         json.loads(body)["type"] == "/problems/range-not-satisfiable", [status, part, body])
            status, part, body = client.ask("GET", path, Range="bytes=5-9", If_Range=tag)
            tap.case("If-Range with its tag gives the part", (status, body) == (206, text[5:10]), part)
            for other in ('"another"', f"W/{tag}", "Tue, 01 Dec 2026 00:00:00 GMT", ""):
                status, part, body = client.ask("GET", path, Range="bytes=5-9", If_Range=other)
                tap.case(f"If-Range of {other[:12]!r} gives the whole",
                         (status, body) == (200, text), part)
            status, part, body = client.ask("GET", path, Range="bytes=5-9", If_None_Match=tag)
            tap.case("what the client has is not sent", (status, body) == (304, b"") and part["ETag"] == tag, part)
            got = b""
            while len(got) < size:
                got += client.ask("GET", path, Range=f"bytes={len(got)}-{len(got) + 50000}", If_Range=tag)[2]
            tap.case("parts make up the whole", got == text)
            status, _, body = client.ask("GET", path.replace(name, "../../state.db"), Range="bytes=0-9")
            tap.case("no range leaves the folder", status in (404, 422), body)
        tap.case("the server ends cleanly", server.code == 0 and "runtime error" not in server.text, server.text[-2000:])
    tap.done()


if __name__ == "__main__":
    main()
