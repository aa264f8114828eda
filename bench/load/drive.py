"""Puts pks::client and what others use under the same load, by turns, and says what came of it."""
import math
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from contest import (Contest, Missing, Process, found, machine_of, meets, note, options_parser, print_heading,
                     print_ratio, print_troubles, rounded, write_report)
import deadlines

PKS = "pks"
COROUTINE = "pks_coroutine"
LIBCURL = ["libcurl", "libcurl_epoll"]
CASES = {
    "get": "GET, kept connections",
    "list": "async_list_clusters: the same, and the reply is read",
    "login": "login, a new connection each, full handshake",
    "login_resumed": "login, a new connection each, session resumed",
    "login_pooled": "login, kept connections",
}
# In a round, what a goal compares lies side by side.
PLAN = [("wrk", "get"), (PKS, "get"), ("libcurl", "get"), ("libcurl_epoll", "get"), ("beast", "get"),
        (COROUTINE, "get"), (PKS, "list"), ("h2load", "get"), ("undici", "get"),
        ("libcurl", "login"), (PKS, "login"), (PKS, "login_resumed"), ("openssl", "login_resumed"),
        ("openssl", "login"), ("libcurl_epoll", "login"),
        ("libcurl", "login_resumed"),
        ("wrk", "login_resumed"), ("undici", "login"), ("undici", "login_resumed"), (PKS, "login_pooled"),
        ("libcurl", "login_pooled"), ("wrk", "login_pooled"), ("undici", "login_pooled")]
OPEN_LOOP = [(PKS, "get"), ("libcurl_epoll", "get"), ("undici", "get"), (PKS, "login"), ("libcurl_epoll", "login"),
             ("undici", "login")]
ALL_OUT = "all_out"

# name: (what, over what, goal), of the processor time for each operation.
RATIOS = {
    "get.cpu/wrk": ((PKS, "get"), ("wrk", "get"), "<= 1.15"),
    "get.cpu/libcurl": ((PKS, "get"), ("libcurl", "get"), "<= 0.35"),
    "get.cpu/libcurl_epoll": ((PKS, "get"), ("libcurl_epoll", "get"), None),
    "get.cpu/h2load": ((PKS, "get"), ("h2load", "get"), None),
    "get.cpu/beast": ((PKS, "get"), ("beast", "get"), None),
    "get.cpu/undici": ((PKS, "get"), ("undici", "get"), None),
    "login.cpu/libcurl": ((PKS, "login"), ("libcurl", "login"), "<= 0.65"),
    "login.cpu/openssl": ((PKS, "login"), ("openssl", "login"), None),
    "login.cpu/libcurl_epoll": ((PKS, "login"), ("libcurl_epoll", "login"), None),
    "login.cpu/undici": ((PKS, "login"), ("undici", "login"), None),
    "login_resumed.cpu/login.cpu": ((PKS, "login_resumed"), (PKS, "login"), "<= 0.5"),
    "login_resumed.cpu/openssl": ((PKS, "login_resumed"), ("openssl", "login_resumed"), None),
    "login_resumed.cpu/libcurl": ((PKS, "login_resumed"), ("libcurl", "login_resumed"), None),
    "login_pooled.cpu/libcurl": ((PKS, "login_pooled"), ("libcurl", "login_pooled"), None),
}
PERCENTILES = ["p50", "p90", "p99", "p99.9", "most"]


