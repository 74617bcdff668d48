#!/usr/bin/env python3
"""Each check of an import fails when one digit of a right bill is another one, and says where. Prints TAP."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from lib_farthing import Folder, Tap, farthing  # noqa: E402

AWS = ("bill/PayerAccountId,bill/BillingPeriodStartDate,bill/BillingPeriodEndDate,bill/InvoiceId,lineItem/UsageAccountId,"
       "lineItem/LineItemType,lineItem/UsageStartDate,lineItem/UsageEndDate,lineItem/ProductCode,lineItem/CurrencyCode,"
       "lineItem/UnblendedCost,savingsPlan/SavingsPlanARN,savingsPlan/SavingsPlanEffectiveCost,"
       "savingsPlan/TotalCommitmentToDate,savingsPlan/UsedCommitment,"
       "savingsPlan/AmortizedUpfrontCommitmentForBillingPeriod\n")
FOCUS = ("BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,BillingAccountId,BillingPeriodStart,"
         "BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName,SubAccountId,ProviderName,InvoiceId,"
         "CommitmentDiscountId,CommitmentDiscountStatus,ListUnitPrice,ContractedUnitPrice,PricingQuantity\n")


def aws(kind, cost, day=7, invoice="I1", account="22", service="AmazonEC2", plan="", effective="", total="", used=""):
    return (f"1,2025-03-01T00:00:00Z,2025-04-01T00:00:00Z,{invoice},{account},{kind},2025-03-{day:02}T00:00:00Z,"
            f"2025-03-{day:02}T01:00:00Z,{service},USD,{cost},{plan},{effective},{total},{used},\n")


def focus(billed, effective, category="Usage", service="Queue", day=3, commitment="", status="", price="2", listed="4",
          quantity="2", contracted="4", unit="2"):
    return (f"{billed},{effective},{listed},{contracted},USD,account 1,2025-05-01,2025-06-01,2025-05-{day:02},"
            f"2025-05-{day + 1:02},{category},{service},team 5,Contoso,I7,{commitment},{status},{price},{unit},{quantity}\n")


def aws_bill(negation="-0.40", negated="AmazonEC2", negated_on="I1", fee="0.25"):
    """A plan of a quarter an hour that is wholly used, and other usage in two accounts."""
    plan = {"plan": "arn:plan/1"}
    first = aws("Usage", 5) + aws("Usage", 2, 8, invoice="I2", account="33", service="AmazonS3")
    second = (aws("SavingsPlanCoveredUsage", "0.40", effective="0.25", **plan)
              + aws("SavingsPlanNegation", negation, service=negated, invoice=negated_on, **plan)
              + aws("SavingsPlanRecurringFee", fee, service="ComputeSavingsPlans", total="0.25", used="0.25", **plan))
    return [AWS + first, AWS + second]


def focus_bill(purchase="0", covered="0", listed="4", quantity="2", contracted="4"):
    return [FOCUS + focus(4, 4) + focus(9, purchase, "Purchase", "Plan", 1, "plan-1", listed=9, contracted=9, price=9, unit=9,
                                        quantity=1)
            + focus(covered, 4, "Usage", "Compute", 2, "plan-1", "Used")
            + focus(4, 4, "Usage", "Search", 4, listed=listed, quantity=quantity, contracted=contracted)]


def load(work, name, bill):
    folder = work / name
    folder.mkdir()
    for at, text in enumerate(bill):
        (folder / f"part-{at + 1}.csv").write_text(text, encoding="utf-8")
    done = farthing("--json", "ingest", folder, data=work / f"{name}-data")
    report = json.loads(done.stdout)
    if not report.get("deliveries") or report["deliveries"][0]["status"] != "loaded":
        raise AssertionError(f"{name} is not loaded: {done}")
    return done.returncode, report["deliveries"][0]


def failing(delivery):
    return {check["id"]: check for check in delivery["checks"] if not check["ok"]}


def one_digit(tap, work):
    """(name, bill, the check that fails, words of its first line of where, does it end with 3)"""
    cases = [
        ("native", aws_bill(negation="-0.41"), "native-total",
         "AmazonEC2, 2025-03-07, account 22, part-2.csv: difference -0.01 USD", True),
        ("negations", aws_bill(negation="-0.41"), "negations", "savings plan arn:plan/1: covered usage 0.4, stored 0.41", True),
        ("services", aws_bill(negated="AmazonRDS"), "services", "service AmazonEC2: billed 5.4, stored 5, difference 0.4 USD",
         True),
        ("invoices", aws_bill(negated_on="I2"), "invoices", "invoice I1: billed 5.65, stored 5.25, difference 0.4 USD", True),
        ("commitments", aws_bill(fee="0.29"), "commitments", "commitment arn:plan/1: fees and amortised upfront 0.29", True),
        ("purchases", focus_bill(purchase="1"), "purchases-accrue-nothing",
         "Plan, 2025-05-01, account team 5: 1 charge, the first record 2 of part-1.csv", True),
        ("covered", focus_bill(covered="1"), "covered-bills-nothing",
         "Compute, 2025-05-02, account team 5: 1 charge, the first record 3 of part-1.csv", True),
        ("negative", focus_bill(listed="-4", quantity="-2"), "list-cost-sign", "Search, 2025-05-04, account team 5", False),
        ("list", focus_bill(listed="5"), "list-price", "Search, 2025-05-04, account team 5", False),
        ("contracted", focus_bill(contracted="5"), "contracted-price", "Search, 2025-05-04, account team 5", False),
    ]
    for name, bill, check, where, wrong in cases:
        code, delivery = load(work, name, bill)
        found = failing(delivery).get(check)
        tap.case(f"{check} fails, and says where", found is not None and found["where"][0].startswith(where),
                 delivery["checks"])
        tap.case(f"{check} {'ends with 3' if wrong else 'is a remark'}",
                 code == (3 if wrong else 0) and bool(found and found.get("remark")) == (not wrong), (code, found))


def right(tap, work):
    for name, bill in (("aws", aws_bill()), ("focus", focus_bill())):
        code, delivery = load(work, name, bill)
        tap.case(f"of a right bill every check holds: {name}", code == 0 and not failing(delivery), delivery["checks"])
        ids = {check["id"] for check in delivery["checks"]}
        tap.case(f"what a bill has nothing of is not checked: {name}",
                 {"halves", "credits", "whole-cents", "pricing-currency"}.isdisjoint(ids)
                 and ("negations" in ids) == (name == "aws"), ids)


def main():
    tap = Tap()
    with Folder() as work:
        right(tap, work)
        one_digit(tap, work)
    tap.done()


if __name__ == "__main__":
    main()
