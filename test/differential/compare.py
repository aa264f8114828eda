"""The same tokens before pks, npm jose, PyJWT and Envoy: whether pks accepts one that another refuses."""
import argparse
import collections
import fnmatch
import http.client
import json
import math
import multiprocessing
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import mutations
import tokens

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "peers/envoy"))
from proxy import Envoy, fixed_answer_behind  # noqa: E402

NOW = 1_800_000_000
DEFAULT_TOKENS = 100_000
CHUNK = 500
REQUIRED = ["exp", "jti", "scope"]  # as UAA does, and so pks
COMPARED = ["iss", "sub", "aud", "exp", "scope", "client_id", "cid", "jti"]
SHOWN = 10

maker = None


def lines_of(numbers):
    """Called in a process of its own, which has `maker` from before it was forked."""
    known, text = [], []
    for number in numbers:
        names, near, token = mutations.make(maker, number)
        known.append((names, near))
        # None but ASCII: U+2028 ends a line to some.
        text.append(json.dumps({
            "id": number, "token": token, "issuer": tokens.ISSUER, "audiences": [tokens.AUDIENCE], "now": maker.now,
            "leeway": 0}))
    return known, "\n".join(text) + "\n"


class Folder:
    """Tokens in a file, and what each judge answers to them in another."""

    def __init__(self, path, options):
        self.path = pathlib.Path(path)
        self.path.mkdir()
        self.options = options
        (self.path / "jwks.json").write_text(json.dumps(maker.jwks()))
        (self.path / "rules.json").write_text(json.dumps({
            "jwks": maker.jwks(), "issuer": tokens.ISSUER, "audience": tokens.AUDIENCE, "now": maker.now,
            "algorithms": tokens.ALGORITHMS, "required": REQUIRED, "compared": COMPARED}))
        self.known = {}

    def write(self, numbers):
        chunks = [numbers[at:at + CHUNK] for at in range(0, len(numbers), CHUNK)]
        with open(self.path / "tokens", "w") as file, multiprocessing.get_context("fork").Pool(os.cpu_count()) as pool:
            for chunk, (known, text) in zip(chunks, pool.imap(lines_of, chunks)):
                self.known.update(zip(chunk, known))
                file.write(text)

    def judge(self, names):
        rules = str(self.path / "rules.json")
        commands = {
            "pks": [self.options.program, "jwt-check", "--jwks", str(self.path / "jwks.json")],
            "jose": ["node", str(HERE / "judge.mjs"), self.options.jose, rules],
            "pyjwt": [sys.executable, str(HERE / "judge_pyjwt.py"), rules],
        }
        running = []
        for name in names:
            with open(self.path / "tokens") as source, open(self.path / name, "w") as target:
                running.append((name, subprocess.Popen(commands[name], stdin=source, stdout=target)))
        for name, process in running:
            if process.wait() != 0:
                raise RuntimeError(f"{name} ended with {process.returncode}")

    def verdicts(self, name):
        """In the order of the tokens."""
        with open(self.path / name) as file:
            for number, line in zip(self.known, file, strict=True):
                answer = json.loads(line)
                if answer.get("id") != number or answer["verdict"] not in ("valid", "invalid"):
                    raise RuntimeError(f"{name} answers to token {number}: {line.strip()[:300]}")
                yield answer

    def tokens(self):
        with open(self.path / "tokens") as file:
            for line in file:
                case = json.loads(line)
                yield case["id"], case["token"]


