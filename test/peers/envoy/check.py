"""Envoy's jwt_authn in front of a fixed answer: what it lets through with the key set of a UAA, and what it refuses."""
import base64
import http.client
import ipaddress
import json
import socket
import ssl
import sys
import tempfile
import time
import urllib.parse

from proxy import API, Envoy, exchange, fixed_answer_behind

AUDIENCE = "pks.clusters"


def unpacked(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def packed(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def flipped(part, at):
    """One bit of one decoded octet, so that the part stays well-formed base64url."""
    octets = bytearray(unpacked(part))
    octets[at] ^= 1
    return packed(octets)


class Uaa:
    def __init__(self, url, ca_file):
        self.url = url
        self.ca_file = ca_file
        parts = urllib.parse.urlsplit(url)
        self.host = parts.hostname
        self.port = parts.port or 443
        self.path = parts.path
        # Few resolvers know that *.localhost is loopback (RFC 6761, section 6.3).
        name = "localhost" if self.host.endswith(".localhost") else self.host
        self.address = socket.getaddrinfo(name, self.port, type=socket.SOCK_STREAM)[0][4][0]

    def send(self, method, path, body=None, headers=None):
        context = ssl.create_default_context(cafile=self.ca_file)
        raw = socket.create_connection((self.address, self.port), timeout=30)
        connection = http.client.HTTPSConnection(self.host, self.port)
        connection.sock = context.wrap_socket(raw, server_hostname=self.host)
        try:
            connection.request(method, self.path + path, body, {"Accept": "application/json", **(headers or {})})
            reply = connection.getresponse()
            return reply.status, reply.read()
        finally:
            connection.close()

    def token(self, client, secret, **form):
        basic = base64.b64encode(f"{client}:{secret}".encode()).decode()
        headers = {"Authorization": "Basic " + basic, "Content-Type": "application/x-www-form-urlencoded"}
        status, body = self.send("POST", "/oauth/token", urllib.parse.urlencode(form), headers)
        if status != 200:
            raise AssertionError(f"/oauth/token answered {status} to {client}")
        return json.loads(body)["access_token"]


def is_address(host):
    try:
        ipaddress.ip_address(host)
        return True
    except ValueError:
        return False


def configuration(uaa, issuer):
    """Remote key set, fetched by Envoy itself over TLS with the given CA and the host name checked."""

    def provider(expected_issuer):
        return {
            "issuer": expected_issuer,
            "audiences": [AUDIENCE],
            "clock_skew_seconds": 1,
            "remote_jwks": {
                "http_uri": {"uri": uaa.url + "/token_keys", "cluster": "uaa", "timeout": "10s"},
                "cache_duration": "300s",
                # The listener opens when the keys are there.
                "async_fetch": {},
            },
        }

    def rule(prefix, requirement):
        return {"match": {"prefix": prefix}, "requires": requirement}

    tls = {
        "@type": API + "transport_sockets.tls.v3.UpstreamTlsContext",
        "common_tls_context": {
            "validation_context": {
                "trusted_ca": {"filename": uaa.ca_file},
                "match_typed_subject_alt_names": [
                    {"san_type": "IP_ADDRESS" if is_address(uaa.host) else "DNS", "matcher": {"exact": uaa.host}}
                ],
            }
        },
    }
    if not is_address(uaa.host):
        tls["sni"] = uaa.host
    authentication = {
        "providers": {"uaa": provider(issuer), "other_issuer": provider(issuer + "/other")},
        "rules": [
            rule("/v1", {"provider_name": "uaa"}),
            rule("/other-audience",
                 {"provider_and_audiences": {"provider_name": "uaa", "audiences": ["cloud_controller"]}}),
            rule("/other-issuer", {"provider_name": "other_issuer"}),
        ],
    }
    address = {"socket_address": {"address": uaa.address, "port_value": uaa.port}}
    cluster = {
        "name": "uaa",
        "type": "STATIC",
        "connect_timeout": "10s",
        "load_assignment": {
            "cluster_name": "uaa", "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address}}]}]},
        "transport_socket": {"name": "envoy.transport_sockets.tls", "typed_config": tls},
    }
    return fixed_answer_behind(authentication, [cluster])


class Checks:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def run(self, name, body):
        try:
            body()
            self.passed += 1
            print(f"ok {name}", flush=True)
        except Exception as problem:
            self.failed += 1
            print(f"not ok {name}: {problem}".replace("\n", " "), flush=True)

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed")
        return 0 if self.failed == 0 and self.passed else 1


def main(program, url, ca_file, issuer):
    uaa = Uaa(url, ca_file)
    checks = Checks()
    with tempfile.TemporaryDirectory() as directory:
        try:
            envoy = Envoy(program, configuration(uaa, issuer), directory)
        except RuntimeError as problem:
            print(f"not ok envoy-starts: {problem}")
            print("0 passed, 1 failed")
            return 1
        try:
            play(checks, uaa, envoy)
        finally:
            envoy.stop()
    return checks.finish()


def play(checks, uaa, envoy):
    def ask(path, token=None):
        headers = {} if token is None else {"Authorization": "Bearer " + token}
        return exchange("127.0.0.1", envoy.port, path, headers)

    def is_answer(path, token, status, text):
        seen = ask(path, token)
        if seen[0] != status or text not in seen[1]:
            raise AssertionError(f"{seen[0]} {seen[1]!r}, expected {status} {text!r}")

    def expect(name, path, token, status, text):
        checks.run(name, lambda: is_answer(path, token, status, text))

    tokens = {}

    def fetch(name, *client, **form):
        tokens[name] = uaa.token(*client, **form)

    def keys_came_over_tls():
        if envoy.statistic("cluster.uaa.ssl.handshake") < 1 or envoy.statistic("jwks_fetch_success") < 1:
            raise AssertionError("Envoy did not fetch the key set")

    checks.run("remote-key-set-over-tls", keys_came_over_tls)
    checks.run("tokens", lambda: (
        fetch("client", "automated-client", "automated-secret", grant_type="client_credentials"),
        fetch("user", "pks_cli", "", grant_type="password", username="alana", password="alana-password"),
        fetch("reader", "reader-client", "reader-secret", grant_type="client_credentials"),
        fetch("short", "short-client", "short-secret", grant_type="client_credentials")))
    dies_at = time.time() + 2
    if len(tokens) < 4:
        return

    expect("no-rule", "/open", None, 200, "let through")
    expect("no-token", "/v1/clusters", None, 401, "Jwt is missing")
    expect("not-a-token", "/v1/clusters", "not.a.token", 401, "Jwt")
    for name in ("client", "user"):
        head, payload, signature = tokens[name].split(".")
        header = json.loads(unpacked(head))

        def with_header(**change):
            return packed(json.dumps({**header, **change}).encode())

        def with_claims(**change):
            return packed(json.dumps({**json.loads(unpacked(payload)), **change}).encode())

        fails = "Jwt verification fails"
        expect(f"{name}-good", "/v1/clusters", tokens[name], 200, "let through")
        other_id = with_claims(jti="0")
        more_scope = with_claims(scope=["uaa.admin"])
        expect(f"{name}-payload-altered", "/v1/clusters", f"{head}.{other_id}.{signature}", 401, fails)
        expect(f"{name}-payload-scope", "/v1/clusters", f"{head}.{more_scope}.{signature}", 401, fails)
        expect(f"{name}-signature-first-octet", "/v1/clusters", f"{head}.{payload}.{flipped(signature, 0)}", 401, fails)
        expect(f"{name}-signature-last-octet", "/v1/clusters", f"{head}.{payload}.{flipped(signature, -1)}", 401, fails)
        expect(f"{name}-signature-missing", "/v1/clusters", f"{head}.{payload}.", 401, "Jwt")
        expect(f"{name}-alg-none", "/v1/clusters", f"{with_header(alg='none')}.{payload}.", 401, "Jwt")
        expect(f"{name}-other-kid", "/v1/clusters", f"{with_header(kid='no-such-key')}.{payload}.{signature}", 401,
               "Jwks doesn't have key to match kid")
        expect(f"{name}-other-audience", "/other-audience", tokens[name], 403, "Audiences in Jwt are not allowed")
        expect(f"{name}-other-issuer", "/other-issuer", tokens[name], 401, "Jwt issuer is not configured")
    expect("reader-has-another-audience", "/v1/clusters", tokens["reader"], 403, "Audiences in Jwt are not allowed")
    # Lifetime 2 s, clock skew 1 s, both in whole seconds.
    time.sleep(max(0.0, dies_at + 2.1 - time.time()))
    expect("expired", "/v1/clusters", tokens["short"], 401, "Jwt is expired")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
