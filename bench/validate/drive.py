"""Lets the contestants of bench/validate run by turns, and says what came of it."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent

# Who lives in which process.
NATIVE = ["openssl_raw", "pks", "libjwt", "cjose", "cpp_jwt"]
PEERS = {
    "node": ["jose", "fast_jwt", "fast_jwt_cached"],
    "rust": ["jsonwebtoken"],
    "go": ["golang_jwt"],
    "java": ["nimbus"],
}

# The cases, in the order of the table. Of others than `pks` only the first four are measured; what is forged, they have
# to refuse.
CASES = {
    "rs256": "RS256, distinct tokens",
    "cached": "RS256, 100 tokens again and again",
    "es256": "ES256, distinct tokens",
    "eddsa": "EdDSA, distinct tokens",
    "rs256_kept": "RS256, distinct tokens, each of which is kept",
    "forged_signature": "forged: bad signature",
    "forged_alg": "forged: none, and HS256 with the public key",
    "forged_dots_default": "forged: 1 MB of dots, usual limits",
    "large": "RS256, a good token of 1 MB, limit 2 MiB",
    "forged_dots": "forged: 1 MB of dots, limit 2 MiB",
}
COMPARED = ["rs256", "cached", "es256", "eddsa"]
IN_TWO_THREADS = ["rs256", "cached"]

# A slice is (contestant, case, threads). These come first in a round: what a goal compares lies side by side.
PKS, RAW, BEST = "pks", "openssl_raw", "best_peer"
FIRST = [(RAW, "rs256", 2), (RAW, "rs256", 1), (PKS, "rs256", 1), (PKS, "forged_signature", 1),
         ("jsonwebtoken", "rs256", 1), (PKS, "rs256", 2)]

# name: (what, over what, the field that is compared, goal).
RATIOS = {
    "validate.rs256/openssl_raw": ((PKS, "rs256", 1), (RAW, "rs256", 1), "tokens_per_second", ">= 0.88"),
    "validate.rs256/best_peer": ((PKS, "rs256", 1), (BEST, "rs256", 1), "tokens_per_second", ">= 1.3"),
    "validate.rs256_2t/rs256": ((PKS, "rs256", 2), (PKS, "rs256", 1), "tokens_per_second", ">= 1.9"),
    "validate.cached/fast_jwt_cached":
        ((PKS, "cached", 1), ("fast_jwt_cached", "cached", 1), "tokens_per_second", ">= 10"),
    "validate.cached_2t/cached": ((PKS, "cached", 2), (PKS, "cached", 1), "tokens_per_second", ">= 1.8"),
    "validate.cached.allocations": ((PKS, "cached", 1), None, "allocations", "<= 1"),
    "validate.forged_signature/good": ((PKS, "forged_signature", 1), (PKS, "rs256", 1), "cpu_us", "<= 1"),
    "validate.forged_alg/good": ((PKS, "forged_alg", 1), (PKS, "rs256", 1), "cpu_us", "<= 1"),
    "validate.forged_dots_default/good": ((PKS, "forged_dots_default", 1), (PKS, "rs256", 1), "cpu_us", "<= 1"),
    "validate.forged_dots/good": ((PKS, "forged_dots", 1), (PKS, "large", 1), "cpu_us", "<= 1"),
}


class Missing(Exception):
    """Contestants that cannot take part, and why."""


class Process:
    """Contestants that share a process, which stays alive and measures when it is asked to."""

    def __init__(self, command):
        self.errors = tempfile.TemporaryFile("w+")
        self.child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True)
        self.about = self.answer()

    def answer(self):
        line = self.child.stdout.readline()
        if line:
            return json.loads(line)
        status = self.child.wait()
        self.errors.seek(0)
        said = self.errors.read().strip().splitlines()
        raise Missing(said[-1] if said else f"ended with {status}")

    def measure(self, contestant, case, threads, seconds):
        self.child.stdin.write(f"{contestant} {case} {threads} {seconds}\n")
        self.child.stdin.flush()
        return self.answer()

    def end(self):
        self.child.stdin.close()
        self.child.wait()


class Contest:
    def __init__(self, options):
        self.options = options
        self.processes = {}  # by contestant
        self.about = {}
        self.machine = {}
        self.skipped = {}
        self.wrong = []
        self.slices = {}  # what was measured, a list over the rounds

    def wanted(self, names):
        return [name for name in names if not self.options.only or name in self.options.only]

    def start(self):
        self.admit(self.wanted(NATIVE), [self.options.program, "serve", self.options.data])
        for peer, names in PEERS.items():
            install = ["--install"] if self.options.install else []
            self.admit(self.wanted(names), [str(HERE / "peers" / peer / "run"), *install, self.options.data])

    def admit(self, names, command):
        if not names:
            return
        note(f"waiting for {' '.join(names)}")
        try:
            process = Process([*command, *names])
        except Missing as why:
            if names[0] in NATIVE:
                note("")
                print(why, file=sys.stderr)
                sys.exit(3)
            self.skipped.update((name, str(why)) for name in names)
            return
        self.machine.update(process.about.get("machine", {}))
        self.wrong += process.about["wrong"]
        for each in process.about["contestants"]:
            self.processes[each["name"]] = process
            self.about[each["name"]] = each
        for name in names:
            if name not in self.about:
                self.skipped[name] = "not there when bench_validate was built"

    def plan(self):
        possible = []
        for case in CASES:
            for name, about in self.about.items():
                if case not in about["cases"] or (name != PKS and case not in COMPARED):
                    continue
                threads = [1, 2] if case in IN_TWO_THREADS and about["threads"] > 1 else [1]
                possible += [(name, case, count) for count in threads]
        return [each for each in FIRST if each in possible] + [each for each in possible if each not in FIRST]

    def run(self):
        plan = self.plan()
        for number in range(self.options.runs):
            # To and fro, so that a machine that gets slower favours nobody.
            for each in plan if number % 2 == 0 else reversed(plan):
                note(f"round {number + 1} of {self.options.runs}: {each[0]} {each[1]}")
                got = self.processes[each[0]].measure(*each, self.options.seconds)
                if got["wrong"]:
                    self.wrong.append(f"{each[0]} {each[1]}, {each[2]} threads: {got['wrong']}")
                self.slices.setdefault(each, []).append(got)
        note("")
        for process in set(self.processes.values()):
            process.end()

    def median(self, what, field):
        return statistics.median(each[field] for each in self.slices[what])

    def results(self):
        out = []
        for (name, case, threads), rounds in self.slices.items():
            rates = [each["tokens_per_second"] for each in rounds]
            row = {
                "name": f"validate.{case}{'_2t' if threads == 2 else ''}.{name}",
                "contestant": name, "version": self.about[name]["version"], "case": case, "threads": threads,
                "tokens_per_second": round(statistics.median(rates), 1),
                "least": round(min(rates), 1), "most": round(max(rates), 1),
                "cpu_us": round(self.median((name, case, threads), "cpu_us"), 4),
            }
            if "allocations" in rounds[0]:
                row["allocations"] = round(self.median((name, case, threads), "allocations"), 2)
            out.append(row)
        return out

    def share(self):
        """How much of the processors the threads of pks and openssl_raw got: less than 1 where others ran too."""
        shares = [each["cpu_us"] * each["tokens_per_second"] / 1e6 / each["threads"]
                  for (name, _, _), rounds in self.slices.items() if name in (PKS, RAW) for each in rounds]
        return statistics.median(shares) if shares else None

    def best_peer(self):
        peers = [each for each in self.slices if each[1:] == ("rs256", 1) and each[0] not in (PKS, RAW)]
        return max(peers, key=lambda each: self.median(each, "tokens_per_second"))[0] if peers else None

    def ratio(self, name, by_cpu=False):
        """The median over the rounds: in a round both had the same machine. Nothing where one of both is missing."""
        what, over, field, _ = RATIOS[name]
        if over and over[0] == BEST:
            over = (self.best_peer(), *over[1:])
        if what not in self.slices or (over and over not in self.slices):
            return None
        if by_cpu:
            return statistics.median(
                b["cpu_us"] / a["cpu_us"] for a, b in zip(self.slices[what], self.slices[over]))
        divisors = [each[field] for each in self.slices[over]] if over else [1] * self.options.runs
        return statistics.median(each[field] / by for each, by in zip(self.slices[what], divisors))

    def ratios(self):
        found = {name: self.ratio(name) for name in RATIOS}
        return {name: value for name, value in found.items() if value is not None}

    def cpu_ratios(self):
        """The same by CPU time, which a neighbour on the machine disturbs less; of what one thread does."""
        return {name: self.ratio(name, by_cpu=True) for name in self.ratios()
                if RATIOS[name][2] == "tokens_per_second" and RATIOS[name][0][2] == 1}


def note(text):
    if sys.stderr.isatty():
        print(f"\r{text:60}\r" if not text else f"\r{text:60}", end="", file=sys.stderr, flush=True)


def machine_of(contest):
    model = "unknown"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    return {"cpu": model, "cores": os.cpu_count(), **contest.machine}


def meets(value, goal):
    relation, limit = goal.split()
    return value >= float(limit) if relation == ">=" else value <= float(limit)


def print_table(contest, machine, results, ratios):
    options = contest.options
    libraries = [f"{name} {machine[name.lower()]}" for name in ("OpenSSL", "Boost") if name.lower() in machine]
    print(", ".join([f"{machine['cores']} x {machine['cpu']}", machine.get("compiler", ""), *libraries]))
    print(f"median of {options.runs} rounds, {options.seconds:g} s each")
    print(f"\n{'':32} {'threads':>7} {'tokens/s':>10} {'least':>10} {'most':>10} {'CPU us':>9} {'allocations':>11}")
    for case, title in CASES.items():
        rows = [row for row in results if row["case"] == case]
        if not rows:
            continue
        print(title)
        for row in sorted(rows, key=lambda row: (row["threads"], -row["tokens_per_second"])):
            allocations = f"{row['allocations']:.1f}" if row["contestant"] == PKS else ""
            name = f"{row['contestant']} {row['version']}"
            rates = [f"{row[field]:10.0f}" for field in ("tokens_per_second", "least", "most")]
            print(f"  {name:30} {row['threads']:7} {' '.join(rates)} {row['cpu_us']:9.3f} {allocations:>11}".rstrip())
    by_cpu = contest.cpu_ratios()
    if ratios:
        print(f"\n{'':40} {'ratio':>8} {'by CPU':>8}  goal")
    for name, value in ratios.items():
        goal = RATIOS[name][3]
        title = f"{name} ({contest.best_peer()})" if name.endswith(BEST) else name
        other = f"{by_cpu[name]:.3f}" if name in by_cpu else ""
        print(f"{title:40} {value:8.3f} {other:>8}  {goal}{'' if meets(value, goal) else '  missed'}")
    share = contest.share()
    if share and share < 0.95:
        print(f"busy: pks and openssl_raw got {share:.0%} of the processors they ran on; ratios hold by CPU time only")
    for name, why in contest.skipped.items():
        print(f"skipped: {name} ({why})")
    for what in contest.wrong:
        print(f"wrong verdicts: {what}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("data")
    parser.add_argument("--json")
    parser.add_argument("--svg")
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--install", action="store_true")
    contest = Contest(parser.parse_args())
    contest.start()
    contest.run()
    machine, results, ratios = machine_of(contest), contest.results(), contest.ratios()
    print_table(contest, machine, results, ratios)
    if contest.options.json:
        report = {
            "machine": machine,
            "rounds": contest.options.runs,
            "seconds": contest.options.seconds,
            "share_of_processors": contest.share(),
            "results": results,
            "ratios": {name: round(value, 4) for name, value in ratios.items()},
            "ratios_by_cpu": {name: round(value, 4) for name, value in contest.cpu_ratios().items()},
            "goals": {name: RATIOS[name][3] for name in ratios},
            "best_peer": contest.best_peer(),
            "skipped": contest.skipped,
            "wrong": contest.wrong,
        }
        pathlib.Path(contest.options.json).write_text(json.dumps(report, indent=1) + "\n")
    if contest.options.svg:
        import plot
        plot.draw(results, machine, contest.options.svg)
    return 1 if contest.wrong else 0 if results else 3


if __name__ == "__main__":
    sys.exit(main())