class Reasons:
    """Lines of patterns, and a reason: which differences are known."""

    def __init__(self, file, columns):
        self.name = file
        self.entries = []
        for number, line in enumerate((HERE / file).read_text().splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            words = line.split(None, columns)
            if len(words) != columns + 1:
                raise RuntimeError(f"{file}:{number}: {columns} patterns and a reason are needed")
            self.entries.append([number, words[:columns], 0])

    def covers(self, *lists):
        """Whether some line has, for each of its patterns, a match among the words of the list in that place."""
        found = False
        for entry in self.entries:
            if all(any(fnmatch.fnmatchcase(word, pattern) for word in words)
                   for pattern, words in zip(entry[1], lists)):
                entry[2] += 1
                found = True
        return found

    def unused(self, judges):
        return [f"{self.name}:{number}: {' '.join(patterns)}" for number, patterns, used in self.entries
                if not used and patterns[0] in judges]


class Checks:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def say(self, name, good, text, findings=()):
        print(f"{'ok' if good else 'not ok'} {name}: {text}", flush=True)
        if good:
            self.passed += 1
            return
        self.failed += 1
        for finding in findings[:SHOWN]:
            print(f"  {finding}")
        if len(findings) > SHOWN:
            print(f"  and {len(findings) - SHOWN} more")

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed")
        return 0 if self.failed == 0 and self.passed else 1


def counts(counter):
    return ", ".join(f"{name} {count}" for name, count in counter.most_common())


def as_read(claims):
    """What a peer hands out as it stands in the token, in the form in which pks has it."""
    out = dict(claims)
    if isinstance(out.get("aud"), str):
        out["aud"] = [out["aud"]]
    if isinstance(out.get("scope"), str):
        out["scope"] = [word for word in out["scope"].split(" ") if word]
    # Milliseconds, and no later than the first of 2200.
    out["exp"] = min(math.floor(out["exp"] * 1000) / 1000, 7258118400)
    return out


def differing(pks, peer):
    peer = as_read(peer)
    return [name for name in COMPARED if (
        abs(pks["exp"] - peer["exp"]) > 0.002 if name == "exp" else pks.get(name) != peer.get(name))]


def compare(checks, folder, accepted_here_only, stricter):
    """Returns the verdicts of pks: from a number to its error, or None."""
    peers = ("jose", "pyjwt")
    accepted = collections.Counter()
    only_here = {peer: [] for peer in peers}
    listed = collections.Counter()
    refused_alone = collections.Counter()
    unlisted, unaltered, other_claims = [], [], []
    claims_compared = 0
    verdicts = {}
    seen = collections.Counter()
    for (number, (names, _)), pks, *others in zip(
            folder.known.items(), *(folder.verdicts(name) for name in ("pks", *peers)), strict=True):
        valid = [answer["verdict"] == "valid" for answer in (pks, *others)]
        where = f"--only-id {number} ({' + '.join(names) or 'unaltered'})"
        verdicts[number] = pks.get("error")
        if not names:
            if not all(valid):
                unaltered.append(f"{where}: {pks.get('error')}, {others[0].get('error')}, {others[1].get('error')}")
            continue
        seen.update(names)
        shares = zip(("pks", *peers, "any", "all"), (*valid, any(valid), all(valid)))
        accepted.update(name for name, good in shares if good)
        for peer, answer in zip(peers, others):
            if not valid[0]:
                continue
            if answer["verdict"] == "invalid":
                if accepted_here_only.covers([peer], names, [answer["error"]]):
                    listed[peer] += 1
                else:
                    only_here[peer].append(f"{where}: {answer['error']}")
                continue
            claims_compared += 1
            others_read = differing(pks["read"], answer["claims"])
            if others_read:
                other_claims.append(f"{where}: {peer} reads another {', '.join(others_read)}")
        if not valid[0] and all(valid[1:]):
            refused_alone[pks["error"]] += 1
            if not stricter.covers(["both"], [pks["error"]]):
                unlisted.append(f"{where}: {pks['error']}")

    altered = len(folder.known) - mutations.GOOD
    checks.say(
        "unaltered", not unaltered,
        f"{mutations.GOOD} tokens, {len(unaltered)} not accepted by all three", unaltered)
    share = accepted["any"] / altered
    checks.say(
        "share", share > 0.15 and all(accepted[name] for name in ("pks", *peers)),
        f"of {altered} mutated tokens {100 * share:.1f} % accepted by at least one ({counts(accepted)})")
    for peer in peers:
        checks.say(
            peer, not only_here[peer],
            f"{altered} tokens, {accepted['pks']} accepted by pks, {len(only_here[peer])} of them refused by {peer} "
            f"(and {listed[peer]} as listed)", only_here[peer])
    checks.say("claims", not other_claims and claims_compared,
               f"{claims_compared} times compared, {len(other_claims)} times not the same", other_claims)
    checks.say(
        "stricter", not unlisted,
        f"{sum(refused_alone.values())} refused by pks alone, {len(unlisted)} of them for no listed reason "
        f"({counts(refused_alone)})", unlisted)
    missing = [name for name in mutations.NAMES if not seen[name]]
    if altered >= DEFAULT_TOKENS:
        checks.say("mutations", not missing, f"{len(seen)} of {len(mutations.NAMES)} came up, the rarest "
                   f"{min(seen.values())} times", missing)
    return verdicts


def sendable(token):
    """In a header, whole and as it is."""
    return 0 < len(token) < 16_000 and all("!" <= c <= "~" for c in token)


def sample(folder, verdicts, count):
    """Numbers of tokens that can be sent in a header: of each mutation and verdict of pks about as many."""
    groups = collections.defaultdict(list)
    for number, token in folder.tokens():
        names, near = folder.known[number]
        # Envoy goes by the time that it is.
        if names and not near and sendable(token):
            groups[names[0] if len(names) == 1 else "several", verdicts[number] or ""].append(number)
    # What pks accepts comes first where there is not enough room.
    order = sorted(groups, key=lambda group: (group[1] != "", group))
    picked = []
    for depth in range(max(map(len, groups.values()), default=0)):
        picked += [groups[group][depth] for group in order if depth < len(groups[group])]
        if len(picked) >= count:
            break
    return sorted(picked[:count])


def ask_envoy(envoy, token, connection):
    connection.request("GET", "/v1/clusters", headers={"Authorization": "Bearer " + token})
    reply = connection.getresponse()
    text = reply.read().decode(errors="replace")
    if reply.status == 200:
        return None
    if reply.status not in (401, 403):
        raise RuntimeError(f"Envoy answers {reply.status} {text}")
    return text.replace(" ", "-")


def envoy_settings():
    return {
        "providers": {
            "uaa": {
                "issuer": tokens.ISSUER,
                "audiences": [tokens.AUDIENCE],
                "clock_skew_seconds": 1,  # 0 means 60
                "require_expiration": True,
                "local_jwks": {"inline_string": json.dumps(maker.jwks())},
            }
        },
        "rules": [{"match": {"prefix": "/"}, "requires": {"provider_name": "uaa"}}],
    }


def envoys_verdicts(folder, program):
    """From a number to Envoy's words, or None."""
    with tempfile.TemporaryDirectory() as directory:
        envoy = Envoy(program, fixed_answer_behind(envoy_settings()), directory)
        try:
            connection = http.client.HTTPConnection("127.0.0.1", envoy.port, timeout=30)
            return {number: ask_envoy(envoy, token, connection) for number, token in folder.tokens()}
        finally:
            envoy.stop()


def compare_with_envoy(checks, folder, program, accepted_here_only, stricter):
    refusals = envoys_verdicts(folder, program)
    accepted = collections.Counter()
    refused_alone = collections.Counter()
    only_here, unlisted, listed = [], [], 0
    for (number, (names, _)), pks in zip(folder.known.items(), folder.verdicts("pks"), strict=True):
        refusal, valid = refusals[number], pks["verdict"] == "valid"
        where = f"--only-id {number} ({' + '.join(names)})"
        accepted.update(name for name, good in (("pks", valid), ("envoy", refusal is None)) if good)
        if valid and refusal is not None:
            if accepted_here_only.covers(["envoy"], names, [refusal]):
                listed += 1
            else:
                only_here.append(f"{where}: {refusal}")
        elif not valid and refusal is None:
            refused_alone[pks["error"]] += 1
            if not stricter.covers(["envoy"], [pks["error"]]):
                unlisted.append(f"{where}: {pks['error']}")
    checks.say(
        "envoy", not only_here and accepted["pks"] and accepted["envoy"],
        f"{len(refusals)} tokens ({counts(accepted)}), {len(only_here)} accepted by pks and refused by Envoy "
        f"(and {listed} as listed)", only_here)
    checks.say(
        "envoy-stricter", not unlisted,
        f"{sum(refused_alone.values())} refused by pks and not by Envoy, {len(unlisted)} of them for no listed reason "
        f"({counts(refused_alone)})", unlisted)


def explain(options, path):
    """One token: what it is, and what each says to it."""
    global maker
    names, near, token = mutations.make(maker, options.only_id)
    print(f"token {options.only_id}: {' + '.join(names) or 'unaltered'}{' (near)' if near else ''}\n{token}")
    for part in token.split(".")[:2]:
        try:
            print(repr(tokens.unpacked(part)))
        except ValueError:
            print("no base64url")
    folder = Folder(path, options)
    folder.write([options.only_id])
    folder.judge(("pks", "jose", "pyjwt"))
    for name in ("pks", "jose", "pyjwt"):
        print(name, json.dumps(next(folder.verdicts(name))))
    if sendable(token):
        maker = tokens.Maker(options.seed, int(time.time()))
        folder = Folder(f"{path}/envoy", options)
        folder.write([options.only_id])
        refusal = envoys_verdicts(folder, options.envoy_program)[options.only_id]
        print(f"envoy, {'by the clock, ' if near else ''}{refusal or 'accepts'}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("jose", help="folder of node_modules")
    parser.add_argument("envoy_program")
    parser.add_argument("--tokens", type=int, default=DEFAULT_TOKENS)
    parser.add_argument("--envoy", type=int, default=1000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only-id", type=int)
    options = parser.parse_args()

    global maker
    started = time.monotonic()
    checks = Checks()
    with tempfile.TemporaryDirectory() as directory:
        maker = tokens.Maker(options.seed, NOW)
        if options.only_id is not None:
            explain(options, f"{directory}/one")
            return 0
        accepted_here_only = Reasons("accepted_here_only.txt", 3)
        stricter = Reasons("stricter.txt", 2)
        folder = Folder(f"{directory}/many", options)
        folder.write(range(mutations.GOOD + options.tokens))
        made = time.monotonic()
        folder.judge(("pks", "jose", "pyjwt"))
        judged = time.monotonic()
        verdicts = compare(checks, folder, accepted_here_only, stricter)
        judges = {"jose", "pyjwt", "both"}
        if options.envoy:
            numbers = sample(folder, verdicts, options.envoy)
            maker = tokens.Maker(options.seed, int(time.time()))
            by_the_clock = Folder(f"{directory}/envoy", options)
            by_the_clock.write(numbers)
            by_the_clock.judge(("pks",))
            compare_with_envoy(checks, by_the_clock, options.envoy_program, accepted_here_only, stricter)
            judges.add("envoy")
        # Fewer tokens need not bring up everything.
        if options.tokens >= DEFAULT_TOKENS:
            unused = accepted_here_only.unused(judges) + stricter.unused(judges)
            checks.say("lists", not unused, f"{len(unused)} lines that nothing needs", unused)
    print(f"# seed {options.seed}: made in {made - started:.0f} s, judged in {judged - made:.0f} s, "
          f"{time.monotonic() - started:.0f} s in all")
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
