"""The shipped Prometheus files on the real Prometheus: the server is scraped, every rule is loaded."""

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import yaml

from tests.servers import CONFIG, HOST, Prometheus

pytestmark = pytest.mark.live


class Exposition(BaseHTTPRequestHandler):
    """A server of one metric, where ours would be."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(b"cti_ami_up 1\n" if self.path == "/metrics" else b"")

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture(scope="module")
def prometheus() -> Iterator[Prometheus]:
    with HTTPServer((HOST, 0), Exposition) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with Prometheus(target=f"{HOST}:{server.server_port}") as started:
            yield started
        server.shutdown()


def ask(prometheus: Prometheus, path: str) -> dict:
    with urllib.request.urlopen(f"{prometheus.url}/api/v1/{path}", timeout=5) as answer:
        return json.load(answer)["data"]


def test_the_server_is_scraped(prometheus: Prometheus) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if result := ask(prometheus, "query?query=cti_ami_up")["result"]:
            assert result[0]["value"][1] == "1"
            return
        time.sleep(0.2)
    raise AssertionError(ask(prometheus, "targets"))


def test_every_rule_is_loaded_and_evaluates(prometheus: Prometheus) -> None:
    written = [
        rule.get("alert") or rule["record"]
        for file in CONFIG.glob("prometheus/*_rules.yml")
        for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]
        for rule in group["rules"]
    ]
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        loaded = [rule for group in ask(prometheus, "rules")["groups"] for rule in group["rules"]]
        if all(rule["health"] != "unknown" for rule in loaded):
            break
        time.sleep(0.2)
    assert sorted(rule["name"] for rule in loaded) == sorted(written)
    assert [rule for rule in loaded if rule["health"] != "ok"] == []
