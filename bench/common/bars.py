"""Plots of bars, in SVG."""
import matplotlib
from matplotlib import pyplot, ticker

matplotlib.use("svg")
# Text stays text, and the same results give the same file.
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "pks", "font.family": "sans-serif", "font.size": 9})

OURS, LIMIT, OTHERS = "#1f5fa8", "#8a8a8a", "#c9d3de"


def draw(panels, machine, file):
    """Of each panel its title and its bars: name, median, least, most, colour."""
    heights = [len(bars) + 1.2 for _, bars in panels]
    figure, axes = pyplot.subplots(
        len(panels), 1, figsize=(7.5, 0.3 * sum(heights) + 0.6), squeeze=False,
        gridspec_kw={"height_ratios": heights})
    for axis, (title, rows) in zip(axes[:, 0], panels):
        names, values, least, most, colours = zip(*rows)
        spread = [[value - low for value, low in zip(values, least)], [high - value for value, high in zip(values, most)]]
        bars = axis.barh(names, values, xerr=spread, color=colours, height=0.7,
                         error_kw={"elinewidth": 0.8, "ecolor": "#444444"})
        axis.bar_label(bars, [f" {value:,.0f}" if value >= 100 else f" {value:.3g}" for value in values], padding=3)
        axis.set_title(title, loc="left", fontsize=10)
        axis.set_xlim(0, max(most) * 1.15)
        axis.xaxis.set_major_formatter(ticker.StrMethodFormatter("{x:,.0f}"))
        axis.spines[["top", "right"]].set_visible(False)
        axis.margins(y=0.02)
    figure.text(0.01, 0.005, f"{machine['cores']} x {machine['cpu']}; median, least and most of the rounds", fontsize=8,
                color="#555555")
    figure.tight_layout(rect=(0, 0.02, 1, 1))
    figure.savefig(file, format="svg", metadata={"Date": None})