class Tool:
    """A load generator that is a program of its own: run for each slice. It knows closed loops alone."""

    def __init__(self, name, version, cases, command, operations):
        if not shutil.which(name):
            raise Missing(f"not installed; Debian package: {'nghttp2-client' if name == 'h2load' else name}")
        said = subprocess.run([name, version], capture_output=True, text=True)
        number = re.search(r"\d+(\.\d+)+", said.stdout + said.stderr)
        self.about = {"contestants": [{"name": name, "version": number[0] if number else "", "cases": cases}]}
        self.command = command
        self.operations = operations

    def measure(self, name, case, port, connections, _, seconds):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        ran = subprocess.run(self.command(case, port, connections, math.ceil(seconds)), capture_output=True, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        good, failed, took = self.operations(ran.stdout)
        if ran.returncode or not good:
            return {"failed": f"ended with {ran.returncode}: {(ran.stdout + ran.stderr).strip()[-300:]}", "operations": 0,
                    "per_second": 0, "cpu_us": math.nan}
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return {"operations": good, "failed": failed, "per_second": good / took, "cpu_us": cpu / good * 1e6}

    def end(self):
        pass


TOKEN = "Authorization: bearer " + "a" * 1258


def wrk(folder):
    script = pathlib.Path(folder, "login.lua")
    script.write_text('wrk.method = "POST"\nwrk.body = "grant_type=client_credentials&client_id=automated-client'
                      '&client_secret=automated-secret"\n'
                      'wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"\n')

    def command(case, port, connections, seconds):
        more = ["-H", TOKEN, "-H", "Accept: application/json"]
        if case != "get":
            more = ["-s", str(script)] + (["-H", "Connection: close"] if case == "login_resumed" else [])
        path = "v1/clusters" if case == "get" else "oauth/token"
        return ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", *more, f"https://127.0.0.1:{port}/{path}"]

    def operations(text):
        done = re.search(r"(\d+) requests in ([\d.]+)(us|ms|s|m),", text)
        if not done:
            return 0, 0, 1
        bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
        # The end of each connection that the server closes is one of its read errors.
        errors = re.search(r"Socket errors: connect (\d+), read \d+, write (\d+), timeout (\d+)", text)
        unit = {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60}[done[3]]
        return int(done[1]), int(bad[1] if bad else 0) + sum(map(int, errors.groups() if errors else ())), \
            float(done[2]) * unit

    # With `Connection: close` it connects anew, and always offers its last session.
    return Tool("wrk", "--version", ["get", "login_resumed", "login_pooled"], command, operations)


def h2load():
    def command(_, port, connections, seconds):
        return ["h2load", "--h1", "-t1", f"-c{connections}", "-m1", "-D", str(seconds), "-H", TOKEN, "-H",
                "Accept: application/json", f"https://127.0.0.1:{port}/v1/clusters"]

    def operations(text):
        rate = re.search(r"finished in ([\d.]+)(us|ms|s|m)", text)
        done = re.search(r"(\d+) succeeded, (\d+) failed, (\d+) errored", text)
        if not rate or not done:
            return 0, 0, 1
        unit = {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60}[rate[2]]
        return int(done[1]), int(done[2]) + int(done[3]), float(rate[1]) * unit

    return Tool("h2load", "--version", ["get"], command, operations)


class Loading(Contest):
    def start(self):
        programs = pathlib.Path(self.options.program)
        ca_file = str(pathlib.Path(self.options.folder, "ca.pem"))
        note("waiting for the server")
        try:
            self.server = Process([str(programs / "bench_load_server"), ca_file])
        except Missing as why:
            sys.exit(f"the server: {why}")
        self.ca_file = ca_file
        curl = programs / "bench_load_curl"
        install = ["--install"] if self.options.install else []
        self.admit(self.wanted([PKS]), lambda: Process([str(programs / "bench_load"), "serve", ca_file]), needed=True)
        self.admit(self.wanted([COROUTINE]),
                   lambda: Process([str(programs / "bench_load"), "serve_coroutine", ca_file]))
        beast = programs / "bench_load_beast"
        self.admit(self.wanted(["beast"]), lambda: Process([str(beast), "serve", ca_file]))
        openssl = programs / "bench_load_openssl"
        self.admit(self.wanted(["openssl"]), lambda: Process([str(openssl), "serve", ca_file]))
        self.admit(self.wanted(LIBCURL), lambda: self.built(curl, ca_file))
        self.admit(self.wanted(["wrk"]), lambda: wrk(self.options.folder))
        self.admit(self.wanted(["h2load"]), h2load)
        self.admit(self.wanted(["undici"]), lambda: Process([str(HERE / "peers" / "node" / "run"), *install, ca_file]))

    @staticmethod
    def built(program, ca_file):
        if not program.exists():
            raise Missing("not there when the programs were built; Debian package: libcurl4-openssl-dev")
        return Process([str(program), "serve", ca_file])

    def port_of(self, case):
        return self.server.about["resuming_port" if case == "login_resumed" else "full_port"]

    def rate_of(self, case):
        return self.options.rate if case == "get" else self.options.login_rate

    def can(self, name, case):
        return name in self.about and case in self.about[name]["cases"] and \
            (not self.options.case or case in self.options.case)

    def measure(self, what, seconds):
        """Asks the server, too: what was done, and how."""
        name, case, load = what
        rate = 0 if load == ALL_OUT else self.rate_of(case)
        before = self.server.measure("count")
        got = self.processes[name].measure(name, case, self.port_of(case), self.options.connections, rate, seconds)
        after = self.server.measure("count")
        seen = {key: after[key] - before[key] for key in ("connections", "resumed", "requests")}
        if got["failed"]:
            got["wrong"] = f"failed: {got['failed']}"
        elif seen["requests"] < got["operations"]:
            got["wrong"] = f"{seen['requests']} requests for {got['operations']} operations"
        elif name == PKS and case == "login_resumed" and \
                seen["resumed"] < 0.9 * (seen["connections"] - 2 * self.options.connections):
            # Those which are opened first have no session.
            got["wrong"] = f"{seen['resumed']} of {seen['connections']} connections were resumed"
        elif case == "login" and (seen["resumed"] or seen["connections"] < got["operations"]):
            got["wrong"] = f"{seen['connections']} connections, {seen['resumed']} of them resumed"
        elif case in ("get", "list", "login_pooled") and seen["connections"] > 3 * self.options.connections:
            got["wrong"] = f"{seen['connections']} connections were opened"
        return {**got, "server": seen}

    def log_in_at_once(self):
        if PKS not in self.about or not self.options.logins or (self.options.case and "login" not in self.options.case):
            return None
        note(f"{self.options.logins} logins at once")
        program = str(pathlib.Path(self.options.program, "bench_load"))
        before = self.server.measure("count")
        ran = subprocess.run([program, "at_once", self.ca_file, str(self.port_of("login")), str(self.options.logins)],
                             capture_output=True, text=True)
        after = self.server.measure("count")
        note("")
        if ran.returncode:
            self.wrong.append(f"{self.options.logins} logins at once: {ran.stderr.strip()}")
            return None
        import json
        out = json.loads(ran.stdout)
        out["server_connections"] = after["connections"] - before["connections"]
        out["server_requests"] = after["requests"] - before["requests"]
        if out["succeeded"] != out["logins"] or out["server_connections"] != out["logins"]:
            self.wrong.append(f"{out['logins']} logins at once: {out['succeeded']} succeeded over "
                              f"{out['server_connections']} connections; {out['first_failure']}")
        return out

    def stick(self):
        if PKS not in self.about or (self.options.case and "deadline" not in self.options.case):
            return None
        return deadlines.measured(self.options, self.wrong)

    def results(self):
        out = []
        for (name, case, load), rounds in self.slices.items():
            what = (name, case, load)
            row = {"name": f"{case}.{name}" + ("" if load == ALL_OUT else ".open_loop"), "contestant": name,
                   "version": self.about[name]["version"], "case": case,
                   "per_second": round(self.median(what, "per_second"), 1)}
            if load == ALL_OUT:
                costs = [each["cpu_us"] for each in rounds]
                row.update(cpu_us=round(statistics.median(costs), 2), least=round(min(costs), 2),
                           most=round(max(costs), 2))
            if case == "login_resumed":
                row["resumed"] = round(statistics.median(
                    each["server"]["resumed"] / max(each["server"]["connections"], 1) for each in rounds), 3)
            if name in (PKS, COROUTINE) and load == ALL_OUT:
                row["allocations"] = round(self.median(what, "allocations"), 1)
            if load != ALL_OUT:
                row["rate"] = self.rate_of(case)
                for kind in ("corrected", "raw"):
                    row[kind] = {p: round(statistics.median(each[kind][p] for each in rounds), 1) for p in PERCENTILES
                                 if all(p in each[kind] for each in rounds)}
            out.append(row)
        return out

    def ratios(self):
        return found({name: self.ratio((*what, ALL_OUT), (*over, ALL_OUT), "cpu_us")
                      for name, (what, over, _) in RATIOS.items()})


def print_tables(contest, results):
    if not results:
        return
    print(f"{contest.options.connections} connections, each busy all the time\n"
          f"{'':32} {'CPU us':>9} {'least':>9} {'most':>9} {'a second':>10} {'allocations':>11}")
    for case, title in CASES.items():
        rows = [row for row in results if row["case"] == case and "rate" not in row]
        if rows:
            print(title)
        for row in sorted(rows, key=lambda row: row["cpu_us"]):
            print(f"  {row['contestant'] + ' ' + row['version']:30} {row['cpu_us']:9.2f} {row['least']:9.2f} "
                  f"{row['most']:9.2f} {row['per_second']:10.0f} {row.get('allocations', ''):>11}"
                  f"{'' if 'resumed' not in row else '  {:.0%} resumed'.format(row['resumed'])}".rstrip())
    for case, title in CASES.items():
        rows = [row for row in results if row["case"] == case and "rate" in row]
        if rows:
            print(f"\n{title}: {rows[0]['rate']:g} a second; milliseconds from the intended start (corrected), and from "
                  f"the real one (raw)\n{'':32} {'':>9} " + " ".join(f"{p:>8}" for p in PERCENTILES))
        for row in rows:
            for kind in ("corrected", "raw"):
                name = f"{row['contestant']} {row['version']}" if kind == "corrected" else ""
                values = " ".join(f"{row[kind][p] / 1000:8.2f}" if p in row[kind] else f"{'':8}" for p in PERCENTILES)
                print(f"  {name:30} {kind:>9} {values}")


AT_ONCE = {
    "at_once.succeeded": (lambda got: got["succeeded"] / got["logins"], ">= 1"),
    "at_once.seconds": (lambda got: got["seconds"], "<= 30"),
    "at_once.peak_mb": (lambda got: got["peak_mb"], "<= 1500"),
    "at_once.descriptors_left": (lambda got: got["descriptors_left"], "<= 0"),
}


def draw(results, stuck, machine, file):
    import bars

    def colour(row):
        return bars.OURS if row["contestant"] in (PKS, COROUTINE) else bars.OTHERS

    panels = []
    for case in ("get", "login", "login_resumed", "login_pooled"):
        rows = [row for row in results if row["case"] == case and "rate" not in row]
        rows.sort(key=lambda row: -row["cpu_us"])
        panels.append((f"{CASES[case]}: us of the client's CPU each", [
            (f"{row['contestant']} {row['version']}", row["cpu_us"], row["least"], row["most"], colour(row))
            for row in rows]))
    for row in results:
        if row["contestant"] == PKS and row.get("corrected"):
            values = [(f"{kind} {p}", row[kind][p]) for kind in ("raw", "corrected") for p in reversed(PERCENTILES[:-1])]
            panels.append((f"pks, {CASES[row['case']]}: latency in us at {row['rate']:g} a second", [
                (name, value, value, value, bars.OURS if name.startswith("corrected") else bars.LIMIT)
                for name, value in values]))
    if stuck:
        panels.append((f"pks, stuck operations, {stuck['rate']:g} a second: ms from the deadline to the end, p99.9", [
            (row["what"], *[row["p99.9"]] * 3, bars.OURS) for row in reversed(stuck["stalls"])]))
    panels = [panel for panel in panels if panel[1]]
    if not panels:
        raise SystemExit("nothing to draw")
    bars.draw(panels, machine, file)


def main():
    parser = options_parser()
    parser.add_argument("folder")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--rate", type=float, default=5000)
    parser.add_argument("--login-rate", type=float, default=200)
    parser.add_argument("--logins", type=int, default=10000)
    parser.add_argument("--deadline-rate", type=float, default=500)
    parser.add_argument("--case", action="append", default=[])
    contest = Loading(parser.parse_args())
    contest.start()
    plan = [(name, case, ALL_OUT) for name, case in PLAN if contest.can(name, case)]
    plan += [(name, case, "open_loop") for name, case in OPEN_LOOP if contest.can(name, case)]
    contest.run(plan, contest.options.seconds)
    at_once = contest.log_in_at_once()
    contest.end()
    contest.server.end()
    machine, results, ratios = machine_of(contest), contest.results(), contest.ratios()
    goals = {name: RATIOS[name][2] for name in ratios if RATIOS[name][2]}
    if at_once:
        ratios.update((name, value(at_once)) for name, (value, _) in AT_ONCE.items())
        goals.update((name, goal) for name, (_, goal) in AT_ONCE.items())
    stuck = contest.stick()
    if stuck:
        ratios.update((name, value(stuck)) for name, (value, _) in deadlines.RATIOS.items())
        goals.update((name, goal) for name, (_, goal) in deadlines.RATIOS.items())
    print_heading(contest, machine)
    print_tables(contest, results)
    if results and stuck:
        print()
    if stuck:
        deadlines.print_table(stuck)
    if ratios:
        print(f"\n{'':40} {'':>8} {'':>8}  goal")
    resumed = [f"{row['resumed']:.0%} resumed" for row in results
               if row["contestant"] == "libcurl" and row["case"] == "login_resumed"]
    for name, value in ratios.items():
        # A peer that resumes fewer connections does more for the same login.
        print_ratio(name, value, goals.get(name), resumed[-1] if name == "login_resumed.cpu/libcurl" else "")
    print_troubles(contest, "wrong")
    write_report(contest, machine, {
        "connections": contest.options.connections, "results": results, "at_once": at_once,
        "deadlines": stuck, "ratios": rounded(ratios),
        "goals": goals})
    if contest.options.svg:
        draw(results, stuck, machine, contest.options.svg)
    if contest.wrong or (contest.options.strict and not all(meets(ratios[name], goal) for name, goal in goals.items())):
        return 1
    return 0 if results or stuck else 3


if __name__ == "__main__":
    sys.exit(main())
