#!/usr/bin/env python3
"""Invoices against the ledger: what is matched, rounded, unexplained, and missing on either side. Prints TAP."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from lib_farthing import Folder, Server, Tap, farthing, must  # noqa: E402

HEAD = ("BilledCost,BillingCurrency,BillingAccountId,BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,"
        "ChargePeriodEnd,ChargeCategory,ChargeDescription,ServiceName,SubAccountId,ProviderName,InvoiceId\n")


def charge(cost, day, service, account="team 1", invoice="I-1", category="Usage", what="hours", currency="USD"):
    return (f"{cost},{currency},account 1,2025-05-01,2025-06-01,2025-05-{day:02},2025-05-{day + 1:02},{category},{what},"
            f"{service},{account},Contoso,{invoice}\n")


BILL = (HEAD + charge("10.004", 1, "Compute") + charge("5.5", 2, "Compute", "team 2") + charge("4.25", 3, "Queue")
        + charge("3", 4, "Support", category="Tax", what="sales tax") + charge("-2", 5, "Compute", category="Credit", what="grant")
        + charge("7", 6, "Queue", invoice="I-2", currency="EUR"))


def ask(work, data, name, text, *options):
    path = work / name
    path.write_text(text, encoding="utf-8")
    return farthing("--json", "reconcile", "--invoice", path, *options, data=data)


def entry(done, invoice="I-1"):
    return [e for e in json.loads(done.stdout)["data"] if e["invoice"] == invoice][0]


def whole(tap, work, data):
    done = ask(work, data, "exact.csv", "InvoiceId,BilledCost,BillingCurrency\nI-1,20.754,USD\nI-2,7,EUR\n")
    tap.case("an invoice that is what was billed is matched", done.returncode == 0
             and [(e["status"], e["difference"]) for e in json.loads(done.stdout)["data"]] == [("matched", "0")] * 2, done)
    done = ask(work, data, "round.csv", "Invoice ID,Amount,Currency\nI-1,20.75,USD\n")
    tap.case("half a cent a line is rounding, and the most of it is told", done.returncode == 0
             and (entry(done)["status"], entry(done)["difference"], entry(done)["rounding"]) == ("rounding", "-0.004", "0.005"),
             done)
    done = ask(work, data, "tax.csv", "invoice,total,currency\nI-1,17.754,USD\n")
    found = [(c["dimension"], c["value"], c["billed_cost"]) for c in entry(done)["candidates"]]
    tap.case("what is unexplained ends with 3", done.returncode == 3 and entry(done)["status"] == "unexplained", done)
    tap.case("charges as large as the difference are named", ("charge_category", "Tax", "3") in found
             and ("service", "Support", "3") in found and ("charge_description", "sales tax", "3") in found, found)
    done = ask(work, data, "credit.csv", "invoice,total,currency\nI-1,22.754,USD\n")
    tap.case("so are credits that the invoice does not have",
             ("charge_category", "-2") in [(c["dimension"], c["billed_cost"]) for c in entry(done)["candidates"]], done)
    done = ask(work, data, "other.csv", "invoice,total,currency\nI-9,1,USD\nI-2,7,USD\n")
    tap.case("an invoice that the ledger lacks is missing there, and so is one in another currency", done.returncode == 3
             and [e["status"] for e in json.loads(done.stdout)["data"]] == ["missing in the ledger"] * 2, done)
    done = ask(work, data, "one.csv", "invoice,total,currency\nI-1,20.754,USD\n", "--period", "2025-05")
    tap.case("of a period that was asked for, invoices that the file lacks are told", done.returncode == 3
             and entry(done, "I-2")["status"] == "missing on the invoice", done)
    tap.case("of another period there is nothing", ask(work, data, "one.csv", "invoice,total,currency\nI-1,20.754,USD\n",
                                                       "--period", "2024-05").returncode == 3)


def lines(tap, work, data):
    head = "InvoiceId,ServiceName,SubAccountId,BilledCost,BillingCurrency\n"
    done = ask(work, data, "lines.csv", head + "I-1,Compute,team 1,8,USD\nI-1,compute,team 2,5.6,USD\nI-1,Queue,,4.25,USD\n"
               "I-1,Disks,,1,USD\n")
    found = {(line["service"], line["account"]): (line["status"], line["difference"]) for line in entry(done)["lines"]}
    tap.case("each line is compared by itself", done.returncode == 3 and found == {
        ("Compute", "team 1"): ("rounding", "-0.004"), ("compute", "team 2"): ("unexplained", "0.1"),
        ("Queue", None): ("matched", "0"), ("Disks", None): ("missing in the ledger", "1"),
        ("Support", "team 1"): ("missing on the invoice", "-3")}, found)
    done = farthing("reconcile", "--invoice", work / "lines.csv", data=data)
    tap.case("for people too", done.returncode == 3 and "Support, account team 1: missing on the invoice" in done.stderr
             and "Disks: missing in the ledger: invoiced 1" in done.stderr and "I-1" in done.stdout, done)
    detail = ("InvoiceId,InvoiceDetailId,InvoiceDetailDescription,BilledCost,BillingCurrency,BillingAccountId,"
              "BillingPeriodStart,BillingPeriodEnd,ChargeCategory,InvoiceIssueStatus\n")
    done = ask(work, data, "detail.csv", detail
               + "I-1,1,all of it,20.75,USD,account 1,2025-05-01T00:00:00Z,2025-06-01T00:00:00Z,Usage,Issued\n"
               + "I-0,2,a mistake,9,USD,account 1,2025-05-01T00:00:00Z,2025-06-01T00:00:00Z,Usage,Voided\n")
    tap.case("Invoice Detail of FOCUS 1.4 is one, without what was voided", done.returncode == 0
             and json.loads(done.stdout)["voided_lines"] == 1 and entry(done)["status"] == "rounding", done)


def refused(tap, work, data):
    for name, text, words in (("no-amount.csv", "invoice,currency\nI-1,USD\n", "no column for amount"),
                              ("bad.csv", "invoice,amount,currency\nI-1,1,USD\nI-1,\"1,5\",USD\n", 'bad.csv:3: "1,5" is no amount'),
                              ("code.csv", "invoice,amount,currency\nI-1,1,dollars\n", "is no currency code"),
                              ("empty.csv", "invoice,amount,currency\n", "no line of an invoice")):
        done = ask(work, data, name, text)
        tap.case(f"{name} is refused: {words}", done.returncode == 1 and words in done.stderr, done)
    tap.case("a file that is not there ends with 5", farthing("reconcile", "--invoice", work / "none.csv", data=data)
             .returncode == 5)
    with Server(data) as server:
        done = farthing("--json", "--server", server.url, "reconcile", "--invoice", "-",
                        stdin="invoice,amount,currency\nI-1,20.754,USD\n")
        tap.case("over --server and from standard input it is the same", done.returncode == 0
                 and entry(done)["status"] == "matched", done)
        done = farthing("--server", server.url, "reconcile", "--invoice", "-", stdin="nothing\n")
        tap.case("there the file is called so", "standard input: no column" in done.stderr, done)


def main():
    tap = Tap()
    with Folder() as work:
        data = work / "data"
        bill = work / "bill.csv"
        bill.write_text(BILL, encoding="utf-8")
        must(farthing("ingest", bill, data=data))
        whole(tap, work, data)
        lines(tap, work, data)
        refused(tap, work, data)
    tap.done()


if __name__ == "__main__":
    main()
