# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Sphinx's configuration; build.py runs it on build/docs-source, which stage.py lays out."""
import os

project = "Sluice"
author = "the Sluice authors"
copyright = "2026, the Sluice authors"          # pylint: disable=redefined-builtin
release = os.environ["SLUICE_VERSION"]

extensions = ["myst_parser"]
root_doc = "index"
source_suffix = {".md": "markdown"}
myst_heading_anchors = 4
# What leads out of the pages is written so by stage.py; setup() below makes it relative.
myst_url_schemes = ["http", "https", "site"]
myst_enable_extensions = ["colon_fence"]
suppress_warnings = []
nitpicky = True

html_theme = "furo"
html_title = f"Sluice {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_extra_path = [os.environ["SLUICE_EXTRA"]]
# Fenced blocks without a language are no Python.
highlight_language = "none"
# "--drain" is no dash.
smartquotes = False
SYSTEM_FONTS = {
    "font-stack": "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif",
    "font-stack--monospace": "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace",
}
html_theme_options = {"light_css_variables": SYSTEM_FONTS}


def resolve_site_links(app, doctree, docname):
    """site:PATH is PATH from the site's root, wherever the page lies."""
    del app
    up = "../" * docname.count("/")
    for node in doctree.findall(lambda found: "refuri" in getattr(found, "attributes", {})):
        if node["refuri"].startswith("site:"):
            node["refuri"] = up + node["refuri"].removeprefix("site:")


def setup(app):
    app.connect("doctree-resolved", resolve_site_links)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
