#!/usr/bin/env python3
"""Anomalies of a made bill in which it is known what is unusual: found behind an import, kept from run to run and through
restatements, decided, commented, merged, learned from; over the API, with scopes, and on the command line. Prints TAP."""
import datetime
import json
import pathlib
import random
import sys
import threading
import urllib.error
import urllib.request
from decimal import Decimal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from lib_farthing import Folder, Server, Tap, farthing, must, wait_for  # noqa: E402

HEAD = ("BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,BillingPeriodStart,ChargePeriodStart,ChargePeriodEnd,"
        "ChargeCategory,ServiceName,ProviderName,SubAccountId,SubAccountName,RegionId,ResourceId,SkuMeter,Tags\n")
FIRST, DAYS = datetime.date(2024, 1, 1), 119  # to 28 April 2024
ACCOUNTS = {"111": "prod-core", "222": "staging", "333": "data"}
SERVICES = {"Compute": 200, "Network": 60, "Storage": 90}
LAST = FIRST + datetime.timedelta(DAYS - 1)
PASSWORD = "four words without meaning"
BASE = "/api/v1/anomalies"


def day_of(n):
    return FIRST + datetime.timedelta(n)


def line(day, category, service, account, cost, region="eu-1", resource="", meter="", length=1):
    return (f"{cost},{cost},USD,payer,{day.replace(day=1)},{day},{day + datetime.timedelta(length)},{category},{service},Contoso,"
            f"{account},{ACCOUNTS.get(account, '')},{region},{resource},{meter},\n")


def bill(path, spike=250, load_test=True, support=True):
    """Costs that swing by some percent. The NAT gateway of prod-core costs `spike` a day in the last five days; a load
    test in data on two days; support and a tax on each first, which nobody should be told of."""
    rnd = random.Random(11)
    rows = []
    for n in range(DAYS):
        day = day_of(n)
        for account in ACCOUNTS:
            for service, usual in SERVICES.items():
                factor = (0.8 if day.weekday() > 4 else 1) * rnd.gauss(1, 0.02) * (1 + int(account) / 1000)
                cost = Decimal(f"{usual * factor:.6f}")
                if load_test and service == "Compute" and account == "333" and n in (80, 81):
                    cost *= 3
                rows.append(line(day, "Usage", service, account, cost * Decimal("0.6"), "eu-1", f"{service}-a-{account}", "a"))
                rows.append(line(day, "Usage", service, account, cost * Decimal("0.4"), "us-1", f"{service}-b-{account}", "b"))
        if n >= DAYS - 5 and spike:
            rows.append(line(day, "Usage", "Network", "111", spike, "us-1", "nat-1", "NatGateway-Bytes"))
        if day.day == 1 and support:
            rows.append(line(day, "Purchase", "Support", "111", 5000))
            rows.append(line(day, "Tax", "Tax", "111", 900))
            rows.append(line(day, "Credit", "Compute", "222", -3000))
    path.write_text(HEAD + "".join(rows), encoding="utf-8")
    return path


