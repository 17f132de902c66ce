#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""What makes two layouts of a structure differ for layout.py, and what does not.

usage: layout_test.py LAYOUT.PY COMPILER...
"""
import re
import subprocess
import sys
import tempfile

BASE = """
enum kind { FIRST, SECOND = 4 };
struct inner { short a, b; };
struct other { int unknown; };
struct book {
	int number;
	enum kind kind;
	struct inner inner[2];
	char name[6];
	const struct other *other;
	union { long whole; char part[8]; } both;
	unsigned int low : 3, high : 5;
	void (*call)(int);
};
struct book book;
"""

# What is replaced, by what, and whether the books can still be read.
CHANGES = (
    ("nothing", "", "", True),
    ("what a pointer points to", "int unknown;", "long unknown;", True),
    ("a typedef's name", "short a, b;", "short a; __typeof__(short) b;", True),
    ("a qualifier", "int number;", "volatile int number;", True),
    ("another structure", "struct book book;", "struct more { int x; } m; struct book book;", True),
    ("a member's name", "int number;", "int count;", False),
    ("its signedness", "int number;", "unsigned int number;", False),
    ("its kind, of one size", "int number;", "float number;", False),
    ("two that swap places", "short a, b;", "short b, a;", False),
    ("an array that grows into padding", "name[6]", "name[7]", False),
    ("a member in padding", "char name[6];", "char name[6]; char more;", False),
    ("an inner structure", "short a, b;", "short a, b, c;", False),
    ("a word's number", "SECOND = 4", "SECOND = 5", False),
    ("a word more", "SECOND = 4", "SECOND = 4, THIRD", False),
    ("a part of a union", "char part[8]", "char part[4]", False),
    ("bits", "low : 3, high : 5", "low : 4, high : 4", False),
)


def layout(program, compiler, source):
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/book.c", "w", encoding="ascii") as file:
            file.write(source)
        subprocess.run([*compiler, "-g", "-gdwarf-4", "-c", f"{folder}/book.c", "-o",
                        f"{folder}/book.o"], check=True)
        subprocess.run([program, f"{folder}/book.o", f"{folder}/layout.c", "book_layout", "book"],
                       check=True)
        with open(f"{folder}/layout.c", encoding="ascii") as file:
            return re.search(r"book_layout = (0x[0-9a-f]{16});", file.read()).group(1)


def main():
    program, *compiler = sys.argv[1:]
    base = layout(program, compiler, BASE)
    failed = 0
    print(f"1..{len(CHANGES)}")
    for number, (what, old, new, same) in enumerate(CHANGES, 1):
        assert old in BASE, old
        good = (layout(program, compiler, BASE.replace(old, new, 1)) == base) == same
        failed += not good
        print(f"{'' if good else 'not '}ok {number} - {what}: {'the same' if same else 'another'}")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
