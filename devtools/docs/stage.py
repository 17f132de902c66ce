# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Lays out the pages for Sphinx: doc/*.md as they are, but for links that leave doc/.

doc/PAGE.md becomes PAGE, the README.md of another folder FOLDER/README, and NAME.md of the root,
but for its README, project/name. A link to another file
leads to a copy of it, a link to a folder to a list of its files: the site needs no tree beside it.
"""
import html
import os
import re
import shutil
import subprocess

LINK = re.compile(r"(!?)\[((?:[^\]\[]|\[[^\]\[]*\])*)\]\((?!\w+:|#)([^)#\s]+)(#[^)\s]*)?\)")
FENCE = re.compile(r"^(```+|:::+)")
TITLE = re.compile(r"^# (.*)", re.M)
INDEX = "doc/index.md"
FOLDER_PAGE = """<!DOCTYPE html>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<h1>{title}</h1>
<ul>
{rows}
</ul>
"""


class Problem(Exception):
    """The pages are not as the site needs them."""


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def tree_files(root):
    """What belongs to the tree: what git knows, and all but build folders where there is none."""
    if os.path.exists(os.path.join(root, ".git")):
        out = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard"],
                             check=True, stdout=subprocess.PIPE, text=True).stdout
        found = out.splitlines()
    else:
        found = []
        for folder, folders, files in os.walk(root):
            folders[:] = [name for name in folders if not name.startswith((".", "build"))]
            found += [os.path.relpath(os.path.join(folder, name), root) for name in files]
    return sorted(path for path in found if os.path.isfile(os.path.join(root, path)))


def docname(path):
    """Where a Markdown file of the tree stands in the site, without .md; None: nowhere."""
    if not path.endswith(".md"):
        return None
    if path.startswith("doc/"):
        return path.removeprefix("doc/").removesuffix(".md")
    if "/" not in path:
        return None if path == "README.md" else "project/" + path.removesuffix(".md").lower()
    return path.removesuffix(".md") if os.path.basename(path) == "README.md" else None


class Stage:
    def __init__(self, root, to, extra):
        self.root, self.to, self.extra = root, to, extra
        self.files = tree_files(root)
        self.pages = {path: docname(path) for path in self.files if docname(path)}
        self.titles = {path: TITLE.search(read(os.path.join(root, path)))[1]
                       for path in self.pages}
        self.copied = set()

    def copy_source(self, path):
        """@return its place in the site; browsers show text as what it is"""
        place = f"source/{path}" + ("" if path.endswith((".svg", ".html")) else ".txt")
        if place not in self.copied:
            self.copied.add(place)
            to = os.path.join(self.extra, place)
            os.makedirs(os.path.dirname(to), exist_ok=True)
            shutil.copyfile(os.path.join(self.root, path), to)
        return place

    def copy_folder(self, folder):
        place = f"source/{folder}/index.html"
        if place in self.copied:
            return place
        self.copied.add(place)
        rows = []
        for path in self.files:
            if path.startswith(folder + "/"):
                target = os.path.relpath(self.copy_source(path), os.path.dirname(place))
                rows.append(f'<li><a href="{html.escape(target)}">'
                            f'{html.escape(path.removeprefix(folder + "/"))}</a></li>')
        if not rows:
            raise Problem(f"{folder}: no file of the tree is there")
        write(os.path.join(self.extra, place),
              FOLDER_PAGE.format(title=html.escape(folder), rows="\n".join(rows)))
        return place

    def target(self, page, link, anchor):
        """Where a link of a page leads to in the site."""
        path = os.path.normpath(os.path.join(os.path.dirname(page), link))
        here = os.path.dirname(self.pages[page])
        if os.path.isdir(os.path.join(self.root, path)):
            readme = f"{path}/README.md"
            if path.startswith("doc/"):
                return os.path.relpath(path.removeprefix("doc/") + "/index.md", here or ".")
            if readme not in self.pages:
                return "site:" + self.copy_folder(path)
            path = readme
        if path in self.pages:
            return os.path.relpath(self.pages[path] + ".md", here or ".") + anchor
        return "site:" + self.copy_source(path)

    def rewritten(self, page):
        """The text of a page with links as the site has them; what is in fences stays."""
        def replace(match):
            image, text, link, anchor = match[1], match[2], match[3], match[4] or ""
            if image:
                return match[0]
            return f"[{text}]({self.target(page, link, anchor)})"

        parts, fenced = [], False
        for line in read(os.path.join(self.root, page)).splitlines(keepends=True):
            if FENCE.match(line):
                fenced = not fenced
            parts.append(line if fenced else LINK.sub(replace, line))
        return "".join(parts)

    def stage_pages(self):
        for page, name in self.pages.items():
            write(os.path.join(self.to, name + ".md"), self.rewritten(page))
        for path in self.files:
            if path.startswith("doc/") and path.endswith((".svg", ".png")):
                to = os.path.join(self.to, path.removeprefix("doc/"))
                os.makedirs(os.path.dirname(to), exist_ok=True)
                shutil.copyfile(os.path.join(self.root, path), to)

    def folder_index(self, folder, title):
        """A page for a folder of doc/: its pages, by name."""
        names = [name for name in self.pages.values() if os.path.dirname(name) == folder]
        rows = "\n".join(os.path.basename(name) for name in sorted(names))
        write(os.path.join(self.to, folder, "index.md"),
              f"# {title}\n\n```{{toctree}}\n:maxdepth: 1\n\n{rows}\n```\n")

    def groups(self):
        """[(heading, names)] of the pages that the start page links to, and of all others; a name
        is "Title <name>", by the words of its link."""
        found, seen = [], {"index"}
        for part in re.split(r"^## ", self.rewritten(INDEX), flags=re.M)[1:]:
            heading, _, text = part.partition("\n")
            links = {match[3].removesuffix(".md"): match[2] for match in LINK.finditer(text)
                     if match[3].endswith(".md") and not match[1]}
            links = {name: title for name, title in links.items() if name not in seen}
            seen.update(links)
            if links:
                found.append((heading.strip(),
                              [f"{title} <{name}>" for name, title in links.items()]))
        folders = {os.path.dirname(name) for name in seen if name.endswith("/index")}
        rest = sorted(name for name in self.pages.values()
                      if name not in seen and os.path.dirname(name) not in folders)
        return found, rest

    def title_of(self, name):
        return next(self.titles[page] for page, known in self.pages.items() if known == name)

    def stage_index(self, reference):
        """The start page, with the tables of contents that its own lists stand for."""
        groups, rest = self.groups()
        text = self.rewritten(INDEX).rstrip("\n") + "\n"
        if rest:
            text += "\n## Further pages\n\n"
            text += "".join(f"- [{self.title_of(name)}]({name}.md)\n" for name in rest)
        for heading, names in groups + [("Reference", reference), ("Further pages", rest)]:
            if names:
                rows = "\n".join(names)
                text += f"\n```{{toctree}}\n:hidden:\n:caption: {heading}\n\n{rows}\n```\n"
        write(os.path.join(self.to, "index.md"), text)
