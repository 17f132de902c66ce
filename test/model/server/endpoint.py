# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""What dpdk-telemetry-exporter.py does with an endpoint file: loads it, and hands it a daemon's
telemetry socket. For the tests that read dist/telemetry/sluice.py."""
import importlib.util
import json
import socket

import rig


class TelemetrySocket:
    """One asks at a time."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(rig.WAIT_S)
        self.socket.connect(path)
        self.bytes = json.loads(self.socket.recv(1024))["max_output_len"]

    def cmd(self, uri, arg=None):
        self.socket.send((uri if arg is None else f"{uri},{arg}").encode())
        return json.loads(self.socket.recv(self.bytes))[uri]


def load_endpoint(path):
    spec = importlib.util.spec_from_file_location("sluice", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
