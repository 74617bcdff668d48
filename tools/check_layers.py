#!/usr/bin/env python3
"""Holds tools/layers.txt: who may include whom. Prints each breach as FILE:LINE: WHY."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def read_rules():
    ranks, peers, only = {}, {}, []
    for line in (ROOT / "tools/layers.txt").read_text().splitlines():
        words = line.split("#")[0].split()
        if not words:
            continue
        if words[0] == "only":
            only.append((words[1], words[2:]))
        else:
            ranks[words[0]] = int(words[1])
            peers[words[0]] = set(words[2:])
    return ranks, peers, only


def inside(path, folders):
    return any(path.is_relative_to(ROOT / "src" / folder) for folder in folders)


def breaches_of(path, ranks, peers, only):
    parts = path.relative_to(ROOT / "src").parts
    mine = parts[0] if len(parts) > 1 else None
    if mine is not None and mine not in ranks:
        yield 1, f"folder src/{mine} has no rank in tools/layers.txt"
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        bracket, name = match.groups()
        for prefix, folders in only:
            if (name == prefix or name.startswith(prefix)) and not inside(path, folders):
                yield number, f"<{name}> belongs to src/{', src/'.join(folders)} alone"
        if bracket == "<" or "/" not in name:
            continue
        theirs = name.split("/")[0]
        if theirs == mine:
            continue
        if theirs not in ranks:
            yield number, f'"{name}" is of no known folder'
        elif name.endswith("_int.h"):
            yield number, f'"{name}" is private to src/{theirs}'
        elif mine is not None and ranks[theirs] >= ranks[mine] and theirs not in peers[mine]:
            yield number, (f'"{name}" is of rank {ranks[theirs]}, this folder of rank {ranks[mine]}')


def main():
    rules, bad = read_rules(), 0
    for path in sorted((ROOT / "src").rglob("*.[ch]")):
        for number, why in breaches_of(path, *rules):
            print(f"{path.relative_to(ROOT)}:{number}: {why}")
            bad += 1
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
