#!/usr/bin/env python3
"""Where a charge comes from: by the command line, over HTTP, for files that are kept and that are not. Prints TAP."""
import gzip
import json
import pathlib
import sys
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from lib_farthing import Folder, Server, Tap, farthing, must  # noqa: E402

HEAD = ("BilledCost,BillingCurrency,BillingAccountId,BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,"
        "ChargePeriodEnd,ChargeCategory,ServiceName,ProviderName,x_Note\n")
ROWS = {"kind": "query", "subject": "cost", "measures": [], "rows": True, "time": None}


def row(cost, day, service, note=""):
    return (f"{cost},USD,account 1,2025-05-01,2025-06-01,2025-05-{day:02},2025-05-{day + 1:02},Usage,{service},Contoso,"
            f"{note}\n")


def charges(data):
    return json.loads(must(farthing("--json", "query", "-", data=data, stdin=json.dumps(ROWS))).stdout)["rows"]


def origin(data, charge):
    return json.loads(must(farthing("--json", "charges", "origin", charge, data=data)).stdout)


def values(found):
    return {field["column"]: field["text"] for field in found["record"]}


def kept(tap, work):
    data, bill, packed = work / "kept", work / "a.csv", work / "b.csv.gz"
    bill.write_text(HEAD + row("1.50", 1, "A", "here") + row(2, 2, "B"), encoding="utf-8")
    packed.write_bytes(gzip.compress((HEAD + row(3, 3, "C")).encode()))
    must(farthing("ingest", bill, packed, data=data))
    for path in (bill, packed):
        path.unlink()
    by_service = {r["ServiceName"]: r for r in charges(data)}
    tap.case("every raw row has an id of its own", len({r["x_id"] for r in by_service.values()}) == 3, by_service)
    found = origin(data, by_service["A"]["x_id"])
    tap.case("the record is as it was delivered, though the file has gone since",
             values(found)["BilledCost"] == "1.50" and values(found)["x_Note"] == "here", found)
    tap.case("file, record and line are named",
             (found["file"]["path"], found["file"]["record"], found["file"]["line"]) == (str(bill), 1, 2), found)
    tap.case("the charge that came of it is shown, exactly",
             [(c["id"], c["billed_cost"], c["asked"], c["added"]) for c in found["charges"]]
             == [(by_service["A"]["x_id"], "1.5", True, False)], found)
    found = origin(data, by_service["C"]["x_id"])
    tap.case("a record of the second file is counted there",
             (found["file"]["path"], found["file"]["record"]) == (str(packed), 1)
             and values(found)["ServiceName"] == "C", found)
    names = sorted(p.name[64:] for p in (data / "archive" / "raw").glob("??/*"))
    tap.case("what was packed is kept as it is, what was not is packed", names == ["", ".zst"], names)
    page = must(farthing("charges", "origin", by_service["A"]["x_id"], data=data)).stdout
    tap.case("its page has path, line and text", all(t in page for t in (str(bill), "line", "1.50", "Usage")), page)
    replaced = work / "c.csv"
    replaced.write_text(HEAD + row(9, 1, "Z"), encoding="utf-8")
    must(farthing("ingest", "--replace", replaced, data=data))
    found = origin(data, by_service["A"]["x_id"])
    tap.case("a charge that was replaced still has its origin",
             not found["delivery"]["current"] and len(found["charges"]) == 1 and found["record"], found)
    done = farthing("charges", "origin", "77-1-0", data=data)
    tap.case("no such delivery ends with 5", done.returncode == 5 and "77" in done.stderr, done.stderr)
    done = farthing("charges", "origin", "nonsense", data=data)
    tap.case("what is no id is refused with a hint", done.returncode != 0 and "x_id" in done.stderr, done.stderr)
    done = farthing("charges", "origin", by_service["A"]["x_id"].replace("-1-", "-999-"), data=data)
    tap.case("no such record ends with 5", done.returncode == 5 and "999" in done.stderr, done.stderr)


def not_kept(tap, work):
    data, bill = work / "off", work / "off.csv"
    bill.write_text(HEAD + row(1, 1, "A"), encoding="utf-8")
    must(farthing("--set", "raw.keep=false", "ingest", bill, data=data))
    charge = charges(data)[0]["x_id"]
    found = json.loads(must(farthing("--json", "--set", "raw.keep=false", "charges", "origin", charge, data=data)).stdout)
    tap.case("without the file the origin says so and shows the rest",
             found["record"] is None and "raw.keep" in found["file"]["why"] and len(found["charges"]) == 1, found)
    bill.unlink()
    must(farthing("maintain", data=data))
    found = origin(data, charge)
    tap.case("a file that went before it could be kept is missed, and says so",
             found["file"]["kept"] == "missed" and "no longer there" in found["file"]["why"], found)


def over_http(tap, work):
    with Server(work / "served") as server:
        bill = (HEAD + row("7.25", 1, "A", "up")).encode()
        request = urllib.request.Request(f"{server.url}/api/v1/uploads?name=up.csv", data=bill, method="POST",
                                         headers={"Content-Type": "application/octet-stream"})
        upload = json.load(urllib.request.urlopen(request))["id"]
        call(server, "/api/v1/jobs", {"kind": "ingest", "uploads": [upload]})
        call(server, "/api/v1/jobs", {"kind": "maintain"}, busy=True)
        rows = call(server, "/api/v1/costs/query", ROWS)["rows"]
        found = call(server, f"/api/v1/charges/{rows[0]['x_id']}/origin")
        tap.case("an upload is kept, too", found["file"]["path"] == "up.csv" and values(found)["x_Note"] == "up", found)


def call(server, path, body=None, busy=False):
    request = urllib.request.Request(server.url + path, data=json.dumps(body).encode() if body else None,
                                     headers={"Content-Type": "application/json", "Prefer": "wait=30"})
    try:
        return json.load(urllib.request.urlopen(request))
    except urllib.error.HTTPError as problem:
        if busy and problem.code == 409:
            return None
        raise AssertionError(f"{path}: {problem.code}: {problem.read()[:500]}") from problem


def main():
    tap = Tap()
    with Folder() as work:
        for part in (kept, not_kept, over_http):
            tap.attempt(part.__name__, lambda part=part: part(tap, work))
    tap.done()


if __name__ == "__main__":
    main()
