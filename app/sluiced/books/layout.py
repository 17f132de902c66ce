#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""How structures lie in memory, as one number: equal for two programs that can read each other's.

usage: layout.py OBJECT SOURCE NAME STRUCT...

Reads the debugging information of OBJECT and writes SOURCE with a constant NAME, of the members of
each STRUCT: where they are, what they are called and how they are made up, down to the last byte.
What a pointer points to does not count, since no other program can follow it.
"""
import hashlib
import re
import subprocess
import sys

ENTRY = re.compile(r"^\s*<([0-9a-f]+)><([0-9a-f]+)>: Abbrev Number: \d+ \((DW_TAG_\w+)\)")
# Some versions of readelf say in which form a value is stored, and where, before they say it.
ATTRIBUTE = re.compile(r"^\s*<[0-9a-f]+>\s+(DW_AT_\w+)\s*:\s*(?:\([a-z]+\w*\)\s+)?"
                       r"(?:\([a-z ,]*offset: (?:0x)?[0-9a-f]+\): )?(.*?)\s*$")
TRANSPARENT = ("typedef", "const_type", "volatile_type", "atomic_type", "restrict_type")


class Entry:
    """One piece of debugging information, and those inside of it."""

    def __init__(self, tag):
        self.tag = tag
        self.attributes = {}
        self.children = []

    def text(self, name):
        return self.attributes.get("DW_AT_" + name, "")

    def number(self, name, default=None):
        value = self.attributes.get("DW_AT_" + name)
        match = re.match(r"(0x[0-9a-f]+|-?\d+)", value or "")
        return int(match.group(1), 0) if match else default


def read_entries(path):
    """All entries by their offset."""
    output = subprocess.run(["readelf", "--debug-dump=info", "--wide", path], check=True,
                            capture_output=True, text=True, env={"LC_ALL": "C"}).stdout
    entries, parents, entry = {}, [], None
    for line in output.splitlines():
        found = ENTRY.match(line)
        if found:
            depth, offset, tag = int(found.group(1), 16), int(found.group(2), 16), found.group(3)
            entry = entries[offset] = Entry(tag[len("DW_TAG_"):])
            del parents[depth:]
            if parents:
                parents[-1].children.append(entry)
            parents.append(entry)
            continue
        found = ATTRIBUTE.match(line)
        if found and entry is not None:
            entry.attributes.setdefault(found.group(1), found.group(2))
    return entries


class Layouts:
    """Descriptions of types, in words that do not depend on the compiler."""

    def __init__(self, entries):
        self.entries = entries
        self.described = {}

    def type_of(self, entry):
        match = re.match(r"<0x([0-9a-f]+)>", entry.attributes.get("DW_AT_type", ""))
        return self.entries[int(match.group(1), 16)] if match else None

    def members(self, entry):
        for child in entry.children:
            if child.tag != "member":
                continue
            bits = (f" bits {child.number('data_bit_offset', child.number('bit_offset', 0))}"
                    f"+{child.number('bit_size')}" if child.number("bit_size") else "")
            yield (f"{child.number('data_member_location', 0)} {child.text('name')}{bits} "
                   f"{self.describe(self.type_of(child))}")

    def describe(self, entry):
        if entry is None:
            return "void"
        if entry.tag in TRANSPARENT:
            return self.describe(self.type_of(entry))
        if id(entry) not in self.described:
            self.described[id(entry)] = self.describe_anew(entry)
        return self.described[id(entry)]

    def describe_anew(self, entry):
        size = entry.number("byte_size")
        if entry.tag == "base_type":
            return f"base {entry.number('encoding')} {size}"
        if entry.tag == "pointer_type":
            return "pointer"
        if entry.tag == "enumeration_type":
            words = (f"{c.text('name')}={c.number('const_value')}" for c in entry.children
                     if c.tag == "enumerator")
            return f"enum {size} {{{', '.join(words)}}}"
        if entry.tag == "array_type":
            bounds = [c.number("count", c.number("upper_bound", -1) + 1) for c in entry.children
                      if c.tag == "subrange_type"]
            return f"array {bounds} of {self.describe(self.type_of(entry))}"
        if entry.tag in ("structure_type", "union_type"):
            return f"{entry.tag} {size} {{{'; '.join(self.members(entry))}}}"
        sys.exit(f"layout.py: a {entry.tag} in a structure: not understood")

    def of_struct(self, name):
        for entry in self.entries.values():
            if (entry.tag == "structure_type" and entry.text("name") == name and
                    "DW_AT_declaration" not in entry.attributes):
                return self.describe(entry)
        sys.exit(f"layout.py: no struct {name}")


def main():
    path, source, name, *structs = sys.argv[1:]
    layouts = Layouts(read_entries(path))
    text = "\n".join(f"{struct}: {layouts.of_struct(struct)}" for struct in structs)
    number = hashlib.sha256(text.encode()).hexdigest()[:16]
    with open(source, "w", encoding="ascii") as out:
        out.write("#include <stdint.h>\n\n"
                  f"extern const uint64_t {name};\nconst uint64_t {name} = 0x{number};\n")


if __name__ == "__main__":
    main()
