"""How long after its deadline an operation ends that is stuck, for each way to be stuck."""
import pathlib

from contest import Missing, Process, note

PERCENTILES = {"p50": 500, "p99": 990, "p99.9": 999, "most": 1000}  # in thousandths
# Of the operations, those which have to come as far as the stall is: less than all, since a machine may be too busy to
# shake hands in time. Where all wait for the same, one does.
SEEN = 0.5
TOGETHER = ("place", "token")


def percentiles(values):
    ordered = sorted(values)
    # The smallest value that so many are not above.
    return {name: ordered[-(-part * len(ordered) // 1000) - 1] for name, part in PERCENTILES.items()}


class Deadlines:
    def __init__(self, options):
        ca_file = str(pathlib.Path(options.folder, "stalls_ca.pem"))
        programs = pathlib.Path(options.program)
        # At the end of each slice all wait for the last operation: fewer of them, and longer ones.
        self.rate, self.seconds, self.runs = options.deadline_rate, 3 * options.seconds, -(-options.runs // 3)
        self.wrong = []
        self.overruns = {}
        self.server = Process([str(programs / "bench_load_stalls"), ca_file])
        self.client = Process([str(programs / "bench_load_deadline"), ca_file])
        self.stalls = self.server.about["stalls"]

    def run(self):
        for number in range(self.runs):
            for stall in self.stalls if number % 2 == 0 else reversed(self.stalls):
                note(f"round {number + 1} of {self.runs}: stall {stall['name']}")
                self.measure(stall)
        note("")
        self.client.end()
        self.server.end()

    def measure(self, stall):
        name, rate = stall["name"], self.rate * stall["share"]
        expected = int(rate * self.seconds) + 100
        before = self.server.measure(name, expected)
        got = self.client.measure(name, stall["port"], rate, self.seconds)
        after = self.server.measure(name, 0)
        seen = {key: after[key] - before[key] for key in before}
        self.overruns.setdefault(name, []).extend(got["overruns_us"])
        if got["failed"]:
            self.wrong.append(f"{name}: {got['failed']} ended otherwise than by their deadline: {got['first_failure']}")
        if min(got["overruns_us"]) < 0:
            self.wrong.append(f"{name}: one ended before its deadline")
        least = 1 if name in TOGETHER else SEEN * got["operations"]
        reached = stall["reaches"]
        if (reached and seen[reached] < least) or any(seen[each] for each in stall["never_reaches"]):
            self.wrong.append(f"{name}: of {got['operations']} operations the server saw {seen}")

    def results(self):
        """In milliseconds, of all rounds together. The last one is of all stalls; the timer alone is none."""
        rows = [{"name": stall["name"], "what": stall["what"], "operations": len(self.overruns[stall["name"]]),
                 **self.row(self.overruns[stall["name"]])} for stall in self.stalls]
        every = [value for name, values in self.overruns.items() if name != "timer" for value in values]
        return rows + [{"name": "all", "what": "all of them", "operations": len(every), **self.row(every)}]

    @staticmethod
    def row(values):
        return {name: round(value / 1000, 3) for name, value in percentiles(values).items()}


def measured(options, wrong):
    """What goes into the report; nothing where a program is missing."""
    note("waiting for the servers that stall")
    try:
        what = Deadlines(options)
    except Missing as why:
        wrong.append(f"deadlines: {why}")
        return None
    what.run()
    wrong += what.wrong
    about = what.client.about
    return {"rate": what.rate, "shortest_ms": about["shortest_ms"], "longest_ms": about["longest_ms"],
            "stalls": what.results()}


def print_table(report):
    print(f"stuck operations: {report['rate']:g} are started a second, with {report['shortest_ms']} to "
          f"{report['longest_ms']} ms to end in; milliseconds from its deadline to its end\n"
          f"{'':40} {'operations':>10} " + " ".join(f"{p:>8}" for p in PERCENTILES))
    for row in report["stalls"]:
        print(f"  {row['what']:38} {row['operations']:10} " + " ".join(f"{row[p]:8.2f}" for p in PERCENTILES))


# name: (its value, goal)
RATIOS = {
    "deadline.overrun_ms": (lambda got: max(row["p99.9"] for row in got["stalls"] if row["name"] != "timer"), "<= 50"),
}
