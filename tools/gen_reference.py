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


PAGES = {"settings.md": settings, "dimensions.md": dimensions, "errors.md": errors, "charges.md": charges}


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
            path.write_text(text, encoding="utf-8")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
