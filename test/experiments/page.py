# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""One HTML page of all experiments: no script, no network, opens from the disk."""
import html

import results
import svg
import view
from view import verdict_text

CSS = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222; background: #fafafa; margin: 0; }
main, header { max-width: 68rem; margin: 0 auto; padding: 0 1rem; }
figure { margin: 0.8rem 0; } figcaption { font-weight: 600; padding: 0.3rem 0; }
h1 { font-size: 1.7rem; line-height: 1.2; } h2 { font-size: 1.3rem; line-height: 1.25; }
section { background: #fff; border: 1px solid #ddd; border-radius: 6px; margin: 1.2rem 0;
  padding: 0 1rem 1rem; }
.plots { display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); }
.plots svg { width: 100%; max-width: 31rem; height: auto; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.9rem; }
th, td { border-bottom: 1px solid #e4e4e4; padding: 0.25rem 0.7rem; text-align: right;
  vertical-align: top; }
td:first-child, th:first-child, .text td, .text th { text-align: left; }
.of td:first-child, .of th:first-child { position: sticky; left: 0; background: #fff; }
.of td:first-child { white-space: nowrap; }
td small { color: #666; display: block; white-space: nowrap; }
.text td { overflow-wrap: anywhere; min-width: 6rem; }
.good { color: #00684a; font-weight: 600; } .bad { color: #a33000; font-weight: 600; }
.open { color: #7a5b00; font-weight: 600; }
.problem { background: #fff0ea; border-left: 4px solid #a33000; padding: 0.4rem 0.8rem;
  overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  main, header { padding: 0 0.5rem; } section { padding: 0 0.6rem 0.6rem; }
  ul { padding-left: 1.3rem; }
  th, td { padding: 0.25rem 0.4rem; }
  .text thead { display: none; } .text tr { display: block; padding: 0.4rem 0; }
  .text td { display: block; text-align: left; border: 0; padding: 0.1rem 0; }
  .text tr { border-bottom: 1px solid #e4e4e4; }
  .text td[data-is]::before { content: attr(data-is) ": "; color: #666; font-weight: 400; }
}
nav li { margin: 0.2rem 0; } dt { font-weight: 600; } dd { margin: 0 0 0.5rem 0; }
"""
CLASSES = {results.REPRODUCED: "good", results.NOT_REPRODUCED: "bad", results.NOT_SHOWN: "open"}
INTRO = """The NIC is emulated: on the device model, registers and rings of an 82599 or 82576 in \
memory, with our drivers and DPDK's at native speed; in the guest, QEMU's 82576 with all \
processors emulated. What can be compared are ratios between software paths of one experiment. No \
figure is the bandwidth or the latency of a NIC, of PCIe or of a wire."""
FIGURES = """Figures are medians of rounds that take turns, with the values between which eight of \
ten lie. Ratios are of turns of the same round."""

QUICK = "Of a quick run, which shows that all works, and whose figures are worth nothing: "


def esc(value):
    return html.escape(str(value))


def table(grid):
    head = "".join(f"<th>{esc(column)}</th>" for column in grid.columns)
    rows = []
    for name, figures in grid.rows:
        cells = ""
        for figure in figures:
            median, spread = view.cell(figure)
            cells += f"<td>{esc(median)}" + (f"<small>{esc(spread)}</small>" if spread else "") + \
                "</td>"
        rows.append(f"<tr><td>{esc(name)}</td>{cells}</tr>")
    return (f"<figure><figcaption>{esc(view.heading(grid))}</figcaption>"
            f'<div class="wide"><table class="of">'
            f"<thead><tr><th>{esc(grid.along.replace('_', ' '))}</th>{head}</tr></thead>"
            f"<tbody>{''.join(rows)}</tbody></table></div></figure>")


def ratio_text(verdict):
    ratio = verdict["ratio"]
    if ratio is None:
        return "-"
    return f"{ratio['median']:.2f} ({ratio['low']:.2f} to {ratio['high']:.2f})"


def claims(experiment):
    rows = []
    for verdict in experiment["summary"]["verdicts"]:
        paper = "-" if verdict["paper"] is None else f"{verdict['paper']:g}"
        rows.append(f"<tr><td>{esc(verdict['text'])}</td><td data-is=\"their ratio\">{paper}</td>"
                    f'<td data-is="found">{esc(ratio_text(verdict))}</td>'
                    f'<td data-is="verdict" class="{CLASSES[verdict["verdict"]]}">'
                    f"{esc(verdict_text(verdict))}</td></tr>")
    if not rows:
        return ""
    return ('<figure><figcaption>What the papers claim</figcaption><table class="text"><thead>'
            "<tr><th>claim</th><th>their ratio</th><th>found</th><th>verdict</th></tr></thead>"
            f"<tbody>{''.join(rows)}</tbody></table></figure>")


def setups(experiment):
    names = experiment["spec"].get("setups", {})
    found = list(dict.fromkeys(result["setup"] for result in experiment["results"]))
    lines = "".join(f"<li>{esc(names[name])}</li>" for name in found if name in names)
    return f"<ul>{lines}</ul>" if lines else ""


def section(experiment):
    spec = experiment["spec"]
    problems = "".join(f'<p class="problem">{esc(line)}</p>' for line in experiment["problems"])
    plots = "".join(svg.draw(grid, part) for grid, part in view.plots(experiment))
    return f"""<section id="{esc(spec['name'])}">
<h2>{esc(spec['name'])}: {esc(spec['title'])}</h2>
<p>{esc(spec['what'])}</p>{problems}{setups(experiment)}
<p><b>The paper:</b> {esc(spec['paper'])}</p>
{claims(experiment)}
<div class="plots">{plots}</div>
{''.join(table(grid) for grid in view.tables(experiment))}
<p><b>What it means:</b> {esc(spec['means'])}</p>
<p><b>What it does not:</b> {esc(spec['limits'])}</p>
</section>"""


def contents(experiments):
    items = []
    for one in experiments:
        spec = one["spec"]
        verdicts = [verdict["verdict"] for verdict in one["summary"]["verdicts"]
                    if verdict["ratio"] is not None]
        met = sum(verdict == results.REPRODUCED for verdict in verdicts)
        count = f": {met} of {len(verdicts)} measured claims reproduced" if verdicts else ""
        failed = ' <span class="bad">failed</span>' if one["problems"] else ""
        items.append(f'<li><a href="#{esc(spec["name"])}">{esc(spec["name"])}</a> '
                     f"{esc(spec['title'])}{count}{failed}</li>")
    return f"<nav><ul>{''.join(items)}</ul></nav>"


def machine_table(made_on):
    rows = "".join(f"<tr><td>{esc(name)}</td><td>{esc(value)}</td></tr>"
                   for name, value in made_on.items())
    return f'<div class="wide"><table class="text"><tbody>{rows}</tbody></table></div>'


def short_sets(experiments):
    """Nobody is to take figures of a quick run for results."""
    names = [one["spec"]["name"] for one in experiments if one["set"] == "quick"]
    return QUICK + ", ".join(names) + "." if names else ""


def page(experiments):
    quick = short_sets(experiments)
    quick = f'<p class="problem">{esc(quick)}</p>' if quick else ""
    made_on = "".join(machine_table(one) for one in view.machines(experiments))
    sections = "\n".join(section(one) for one in experiments)
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sluice: the papers' evaluation</title><style>{CSS}</style></head>
<body><header><h1>SR-IOV, paravirtual and native I/O: the papers' evaluation</h1>
<p>{INTRO}</p><p>{FIGURES}</p>{quick}{contents(experiments)}</header>
<main>{sections}
<section id="machine"><h2>Made on and with</h2>{made_on}</section></main></body></html>
"""
