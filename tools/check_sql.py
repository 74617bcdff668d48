#!/usr/bin/env python3
"""SQL text stands in sql/, in the plan compiler, in the collection generator and in the engine's dialect
glue, and nowhere else; each .sql file opens by saying what it is for."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ALLOWED = ("src/plan/", "src/ledger/duckdb/", "src/api/collection")
STATEMENT = re.compile(
    r'"\s*(SELECT\s+[\w*(]|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+(TABLE|INDEX|VIEW|TEMP|OR)|'
    r'ALTER\s+TABLE|DROP\s+(TABLE|INDEX|VIEW)|WITH\s+\w+\s+AS|MERGE\s+INTO|COPY\s+\w+)', re.I)


def main():
    bad = 0
    for path in sorted((ROOT / "src").rglob("*.[ch]")):
        name = path.relative_to(ROOT).as_posix()
        if name.startswith(ALLOWED):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if STATEMENT.search(line) and not line.lstrip().startswith(("*", "/*", "//")):
                print(f"{name}:{number}: SQL text outside of sql/: {line.strip()[:80]}")
                bad += 1
    for path in sorted((ROOT / "sql").rglob("*.sql")):
        if not path.read_text(encoding="utf-8").lstrip().startswith("--"):
            print(f"{path.relative_to(ROOT)}:1: does not open with its purpose")
            bad += 1
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
