"""Lets the contestants of bench/validate run by turns, and says what came of it."""
import pathlib
import statistics
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from contest import (Contest, Process, found, machine_of, meets, options_parser, print_heading, print_ratio,
                     print_troubles, rounded, write_report)

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
DRAWN = {"rs256": "RS256, distinct tokens", "cached": "RS256, tokens that come again"}

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


class Validating(Contest):
    def start(self):
        program, data = self.options.program, self.options.data
        names = self.wanted(NATIVE)
        self.admit(names, lambda: Process([program, "serve", data, *names]), needed=True)
        install = ["--install"] if self.options.install else []
        for peer, all_of_it in PEERS.items():
            names = self.wanted(all_of_it)
            self.admit(names, lambda: Process([str(HERE / "peers" / peer / "run"), *install, data, *names]))

    def plan(self):
        possible = []
        for case in CASES:
            for name, about in self.about.items():
                if case not in about["cases"] or (name != PKS and case not in COMPARED):
                    continue
                threads = [1, 2] if case in IN_TWO_THREADS and about["threads"] > 1 else [1]
                possible += [(name, case, count) for count in threads]
        return [each for each in FIRST if each in possible] + [each for each in possible if each not in FIRST]

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
        shares = [each["cpu_us"] * each["tokens_per_second"] / 1e6 / threads
                  for (name, _, threads), rounds in self.slices.items() if name in (PKS, RAW) for each in rounds]
        return statistics.median(shares) if shares else None

    def best_peer(self):
        peers = [each for each in self.slices if each[1:] == ("rs256", 1) and each[0] not in (PKS, RAW)]
        return max(peers, key=lambda each: self.median(each, "tokens_per_second"))[0] if peers else None

    def ratio_of(self, name, by_cpu=False):
        what, over, field, _ = RATIOS[name]
        if over and over[0] == BEST:
            over = (self.best_peer(), *over[1:])
        return self.ratio(what, over, "cpu_us", inverse=True) if by_cpu else self.ratio(what, over, field)

    def ratios(self):
        return found({name: self.ratio_of(name) for name in RATIOS})

    def cpu_ratios(self):
        """The same by CPU time, which a neighbour on the machine disturbs less; of what one thread does."""
        return {name: self.ratio_of(name, by_cpu=True) for name in self.ratios()
                if RATIOS[name][2] == "tokens_per_second" and RATIOS[name][0][2] == 1}


def draw(results, machine, file):
    import bars
    colours = {PKS: bars.OURS, RAW: bars.LIMIT}
    panels = []
    for case, title in DRAWN.items():
        rows = [row for row in results if row["threads"] == 1 and row["case"] == case]
        rows.sort(key=lambda row: row["tokens_per_second"])
        panels.append((f"{title}: tokens per second, one thread", [
            (f"{row['contestant']} {row['version']}", row["tokens_per_second"], row["least"], row["most"],
             colours.get(row["contestant"], bars.OTHERS)) for row in rows]))
    panels = [panel for panel in panels if panel[1]]
    if not panels:
        raise SystemExit("nothing to draw: neither rs256 nor cached was measured")
    bars.draw(panels, machine, file)


def print_table(contest, machine, results, ratios):
    print_heading(contest, machine)
    print(f"{'':32} {'threads':>7} {'tokens/s':>10} {'least':>10} {'most':>10} {'CPU us':>9} {'allocations':>11}")
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
        print_ratio(title, value, goal, other)
    share = contest.share()
    if share and share < 0.95:
        print(f"busy: pks and openssl_raw got {share:.0%} of the processors they ran on; ratios hold by CPU time only")
    print_troubles(contest, "wrong verdicts")


def main():
    parser = options_parser()
    parser.add_argument("data")
    contest = Validating(parser.parse_args())
    contest.start()
    contest.run(contest.plan(), contest.options.seconds)
    contest.end()
    machine, results, ratios = machine_of(contest), contest.results(), contest.ratios()
    print_table(contest, machine, results, ratios)
    write_report(contest, machine, {
        "share_of_processors": contest.share(),
        "results": results,
        "ratios": rounded(ratios),
        "ratios_by_cpu": rounded(contest.cpu_ratios()),
        "goals": {name: RATIOS[name][3] for name in ratios},
        "best_peer": contest.best_peer(),
    })
    if contest.options.svg:
        draw(results, machine, contest.options.svg)
    missed = not all(meets(value, RATIOS[name][3]) for name, value in ratios.items())
    if contest.wrong or (contest.options.strict and missed):
        return 1
    return 0 if results else 3


if __name__ == "__main__":
    sys.exit(main())
