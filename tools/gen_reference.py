#!/usr/bin/env python3
"""Writes the reference pages that are made from the registries.

usage: gen_reference.py [--check]     (with --check: nothing is written, a page that differs is an error)
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
STRING = re.compile(r'"((?:\\.|[^"\\])*)"')


def rows(path, macro):
    """Arguments of each row of an X-macro file, strings without quotes; neighbouring strings are joined."""
    text = re.sub(r"/\*.*?\*/", "", (ROOT / path).read_text(encoding="utf-8"), flags=re.S)
    for match in re.finditer(rf"^{macro}\((.*?)\)\s*$", text, flags=re.M | re.S):
        arguments, depth, current, quoted = [], 0, "", False
        for i, c in enumerate(match[1]):
            if c == '"' and (i == 0 or match[1][i - 1] != "\\"):
                quoted = not quoted
            depth += not quoted and (c == "(") - (c == ")")
            if c == "," and not quoted and depth == 0:
                arguments.append(current.strip())
                current = ""
            else:
                current += c
        arguments.append(current.strip())
        yield ["".join(STRING.findall(a)).replace('\\"', '"') if a.startswith('"') else a for a in arguments]


def table(heads, lines):
    escaped = ([str(cell).replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join(["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads),
                      *("| " + " | ".join(line) + " |" for line in escaped)]) + "\n"


def made(source):
    return f"<!-- Made by tools/gen_reference.py from {source}. -->\n\n"


def settings():
    lines = [(f"`{name}`", kind.lower(), f"`{value}`" if value else "", f"`FARTHING_{name.upper().replace('.', '_')}`", text)
             for _, name, kind, value, _, _, text in rows("src/conf/conf.def", "FTH_SETTING")]
    return (made("src/conf/conf.def") + "# Settings\n\nOption (`--set NAME=VALUE`) before environment before file "
            "(`farthing.yaml`) before default. Sizes may be written `512MiB` or `2GB`, times `500ms`, `30s`, `2m`, lists "
            "with commas.\n\n" + table(("setting", "kind", "default", "environment", "what it is"), lines))


def dimensions():
    lines = [(f"`{name}`", label, text, f"`{column}`" if column else "")
             for name, label, text, column, *_ in rows("src/plan/dimension.def", "FTH_DIMENSION")]
    measures = [(f"`{name}`", label, kind.lower()) for name, label, kind, _ in rows("src/plan/measure.def", "FTH_MEASURE")]
    return (made("src/plan/dimension.def and measure.def") + "# Dimensions and measures\n\nWhat charges can be grouped "
            "and filtered by. Beside these, every tag key: `tag:KEY`, in filters `tag.KEY`.\n\n"
            + table(("dimension", "label", "what it is", "FOCUS column"), lines)
            + "\n## Measures\n\n" + table(("measure", "label", "kind"), measures))


def errors():
    lines = [(http, f"`/problems/{kind}`", title, code, "yes" if retry == "true" else "")
             for _, http, kind, title, code, retry in rows("src/base/rc.def", "FTH_RC")]
    return (made("src/base/rc.def") + "# Errors\n\nEvery failure has one of these kinds: its HTTP status and problem type "
            "in the API, its exit code on the command line, and whether trying again later may help.\n\n"
            + table(("status", "problem type", "title", "exit code", "retry"), lines))


def permissions():
    roles = [(letter, name) for letter, _, name, _ in rows("src/auth/permission.def", "FTH_ROLE")]
    lines = [(f"`{name}`", text, *("yes" if letter == "D" or letter in has else "" for letter, _ in roles))
             for name, has, text in rows("src/auth/permission.def", "FTH_PERMISSION")]
    return (made("src/auth/permission.def") + "# Permissions\n\nWhat operations of the API want (`x-permission`), and the "
            "roles that are built in. Two more words stand there: `self`, for who has signed in, about themselves; `none`, "
            "for anybody.\n\n" + table(("permission", "allows to", *(name.lower() for _, name in roles)), lines))


def charges():
    lines = []
    text = re.sub(r"/\*.*?\*/", "", (ROOT / "src/model/charge.def").read_text(encoding="utf-8"), flags=re.S)
    for kind, name, rest in re.findall(r"^FTH_CHARGE(_MONEY)?\((\w+),\s*(.*?)\)\s*$", text, flags=re.M):
        words = STRING.findall(rest)
        column_type = "money" if kind else rest.split(",")[0].lower()
        lines.append((f"`{name}`", column_type, words[0] if words else ""))
    return (made("src/model/charge.def") + "# Columns of a charge\n\nThe ledger's rows: FOCUS 1.2 to 1.4 and a few of "
            "ours (`x_`). A row is identified by delivery, record and part.\n\n"
            + table(("column", "type", "what it is"), lines))


def mapping():
    places = (("TOP", "At the top", ""), ("COLUMN", "What makes a column", "Under `columns`, by the column's name in FOCUS. A "
              "plain text is a `column`; one of `column`, `value` and `expression` has to be there."),
              ("NEGATIVE", "Which amounts count below zero", "`negative` of a number."), ("TAGS", "Tags", ""),
              ("SKIP", "Lines that are no charges", "Each rule of `skip`; all three keys have to be there."))
    kinds = {"TEXT": "text", "WORD": "one of", "TRUTH": "true or false", "LIST": "list of texts", "TEXTS": "names with texts",
             "MAP": "see below", "MAPS": "list, see below"}
    text = made("src/import/mapping.def") + "# Keys of a mapping\n\nWhat a mapping of [custom costs](importer/custom.md) may say.\n"
    for place, title, words in places:
        lines = [(f"`{key}`", kinds[kind] + (" " + ", ".join(f"`{w}`" for w in choice.split()) if choice else ""), help_text)
                 for of, key, kind, choice, help_text in rows("src/import/mapping.def", "FTH_MAPPING") if of == place]
        text += f"\n## {title}\n\n" + (words + "\n\n" if words else "") + table(("key", "value", "what it is"), lines)
    return text


def checks():
    lines = [(f"`{name}`", text, "") for name, text in rows("src/import/check.def", "FTH_IMPORT_CHECK")]
    lines += [(f"`{name}`", text, "remark" if weight == "ODD" else "")
              for name, weight, _, _, _, text in rows("src/import/check.def", "FTH_IMPORT_CHECK_ROW")]
    return (made("src/import/check.def") + "# Checks of an import\n\nRun after every import and kept with the delivery: "
            "`farthing deliveries show`, the Sources page and `farthing reconcile` show them. A check that a bill has "
            "nothing for is absent. Where a remark does not hold, that is told and not held against the bill; "
            "`one-currency` is a remark too.\n\n" + table(("check", "what it says", ""), lines))


FOCUS_FILES = ("rule_present", "rule_form", "rule_value", "rule_json", "rule_dataset", "rule_own")
FOCUS_PAGES = {"CAU": ("cost-and-usage", "Cost and Usage"), "CCT": ("contract-commitment", "Contract Commitment"),
               "BPD": ("billing-period", "Billing Period"), "IND": ("invoice-detail", "Invoice Detail")}


def focus_fix(fixes, rule, check):
    """As fth_focus_fix() finds it: under the rule's id, else under how the check begins or ends."""
    for end, fix in fixes:
        if end == rule:
            return fix
    for end, fix in fixes:
        if check.endswith(end) or check.startswith(end) or (len(end) > 2 and end[0] == " " and end in check):
            return fix
    return ""


