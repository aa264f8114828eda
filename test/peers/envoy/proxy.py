"""Envoy with jwt_authn in front of a fixed answer: its configuration, its process, and one exchange with it."""
import http.client
import json
import os
import signal
import subprocess
import time
import urllib.parse

API = "type.googleapis.com/envoy.extensions."
START_LIMIT_S = 30


def fixed_answer_behind(authentication, clusters=()):
    """A listener of loopback. `authentication`: the settings of jwt_authn."""
    manager = {
        "@type": API + "filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "peer",
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [
                        {
                            "match": {"prefix": "/"},
                            "direct_response": {"status": 200, "body": {"inline_string": "let through"}},
                        }
                    ],
                }
            ]
        },
        "http_filters": [
            {
                "name": "envoy.filters.http.jwt_authn",
                "typed_config": {"@type": API + "filters.http.jwt_authn.v3.JwtAuthentication", **authentication},
            },
            {"name": "envoy.filters.http.router", "typed_config": {"@type": API + "filters.http.router.v3.Router"}},
        ],
    }
    loopback = {"socket_address": {"address": "127.0.0.1", "port_value": 0}}
    filters = [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]
    return {
        "admin": {"address": loopback},
        "static_resources": {
            "listeners": [{"name": "front", "address": loopback, "filter_chains": [{"filters": filters}]}],
            "clusters": list(clusters),
        },
    }


class Envoy:
    def __init__(self, program, config, directory):
        self.log = os.path.join(directory, "log")
        self.admin_file = os.path.join(directory, "admin")
        config_file = os.path.join(directory, "envoy.json")
        with open(config_file, "w") as file:
            json.dump(config, file)
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [program, "-c", config_file, "--concurrency", "1", "--use-dynamic-base-id", "--log-level", "warning",
                 "--admin-address-path", self.admin_file],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.port = self.wait_for_listener()

    def wait_for_listener(self):
        end = time.monotonic() + START_LIMIT_S
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"Envoy ended with {self.process.returncode}: {self.last_lines()}")
            port = self.listener_port()
            if port:
                return port
            time.sleep(0.1)
        raise RuntimeError(f"Envoy did not open its listener within {START_LIMIT_S} s: {self.last_lines()}")

    def listener_port(self):
        try:
            with open(self.admin_file) as file:
                host, port = file.read().strip().rsplit(":", 1)
            status, body = exchange(host, int(port), "/ready")
            if status != 200:
                return None
            _, body = exchange(host, int(port), "/listeners?format=json")
            statuses = json.loads(body).get("listener_statuses", [])
            return statuses[0]["local_address"]["socket_address"]["port_value"] if statuses else None
        except (OSError, ValueError, http.client.HTTPException):
            return None

    def statistic(self, name):
        with open(self.admin_file) as file:
            host, port = file.read().strip().rsplit(":", 1)
        _, body = exchange(host, int(port), "/stats?format=json&filter=" + urllib.parse.quote(name))
        return sum(entry.get("value", 0) for entry in json.loads(body)["stats"] if "value" in entry)

    def last_lines(self):
        with open(self.log, errors="replace") as file:
            return " | ".join(file.read().strip().splitlines()[-3:])

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def exchange(host, port, path, headers=None):
    connection = http.client.HTTPConnection(host, port, timeout=30)
    try:
        connection.request("GET", path, headers=headers or {})
        reply = connection.getresponse()
        return reply.status, reply.read().decode(errors="replace")
    finally:
        connection.close()
