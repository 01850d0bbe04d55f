"""A picture of several runs: their accuracies by strategy, each seed and the mean with its interval."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from hpbench.boards.ranking import mean_and_interval
from hpbench.report.plot import accuracy_axis, png


def comparison_picture(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """A PNG with a column for each strategy and its settings: a point per seed, mean ± 95 % interval."""
    groups: dict[tuple[str, ...], list[float]] = {}
    for row in rows:
        groups.setdefault((row["scenario"], row["strategy"], row["overrides"]), []).append(row["accuracy"])
    titles = _titles(list(groups))
    figure = Figure(figsize=(2 + 0.9 * len(groups), 4), layout="constrained")
    axis = figure.subplots()
    for place, accuracies in enumerate(groups.values()):
        mean, interval = mean_and_interval(accuracies)
        axis.plot([place] * len(accuracies), [100 * one for one in accuracies], ".", color="0.6")
        axis.errorbar(place, 100 * mean, 100 * (interval or 0.0), fmt="o", capsize=4)
    axis.set_xticks(range(len(groups)), titles, rotation=30, ha="right", fontsize="small")
    axis.set_xlim(-0.5, len(groups) - 0.5)
    accuracy_axis(axis, [one for some in groups.values() for one in some])
    seeds = sorted({len(some) for some in groups.values()})
    figure.suptitle(f"mean ± 95 % interval over {' or '.join(map(str, seeds))} seeds", fontsize="small")
    return png(figure)


def _titles(groups: Sequence[tuple[str, ...]]) -> list[str]:
    """What tells the groups apart: the parts in which they differ."""
    differing = [place for place in range(3) if len({group[place] for group in groups}) > 1] or [1]
    return [
        "\n".join(filter(None, (group[place][:60] for place in differing))) or groups[0][1]
        for group in groups
    ]
