#!/usr/bin/env python3
"""Limits of users, and requests that are sent again, against a real server that is killed meanwhile. Prints TAP."""
import concurrent.futures
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from auth import Browser, bearer, invite, make_token, set_up  # noqa: E402
from lib_farthing import Folder, Server, Tap, farthing  # noqa: E402

PLAN = {"kind": "query", "subject": "cost", "measures": ["billed_cost"], "time": None}
VIEW = {"name": "mine", "plan": PLAN}


def left(reply):
    found = re.fullmatch(r'"(\w+)";r=(\d+);t=(\d+)', reply.headers["RateLimit"] or "")
    assert found, reply.headers.items()
    return int(found[2])


# ---- limits ----

def users(tap, admin, server):
    viewer, _, _ = invite(admin, server, "viewer@example.org", "viewer")
    token, _ = make_token(viewer)
    nobody = Browser(server)
    first = viewer.ask("GET", "/api/v1/views")
    second = nobody.ask("GET", "/api/v1/views", **bearer(token))
    tap.case("sessions and tokens of a user count together", left(second) == left(first) - 1, (first, second))
    tap.case("users count apart", left(admin.ask("GET", "/api/v1/views")) > left(second))
    while (reply := viewer.ask("GET", "/api/v1/views")).status == 200:
        pass
    tap.case("over the limit is a 429 that says when to come again",
             reply.status == 429 and 1 <= int(reply.headers["Retry-After"]) <= 61
             and reply.json["type"] == "/problems/quota-exceeded" and left(reply) == 0, reply)
    tap.case("also with the token", nobody.ask("GET", "/api/v1/views", **bearer(token)).status == 429)
    tap.case("but not for others", admin.ask("GET", "/api/v1/views").status == 200)
    tap.case("nor for questions, which count apart", viewer.ask("GET", "/api/v1/costs/summary?month=2025-01").status != 429)
    tap.case("nor on the machine itself", farthing("sources", "list", data=server.data).returncode == 0)


def guesses(tap, server):
    nobody = Browser(server)
    replies = [nobody.sign_in(f"nobody{n}@example.org", "wrong password") for n in range(15)]
    tap.case("guesses from one address are limited, whomever they are for",
             replies[0].status == 401 and replies[-1].status == 429 and '"auth"' in replies[-1].json["detail"], replies)
    text = nobody.ask("GET", "/metrics").status
    tap.case("and metrics are for who may see them", text == 401, text)


# ---- sending again ----

def views(browser):
    return len(browser.ask("GET", "/api/v1/views").json["data"])


def again(tap, server):
    browser = Browser(server)
    first = browser.ask("POST", "/api/v1/jobs", {"kind": "maintain"}, Idempotency_Key="job-1", Prefer="wait=30")
    second = browser.ask("POST", "/api/v1/jobs", {"kind": "maintain"}, Idempotency_Key="job-1", Prefer="wait=30")
    tap.case("a job that is asked for again is the same job",
             first.status == 200 and second.json == first.json and second.headers["Idempotency-Replayed"] == "true"
             and second.headers["Location"] == first.headers["Location"], (first, second))
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(lambda _: browser.ask("POST", "/api/v1/views", VIEW, Idempotency_Key="view-1"), range(12)))
    codes = sorted(reply.status for reply in replies)
    made = {reply.json["id"] for reply in replies if reply.status == 201}
    tap.case("of twelve at once one is done", len(made) == 1 and views(browser) == 1 and set(codes) <= {201, 409}, replies)
    tap.case("and who was too early is told to come again",
             all(reply.headers["Retry-After"] for reply in replies if reply.status == 409), codes)


def killed(tap, data, moment, done):
    """Kills the server at a moment of a request, and sends that again to the next one."""
    key = {"Idempotency_Key": f"key-{moment}"}
    with Server(data) as server:
        before = views(Browser(server))
    server = Server(data, env={"FARTHING_FAULT": f"kill:{moment}"})
    with server:
        try:
            Browser(server).ask("POST", "/api/v1/views", VIEW, **key)
            died = False
        except OSError:
            died = True
    tap.case(f"{moment}: the server dies", died and server.code == -9, server.code)
    with Server(data) as server:
        browser = Browser(server)
        reply = browser.ask("POST", "/api/v1/views", VIEW, **key)
        tap.case(f"{moment}: what was broken off is not done again", reply.status == 409, reply)
        tap.case(f"{moment}: and there is what there was", views(browser) == before + done, views(browser))
        tap.case(f"{moment}: another key does it",
                 browser.ask("POST", "/api/v1/views", VIEW, Idempotency_Key=f"other-{moment}").status == 201)


def main():
    tap = Tap()
    with Folder() as data:
        with Server(data, "--set", "auth.login=on", "--set", "limits.default=40", "--set", "limits.auth=20") as server:
            server.data = data
            admin, _ = set_up(tap, server, server.process.stdout.readline())
            users(tap, admin, server)
            guesses(tap, server)
    with Folder() as data:
        with Server(data) as server:
            tap.case("where nobody signs in there is no limit",
                     Browser(server).ask("GET", "/api/v1/views").headers["RateLimit"] is None)
            again(tap, server)
        with Server(data) as server:
            reply = Browser(server).ask("POST", "/api/v1/views", VIEW, Idempotency_Key="view-1")
            tap.case("a server that was stopped remembers", reply.status == 201
                     and reply.headers["Idempotency-Replayed"] == "true" and views(Browser(server)) == 1, reply)
        killed(tap, data, "request-begun", 0)
        killed(tap, data, "request-done", 1)
    for wrong in ("limits.default=-1", "http.cors_origins=*", "http.cors_origins=wiki.example.org"):
        with Folder() as data:
            done = farthing("serve", "--listen", "127.0.0.1:0", "--set", wrong, data=data, timeout=60)
            tap.case(f"serve --set {wrong} is refused", done.returncode not in (0, -9), done.stderr)
    tap.done()


if __name__ == "__main__":
    main()
