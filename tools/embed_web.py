#!/usr/bin/env python3
"""Embeds the built web application: an assembler file with its bytes and a C table of them (api/web.h).

usage: embed_web.py DIST CACHE OUTPUT.S OUTPUT.c

Each file is there plain and, when that is smaller, as gzip (level 9) and brotli (quality 11). Compressed bytes
are kept in the folder CACHE by the hash of their content, so that only what changed is compressed again. The
outputs are rewritten only when they change. Without DIST/index.html the table is empty.
"""
import gzip
import hashlib
import pathlib
import shutil
import subprocess
import sys

TYPES = {
    ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
    ".json": "application/json", ".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon",
    ".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8", ".map": "application/json",
    ".webmanifest": "application/manifest+json",
}
PACKED_ALREADY = {".png", ".woff2", ".ico"}


def write(path, text):
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def packed(path, data, digest, cache, coding):
    """The file that holds `data` in this coding, or None when it is no smaller."""
    kept = cache / f"{digest}.{coding}"
    if not kept.exists():
        if coding == "gz":
            kept.write_bytes(gzip.compress(data, 9, mtime=0))
        else:
            partial = cache / f"{digest}.partial"
            subprocess.run(["brotli", "-q", "11", "-f", "-o", str(partial), str(path)], check=True)
            partial.rename(kept)
    return kept if kept.stat().st_size < len(data) * 0.95 else None


def forms(path, cache):
    """(digest, [(coding, file)]) of a file, the plain one first."""
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    found = [("raw", path)]
    if path.suffix not in PACKED_ALREADY and len(data) > 256:
        codings = ["gz"] + (["br"] if shutil.which("brotli") else [])
        for coding in codings:
            kept = packed(path, data, digest, cache, coding)
            if kept:
                found.append((coding, kept))
    return digest, found


def main():
    dist, cache, assembly, table = (pathlib.Path(name).resolve() for name in sys.argv[1:5])
    files = sorted(p for p in dist.rglob("*") if p.is_file()) if (dist / "index.html").exists() else []
    cache.mkdir(parents=True, exist_ok=True)
    asm = ['    .section .rodata']
    externs, rows = [], []
    for number, path in enumerate(sorted(files, key=lambda p: p.relative_to(dist).as_posix().encode())):
        if path.suffix not in TYPES:
            raise SystemExit(f"embed_web: {path.name}: no media type for \"{path.suffix}\"")
        digest, found = forms(path, cache)
        cells = {"raw": "{0}", "gz": "{0}", "br": "{0}"}
        for coding, source in found:
            symbol = f"fth_web_{number}_{coding}"
            asm += [f"    .globl {symbol}", f"    .hidden {symbol}", f"{symbol}:", f"    .incbin \"{source}\"",
                    "    .byte 0"]
            externs.append(f"extern const char {symbol}[];")
            cells[coding] = f"{{{symbol}, {source.stat().st_size}}}"
        rows.append(f'    {{"/{path.relative_to(dist).as_posix()}", "{TYPES[path.suffix]}", "{digest[:24]}", '
                    f'{cells["raw"]}, {cells["gz"]}, {cells["br"]}}},')
    asm.append('    .section .note.GNU-stack,"",%progbits')
    write(assembly, "\n".join(asm) + "\n")
    write(table, "\n".join([
        "/* Written by tools/embed_web.py. */", '#include "api/web.h"', "", *externs, "",
        "const struct fth_web_file fth_embedded_web[] = {", *rows, "    {0},", "};",
        f"const size_t fth_embedded_web_nr = {len(rows)};", ""]))


if __name__ == "__main__":
    main()
