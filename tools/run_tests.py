#!/usr/bin/env python3
"""Runs the tests of the house and adds them up.

usage: run_tests.py [--only REGEX] KIND...      (lint unit api golden prop fault fuzz web browser)

A kind is a list of programs that print TAP. Compiled ones and scripts are declared in tests/**/meson.build
with the kind as suite; lint is tools/lint.py; web and browser are npm scripts. Each program's output is kept
in build/test/logs/, JUnit files in build/test/junit/. The last line is "N passed, N failed, N skipped".
"""
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import xml.sax.saxutils

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / os.environ.get("FARTHING_BUILD", "build/debug")
OUT = ROOT / "build" / "test"
LINE = re.compile(r"^\s*(not )?ok\b\s*(\d+)?\s*(?:-\s*)?(.*)$")
DIRECTIVE = re.compile(r"#\s*(skip|todo)\b\s*(.*)$", re.I)
NPM_KINDS = {"web": ("web", "test"), "browser": ("web", "test:browser")}
TIMEOUT_S = 1800


class Case:
    def __init__(self, name, status, text=""):
        self.name, self.status, self.text = name, status, text


def parse_tap(output, exit_code):
    """Cases of one program. A program that dies, or stops short of its plan, is a failed case."""
    cases, planned, notes = [], None, []
    for line in output.splitlines():
        plan = re.match(r"^1\.\.(\d+)", line)
        match = LINE.match(line)
        if plan:
            planned = int(plan[1])
        elif match and not line.startswith("#"):
            name = match[3]
            directive = DIRECTIVE.search(name)
            status = "failed" if match[1] else "passed"
            if directive and directive[1].lower() == "skip":
                status = "skipped"
            cases.append(Case(DIRECTIVE.sub("", name).strip() or f"case {len(cases) + 1}", status,
                              "\n".join(notes[-40:]) if status == "failed" else ""))
            notes = []
        else:
            notes.append(line)
    failed = any(case.status == "failed" for case in cases)
    if exit_code != 0 and not failed:
        cases.append(Case(f"ends with exit code {exit_code}", "failed", "\n".join(notes[-60:])))
    elif planned is None and not cases:
        cases.append(Case("prints TAP", "failed", output[-4000:]))
    elif planned is not None and len(cases) < planned:
        cases.append(Case(f"runs all {planned} cases", "failed", "\n".join(notes[-60:])))
    return cases


def meson_tests(kind):
    listed = subprocess.run(["meson", "introspect", "--tests", str(BUILD)], check=True,
                            capture_output=True, text=True).stdout
    for test in json.loads(listed):
        suites = {suite.split(":")[-1] for suite in test["suite"]}
        if kind in suites:
            yield f"{kind}-{test['name']}", test["cmd"], test["env"], test.get("workdir"), \
                test.get("is_parallel", True)


def programs(kind):
    if kind == "lint":
        return [("lint", ["/usr/bin/python3", str(ROOT / "tools" / "lint.py")], {}, str(ROOT), False)]
    if kind in NPM_KINDS:
        folder, script = NPM_KINDS[kind]
        return [(kind, ["npm", "run", "--silent", script], {}, str(ROOT / folder), False)]
    return list(meson_tests(kind))


def run(program):
    name, command, env, workdir, _ = program
    started = time.monotonic()
    try:
        done = subprocess.run(command, cwd=workdir or str(ROOT), env={**os.environ, **env},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=TIMEOUT_S)
        output, code = done.stdout.decode("utf-8", "replace"), done.returncode
    except subprocess.TimeoutExpired as late:
        output, code = (late.stdout or b"").decode("utf-8", "replace"), f"time-out after {TIMEOUT_S} s"
    seconds = time.monotonic() - started
    (OUT / "logs" / f"{name}.log").write_text(output, encoding="utf-8")
    cases = parse_tap(output, code)
    write_junit(name, cases, seconds)
    return name, cases, seconds


def write_junit(name, cases, seconds):
    quote = xml.sax.saxutils.quoteattr
    count = {status: sum(case.status == status for case in cases) for status in ("failed", "skipped")}
    lines = ['<?xml version="1.0" encoding="UTF-8"?>',
             f'<testsuite name={quote(name)} tests="{len(cases)}" failures="{count["failed"]}" '
             f'skipped="{count["skipped"]}" time="{seconds:.3f}">']
    for case in cases:
        lines.append(f"  <testcase classname={quote(name)} name={quote(case.name)}>")
        if case.status == "failed":
            clean = "".join(c for c in case.text if c >= " " or c in "\n\t")
            lines.append(f"    <failure>{xml.sax.saxutils.escape(clean)}</failure>")
        elif case.status == "skipped":
            lines.append("    <skipped/>")
        lines.append("  </testcase>")
    lines.append("</testsuite>\n")
    (OUT / "junit" / f"{name}.xml").write_text("\n".join(lines), encoding="utf-8")


def report(name, cases, seconds):
    count = {s: sum(case.status == s for case in cases) for s in ("passed", "failed", "skipped")}
    print(f"{name:<28} {count['passed']:>5} passed {count['failed']:>3} failed "
          f"{count['skipped']:>3} skipped {seconds:8.1f} s", flush=True)
    for case in cases:
        if case.status == "failed":
            print(f"  FAILED {case.name}", flush=True)
            for line in case.text.splitlines()[-25:]:
                print(f"    {line}", flush=True)
    return count


def main():
    for folder in ("logs", "junit"):
        (OUT / folder).mkdir(parents=True, exist_ok=True)
    total = {"passed": 0, "failed": 0, "skipped": 0}
    kinds, only = sys.argv[1:], re.compile("")
    if kinds[:1] == ["--only"]:
        kinds, only = kinds[2:], re.compile(kinds[1])
    for kind in kinds:
        todo = [program for program in programs(kind) if only.match(program[0])]
        alone = [program for program in todo if not program[4]]
        together = [program for program in todo if program[4]]
        with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
            for result in pool.map(run, together):
                for status, number in report(*result).items():
                    total[status] += number
        for program in alone:
            for status, number in report(*run(program)).items():
                total[status] += number
        if not todo:
            print(f"{kind:<28} no tests")
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    sys.exit(1 if total["failed"] or not total["passed"] else 0)


if __name__ == "__main__":
    main()
