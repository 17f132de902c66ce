#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Is each command of the pages run by a test? A TAP line for each question.

usage: commands.py [--markdown|--self-test] [ROOT]

Commands are the lines of blocks marked sh or shell, and inline code that starts with one of our
programs and goes on. rows.py says which test runs them; here it is seen that the test is there, has
the command's words, and is itself run. --markdown prints the table as a page; --self-test shows
that each question finds what it asks for.
"""
import glob
import os
import re
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import rows                         # noqa: E402

INDENTED = re.compile(r"(?:    |\t)\S")
FENCE = re.compile(r"^(?:```+|:::+)(.*)")
INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
LANGUAGES = {"sh", "shell", "text", "json", "yaml", "ini", "c", "xml", "console", "diff", "make"}
COMMENT = re.compile(r"(^|\s+)#(?= |$).*")
# Words in capitals, in brackets or with an ellipsis stand for others: a synopsis, no command.
SYNOPSIS = re.compile(r"[\[\]…]|\b(N|FILE|KEY|PORT|SUBCOMMAND)\b")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def pages(root):
    found = ["README.md", "CONTRIBUTING.md"]
    for pattern in ("doc/**/*.md", "test/**/README.md"):
        found += [os.path.relpath(path, root)
                  for path in glob.glob(f"{root}/{pattern}", recursive=True)]
    return sorted({path for path in found if os.path.exists(f"{root}/{path}")})


def blocks(text):
    """(number of its first line, language, lines) of each block"""
    language, lines, begin, before = None, [], 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if language is None and not before.strip() and INDENTED.match(line):
            yield number, "indented", [line]
        before = line
        fence = FENCE.match(line.strip())
        if fence and language is None:
            language, lines, begin = fence[1].strip(), [], number + 1
        elif fence:
            yield begin, language, lines
            language = None
        elif language is not None:
            lines.append(line)


def commands_of(lines):
    """(offset, command) of a block: continued lines are one, a here-document is of its command"""
    offset, end = 0, None
    while offset < len(lines):
        first, command = offset, lines[offset]
        offset += 1
        if end is not None:
            end = None if command.strip() == end else end
            continue
        while command.endswith("\\") and offset < len(lines):
            command = command[:-1] + " " + lines[offset].strip()
            offset += 1
        here = re.search(r"<<-?\s*(\w+)", command)
        end = here[1] if here else None
        command = " ".join(COMMENT.sub("", command).split())
        if command:
            yield first, command


def inline_commands(text):
    """(line, command) of inline code outside of blocks"""
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if FENCE.match(line.strip()):
            fenced = not fenced
            continue
        for code in () if fenced else INLINE.findall(line):
            words = code.split()
            known = words[:1] and words[0] in rows.PROGRAMS
            if known and len(words) > 1 and not words[0].endswith(":") and \
                    (words[0] == "./run" or not SYNOPSIS.search(code)):
                yield number, " ".join(words)


class Commands:
    """All commands of all pages, and who runs them."""

    def __init__(self, root):
        self.root = root
        self.unmarked, self.unknown, self.found, self.used = [], [], [], set()
        for page in pages(root):
            self.look_at(page, read(f"{root}/{page}"))

    def look_at(self, page, text):
        for begin, language, lines in blocks(text):
            if language.split(" ")[0].strip("{}") not in LANGUAGES:
                self.unmarked.append(f"{page}:{begin - 1}: a block that is marked {language!r}")
            elif language == "sh":
                where = rows.WORD_FOR_WORD.get(page)
                for offset, command in commands_of(lines):
                    self.add(page, begin + offset, command, where)
            elif language == "shell":
                for offset, command in commands_of(lines):
                    self.add(page, begin + offset, command, self.row_of(command))
        for number, command in inline_commands(text):
            # What it is called by in a sentence need not have all its arguments.
            who = self.row_of(command) or self.word_for_word(page, command)
            if who is not None or command.startswith("./run"):
                self.add(page, number, command, who)

    def word_for_word(self, page, command):
        inside = f"\n{command}\n" in read(f"{self.root}/{page}")
        return rows.WORD_FOR_WORD.get(page) if inside else None

    def row_of(self, command):
        for number, (pattern, who) in enumerate(rows.ROWS):
            if re.fullmatch(pattern, command):
                self.used.add(number)
                return who
        return None

    def add(self, page, number, command, who):
        if who is None:
            self.unknown.append(f"{page}:{number}: {command}")
        else:
            self.found.append((page, number, command, who))

    # The questions.

    def every_block_says_what_it_is(self):
        yield from self.unmarked

    def every_command_is_run_by_a_test(self):
        for line in self.unknown:
            yield f"{line} (add a row to test/docs/rows.py)"

    def every_row_is_of_a_command(self):
        for number, (pattern, _) in enumerate(rows.ROWS):
            if number not in self.used:
                yield f"test/docs/rows.py: nothing matches {pattern}"

    def every_test_is_there(self):
        """and has the words that the row says."""
        everyone = {who for _, who in rows.ROWS} | set(rows.WORD_FOR_WORD.values())
        for who in sorted(everyone):
            if who == rows.RUN or who.startswith((rows.BY_HAND, rows.SHORT)):
                continue
            path, _, words = who.partition(": ")
            if not os.path.isfile(f"{self.root}/{path}"):
                yield f"{path} is not there"
            elif words not in read(f"{self.root}/{path}"):
                yield f"{path}: {words} is not in it"
            elif not self.is_run(path):
                yield f"{path} is in no list of tests"

    def is_run(self, path):
        """Does ./run test come to this file?"""
        folder, name = os.path.split(path)
        if folder in ("test/guest/tests", "devtools") or path == "test/guest/selftest.sh":
            return True
        beside = [f"{folder}/{other}" for other in os.listdir(f"{self.root}/{folder}")]
        lists = [file for file in beside if file.endswith("meson.build")]
        # A module is run by the tests beside it.
        if any(name in read(f"{self.root}/{file}") for file in lists):
            return True
        module = name.removesuffix(".py")
        return any(re.search(rf"^import {module}$", read(f"{self.root}/{file}"), re.M)
                   for file in beside if file.endswith("_test.py"))

    def questions(self):
        return (self.every_block_says_what_it_is, self.every_command_is_run_by_a_test,
                self.every_row_is_of_a_command, self.every_test_is_there)

    def to_run(self):
        """{command: what run_commands.py is to run for it}"""
        return {command: command if who == rows.RUN else who.removeprefix(rows.SHORT)
                for _, _, command, who in self.found
                if who == rows.RUN or who.startswith(rows.SHORT)}

    def markdown(self):
        """A page: each command once, who runs it, where it stands."""
        places = {}
        for page, _, command, who in self.found:
            places.setdefault((command, who), []).append(page)
        lines = ["# Commands", "", "Each command of these pages, and the test that runs it; made "
                 "by `test/docs/commands.py`, and a test that each is one. \"Word for word\" and "
                 "\"on the model\" are run as they stand.", "",
                 "| command | run by | pages |", "|---|---|---|"]
        for (command, who), where in sorted(places.items()):
            names = ", ".join(sorted(set(where)))
            shown = command.replace("|", "\\|")
            lines.append(f"| `` {shown} `` | {described(who)} | {names} |")
        return "\n".join(lines) + "\n"


def described(who):
    if who == rows.RUN:
        return "`test/docs/run_commands.py`, on the model"
    if who.startswith(rows.SHORT):
        return "`test/docs/run_commands.py`, for a shorter time"
    if who.startswith(rows.BY_HAND):
        return "nobody: " + who.removeprefix(rows.BY_HAND)
    path = who.partition(": ")[0]
    return f"`{path}`" + (", word for word" if who in rows.WORD_FOR_WORD.values() else "")


# What is wrong with a page, and what of it is told.
WRONG = (
    ("Text:\n\n    ls\n", "every_block_says_what_it_is", ":2: a block"),
    ("```\nls\n```\n", "every_block_says_what_it_is", "a block"),
    ("```shell\nsluicectl dance\n```\n", "every_command_is_run_by_a_test", ":2: sluicectl dance"),
    ("```sh\nsluicectl \\\n  show\n```\n", "every_command_is_run_by_a_test", ": sluicectl show"),
    ("Type `./run away`.\n", "every_command_is_run_by_a_test", ": ./run away"),
    ("No command.\n", "every_row_is_of_a_command", "./run help"),
    ("No command.\n", "every_test_is_there", "sluiced.sh is not there"),
)


def self_test():
    print(f"1..{len(WRONG) + 1}")
    verdicts = []
    for page, question, words in WRONG:
        with tempfile.TemporaryDirectory() as root:
            os.mkdir(f"{root}/doc")
            with open(f"{root}/doc/page.md", "w", encoding="utf-8") as file:
                file.write(page)
            told = [line.replace("\\", "") for line in getattr(Commands(root), question)()]
        verdicts.append((any(words in line for line in told), f"{question}: {words}"))
    right = "```sh\n# a remark\ncat > x << END\nls; rm\nEND\nls #x\n```\n"
    lines = list(blocks(right))[0][2]
    verdicts.append(([command for _, command in commands_of(lines)] == ["cat > x << END", "ls #x"],
                     "remarks and here-documents are no commands"))
    for number, (holds, what) in enumerate(verdicts, 1):
        print(f"{'' if holds else 'not '}ok {number} - {what}")
    return 0 if all(holds for holds, _ in verdicts) else 1


def main(arguments):
    if "--self-test" in arguments:
        return self_test()
    markdown = "--markdown" in arguments
    roots = [word for word in arguments if not word.startswith("--")]
    root = roots[0] if roots else os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
    commands = Commands(os.path.abspath(root))
    if markdown:
        print(commands.markdown(), end="")
        return 0
    print(f"1..{len(commands.questions())}")
    failed = 0
    for number, question in enumerate(commands.questions(), 1):
        found = list(question())
        failed += bool(found)
        print(f"{'not ' if found else ''}ok {number} - {question.__name__.replace('_', ' ')}")
        for line in found:
            print(f"# {line}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
