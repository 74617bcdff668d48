#!/usr/bin/env python3
"""Holds the registries: each row of a .def file has its source, its documentation page and its golden case,
and none of these stands without a row."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# registry, macro, and what an item `id` must have
REGISTRIES = [
    ("src/import/importer.def", "FTH_IMPORTER",
     ["src/import/imp_{id}.c", "docs/ref/importer/{id}.md", "tests/golden/import/{id}"]),
    ("src/detect/detector.def", "FTH_DETECTOR",
     ["src/detect/det_{id}.c", "docs/ref/detector/{id}.md", "tests/golden/detect/{id}"]),
    ("src/forecast/forecast.def", "FTH_FORECAST",
     ["src/forecast/fc_{id}.c", "docs/ref/forecast/{id}.md", "tests/golden/forecast/{id}"]),
]


def ids(path, macro):
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
    return re.findall(rf"^{macro}\(\s*\"?([a-z0-9_.-]+)\"?", text, flags=re.M)


def checks_without_source():
    """Each check of an import is worked out somewhere; those of rows have their condition."""
    path = ROOT / "src/import/check.def"
    if not path.exists():
        return []
    conditions = (ROOT / "sql/import/check.sql").read_text(encoding="utf-8")
    sources = conditions + "".join(p.read_text(encoding="utf-8") for p in (ROOT / "src/import").glob("check*.c"))
    bad = [f"src/import/check.def: {item} has no condition holds/{item} in sql/import/check.sql"
           for item in ids(path, "FTH_IMPORT_CHECK_ROW") if f"-- @name holds/{item}\n" not in conditions]
    return bad + [f"src/import/check.def: {item} is worked out nowhere" for item in ids(path, "FTH_IMPORT_CHECK")
                  if f'"{item}"' not in sources and f"'{item}'" not in sources]


def main():
    bad = 0
    for line in checks_without_source():
        print(line)
        bad += 1
    for registry, macro, needed in REGISTRIES:
        path = ROOT / registry
        if not path.exists():
            continue
        rows = ids(path, macro)
        if not rows:
            print(f"{registry}: no row of {macro}")
            bad += 1
        for item in rows:
            for pattern in needed:
                if not (ROOT / pattern.format(id=item)).exists():
                    print(f"{registry}: {item} has no {pattern.format(id=item)}")
                    bad += 1
        for pattern in needed:
            head, tail = pattern.split("{id}")
            found = {p.as_posix()[len(ROOT.as_posix()) + 1:] for p in ROOT.glob(f"{head}*{tail}")}
            for name in sorted(found - {pattern.format(id=item) for item in rows}):
                print(f"{name}: has no row in {registry}")
                bad += 1
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
