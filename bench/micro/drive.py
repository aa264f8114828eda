"""Lets the subjects of bench/micro run by turns, and says what came of it."""
import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "common"))

from contest import (Contest, Process, found, machine_of, meets, options_parser, print_heading, print_ratio,
                     print_troubles, rounded, write_report)

SUBJECTS = ["post", "token_cached", "erased_operation", "client_operation", "policy_lease", "connection_lease"]

# name: (what, over what, the field that is compared, goal); those without a goal are told all the same.
RATIOS = {
    "micro.token_cached/post": (("token_cached",), ("post",), "ns", "<= 3"),
    "micro.token_cached.allocations": (("token_cached",), None, "allocations", "<= 0"),
    "micro.erased_operation/post": (("erased_operation",), ("post",), "ns", None),
    "micro.client_operation/post": (("client_operation",), ("post",), "ns", None),
    "micro.policy_lease/post": (("policy_lease",), ("post",), "ns", None),
    "micro.connection_lease/post": (("connection_lease",), ("post",), "ns", None),
}


def results_of(contest):
    out = []
    for (name,), rounds in contest.slices.items():
        times = [each["ns"] for each in rounds]
        out.append({
            "name": f"micro.{name}", "ns": round(statistics.median(times), 1), "least": round(min(times), 1),
            "most": round(max(times), 1), "allocations": round(contest.median((name,), "allocations"), 2)})
    return sorted(out, key=lambda row: SUBJECTS.index(row["name"].removeprefix("micro.")))


def draw(results, machine, file):
    import bars
    rows = [(row["name"].removeprefix("micro."), row["ns"], row["least"], row["most"],
             bars.LIMIT if row["name"] == "micro.post" else bars.OURS) for row in reversed(results)]
    bars.draw([("nanoseconds of CPU each", rows)], machine, file)


def main():
    contest = Contest(options_parser().parse_args())
    names = contest.wanted(SUBJECTS)
    contest.admit(names, lambda: Process([contest.options.program, "serve", *names]), needed=True)
    contest.run([(name,) for name in names], contest.options.seconds)
    contest.end()
    machine, results = machine_of(contest), results_of(contest)
    ratios = rounded(found({name: contest.ratio(*each[:3]) for name, each in RATIOS.items()}), 3)
    print_heading(contest, machine)
    print(f"{'':32} {'CPU ns':>9} {'least':>9} {'most':>9} {'allocations':>11}")
    for row in results:
        print(f"{row['name']:32} {row['ns']:9.1f} {row['least']:9.1f} {row['most']:9.1f} {row['allocations']:11.2f}")
    if ratios:
        print(f"\n{'':40} {'ratio':>8} {'':>8}  goal")
    for name, value in ratios.items():
        print_ratio(name, value, RATIOS[name][3])
    print_troubles(contest, "wrong")
    write_report(contest, machine, {
        "results": results, "ratios": ratios,
        "goals": {name: RATIOS[name][3] for name in ratios if RATIOS[name][3]}})
    if contest.options.svg:
        draw(results, machine, contest.options.svg)
    goals = [(value, RATIOS[name][3]) for name, value in ratios.items() if RATIOS[name][3]]
    if contest.options.strict and not all(meets(value, goal) for value, goal in goals):
        return 1
    return 0 if results else 3


if __name__ == "__main__":
    sys.exit(main())
