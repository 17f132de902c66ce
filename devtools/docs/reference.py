# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Reference pages, made of the tables that the programs themselves go by.

A program's page is its --help and what its man page adds to that; the configuration's is the
JSON Schema that sluiced prints; the feature matrix is doc/features, which a test compares with the
drivers. Devargs are those that the plugin registers, metrics those of the exporter's endpoint,
which a test compares with what sluicectl prints.
"""
import configparser
import glob
import importlib.util
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [f"{ROOT}/dist", f"{ROOT}/dist/man"]
from help_text import Help          # noqa: E402
from make_man import sections_of    # noqa: E402

# By the name of their page: where meson puts them, and the text of their man page.
PROGRAMS = {
    "sluiced": ("app/sluiced/sluiced", "sluiced.8"),
    "sluicectl": ("app/sluicectl/sluicectl", "sluicectl.1"),
    "sluice-keeper": ("app/sluice-keeper/sluice-keeper", "sluice-keeper.8"),
    "sluice-fwd": ("app/sluice-fwd/sluice-fwd", None),
}
ESCAPED = str.maketrans({char: "\\" + char for char in "\\`*_{}[]<>#|$"})


def plain(text):
    """Text that Markdown is to show as it is."""
    return text.translate(ESCAPED)


def code(text):
    return "`" + text.replace("|", "\\|") + "`" if text else ""


def table(heads, rows):
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n\n"


def rows_of(title, rows):
    if not rows:
        return ""
    wide = max(len(row.columns) for row in rows)
    heads = [title.lower().removesuffix("s"), *[""] * wide]
    cells = [[code(row.term), *(plain(column) for column in row.columns),
              *[""] * (wide - len(row.columns))] for row in rows]
    return f"## {title}\n\n" + table(heads, cells)


def section_text(parts):
    text = ""
    for part in parts:
        if part.startswith(" "):
            lines = "\n".join(line.strip() for line in part.split("\n"))
            text += f"```text\n{lines}\n```\n\n"
        else:
            text += plain(part) + "\n\n"
    return text


def manual_of(page):
    """(what it is, [(title, paragraphs)]) of a man page's text."""
    if page is None:
        return "", []
    with open(f"{ROOT}/dist/man/{page}.txt", encoding="utf-8") as file:
        text = "".join(line for line in file if not line.startswith("#!"))
    first, _, rest = text.partition("\n")
    return first.partition(" - ")[2], sections_of(rest)


def told_by(name, program):
    """What a program says to --help: its last usage, as EAL of some releases has one of its own."""
    text = subprocess.run([program, "--help"], check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True).stdout
    usages = list(re.finditer(r"^usage: ", text, re.M | re.I))
    if not usages:
        raise ValueError(f"{name} --help tells no usage")
    own = usages[-1]
    return Help(re.sub(r"^\S*/", "usage: ", text[own.end():]) if own[0] == "Usage: "
                else text[own.start():])


def program_page(name, program, man):
    told = told_by(name, program)
    what, sections = manual_of(man)
    page = f"# {name}\n\n{plain(what[:1].upper() + what[1:])}\n\n```text\n{told.usage}\n```\n\n"
    page += "".join(plain(text) + "\n\n" for text in told.paragraphs)
    page += "".join(section_text(parts) for title, parts in sections if title == "DESCRIPTION")
    page += rows_of("Commands", told.commands) + rows_of("Options", told.options)
    page += "".join(rows_of(title, rows) for title, rows in told.lists.items())
    for title, parts in sections:
        if title != "DESCRIPTION":
            page += f"## {title.capitalize()}\n\n{section_text(parts)}"
    return page


def values_of(schema):
    """What a key's schema allows, in words."""
    if "enum" in schema:
        return ", ".join(code(json.dumps(value)) for value in schema["enum"])
    for word in ("oneOf", "anyOf"):
        if word in schema:
            return "; or ".join(filter(None, map(values_of, schema[word])))
    if "const" in schema:
        return code(json.dumps(schema["const"]))
    text = str(schema.get("type", ""))
    if "minimum" in schema or "maximum" in schema:
        text += f" {schema.get('minimum', '')}..{schema.get('maximum', '')}"
    if "minItems" in schema or "maxItems" in schema:
        text += f" of {schema.get('minItems', 0)} to {schema.get('maxItems', 'any')}"
    if "pattern" in schema:
        text += f", {code(schema['pattern'])}"
    return text


def resolve(schema, whole):
    """A schema, with what a $ref names in its place."""
    ref = schema.get("$ref")
    if ref is None:
        return schema
    found = whole
    for step in ref.removeprefix("#/").split("/"):
        found = found[step]
    return {**found, **{key: value for key, value in schema.items() if key != "$ref"}}


