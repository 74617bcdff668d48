#!/usr/bin/env python3
"""All static checks, as TAP. Each is a command that prints what is wrong and ends with non-zero."""
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
PY = "/usr/bin/python3"


def tracked(*patterns):
    done = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "--", *patterns], cwd=ROOT,
                          check=True, capture_output=True, text=True)
    return [name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


def checks():
    c_files = tracked("src/*.c", "src/*.h", "tests/*.c", "tests/*.h")
    yield "layers", [PY, "tools/check_layers.py"]
    yield "registries", [PY, "tools/check_registry.py"]
    yield "sql", [PY, "tools/check_sql.py"]
    yield "style", [PY, "tools/check_style.py"]
    yield "reference pages are what the registries say", [PY, "tools/gen_reference.py", "--check"]
    yield "clang-format", ["clang-format-14", "--dry-run", "--Werror", *c_files]
    shell = tracked("*.sh") + [n for n in ("dev", ".ci/run") if (ROOT / n).exists()]
    yield "shellcheck", ["shellcheck", *shell]
    yield "python", [PY, "-m", "compileall", "-q", "tools", "bench", "tests"]
    if (ROOT / "tools/bundle_openapi.py").exists():
        yield "openapi.json is what the spec files say", [PY, "tools/bundle_openapi.py", "--check"]
    for script in ("lint", "lint:openapi"):
        if f'"{script}":' in (ROOT / "web/package.json").read_text() if (ROOT / "web/package.json").exists() else False:
            yield f"web {script}", ["npm", "--prefix", "web", "run", "--silent", script]
    yield "clang-tidy", [PY, "tools/tidy.py"]


def main():
    failed = 0
    listed = list(checks())
    print(f"1..{len(listed)}")
    for number, (name, command) in enumerate(listed, 1):
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True,
                              env={**os.environ, "PYTHONPYCACHEPREFIX": str(ROOT / "build/pycache")})
        if done.returncode:
            failed += 1
            for line in done.stdout.splitlines()[:200]:
                print(f"# {line}")
        print(f"{'not ' if done.returncode else ''}ok {number} - {name}", flush=True)
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
