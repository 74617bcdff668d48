#!/usr/bin/env python3
"""Each check of an import fails when one digit of a right bill is another one, and says where. Prints TAP."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from lib_farthing import Folder, Tap, farthing  # noqa: E402

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden" / "import"

AWS = ("bill/PayerAccountId,bill/BillingPeriodStartDate,bill/BillingPeriodEndDate,bill/InvoiceId,lineItem/UsageAccountId,"
       "lineItem/LineItemType,lineItem/UsageStartDate,lineItem/UsageEndDate,lineItem/ProductCode,lineItem/CurrencyCode,"
       "lineItem/UnblendedCost,savingsPlan/SavingsPlanARN,savingsPlan/SavingsPlanEffectiveCost,"
       "savingsPlan/TotalCommitmentToDate,savingsPlan/UsedCommitment,"
       "savingsPlan/AmortizedUpfrontCommitmentForBillingPeriod\n")
FOCUS = ("BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,BillingAccountId,BillingPeriodStart,"
         "BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName,SubAccountId,ProviderName,InvoiceId,"
         "CommitmentDiscountId,CommitmentDiscountStatus,ListUnitPrice,ContractedUnitPrice,PricingQuantity\n")


def aws(kind, cost, day=7, invoice="I1", account="22", service="AmazonEC2", plan="", effective="", total="", used="", hour=0):
    return (f"1,2025-03-01T00:00:00Z,2025-04-01T00:00:00Z,{invoice},{account},{kind},2025-03-{day:02}T{hour:02}:00:00Z,"
            f"2025-03-{day:02}T{hour + 1:02}:00:00Z,{service},USD,{cost},{plan},{effective},{total},{used},\n")


def focus(billed, effective, category="Usage", service="Queue", day=3, commitment="", status="", price="2", listed="4",
          quantity="2", contracted="4", unit="2", month=5):
    return (f"{billed},{effective},{listed},{contracted},USD,account 1,2025-05-01,2025-06-01,2025-{month:02}-{day:02},"
            f"2025-{month:02}-{day + 1:02},{category},{service},team 5,Contoso,I7,{commitment},{status},{price},{unit},{quantity}\n")


def aws_bill(negation="-0.40", negated="AmazonEC2", negated_on="I1", fee="0.25", negated_at=0):
    """A plan of a quarter an hour that is wholly used, and other usage in two accounts."""
    plan = {"plan": "arn:plan/1"}
    first = aws("Usage", 5) + aws("Usage", 2, 8, invoice="I2", account="33", service="AmazonS3")
    second = (aws("SavingsPlanCoveredUsage", "0.40", effective="0.25", **plan)
              + aws("SavingsPlanNegation", negation, service=negated, invoice=negated_on, hour=negated_at, **plan)
              + aws("SavingsPlanRecurringFee", fee, service="ComputeSavingsPlans", total="0.25", used="0.25", **plan))
    return [AWS + first, AWS + second]


def focus_bill(purchase="0", covered="0", listed="4", quantity="2", contracted="4", month=5, billed=4):
    return [FOCUS + focus(4, 4) + focus(9, purchase, "Purchase", "Plan", 1, "plan-1", listed=9, contracted=9, price=9, unit=9,
                                        quantity=1)
            + focus(covered, 4, "Usage", "Compute", 2, "plan-1", "Used")
            + focus(billed, billed, "Usage", "Search", 4, listed=listed, quantity=quantity, contracted=contracted, month=month)]


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
    """(name, bill, the check that fails, words of lines of where, does it end with 3)"""
    cases = [
        ("native", aws_bill(negation="-0.41"), "native-total",
         ["AmazonEC2, 2025-03-07, account 22, part-2.csv: difference -0.01 USD"], True),
        ("negations", aws_bill(negation="-0.41"), "negations",
         ["savings plan arn:plan/1, 2025-03-07T00:00:00Z: covered usage 0.4, taken back 0.41",
          "arn:plan/1, 2025-03-07 00:00:00, account 22, part-2.csv: difference -0.01 USD"], True),
        ("hours", aws_bill(negated_at=5), "negations",
         ["savings plan arn:plan/1, 2025-03-07T00:00:00Z: covered usage 0.4, taken back 0,",
          "savings plan arn:plan/1, 2025-03-07T05:00:00Z: covered usage 0, taken back 0.4,"], True),
        ("services", aws_bill(negated="AmazonRDS"), "services",
         ["service AmazonEC2: billed 5.4, stored 5, difference 0.4 USD",
          "AmazonEC2, 2025-03-07, account 22, part-2.csv: difference 0.4 USD"], True),
        ("invoices", aws_bill(negated_on="I2"), "invoices",
         ["invoice I1: billed 5.65, stored 5.25, difference 0.4 USD",
          "invoice I1, 2025-03-07, account 22, part-2.csv: difference 0.4 USD"], True),
        ("commitments", aws_bill(fee="0.29"), "commitments",
         ["commitment arn:plan/1: fees and amortised upfront 0.29", "arn:plan/1, 2025-03-07: difference 0.04 USD"], True),
        ("purchases", focus_bill(purchase="1"), "purchases-accrue-nothing",
         ["Plan, 2025-05-01, account team 5: 1 charge, the first record 2 of part-1.csv"], True),
        ("covered", focus_bill(covered="1"), "covered-bills-nothing",
         ["Compute, 2025-05-02, account team 5: 1 charge, the first record 3 of part-1.csv"], True),
        ("period", focus_bill(month=4), "charges-in-period",
         ["Search, 2025-04-04, account team 5: 1 charge, the first record 4 of part-1.csv"], False),
        ("negative", focus_bill(listed="-4", quantity="-2"), "list-cost-sign", ["Search, 2025-05-04, account team 5"], False),
        ("list", focus_bill(listed="5"), "list-price", ["Search, 2025-05-04, account team 5"], False),
        ("contracted", focus_bill(contracted="5"), "contracted-price", ["Search, 2025-05-04, account team 5"], False),
    ]
    for name, bill, check, where, wrong in cases:
        code, delivery = load(work, name, bill)
        found = failing(delivery).get(check)
        told = found["where"] if found else []
        tap.case(f"{name}: {check} fails, and says where",
                 all(any(line.startswith(words) for line in told) for words in where) and told, delivery["checks"])
        tap.case(f"{name}: {check} {'ends with 3' if wrong else 'is a remark'}",
                 code == (3 if wrong else 0) and bool(found and found.get("remark")) == (not wrong), (code, found))


def remarks(tap, work):
    code, delivery = load(work, "refund", focus_bill(billed=-4, listed="-4", quantity="-2", contracted="-4"))
    tap.case("a refund has a list cost below 0, and nothing is said of it", code == 0 and not failing(delivery),
             delivery["checks"])
    for half in ("actual", "amortized"):
        done = farthing("--json", "ingest", GOLDEN / "azure" / "halves" / half, data=work / f"{half}-data")
        checks = json.loads(done.stdout)["deliveries"][0]
        found = failing(checks).get("halves", {})
        tap.case(f"the {half} export alone is imported, with a remark", done.returncode == 0 and found.get("remark")
                 and set(failing(checks)) == {"halves"} and f"{half} alone" in found["detail"], (done.returncode, checks["checks"]))
    code, delivery = load(work, "closed", aws_bill())
    again = load_again(work, "closed", aws_bill(fee="0.26"))
    found = failing(again).get("closed-period", {})
    tap.case("a month that was final and is another one is told", found.get("remark")
             and found["expected"] == "7.25" and found["found"] == "7.26" and "deliveries diff" in found["where"][0],
             again["checks"])
    done = farthing("--json", "ingest", GOLDEN / "gcp_billing" / "detailed" / "input", data=work / "gcp-data")
    checks = json.loads(done.stdout)["deliveries"][0]["checks"]
    tap.case("credits are compared by their types", any(c["id"] == "credit-types" and c["ok"] for c in checks), checks)


def load_again(work, name, bill):
    folder = work / name
    for at, text in enumerate(bill):
        (folder / f"part-{at + 1}.csv").write_text(text, encoding="utf-8")
    done = farthing("--json", "ingest", "--replace", folder, data=work / f"{name}-data")
    return json.loads(done.stdout)["deliveries"][0]


def right(tap, work):
    for name, bill in (("aws", aws_bill()), ("focus", focus_bill())):
        code, delivery = load(work, name, bill)
        tap.case(f"of a right bill every check holds: {name}", code == 0 and not failing(delivery), delivery["checks"])
        ids = {check["id"] for check in delivery["checks"]}
        tap.case(f"every segment is checked: {name}", {"rows", "origins", "break-downs"} <= ids, ids)
        tap.case(f"what a bill has nothing of is not checked: {name}",
                 {"halves", "credit-types", "closed-period", "net-total", "credits", "whole-cents", "pricing-currency"}.isdisjoint(ids)
                 and ("negations" in ids) == (name == "aws"), ids)


def main():
    tap = Tap()
    with Folder() as work:
        right(tap, work)
        one_digit(tap, work)
        remarks(tap, work)
    tap.done()


if __name__ == "__main__":
    main()