class Client:
    def __init__(self, server, token=None):
        self.url, self.token = server.url, token

    def ask(self, method, path, body=None, **headers):
        send = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            send["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            send["Content-Type"] = "application/json"
        request = urllib.request.Request(self.url + path, method=method, headers=send,
                                         data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=120) as reply:
                return reply.status, json.loads(reply.read() or b"null"), reply.headers
        except urllib.error.HTTPError as reply:
            return reply.code, json.loads(reply.read() or b"null"), reply.headers

    def get(self, path):
        status, answer, _ = self.ask("GET", path)
        assert status == 200, f"{path}: {status} {answer}"
        return answer

    def cases(self, query=""):
        return self.get(BASE + query)["data"]

    def detect(self):
        status, job, _ = self.ask("POST", BASE + "/detect", Prefer="wait=60")
        assert status == 200 and job["state"] == "done", f"{status} {job}"
        return job["result"]


def found(tap, client):
    """What the run behind the import has found. Returns the gateway's case and the load test's."""
    wait_for(lambda: client.get(BASE)["last_run"], 60)
    page = client.get(BASE)
    run, cases = page["last_run"], page["data"]
    tap.case("the monitors ran behind the import, up to the last whole day",
             run and run["history_end"] == str(LAST) and run["ledger_version"] == page["ledger_version"], page)
    tap.case("every account, service and service in an account is watched, and the total",
             run["series"] >= 1 + 3 + 3 + 9 and run["series_left_out"] == 0, run)
    large = [case for case in cases if case["severity"] in ("high", "critical")]
    nat = [case for case in large if case["start"] == str(LAST - datetime.timedelta(4))]
    test = [case for case in large if case["start"] == str(day_of(80))]
    tap.case("one case an event, at whatever levels it was seen", (len(large), len(nat), len(test)) == (2, 1, 1),
             "\n".join(case["title"] for case in cases))
    nat, test = nat[0], test[0]
    scope = nat["scope"]
    tap.case("it belongs to the smallest scope that explains it",
             (scope["level"], scope["account"], scope["account_name"], scope["service"]) ==
             ("account_service", "111", "prod-core", "Network"), nat)
    tap.case("and says at which other levels it was seen",
             {seen["scope"]["level"] for seen in nat["levels"]} >= {"account", "service"}, nat["levels"])
    tap.case("its title says it in words",
             nat["title"].startswith("Network in prod-core +$25") and
             " a day since 24 April 2024, " in nat["title"] and "× expected" in nat["title"], nat["title"])
    tap.case("it is of today, the other is over", nat["ongoing"] and not test["ongoing"])
    tap.case("actual less expected is the impact, to the last digit",
             Decimal(nat["actual"]) - Decimal(nat["expected"]) == Decimal(nat["impact"]) and
             Decimal(nat["impact"]) > 1100, nat)
    tap.case("fees, taxes and credits of the first of the month alarm nobody",
             not [case for case in cases if abs(Decimal(case["impact"])) > 200 and case not in (nat, test)],
             "\n".join(case["title"] for case in cases))
    return nat, test


def listed(tap, client, nat):
    everything = client.cases("?limit=1000")
    impacts = [abs(Decimal(case["impact"])) for case in everything]
    tap.case("the largest impact comes first", impacts == sorted(impacts, reverse=True), impacts)
    starts = [case["start"] for case in client.cases("?sort=-start&limit=1000")]
    tap.case("or the latest", starts == sorted(starts, reverse=True), starts)
    for sort in ("-impact", "-start"):
        paged, cursor = [], ""
        while cursor is not None:
            page = client.get(f"{BASE}?sort={sort}&limit=1" + (f"&cursor={cursor}" if cursor else ""))
            paged += page["data"]
            cursor = page["next_cursor"]
        tap.case(f"pages by {sort} are the list", [case["id"] for case in paged] ==
                 [case["id"] for case in client.cases(f"?sort={sort}&limit=1000")])
    for query, good in [("level=account_service", lambda case: case["scope"]["level"] == "account_service"),
                        ("account=111", lambda case: case["scope"]["account"] == "111"),
                        ("service=Network", lambda case: case["scope"]["service"] == "Network"),
                        ("direction=up", lambda case: case["direction"] == "up"),
                        ("severity=high,critical", lambda case: case["severity"] in ("high", "critical")),
                        (f"from={LAST}", lambda case: case["end"] >= str(LAST)),
                        (f"to={day_of(82)}", lambda case: case["start"] < str(day_of(82))),
                        ("state=open", lambda case: case["state"] == "open")]:
        got = client.cases(f"?{query}&limit=1000")
        tap.case(f"{query} lists those, and all of them",
                 got == [case for case in everything if good(case)] and got, f"{len(got)}")
    counts = client.get(BASE)["counts"]
    tap.case("they are counted by state", counts["open"] == len(everything) and counts["resolved"] == 0, counts)
    for query in ("state=opne", "limit=0", "from=2024-02-30", "cursor=x", "sort=impact", "severity=bad"):
        status, problem, _ = client.ask("GET", f"{BASE}?{query}")
        tap.case(f"{query} is refused", status == 422, f"{status} {problem}")
    tap.case("what is not there is a 404", client.ask("GET", BASE + "/A-999")[0] == 404)


def explained(tap, client, nat):
    detail = client.get(f"{BASE}/{nat['id']}")
    days = {day["date"]: day for day in detail["series"]}
    unusual = [date for date, day in days.items() if day["unusual"]]
    tap.case("the days around it are there, with what was expected and a band",
             len(days) > 40 and max(days) == str(LAST) and
             all(day["low"] <= day["expected"] <= day["high"] for day in detail["series"]), detail["series"][-3:])
    tap.case("its days are those of the case, outside of the band, and add up to it",
             (min(unusual), max(unusual)) == (nat["start"], nat["end"]) and
             all(float(days[date]["actual"]) > days[date]["high"] for date in unusual) and
             sum(Decimal(days[date]["actual"]) for date in unusual) == Decimal(nat["actual"]))
    cause = detail["contributions"]
    tap.case("the cause is counted against 28 days before",
             (cause["start"], cause["before_end"]) == (nat["start"], nat["start"]) and
             datetime.date.fromisoformat(cause["before_end"]) - datetime.date.fromisoformat(cause["before_start"]) ==
             datetime.timedelta(28), {k: v for k, v in cause.items() if k != "dimensions"})
    by_name = {part["dimension"]: part for part in cause["dimensions"]}
    tap.case("by all dimensions that the scope leaves open",
             set(by_name) == {"region", "usage_type", "resource", "charge_category", "pricing_category"}, sorted(by_name))
    for name, part in by_name.items():
        for field in ("actual", "expected", "change"):
            total = sum(Decimal(value[field]) for value in part["values"]) + \
                (Decimal(part["rest"][field]) if part["rest"] else 0)
            if total != Decimal(cause[field]):
                tap.case(f"{name}: the parts of {field} add up", False, f"{total} {cause[field]}")
    tap.case("the parts of each add up to the whole, to the last digit",
             Decimal(cause["actual"]) - Decimal(cause["expected"]) == Decimal(cause["change"]))
    tap.case("the gateway is what it comes from",
             by_name["usage_type"]["values"][0]["value"] == "NatGateway-Bytes" and
             by_name["usage_type"]["values"][0]["change"] == "1250" and
             by_name["resource"]["values"][0]["value"] == "nat-1" and cause["dimensions"][0]["dimension"] in
             ("usage_type", "resource"), cause["dimensions"][:2])
    tap.case("who may decide is told so", detail["may_decide"] is True)


def run_again(tap, client, nat):
    before = client.cases("?limit=1000")
    run = client.detect()
    tap.case("the same again changes nothing", (run["opened"], run["changed"], run["gone"]) == (0, 0, 0) and
             client.cases("?limit=1000") == before, run)


REFUSED = [
    ("a state that is none", {"state": "closed"}, "/state"),
    ("a snooze without an end", {"state": "snoozed"}, "/snoozed_until"),
    ("a snooze until a day that is over", {"state": "snoozed", "snoozed_until": "2024-05-01"}, "/snoozed_until"),
    ("a solution without a cause", {"state": "resolved"}, "/cause"),
    ("a false positive without a kind", {"state": "false_positive"}, "/kind"),
    ("a day of a snooze without the snooze", {"snoozed_until": "2999-01-01"}, "/snoozed_until"),
    ("a kind of false positive of what is none", {"kind": "seasonal"}, "/kind"),
    ("a kind of what is resolved", {"state": "resolved", "cause": "x", "kind": "one_off"}, "/kind"),
    ("an owner who is nobody", {"owner": "nobody@example.org"}, "/owner"),
    ("a merge into what is not there", {"merged_into": "A-999"}, "/merged_into"),
    ("an unknown field", {"colour": "red"}, "/colour"),
    ("nothing at all", {}, ""),
]


def decided(tap, client, nat, test):
    path = f"{BASE}/{nat['id']}"
    for name, patch, pointer in REFUSED:
        status, problem, _ = client.ask("PATCH", path, patch)
        tap.case(f"{name} is refused", status == 422 and
                 (problem.get("errors") or [{"pointer": ""}])[0]["pointer"] == pointer, f"{status} {problem}")
    etag = client.ask("GET", path)[2]["ETag"]
    status, case, headers = client.ask("PATCH", path, {"state": "acknowledged"}, If_Match=etag)
    tap.case("a case is acknowledged", status == 200 and case["state"] == "acknowledged" and headers["ETag"] != etag, case)
    status, problem, _ = client.ask("PATCH", path, {"state": "open"}, If_Match=etag)
    tap.case("who has not seen that changes nothing", status == 412, problem)
    status, case, _ = client.ask("PATCH", path, {"state": "snoozed", "snoozed_until": "2999-01-01", "reason": "migration"})
    tap.case("it is snoozed, and says why",
             (status, case["state"], case["snoozed_until"], case["reason"]) == (200, "snoozed", "2999-01-01", "migration"))
    status, case, _ = client.ask("PATCH", path, {"state": "resolved", "cause": "a missing endpoint"})
    tap.case("it is resolved, and what was of the rest is gone",
             (case["state"], case["cause"], case["snoozed_until"], case["reason"]) ==
             ("resolved", "a missing endpoint", None, None), case)
    status, said, _ = client.ask("POST", path + "/comments", {"text": "Fixed <b>at once</b>."}, Idempotency_Key="k1")
    again, same, _ = client.ask("POST", path + "/comments", {"text": "Fixed <b>at once</b>."}, Idempotency_Key="k1")
    tap.case("a comment is kept as it was written, once",
             (status, again, said["text"]) == (201, 201, "Fixed <b>at once</b>.") and said == same and
             client.get(path)["comment_count"] == 1, said)
    tap.case("an empty one is refused", client.ask("POST", path + "/comments", {"text": ""})[0] == 422)
    what = [(event["what"], event["detail"].get("to")) for event in client.get(path)["history"]]
    tap.case("its history has all of it",
             what == [("opened", None), ("state", "acknowledged"), ("state", "snoozed"), ("state", "resolved"),
                      ("comment", None)], what)
    run = client.detect()
    tap.case("a run leaves what was decided", client.get(path)["state"] == "resolved" and run["opened"] == 0, run)
    client.ask("PATCH", path, {"state": "open"})


def merged(tap, client, nat, test):
    down = [case for case in client.cases("?limit=1000") if case["direction"] == "down"]
    path = f"{BASE}/{test['id']}"
    status, case, _ = client.ask("PATCH", path, {"merged_into": nat["id"]})
    tap.case("a case is made a part of another", status == 200 and case["state"] == "merged" and
             case["merged_into"] == nat["id"], case)
    tap.case("and is listed only when asked for", test["id"] not in [c["id"] for c in client.cases("?limit=1000")] and
             [c["id"] for c in client.cases("?state=merged")] == [test["id"]])
    tap.case("what has parts is a part of none",
             client.ask("PATCH", f"{BASE}/{nat['id']}", {"merged_into": test["id"]})[0] == 422)
    tap.case("nor of itself", client.ask("PATCH", path, {"merged_into": test["id"]})[0] == 422)
    if down:
        status = client.ask("PATCH", f"{BASE}/{down[0]['id']}", {"merged_into": nat["id"]})[0]
        tap.case("nor of what went the other way", status == 422)
    client.detect()
    tap.case("a run leaves it so", client.get(path)["state"] == "merged")
    status, case, _ = client.ask("PATCH", path, {"merged_into": None})
    tap.case("it is taken out again", (status, case["state"], case["merged_into"]) == (200, "open", None), case)


def restated(tap, client, nat, work):
    def replace(**more):
        must(farthing("ingest", bill(work / "bill.csv", **more), "--replace", data=work / "data"))
        version = client.get(BASE)["ledger_version"]
        wait_for(lambda: client.get(BASE)["last_run"]["ledger_version"] == version, 60)

    path = f"{BASE}/{nat['id']}"
    replace(spike=400)
    now = client.get(path)
    tap.case("restated days are compared as restated, in the same case",
             Decimal(now["impact"]) - Decimal(nat["impact"]) == 5 * 150 and now["state"] == "open" and
             "restated" in [event["what"] for event in now["history"]], now["title"])
    replace(spike=0)
    now = client.get(path)
    tap.case("what a restatement takes away is resolved by that", now["state"] == "resolved" and "restated" in now["cause"]
             and now["history"][-1]["what"] == "gone", now)
    replace(spike=250)
    now = client.get(path)
    tap.case("and open again when it is back", now["state"] == "open" and now["cause"] is None and
             now["impact"] == nat["impact"], now)


def learned(tap, client, nat, test):
    def preview(**more):
        status, answer, _ = client.ask("POST", BASE + "/preview", more)
        assert status == 200, answer
        return answer

    before = preview()
    tap.case("a preview finds what was found", {(c["start"], c["impact"]) for c in before["data"]} >=
             {(nat["start"], nat["impact"]), (test["start"], test["impact"])} and
             sum(month["cases"] for month in before["months"]) == before["cases"], before)
    more = preview(false_alarms_per_year=20, min_impact=0)
    tap.case("more alarms that are borne are more alarms", more["alarms"] > before["alarms"] and
             more["cases"] > before["cases"], (more["alarms"], before["alarms"]))
    tap.case("fewer for larger ones alone", preview(min_impact=1e6)["cases"] == 0)
    tap.case("and of the last days alone", {c["start"] for c in preview(days=10)["data"]} == {nat["start"]})
    for wrong in ({"days": 0}, {"false_alarms_per_year": 51}, {"min_impact": -1}, {"day": 1}):
        tap.case(f"{wrong} is refused", client.ask("POST", BASE + "/preview", wrong)[0] == 422)
    path = f"{BASE}/{test['id']}"
    for kind in ("one_off", "seasonal"):
        status, case, _ = client.ask("PATCH", path, {"state": "false_positive", "kind": kind, "reason": "load test"})
        after = preview()
        tap.case(f"{kind}: it is not told any more, the other is", status == 200 and test["start"] not in
                 {c["start"] for c in after["data"]} and nat["start"] in {c["start"] for c in after["data"]}, after["data"])
        run = client.detect()
        tap.case(f"{kind}: the case stays as it was decided", run["opened"] == 0 and
                 client.get(path)["impact"] == test["impact"] and client.get(path)["kind"] == kind, run)
    client.ask("PATCH", path, {"state": "open"})
    tap.case("taken back, it is told again", test["start"] in {c["start"] for c in preview()["data"]})
    status, case, _ = client.ask("PATCH", f"{BASE}/{nat['id']}", {"state": "false_positive", "kind": "planned"})
    after = [c for c in preview()["data"] if c["start"] == nat["start"] and c["scope"]["level"] == "account_service"]
    tap.case("planned: the new level is what is usual in its scope", status == 200 and not after, after)
    client.ask("PATCH", f"{BASE}/{nat['id']}", {"state": "open"})


def followed(tap, client, nat):
    lines = []

    def follow():
        request = urllib.request.Request(client.url + "/api/v1/events?topics=anomalies")
        with urllib.request.urlopen(request, timeout=30) as reply:
            for line in reply:
                lines.append(line.decode().strip())
                if line.startswith(b"data:"):
                    return

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    wait_for(lambda: client.ask("POST", f"{BASE}/{nat['id']}/comments", {"text": "told"}) and not thread.is_alive(), 15)
    thread.join(5)
    data = [json.loads(line[5:]) for line in lines if line.startswith("data:")]
    tap.case("who follows is told of changes", "event: anomaly.changed" in lines and data and
             (data[0]["id"], data[0]["state"]) == (nat["id"], "open") and set(data[0]) == {"id", "state", "severity", "title"},
             lines)


PLAN = {"kind": "query", "subject": "cost", "measures": ["effective_cost"], "time": None, "grain": "day",
        "group_by": ["sub_account", "service"], "where": "charge_category = \"Usage\""}


def events_until(client, topics, last, act):
    """The names of the events that a follower is sent, up to the one named `last`; `act` makes them happen."""
    names, open_now = [], threading.Event()

    def follow():
        request = urllib.request.Request(client.url + f"/api/v1/events?topics={topics}",
                                         headers={"Authorization": f"Bearer {client.token}"})
        with urllib.request.urlopen(request, timeout=30) as reply:
            open_now.set()
            for line in reply:
                if line.startswith(b"event:"):
                    names.append(line[6:].decode().strip())
                    if names[-1] == last:
                        return

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    open_now.wait(15)
    act()
    thread.join(20)
    return names


def asked(tap, client, nat):
    status, answer, _ = client.ask("POST", BASE + "/find", {"plan": PLAN})
    series = {(s["group"]["sub_account"], s["group"]["service"]): s for s in answer["series"]}
    events = [event for event in series[("111", "Network")]["events"] if event["score"] >= 1]
    tap.case("a plan's series are looked at one by one", status == 200 and len(series) == 9 and
             answer["history_end"] == str(LAST), answer.get("history_end"))
    tap.case("the same is found there as by the monitors", [(e["start"], e["impact"]) for e in events[-1:]] ==
             [(nat["start"], nat["impact"])], events)
    for name, change, pointer in [("weeks", {"plan": {**PLAN, "grain": "week"}}, "/plan/grain"),
                                  ("three dimensions", {"plan": {**PLAN, "group_by": ["service", "region", "resource"]}},
                                   "/plan/group_by"),
                                  ("no plan", {"plan": None}, "/plan"),
                                  ("a rate out of bounds", {"false_alarms_per_year": 99}, "/false_alarms_per_year")]:
        status, problem, _ = client.ask("POST", BASE + "/find", {"plan": PLAN, **change})
        tap.case(f"{name}: refused, with what is wrong", status == 422 and problem["errors"][0]["pointer"] == pointer,
                 problem)


def printed(tap, data, nat, test, plan):
    def run(*args):
        return farthing("anomalies", *args, data=data)

    shown = must(run("list", "--output", "csv")).stdout
    tap.case("the command line lists them", nat["id"] + "," in shown and nat["title"] in shown.replace('"', ""), shown[:500])
    page = must(run("show", nat["id"])).stdout
    tap.case("shows one with where it comes from", nat["title"] in page and "NatGateway-Bytes" in page and "History" in page,
             page)
    for args, state in [(("ack", nat["id"]), "acknowledged"), (("snooze", nat["id"], "2999-01-01"), "snoozed"),
                        (("resolve", nat["id"], "an endpoint"), "resolved"),
                        (("false", nat["id"], "one-off", "--reason", "test"), "false_positive"),
                        (("reopen", nat["id"]), "open")]:
        done = run(*args, "--json")
        tap.case(f"{args[0]} does it", done.returncode == 0 and json.loads(done.stdout)["state"] == state, done)
    done = run("merge", test["id"], nat["id"], "--json")
    tap.case("merge and its way back", json.loads(done.stdout)["state"] == "merged" and
             json.loads(run("merge", test["id"], "nothing", "--json").stdout)["state"] == "open", done)
    tap.case("comment says it", json.loads(must(run("comment", nat["id"], "by hand", "--json")).stdout)["text"] == "by hand")
    tap.case("detect runs them", json.loads(must(run("detect", "--json")).stdout)["opened"] == 0)
    tap.case("preview lists", nat["title"] in must(run("preview", "--days", "30", "--output", "csv")).stdout.replace('"', ""))
    for args, code in [(("show", "A-999"), 5), (("false", nat["id"], "maybe"), 2), (("snooze", nat["id"]), 2),
                       (("list", "--sort", "size"), 2), (("list", "--state", "opne"), 2), (("rejoice",), 2)]:
        done = run(*args)
        tap.case(f"{' '.join(args)} ends with {code}", done.returncode == code, done)
    found = must(farthing("detect", "--from", plan, "--output", "csv", data=data)).stdout
    tap.case("detect --from prints a line an event", f"111,Network,USD,{nat['start']}," in found, found[:400])
    for args in (["--from", plan, plan], ["--from", plan, "--scores"], ["--measure", "x", plan]):
        tap.case(f"detect {args[0]} {args[-1] if args[-1] != plan else ''} ends with 2",
                 farthing("detect", *args, data=data).returncode == 2)


def inside(tap, data, nat, test):
    """People with scopes: one sees the account of the gateway, one all but that."""
    people = [("ada", "administrator", None), ("ana", "analyst", 'sub_account = "111"'), ("bob", "viewer", None),
              ("eve", "analyst", 'not sub_account = "111"')]
    with Server(data) as server:
        link = json.loads(must(farthing("users", "setup-token", "--json", data=data)).stdout)["secret"]
        status, done, _ = Client(server).ask("POST", "/api/v1/auth/setup",
                                             {"secret": link, "email": "ada@example.org", "name": "Ada", "password": PASSWORD})
        assert status == 200, done
        for name, role, scope in people[1:]:
            link = json.loads(must(farthing("users", "invite", f"{name}@example.org", "--role", role, "--json",
                                            data=data)).stdout)["secret"]
            status, done, _ = Client(server).ask("POST", "/api/v1/auth/accept", {"secret": link, "password": PASSWORD})
            assert status == 200, done
            if scope:
                must(farthing("users", "scope", f"{name}@example.org", scope, data=data))
        secret = {name: json.loads(must(farthing("tokens", "create", "t", "--user", f"{name}@example.org", "--json",
                                                 data=data)).stdout)["secret"] for name, _, _ in people}
        ada, ana, bob, eve = (Client(server, secret[name]) for name in ("ada", "ana", "bob", "eve"))
        path = f"{BASE}/{nat['id']}"
        mine = ana.get(BASE + "?limit=1000")
        tap.case("who has a scope sees the cases inside alone", mine["data"] and
                 all(case["scope"]["account"] == "111" for case in mine["data"]) and
                 nat["id"] in [case["id"] for case in mine["data"]] and mine["counts"]["open"] == len(mine["data"]), mine)
        tap.case("without what it looked like elsewhere", not any(case["levels"] for case in mine["data"]) and
                 mine["last_run"] is None and mine["ledger_version"] is None)
        tap.case("and not those of others", ana.ask("GET", f"{BASE}/{test['id']}")[0] == 404 and
                 ana.ask("PATCH", f"{BASE}/{test['id']}", {"state": "acknowledged"})[0] == 404 and
                 ana.ask("POST", f"{BASE}/{test['id']}/comments", {"text": "x"})[0] == 404 and
                 ana.ask("PATCH", path, {"merged_into": test["id"]})[0] == 422)
        theirs = eve.cases("?limit=1000")
        tap.case("nor does who sees all but that account", nat["id"] not in [case["id"] for case in theirs] and
                 test["id"] in [case["id"] for case in theirs] and
                 not [case for case in theirs if case["scope"]["level"] in ("total", "service")], theirs)
        detail = ana.get(path)
        tap.case("what they see of it is all of it", detail["contributions"]["change"] ==
                 ada.get(path)["contributions"]["change"] and detail["may_decide"])
        status, case, _ = ana.ask("PATCH", path, {"owner": "ana@example.org", "state": "acknowledged"})
        tap.case("they may take it on", (status, case["owner"]) == (200, "ana@example.org"), case)
        tap.case("and name no other", ana.ask("PATCH", path, {"owner": "ada@example.org"})[0] == 403)
        tap.case("nor run or preview the monitors", [ana.ask("POST", f"{BASE}/{op}", {} if op == "preview" else None)[0]
                                                     for op in ("preview", "detect")] == [403, 403])
        status, said, _ = ana.ask("POST", path + "/comments", {"text": "mine"})
        tap.case("what they say has their name", (status, said["by"]) == (201, "ana@example.org"), said)
        who = [event["by"] for event in ada.get(path)["history"]][-3:]
        tap.case("and so has what they did", who == ["ana@example.org"] * 3, who)
        tap.case("a viewer reads", bob.get(path)["may_decide"] is False and bob.ask("POST", BASE + "/preview", {})[0] == 200)
        tap.case("and decides nothing", [bob.ask("PATCH", path, {"state": "open"})[0],
                                         bob.ask("POST", path + "/comments", {"text": "x"})[0],
                                         bob.ask("POST", BASE + "/detect")[0]] == [403, 403, 403])
        status, case, _ = ada.ask("PATCH", path, {"owner": "Ana@Example.org", "state": "open"})
        tap.case("an owner is found whatever the case of letters", (status, case["owner"]) == (200, "ana@example.org"), case)
        only_jobs = Client(server, json.loads(must(farthing("tokens", "create", "j", "--user", "ada@example.org", "--permissions",
                                                            "jobs.read", "--json", data=data)).stdout)["secret"])

        def both():
            ada.ask("POST", path + "/comments", {"text": "told to who may see it"})
            ada.detect()

        names = events_until(ada, "jobs,anomalies", "job", both)
        tap.case("who may see anomalies is told of them", "anomaly.changed" in names and "job" in names, names)
        names = events_until(only_jobs, "jobs,anomalies", "job", both)
        tap.case("who may see jobs alone is told of these alone", names and set(names) == {"job"}, names)
        ada.ask("PATCH", path, {"owner": None})
        ada.ask("PATCH", f"{BASE}/{test['id']}", {"merged_into": nat["id"]})
        ada.ask("PATCH", f"{BASE}/{test['id']}", {"state": "resolved", "cause": "a load test"})
        said = [(event["what"], event["detail"].get("to")) for event in ada.get(f"{BASE}/{test['id']}")["history"]][-3:]
        tap.case("taken out of a merge and resolved at once, the history has both", said[0] == ("merged", None) and
                 set(said[1:]) == {("state", "resolved"), ("unmerged", None)}, said)
        rows = [row["detail"] for row in ada.get("/api/v1/audit?action=anomaly.&limit=3")["data"]]
        tap.case("the audit says whose it was, and what it was a part of", rows[0].get("out_of") == nat["id"] and
                 (rows[0]["to"], rows[0]["cause"]) == ("resolved", "a load test") and rows[1].get("into") == nat["id"] and
                 rows[2].get("owner") == {"from": "ana@example.org", "to": None}, rows)
        actions = [row["action"] for row in ada.get("/api/v1/audit?action=anomaly.")["data"]]
        tap.case("decisions are in the audit", actions and set(actions) == {"anomaly.decide"}, actions)


def late(tap):
    """Three sources: one whole, one that lacks the last four days, one that ends in the middle of its last day; and one that
    has ended long ago, one that has begun lately. None of that is unusual."""
    def part(path, name, start, end, cut=None):
        rnd = random.Random(name)
        rows = []
        for n in range(start, end):
            day = day_of(n)
            for hour in range(0, 24, 6):
                if cut is not None and n == end - 1 and hour >= cut:
                    continue
                cost = f"{25 * rnd.gauss(1, 0.02):.4f}"
                until = datetime.datetime(day.year, day.month, day.day, hour) + datetime.timedelta(hours=6)
                rows.append(f"{cost},{cost},USD,{name},{day.replace(day=1)},{day}T{hour:02}:00:00Z,{until.isoformat()}Z,"
                            f"Usage,Compute,{name},{name}-1,{name},eu-1,r-{name},m,\n")
        path.write_text(HEAD + "".join(rows), encoding="utf-8")
        return path

    with Folder() as work:
        for name, start, end, cut in [("Whole", 0, DAYS, None), ("Late", 0, DAYS - 4, None), ("Partial", 0, DAYS, 12),
                                      ("Ended", 0, 70, None), ("Young", DAYS - 40, DAYS, None)]:
            must(farthing("ingest", part(work / f"{name}.csv", name, start, end, cut), data=work / "data"))
        run = json.loads(must(farthing("anomalies", "detect", "--json", data=work / "data")).stdout)
        cases = json.loads(must(farthing("anomalies", "--state", "all", "--json", data=work / "data")).stdout)["data"]
        tap.case("days that are late, in part, or of a source that came or went alarm nobody",
                 run["history_end"] == str(LAST) and not cases,
                 f"{run} {[case['title'] for case in cases]}")
        tap.case("and all of it was looked at", run["series"] == 1 + 1 + 5 + 5, run)


def behind(tap):
    """Two sources in one account. What was found of one is not over because it brings nothing any more."""
    def part(path, name, days, spike=0):
        rnd = random.Random(name)
        rows = []
        for n in range(days):
            day, cost = day_of(n), 100 * rnd.gauss(1, 0.02) + (spike if DAYS - 8 <= n < DAYS - 5 else 0)
            rows.append(f"{cost:.4f},{cost:.4f},USD,{name},{day.replace(day=1)},{day},{day + datetime.timedelta(1)},Usage,Compute,"
                        f"{name},111,prod-core,eu-1,r-{name},m,\n")
        path.write_text(HEAD + "".join(rows), encoding="utf-8")
        return path

    def detect(work):
        run = json.loads(must(farthing("anomalies", "detect", "--json", data=work / "data")).stdout)
        page = json.loads(must(farthing("anomalies", "--state", "all", "--json", data=work / "data")).stdout)
        return run, [(case["id"], case["state"]) for case in page["data"]]

    with Folder() as work:
        must(farthing("ingest", part(work / "Late.csv", "Late", DAYS, 400), data=work / "data"))
        must(farthing("ingest", part(work / "Whole.csv", "Whole", DAYS), data=work / "data"))
        first, before = detect(work)
        must(farthing("ingest", part(work / "Whole.csv", "Whole", DAYS + 15), "--replace", data=work / "data"))
        run, after = detect(work)
        tap.case("a source that falls behind takes no case away", before and before[0][1] == "open" and after == before and
                 run["gone"] == 0 and run["history_end"] > first["history_end"], f"{first} {before} {run} {after}")


def main():
    tap = Tap()
    late(tap)
    behind(tap)
    with Folder() as work:
        data, plan = work / "data", work / "plan.json"
        plan.write_text(json.dumps(PLAN), encoding="utf-8")
        bill(work / "bill.csv")
        with Server(data) as server:
            client = Client(server)
            empty = client.get(BASE)
            tap.case("of an empty ledger there is nothing to say", empty["data"] == [] and empty["last_run"] is None, empty)
            tap.case("and the monitors find nothing in it", client.detect()["series"] == 0)
            must(farthing("ingest", work / "bill.csv", data=data))
            wait_for(lambda: client.get(BASE)["last_run"]["series"], 60)
            nat, test = found(tap, client)
            listed(tap, client, nat)
            explained(tap, client, nat)
            run_again(tap, client, nat)
            decided(tap, client, nat, test)
            merged(tap, client, nat, test)
            restated(tap, client, nat, work)
            learned(tap, client, nat, test)
            followed(tap, client, nat)
            asked(tap, client, nat)
        tap.case("the server ends cleanly", server.code == 0 and "runtime error" not in server.text, server.text[-2000:])
        printed(tap, data, nat, test, plan)
        inside(tap, data, nat, test)
    tap.done()


if __name__ == "__main__":
    main()
