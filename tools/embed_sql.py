#!/usr/bin/env python3
"""Writes the statements of sql/ as one sorted C table (base/sql.h).

usage: embed_sql.py SQL_DIR OUTPUT

A file is one statement, or several opened by lines "-- @name NAME". The output is rewritten only when
it changes, so that a build with nothing new compiles nothing.
"""
import pathlib
import re
import sys

NAME = re.compile(r"^-- @name (\S+)\s*$", re.M)


def statements(root: pathlib.Path):
    for path in sorted(root.rglob("*.sql")):
        base = path.relative_to(root).with_suffix("").as_posix()
        text = path.read_text(encoding="utf-8")
        marks = list(NAME.finditer(text))
        if not marks:
            yield base, text
        for mark, following in zip(marks, marks[1:] + [None]):
            yield f"{base}/{mark[1]}", text[mark.end():following.start() if following else None].strip() + "\n"


def literal(text: str) -> str:
    lines = []
    for line in text.splitlines(keepends=True):
        escaped = line.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("?", "\\?")
        lines.append(f'     "{escaped}"')
    return "\n".join(lines) or '     ""'


def main() -> None:
    root, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    rows = sorted(statements(root))
    names = [name for name, _ in rows]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        sys.exit(f"embed_sql: named twice: {', '.join(sorted(twice))}")
    out = ['/* Made by tools/embed_sql.py from sql/. */', '#include "base/sql.h"', "",
           "#include <string.h>", "", '#include "base/check.h"', "",
           "static const struct {", "    const char *name;", "    const char *text;",
           "    size_t n;", "} rows[] = {"]
    for name, text in rows:
        out.append(f'    {{"{name}",\n{literal(text)},\n     {len(text.encode())}}},')
    if not rows:
        out.append('    {"", "", 0},')
    out += ["};", "", f"static const size_t row_nr = {len(rows)};", "", """struct fth_str fth_sql(const char *name)
{
    size_t lo = 0, hi = row_nr;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int order = strcmp(name, rows[mid].name);

        if (order == 0)
            return (struct fth_str){rows[mid].text, rows[mid].n};
        if (order < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    fth_check_failed("sql", 0, name);
}

size_t fth_sql_nr(void)
{
    return row_nr;
}

struct fth_str fth_sql_at(size_t i, const char **name)
{
    FTH_CHECK(i < row_nr);
    *name = rows[i].name;
    return (struct fth_str){rows[i].text, rows[i].n};
}""", ""]
    text = "\n".join(out)
    if not output.exists() or output.read_text(encoding="utf-8") != text:
        output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
