"""Lets contestants run by turns, and works out what came of it: what the drivers of bench have in common."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile


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

    def measure(self, *words):
        self.child.stdin.write(" ".join(map(str, words)) + "\n")
        self.child.stdin.flush()
        return self.answer()

    def end(self):
        self.child.stdin.close()
        self.child.wait()


class Contest:
    """What was measured: of each slice, a tuple that begins with its contestant, a list over the rounds."""

    def __init__(self, options):
        self.options = options
        self.processes = {}  # by contestant
        self.about = {}
        self.machine = {}
        self.skipped = {}
        self.wrong = []
        self.slices = {}

    def wanted(self, names):
        return [name for name in names if not self.options.only or name in self.options.only]

    def admit(self, names, start, needed=False):
        """`start` makes a Process, or what is like one. Where a needed one is missing, there is nothing to measure."""
        if not names:
            return
        note(f"waiting for {' '.join(names)}")
        try:
            process = start()
        except Missing as why:
            if needed:
                note("")
                print(why, file=sys.stderr)
                sys.exit(3)
            self.skipped.update((name, str(why)) for name in names)
            return
        self.machine.update(process.about.get("machine", {}))
        self.wrong += process.about.get("wrong", [])
        for each in process.about["contestants"]:
            if each["name"] not in names:
                continue
            self.processes[each["name"]] = process
            self.about[each["name"]] = each
        for name in names:
            if name not in self.about:
                self.skipped[name] = "not there when the programs were built"

    def measure(self, what, *more):
        return self.processes[what[0]].measure(*what, *more)

    def run(self, plan, *more):
        for number in range(self.options.runs):
            # To and fro, so that a machine that gets slower favours nobody.
            for each in plan if number % 2 == 0 else reversed(plan):
                note(f"round {number + 1} of {self.options.runs}: {' '.join(map(str, each[:2]))}")
                got = self.measure(each, *more)
                if got.get("wrong"):
                    self.wrong.append(f"{' '.join(map(str, each))}: {got['wrong']}")
                self.slices.setdefault(each, []).append(got)
        note("")

    def end(self):
        for process in set(self.processes.values()):
            process.end()

    def median(self, what, field):
        return statistics.median(each[field] for each in self.slices[what])

    def ratio(self, what, over, field, inverse=False):
        """The median over the rounds: in a round both had the same machine. Nothing where one of both is missing."""
        if what not in self.slices or (over and over not in self.slices):
            return None
        divisors = [each[field] for each in self.slices[over]] if over else [1] * len(self.slices[what])
        pairs = zip(self.slices[what], divisors)
        return statistics.median(by / each[field] if inverse else each[field] / by for each, by in pairs)


def found(ratios):
    return {name: value for name, value in ratios.items() if value is not None}


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


def print_heading(contest, machine):
    options = contest.options
    libraries = [f"{name} {machine[name.lower()]}" for name in ("OpenSSL", "Boost") if name.lower() in machine]
    print(", ".join([f"{machine['cores']} x {machine['cpu']}", machine.get("compiler", ""), *libraries]))
    print(f"median of {options.runs} rounds, {options.seconds:g} s each\n")


def print_ratio(title, value, goal, other=""):
    verdict = f"  {goal}{'' if meets(value, goal) else '  missed'}" if goal else ""
    print(f"{title:40} {value:8.3f} {other:>8}{verdict}".rstrip())


def print_troubles(contest, what):
    for name, why in contest.skipped.items():
        print(f"skipped: {name} ({why})")
    for each in contest.wrong:
        print(f"{what}: {each}")


def options_parser():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--json")
    parser.add_argument("--svg")
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--install", action="store_true")
    parser.add_argument("--strict", action="store_true")
    return parser


def rounded(ratios, digits=4):
    return {name: round(value, digits) for name, value in ratios.items()}


def write_report(contest, machine, members):
    if not contest.options.json:
        return
    report = {"machine": machine, "rounds": contest.options.runs, "seconds": contest.options.seconds, **members,
              "skipped": contest.skipped, "wrong": contest.wrong}
    pathlib.Path(contest.options.json).write_text(json.dumps(report, indent=1) + "\n")
