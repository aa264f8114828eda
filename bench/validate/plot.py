"""The plot of bench/validate, from its results."""
import matplotlib
from matplotlib import pyplot, ticker

matplotlib.use("svg")
# Text stays text, and the same results give the same file.
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "pks", "font.family": "sans-serif", "font.size": 9})

OURS, LIMIT, OTHERS = "#1f5fa8", "#8a8a8a", "#c9d3de"
PANELS = [("rs256", "RS256, distinct tokens"), ("cached", "RS256, tokens that come again")]


def draw(results, machine, file):
    alone = sorted((row for row in results if row["threads"] == 1), key=lambda row: row["tokens_per_second"])
    panels = [(title, [row for row in alone if row["case"] == case]) for case, title in PANELS]
    panels = [(title, rows) for title, rows in panels if rows]
    if not panels:
        raise SystemExit("nothing to draw: neither rs256 nor cached was measured")
    heights = [len(rows) + 1.2 for _, rows in panels]
    figure, axes = pyplot.subplots(
        len(panels), 1, figsize=(7.5, 0.3 * sum(heights) + 0.6), squeeze=False,
        gridspec_kw={"height_ratios": heights})
    for axis, (title, rows) in zip(axes[:, 0], panels):
        names = [f"{row['contestant']} {row['version']}" for row in rows]
        rates = [row["tokens_per_second"] for row in rows]
        spread = [[row["tokens_per_second"] - row["least"] for row in rows],
                  [row["most"] - row["tokens_per_second"] for row in rows]]
        colours = [{"pks": OURS, "openssl_raw": LIMIT}.get(row["contestant"], OTHERS) for row in rows]
        bars = axis.barh(names, rates, xerr=spread, color=colours, height=0.7,
                         error_kw={"elinewidth": 0.8, "ecolor": "#444444"})
        axis.bar_label(bars, [f" {rate:,.0f}" for rate in rates], padding=3)
        axis.set_title(f"{title}: tokens per second, one thread", loc="left", fontsize=10)
        axis.set_xlim(0, max(row["most"] for row in rows) * 1.15)
        axis.xaxis.set_major_formatter(ticker.StrMethodFormatter("{x:,.0f}"))
        axis.spines[["top", "right"]].set_visible(False)
        axis.margins(y=0.02)
    figure.text(0.01, 0.005, f"{machine['cores']} x {machine['cpu']}; median, least and most of the rounds", fontsize=8,
                color="#555555")
    figure.tight_layout(rect=(0, 0.02, 1, 1))
    figure.savefig(file, format="svg", metadata={"Date": None})
