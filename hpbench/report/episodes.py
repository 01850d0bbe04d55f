"""A picture of a few-shot run: test episodes with their predictions, and the training curve."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hpbench.report.plot import png

_CLASSES = 10
"""Classes of an episode that are shown."""

_QUERIES = 2
"""Queries of a class that are shown."""


def episodes_picture(record: Any) -> bytes:
    """A PNG of a run: support above query samples of some episodes, and validation accuracy with its band.

    The title of a query is the predicted class, in red if it is wrong.
    """
    row, details, shown = record.row, record.details, record.shown
    figure = Figure(figsize=(11, 2.2 * len(shown) + 3), layout="constrained")
    grid = figure.add_gridspec(len(shown) + 1, 1, height_ratios=[2.2] * len(shown) + [2.6])
    for number, episode in enumerate(shown):
        _episode(figure.add_subfigure(grid[number]), episode, f"episode {number + 1}")
    _curve(figure.add_subplot(grid[-1]), details["training"]["looks"], row)
    figure.suptitle(
        f"{row['strategy']} on {row['scenario']} ({row['dataset']}, {row['n_way']}-way {row['k_shot']}-shot, "
        f"seed {row['seed']}): {row['accuracy']:.1%} ± {row['interval']:.1%}"
    )
    return png(figure)


def _episode(part: Any, episode: Any, name: str) -> None:
    """First support sample of each class above some queries of it."""
    ways = min(episode.ways, _CLASSES)
    queries = min(len(episode.query) // episode.ways, _QUERIES)
    axes = part.subplots(1 + queries, ways, squeeze=False)
    for axis in axes.flat:
        axis.set_axis_off()
    for label in range(ways):
        axes[0, label].imshow(1 - episode.support[label], cmap="gray", vmin=0, vmax=1)
        axes[0, label].set_title(f"class {label + 1}", fontsize=7)
        for query in range(queries):
            place = query * episode.ways + label
            predicted = int(episode.predicted[place])
            axes[1 + query, label].imshow(1 - episode.query[place], cmap="gray", vmin=0, vmax=1)
            axes[1 + query, label].set_title(
                f"→ {predicted + 1}", fontsize=7, color="black" if predicted == label else "red"
            )
    left_out = f", {episode.ways - ways} classes more" if episode.ways > ways else ""
    part.suptitle(f"{name}: support, then queries{left_out}", fontsize=8, x=0.01, ha="left")


def _curve(axis: Axes, looks: list[dict[str, Any]], row: dict[str, Any]) -> None:
    steps = [look["step"] for look in looks]
    found = np.array([look["accuracy"] for look in looks])
    band = np.array([look["interval"] for look in looks])
    axis.plot(steps, found, marker=".", label="validation episodes, with their 95 % band")
    axis.fill_between(steps, found - band, found + band, alpha=0.25)
    axis.axvline(row["kept_step"], color="gray", linestyle=":", label="kept")
    axis.set(xlabel="steps of meta-training", ylabel="accuracy")
    if any(look["loss"] is not None for look in looks):
        losses = axis.twinx()
        losses.plot(steps, [look["loss"] for look in looks], color="tab:orange")
        losses.set_ylabel("training loss", color="tab:orange")
    axis.legend(fontsize="small", loc="center right")
