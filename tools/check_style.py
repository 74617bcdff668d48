#!/usr/bin/env python3
"""What clang-format cannot see: forbidden functions, sizes, hidden state, headers without a contract,
unfinished words, names of somebody's machine."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BANNED = {
    "strcpy": "fth_buf", "strcat": "fth_buf", "sprintf": "snprintf or fth_buf", "vsprintf": "snprintf",
    "strtok": "fth_str_next", "atoi": "fth_str_to_i64", "atol": "fth_str_to_i64", "atof": "fth_money",
    "gmtime": "base/date.h", "localtime": "base/date.h", "mktime": "base/date.h", "gets": "fgets",
    "strncpy": "fth_buf", "setenv": "an argument",
}
HEAP = ("malloc", "calloc", "realloc", "free", "strdup", "strndup", "reallocarray", "asprintf")
MOST_LINES = {".c": 1500, ".h": 260}
MOST_FUNCTION = 120
WORDS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
# Spelled in pieces so that this file does not find itself.
MACHINE = re.compile("|".join(["/" + "work/", "/" + "root/", r"registry\." + "npmjs", r"\.inter" + "nal/"]))
STATIC = re.compile(r"^static\s+(?!inline\b)(?!_Thread_local\b)(?!const\b)(?!.*\bconst\b)[^(){}=;]*(=.*)?;?\s*$")
GLOBALS_ALLOWED = {"src/base/fault.c", "src/base/thread.c"}


def strip(text):
    """Without comments and strings, line numbers kept."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match[0])
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)


def check_c(name, text):
    code = strip(text)
    lines = code.splitlines()
    suffix = pathlib.Path(name).suffix
    if len(lines) > MOST_LINES[suffix]:
        yield 1, f"{len(lines)} lines; the most is {MOST_LINES[suffix]}: it is two things"
    for number, line in enumerate(lines, 1):
        for word in re.findall(r"\b([a-z_]+)\s*\(", line):
            if word in BANNED and (word != "setenv" or name.startswith("src/")):
                yield number, f"{word}() is forbidden: use {BANNED[word]}"
            if word in HEAP and name.startswith("src/") and not name.startswith("src/base/"):
                yield number, f"{word}() outside of base/: use base/alloc.h or an arena"
        if re.match(r"^\s*typedef\s+(struct|union|enum)\b", line):
            yield number, "structs are not typedefed"
        if suffix == ".c" and name.startswith("src/") and name not in GLOBALS_ALLOWED and STATIC.match(line) \
                and not line.rstrip().endswith(("{", ",")) and "(" not in line:
            yield number, f"mutable file-scope variable: {line.strip()}"
    start = None
    for number, line in enumerate(lines, 1):
        if line.startswith("{"):
            start = number
        elif line.startswith("}") and start:
            if number - start > MOST_FUNCTION:
                yield start, f"function of {number - start} lines; the most is {MOST_FUNCTION}"
            start = None
    if suffix == ".h" and name.startswith("src/"):
        if not text.lstrip().startswith("/*"):
            yield 1, "a header opens with its contract"
        if "#ifndef FTH_" not in text:
            yield 1, "no include guard FTH_…_H"


def main():
    bad = 0
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True,
                           capture_output=True, text=True).stdout.splitlines()
    for name in files:
        path = ROOT / name
        if not path.is_file() or path.suffix in (".woff2", ".png", ".gz", ".parquet", ".zst") or \
                name in ("LICENSE", "web/package-lock.json") or "/corpus/" in name:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        problems = []
        for number, line in enumerate(text.splitlines(), 1):
            if WORDS.search(line) and name != "tools/check_style.py":
                problems.append((number, f"unfinished: {line.strip()[:80]}"))
            if MACHINE.search(line):
                problems.append((number, f"names a machine: {line.strip()[:80]}"))
        if path.suffix in (".c", ".h"):
            problems += check_c(name, text)
        for number, why in problems:
            print(f"{name}:{number}: {why}")
            bad += 1
    for folder in sorted((ROOT / "src").iterdir()):
        if folder.is_dir() and any(folder.glob("*.c")) and not (folder / "README.md").exists():
            print(f"src/{folder.name}: no README.md")
            bad += 1
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
