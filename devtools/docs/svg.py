# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""What all diagrams have: colours, arrow heads, words."""
import html

CHAR = 5.7                                      # how wide a small letter is, about
LINE, DATA, FRAME = "#2d3142", "#1b6db8", "#8d99ae"


def opening(width, height, title):
    return [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img" font-family="\'DejaVu Sans\', '
            'system-ui, sans-serif">',
            f"<title>{html.escape(title)}</title>",
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
            arrow_head("line", LINE), arrow_head("data", DATA)]


def lines_of(text):
    """(number, line) of a source, without remarks"""
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if line and not line.startswith("#"):
            yield number, line


def arrow_head(name, colour):
    return (f'<defs><marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
            f'markerHeight="8" markerUnits="userSpaceOnUse" orient="auto-start-reverse">'
            f'<path d="M 0 0 L 8 4 L 0 8 z" fill="{colour}"/></marker></defs>')


def label(x, y, text, size=10, weight="normal", anchor="middle", style="normal", backed=False):
    """Words; backed: what is behind them does not run through them."""
    back = ""
    if backed:
        wide = len(text) * CHAR + 4
        left = x - {"start": 2, "middle": wide / 2, "end": wide - 2}[anchor]
        back = (f'<rect x="{left:.1f}" y="{y - size:.1f}" width="{wide:.1f}" '
                f'height="{size + 3}" fill="#ffffff" fill-opacity="0.85"/>')
    return back + (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" '
                   f'font-style="{style}" text-anchor="{anchor}" fill="{LINE}">'
                   f"{html.escape(text)}</text>")