def schema_rows(schema, whole, prefix=""):
    """(key, values, whether it is required, description), for objects and arrays of objects"""
    for key, part in schema.get("properties", {}).items():
        part = resolve(part, whole)
        name = f"{prefix}{key}"
        required = "yes" if key in schema.get("required", []) else ""
        yield [code(name), values_of(part), required, plain(part.get("description", ""))]
        yield from schema_rows(part, whole, name + ".")
        if isinstance(part.get("items"), dict):
            yield from schema_rows(resolve(part["items"], whole), whole, name + "[].")


def configuration_page(sluiced):
    text = subprocess.run([sluiced, "--schema"], check=True, stdout=subprocess.PIPE,
                          text=True).stdout
    whole = json.loads(text)
    rows = list(schema_rows(whole, whole))
    if not rows:
        raise ValueError("the schema names no key")
    return ("# Keys of the configuration\n\nWhat `sluiced --schema` prints, as a table. What the "
            "keys mean is told in [sluiced and sluicectl](../sluiced.md#configuration).\n\n"
            + table(["key", "values", "required", ""], rows)
            + f"## The JSON Schema\n\n```json\n{text.strip()}\n```\n")


def feature_page():
    parsers = {}
    for path in sorted(glob.glob(f"{ROOT}/doc/features/*.ini")):
        parser = configparser.ConfigParser()
        parser.optionxform = str
        parser.read(path, encoding="utf-8")
        parsers[os.path.basename(path).removesuffix(".ini")] = parser["Features"]
    names = dict.fromkeys(name for features in parsers.values() for name in features)
    rows = [[plain(name), *(features.get(name, "") for features in parsers.values())]
            for name in names]
    return ("# Feature matrix\n\nIn DPDK's own words (`doc/guides/nics/features.rst` there). "
            "Y: yes; P: some families or set-ups only, and [the driver guide](../drivers.md) says "
            "which; empty: no. A test asks the drivers on the device model for each row "
            "([`introspect_features.c`](site:source/test/pmd/introspect_features.c.txt)).\n\n"
            + table(["feature", *map(code, parsers)], rows))


def devargs():
    """{driver: what it registers}"""
    with open(f"{ROOT}/drivers/net/devargs.h", encoding="utf-8") as file:
        found = re.findall(r'#define SLUICE_(PF|VF)_DEVARGS "(.*)"', file.read())
    return {f"net_sluice_{function.lower()}": words.split() for function, words in found}


def devargs_page():
    rows = [[code(name), ", ".join(code(word.replace("<n>", "N")) for word in words)]
            for name, words in devargs().items()]
    return ("# Devargs\n\nWhat may stand behind a device, as in `-a 0000:01:10.0,itr_us=50`; so "
            "the plugin registers it. What they mean is told in [the driver guide](../drivers.md)."
            "\n\n"
            + table(["driver", "devargs"], rows))


def metrics():
    """{name: (what it is, its type)}"""
    spec = importlib.util.spec_from_file_location("sluice", f"{ROOT}/dist/telemetry/sluice.py")
    endpoint = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(endpoint)
    return endpoint.info()


def metrics_page():
    rows = [[code(name), kind, plain(what)] for name, (what, kind) in metrics().items()]
    return ("# Metrics\n\nOf `sluicectl metrics`, and with `dpdk_sluice_` in front those of DPDK's "
            "exporter; labels and set-up are told in [sluiced and sluicectl]"
            "(../sluiced.md#telemetry).\n\n" + table(["metric", "type", ""], rows))


def api_page():
    headers = (
        ("aic.h", "adaptive interrupt coalescing: the formula, with libc only"),
        ("controller.h", "its controller"),
        ("estimator.h", "what it goes by: packets a second"),
        ("hybrid.h", "an lcore that polls or sleeps, on ports of any DPDK driver"),
        ("rte_pmd_sluice.h", "what a control plane asks of a PF of `net_sluice_pf`"),
        ("rte_pmd_sluice_moderation.h", "intervals of interrupts, of both drivers"),
    )
    rows = [[f"[`{name}`](site:api/{name.replace('_', '__').replace('.', '_8')}.html)", what]
            for name, what in headers]
    return "# API of the public headers\n\n" + table(["header", ""], rows)


def pages(build):
    """{name of the page: its text}, of the programs of a build folder"""
    found = {name: program_page(name, f"{build}/{place}", man)
             for name, (place, man) in PROGRAMS.items()}
    found["configuration"] = configuration_page(f"{build}/{PROGRAMS['sluiced'][0]}")
    found["metrics"] = metrics_page()
    found["devargs"] = devargs_page()
    found["features"] = feature_page()
    found["api"] = api_page()
    return found
