#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""A real Prometheus scrapes sluiced on the model, and is asked what the dashboard asks.

usage: monitoring.py SOURCE BUILD

`./run monitoring` installs Prometheus and starts this. DPDK's exporter comes with 23.11 and later;
its part is done here: the endpoint file is asked, and what it says is served, as the exporter does.
"""
import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import urllib.parse
import urllib.request

import rig
from endpoint import TelemetrySocket, load_endpoint
from rig import PF, Failed, Rig, expect, until

VFS = 3
VARIABLES = {"$pf": ".*", "$vf": ".*", "$__rate_interval": "30s"}


def exposition(endpoint, telemetry):
    lines = [f"# TYPE dpdk_sluice_{name} {kind}" for name, (_, kind) in endpoint.info().items()]
    for name, value, labels in endpoint.metrics(telemetry):
        text = ",".join(f'{label}="{what}"' for label, what in labels.items())
        lines.append(f"dpdk_sluice_{name}{{{text}}} {value}")
    return "\n".join(lines) + "\n"


def serve(tell):
    """@return a server on a port of its own, which tells what tell() says"""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):               # noqa: N802, as the class wants it
            body = tell().encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format, *args):   # pylint: disable=redefined-builtin
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Test:
    def __init__(self, port, source):
        self.port, self.source = port, source
        port.start_daemon()
        self.tenant, = port.tenants(["vf0-1"])
        self.endpoint = load_endpoint(f"{source}/dist/telemetry/sluice.py")
        self.telemetry = TelemetrySocket(f"{port.folder}/dpdk/sluiced/dpdk_telemetry.v2")
        self.exporter = serve(lambda: exposition(self.endpoint, self.telemetry))
        self.url = f"http://127.0.0.1:{free_port()}"

    def start_prometheus(self):
        """With the configuration as it is there, but for the target and its pace."""
        folder = f"{self.port.folder}/prometheus"
        shutil.copytree(f"{self.source}/dist/prometheus", folder)
        with open(f"{folder}/prometheus.yml", encoding="utf-8") as file:
            text = file.read()
        changed = text.replace("localhost:9000", f"127.0.0.1:{self.exporter.server_port}")
        changed = re.sub(r"(_interval:) 15s", r"\1 1s", changed)
        expect(changed.count(" 1s") == 2 and "9000" not in changed, True, "the configuration")
        with open(f"{folder}/prometheus.yml", "w", encoding="utf-8") as file:
            file.write(changed)
        rig.Program(self.port, "prometheus", [
            "prometheus", f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address={self.url.removeprefix('http://')}"])

    def ask(self, path, **words):
        query = urllib.parse.urlencode(words)
        with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{query}", timeout=20) as reply:
            return json.load(reply)["data"]

    def query(self, text):
        return self.ask("query", query=text)["result"]

    def is_scraped(self):
        try:
            # Two of them make a rate.
            found = self.query("count_over_time(up{job='sluice'}[1m])")
        except OSError:
            return False
        return bool(found) and int(found[0]["value"][1]) >= 3

    def test_files(self):
        folder = f"{self.source}/dist/prometheus"
        for words in ("check config prometheus.yml", "check rules sluice-alerts.yml",
                      "test rules sluice-alerts-test.yml"):
            subprocess.run(["promtool", *words.split()], check=True, cwd=folder,
                           stdout=subprocess.DEVNULL)

    def test_format(self):
        """promtool reads what is told; what it would name in another way, doc/sluiced.md tells."""
        for text in (exposition(self.endpoint, self.telemetry), self.port.sluicectl("metrics")):
            done = subprocess.run(["promtool", "check", "metrics"], check=False, input=text,
                                  text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            others = [line for line in done.stdout.splitlines() if "_total" not in line and
                      "camelCase" not in line and "no help text" not in line]
            # 1 if it cannot be read.
            expect((done.returncode, others), (3, []), "promtool's status, and what else it says")

    def test_scrape(self):
        self.start_prometheus()
        until(self.is_scraped, "three scrapes")
        shown = json.loads(self.port.sluicectl("show", "--json"))["ports"][0]["vfs"]
        found = self.query("dpdk_sluice_sriov_vf_resets")
        expect({(one["metric"]["pf"], one["metric"]["vf"], one["metric"]["pciAddr"]):
                int(one["value"][1]) for one in found},
               {(PF, str(vf["vf"]), vf["pci"]): vf["counters"]["resets"] for vf in shown},
               "resets, as Prometheus and sluicectl tell them")

    def test_dashboard(self):
        """Each of its queries has an answer."""
        with open(f"{self.source}/examples/grafana/sluice.json", encoding="utf-8") as file:
            board = json.load(file)
        queries = [target["expr"] for panel in board["panels"]
                   for target in panel.get("targets", ())]
        expect(len(queries) > 5, True, f"queries: {queries}")
        for query in queries:
            for name, value in VARIABLES.items():
                query = query.replace(name, value)
            if not self.query(query):
                raise Failed(f"nothing for {query}")
        for variable in board["templating"]["list"]:
            found = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"])
            if found:
                series = self.query(found[1].replace("$pf", ".*"))
                expect(all(found[2] in one["metric"] for one in series) and bool(series), True,
                       f"label {found[2]}")

    def alerts(self):
        return {alert["labels"]["alertname"] for alert in self.ask("alerts")["alerts"]}

    def test_alerts(self):
        """None, until the exporter is gone."""
        loaded = [rule["name"] for group in self.ask("rules")["groups"] for rule in group["rules"]]
        expect(len(loaded), 6, f"rules: {loaded}")
        expect(self.alerts(), set(), "alerts")
        self.exporter.shutdown()
        self.exporter.server_close()
        until(lambda: self.alerts() == {"SluiceAway"}, "the alert")


def main(source, build):
    with Rig(os.path.abspath(build), "82576", VFS) as port:
        test = Test(port, source)
        return rig.run([(f"monitoring: {name}", getattr(test, f"test_{name}"))
                        for name in ("files", "format", "scrape", "dashboard", "alerts")])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