def focus_versions(since, until):
    # What 1.2 asks of columns that were there before is asked in 1.0 and 1.1 as well.
    first = "1.0" if since in ("V10", "V12") else f"{since[1]}.{since[2]}"
    last = f"{until[1]}.{until[2]}"
    return first if first == last else f"{first}–{last}"


def focus(dataset):
    fixes = list(rows("src/focus/fix.def", "FTH_FOCUS_FIX"))
    lines = []
    for name in FOCUS_FILES:
        for of, rule, since, until, level, _, when, check, text, criteria in rows(f"src/focus/{name}.def",
                                                                                  "FTH_FOCUS_RULE"):
            if of != dataset:
                continue
            lines.append((f"`{rule}`", focus_versions(since, until), level.replace("_", " "), text,
                          (f"`{check}`" if check != "not checked" else "") + (f" where `{when}`" if when else "")
                          + (f" if supported: {criteria}" if criteria else ""),
                          "" if check == "not checked" else focus_fix(fixes, rule, check)))
    title = FOCUS_PAGES[dataset][1]
    return (made("src/focus/*.def") + f"# Rules for {title}\n\n{len(lines)} rules, checked by `farthing focus validate`. "
            "Ids are those of the official model, which writes the dataset before them since 1.3 (`CAU-`, `CCT-`); ids "
            "with `FTH-` are rules of our own. MUST rules are violations, the others warnings.\n\n"
            + table(("rule", "versions", "level", "in words", "what holds", "how to mend it"), lines))


def focus_page(dataset):
    return lambda: focus(dataset)


def forecast():
    lines = [(f"[`{name}`](forecast/{name}.md)", title, {"ALWAYS": "yes", "NEVER": "no", "UNDATED": "unless steps are days"}[joins],
              f"`{fallback}`", text)
             for name, title, fallback, joins, text in rows("src/forecast/forecast.def", "FTH_FORECAST")]
    return (made("src/forecast/forecast.def") + "# Forecasting models\n\n`farthing forecast --model ID` asks one; `auto` "
            "weighs those that are in it by their errors on the past of the series. A series that a model declines is "
            "answered by its fall-back.\n\n" + table(("model", "name", "in `auto`", "fall-back", "what it does"), lines))


def detectors():
    lines = [(f"[`{name}`](detector/{name}.md)", title, direction.lower(), hold, weight, text)
             for name, title, direction, hold, _, weight, _, _, _, text in rows("src/detect/detector.def", "FTH_DETECTOR")]
    return (made("src/detect/detector.def") + "# Anomaly channels\n\nEach looks at a day in its own way; what they say is joined "
            "by the weighted harmonic mean of their probabilities. `holds` are the days that a channel waits before it speaks "
            "of a day.\n\n" + table(("channel", "name", "direction", "holds", "weight", "what it finds"), lines))


PAGES = {f"focus/{page}.md": focus_page(dataset) for dataset, (page, _) in FOCUS_PAGES.items()}
PAGES |= {"settings.md": settings, "dimensions.md": dimensions, "errors.md": errors, "permissions.md": permissions, "charges.md": charges,
          "mapping.md": mapping, "checks.md": checks, "forecasting-models.md": forecast, "detectors.md": detectors}


def main():
    bad = 0
    for name, make in PAGES.items():
        path, text = ROOT / "docs" / "ref" / name, make()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if "--check" in sys.argv:
            print(f"docs/ref/{name}: is not what the registries say; run tools/gen_reference.py")
            bad += 1
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
