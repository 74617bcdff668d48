#!/usr/bin/env python3
"""Writes an assembler file that holds the bytes of a file under a name, with NAME_len beside it.

usage: embed_file.py FILE NAME OUTPUT
"""
import pathlib
import sys

TEMPLATE = """\
    .section .rodata
    .balign 16
    .globl {name}
    .hidden {name}
{name}:
    .incbin "{path}"
    .byte 0
    .balign 8
    .globl {name}_len
    .hidden {name}_len
{name}_len:
    .quad {length}
    .section .note.GNU-stack,"",%progbits
"""


def main():
    path, name, output = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2], pathlib.Path(sys.argv[3])
    output.write_text(TEMPLATE.format(name=name, path=path, length=path.stat().st_size), encoding="utf-8")


if __name__ == "__main__":
    main()
