#!/usr/bin/env python3
"""focus export as a script meets it: versions that are valid, sums, the way back, folders. Prints TAP."""
import csv
import gzip
import hashlib
import json
import pathlib
import re
import sys
from decimal import Decimal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from lib_farthing import Folder, Server, Tap, farthing, must  # noqa: E402

GCP = pathlib.Path(__file__).resolve().parent.parent / "golden" / "import" / "gcp_billing" / "detailed" / "input"
VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
DECIMAL = re.compile(r"-?\d+(\.\d+)?")


def rows_of(folder):
    for path in sorted(folder.glob("focus-*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
            yield from csv.DictReader(text)


def costs(data, *group):
    """What the ledger answers, by service, category, account and day."""
    done = must(farthing("costs", "--group-by", ",".join(group), "--metric", "billed_cost,effective_cost", "--output",
                         "csv", *(["--grain", "day"] if "service" in group else []), data=data))
    return sorted(done.stdout.splitlines())


def export(data, version, to, *more):
    return farthing("focus", "export", "--version", version, "--to", to, *more, data=data)


def check_version(tap, data, work, version):
    to = work / f"out-{version}"
    must(export(data, version, to))
    judged = farthing("focus", "validate", "--version", version, to)
    tap.case(f"{version}: no rule is broken", judged.returncode == 0, judged.stdout[-3000:])
    rows = list(rows_of(to))
    manifest = json.loads((to / "metadata" / "focus-export.json").read_text(encoding="utf-8"))
    billed = {}
    for row in rows:
        currency = row["BillingCurrency"]
        billed[currency] = billed.get(currency, 0) + Decimal(row["BilledCost"])
    tap.case(f"{version}: the manifest has rows, sums and hashes",
             manifest["rows"] == len(rows)
             and {s["currency"]: Decimal(s["billed_cost"]) for s in manifest["sums"]} == billed
             and all(hashlib.sha256((to / f["name"]).read_bytes()).hexdigest() == f["sha256"]
                     for f in manifest["files"]), manifest)
    schema = json.loads((to / "metadata" / "focus-schema.json").read_text(encoding="utf-8"))
    tap.case(f"{version}: the schema names the columns in order", schema["FocusVersion"] == version
             and [c["ColumnName"] for c in schema["ColumnDefinition"]] == list(rows[0]), schema)
    extra = [name.startswith("x_") for name in rows[0]]
    tap.case(f"{version}: extra columns come last", extra == sorted(extra) and any(extra))
    bad = [row for row in rows if not MOMENT.fullmatch(row["ChargePeriodStart"])
           or not DECIMAL.fullmatch(row["EffectiveCost"]) or (row["Tags"] and not isinstance(json.loads(row["Tags"]), dict))]
    tap.case(f"{version}: moments, decimals and tags are plain", not bad, bad[:1])
    back = work / f"back-{version}"
    must(farthing("ingest", to, data=back))
    for group in (("service", "charge_category"), ("sub_account",)):
        there, again = costs(data, *group), costs(back, *group)
        tap.case(f"{version}: back in a ledger, the same by {group[0]}", there == again and len(there) > 2,
                 "\n".join(sorted(set(there) ^ set(again))[:10]))


def check_columns(tap, work):
    new, old = next(rows_of(work / "out-1.4")), next(rows_of(work / "out-1.2"))
    tap.case("1.4 has hosts and details of invoices, and no publishers",
             {"HostProviderName", "InvoiceDetailId"} <= set(new) and not {"PublisherName", "ProviderName"} & set(new))
    tap.case("1.2 has publishers and no hosts", "PublisherName" in old and "HostProviderName" not in old)


def check_folder(tap, data, work):
    to = work / "out-1.2"
    before = {p.name: p.read_bytes() for p in to.glob("*.csv.gz")}
    done = export(data, "1.3", to)
    tap.case("a folder with an export is refused, and stays", done.returncode == 6 and "--force" in done.stderr
             and before == {p.name: p.read_bytes() for p in to.glob("*.csv.gz")}, done.stderr)
    must(export(data, "1.3", to, "--force"))
    tap.case("--force replaces it whole", {p.name[:10] for p in to.iterdir()} == {"focus-1.3-", "metadata"},
             sorted(p.name for p in to.iterdir()))
    other = to / "focus-1.3-theirs-2025-01-00001.csv.gz"
    other.write_bytes(b"theirs")
    must(export(data, "1.3", to, "--force"))
    tap.case("--force touches no file that is not the earlier export's", other.read_bytes() == b"theirs")
    before = {p: p.read_bytes() for p in to.rglob("*") if p.is_file()}
    done = farthing("focus", "export", "--version", "1.2", "--to", to, "--force", data=data, env={"FARTHING_FAULT": "write:12"})
    tap.case("a disk that is full leaves the earlier export as it was", done.returncode != 0
             and before == {p: p.read_bytes() for p in to.rglob("*") if p.is_file()}, done.stderr)
    empty = work / "empty"
    done = export(data, "1.2", empty, "--where", 'service = "Nothing of that name"')
    tap.case("a scope without charges leaves no folder", done.returncode == 5 and not empty.exists(), done.stderr)
    tap.case("what cannot be asked ends with 2", all(done.returncode == 2 for done in (
        export(data, "2.0", empty), farthing("focus", "export", "--version", "1.2", data=data),
        export(data, "1.2", empty, "--period", "2025"), export(data, "1.2", empty, "--format", "xlsx"))))
    done = export(data, "1.2", empty, "--from", "2025-01-01")
    tap.case("half a range is told", done.returncode == 2 and "--from without --to-date" in done.stderr
             and "day after the last" in done.stderr, done.stderr)


def check_parquet(tap, data, work):
    to = work / "out-parquet"
    must(export(data, "1.2", to, "--format", "parquet"))
    judged = farthing("focus", "validate", "--version", "1.2", to)
    tap.case("Parquet: no rule is broken", judged.returncode == 0, judged.stdout[-3000:])
    manifest = json.loads((to / "metadata" / "focus-export.json").read_text(encoding="utf-8"))
    text = json.loads((work / "out-1.2" / "metadata" / "focus-export.json").read_text(encoding="utf-8"))
    tap.case("Parquet: the manifest has the sums of the text form, and its own hashes", manifest["sums"] == text["sums"]
             and manifest["format"] == "parquet" and text["format"] == "csv.gz" and manifest["files"]
             and all(hashlib.sha256((to / f["name"]).read_bytes()).hexdigest() == f["sha256"]
                     and (to / f["name"]).stat().st_size == f["bytes"] for f in manifest["files"]), manifest)
    schema = json.loads((to / "metadata" / "focus-schema.json").read_text(encoding="utf-8"))
    decimals = [c for c in schema["ColumnDefinition"] if c["DataType"] == "DECIMAL"]
    tap.case("Parquet: the schema tells the digits that columns have", decimals
             and all(c["NumericPrecision"] == 38 and 0 <= c["NumberScale"] <= 38 for c in decimals), decimals)
    back = work / "back-parquet"
    must(farthing("ingest", to, data=back))
    for group in (("service", "charge_category"), ("sub_account",), ("tag:Team",)):
        there, again = costs(data, *group), costs(back, *group)
        tap.case(f"Parquet: back in a ledger, the same by {group[0]}", there == again and len(there) > 2,
                 "\n".join(sorted(set(there) ^ set(again))[:10]))


def check_server(tap, data, work):
    """The same files, whether the command reads the ledger, asks who owns it, or a server elsewhere."""
    with Server(data) as server:
        must(export(data, "1.2", work / "by-owner"))
        must(farthing("--server", server.url, "focus", "export", "--version", "1.2", "--to", work / "by-server"))
        done = farthing("--server", server.url, "focus", "export", "--version", "1.2", "--to", work / "by-server")
        tap.case("a server: a folder with an export is refused", done.returncode == 6, done.stderr)
        done = farthing("--server", server.url, "focus", "export", "--version", "1.2", "--to", work / "odd", "--where", "x ~")
        tap.case("a server: what is wrong with a condition is told", done.returncode == 1 and "/where" in done.stderr
                 and not (work / "odd").exists(), done.stderr)
        left = [p for p in (data / "tmp" / "jobs").rglob("*")]
        tap.case("a server: nothing of them is left there", not left, left)
    want = {p.name: p.read_bytes() for p in (work / "out-1.2").glob("*.csv.gz")}
    for name in ("by-owner", "by-server"):
        tap.case(f"{name}: the same files", want == {p.name: p.read_bytes() for p in (work / name).glob("*.csv.gz")} and want)


def check_credits(tap, data, work):
    manifest = json.loads((work / "out-1.4" / "metadata" / "focus-export.json").read_text(encoding="utf-8"))
    tap.case("credits that lower a price are in the row of their record", manifest["netted_credits"] > 0)
    alone = work / "credits"
    done = must(export(data, "1.4", alone, "--where", 'credit_type is present and provider = "Google Cloud"'))
    own = json.loads((alone / "metadata" / "focus-export.json").read_text(encoding="utf-8"))
    tap.case("without their record in the scope they are rows of their own", own["netted_credits"] == 0
             and own["rows"] >= manifest["netted_credits"], done.stdout)


ACCOUNTS = """BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,BillingAccountId,BillingPeriodStart,\
BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName,ProviderName,SubAccountId,SubAccountName
1,1,1,1,USD,a,2025-05-01,2025-06-01,2025-05-01,2025-05-02,Usage,A,Contoso,one,First
2,2,2,2,USD,a,2025-05-01,2025-06-01,2025-05-01,2025-05-02,Usage,A,Contoso,two,
4,4,4,4,USD,a,2025-05-01,2025-06-01,2025-05-01,2025-05-02,Usage,A,Contoso,,Nobody's
"""


def check_account_names(tap, work):
    """A sub-account has a name if, and only if, it has an id (SubAccountName-C-004, -005)."""
    data, bill, to = work / "names", work / "names.csv", work / "out-names"
    bill.write_text(ACCOUNTS, encoding="utf-8")
    must(farthing("ingest", bill, data=data))
    must(export(data, "1.2", to))
    names = sorted((row["SubAccountId"], row["SubAccountName"]) for row in rows_of(to))
    tap.case("an account without a name is named by its id", names == [("", ""), ("one", "First"), ("two", "two")], names)
    judged = farthing("focus", "validate", "--version", "1.2", "--json", to)
    tap.case("no rule about names of accounts is broken",
             not re.search(r'"rule":"SubAccountName[^}]*"result":"failed"', judged.stdout), judged.stdout[-3000:])


def main():
    tap = Tap()
    with Folder() as work:
        work = pathlib.Path(work)
        data = work / "data"
        must(farthing("demo-data", work / "demo", "--months", "2", "--rows", "3000"))
        must(farthing("ingest", work / "demo" / "aws-cur-2.0", data=data))
        must(farthing("ingest", GCP, data=data))
        for version in VERSIONS:
            check_version(tap, data, work, version)
        check_server(tap, data, work)
        check_columns(tap, work)
        check_credits(tap, data, work)
        check_account_names(tap, work)
        check_parquet(tap, data, work)
        check_folder(tap, data, work)
    tap.done()


if __name__ == "__main__":
    main()
