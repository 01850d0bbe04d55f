"""A picture of a few-shot run: test episodes with their predictions, and the training curve."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hpbench.report.plot import accuracy_axis, png

_CLASSES = 10
"""Classes of an episode that are shown."""

_QUERIES = 2
"""Queries of a class that are shown."""

_WORDS = 0.3
"""Height of the line of text in a query's frame, of the image's height."""


def episodes_picture(record: Any) -> bytes:
    """A PNG of a run: support above query samples of some episodes, and validation accuracy with its band.

    In the frame of a query stands the predicted class; both are red if it is wrong. A learner that is not
    meta-trained has no curve.
    """
    row, details, shown = record.row, record.details, record.shown
    looks = details["training"]["looks"]
    heights = [2.6] * len(shown) + ([2.6] if looks else [])
    figure = Figure(figsize=(11, sum(heights) + 0.4), layout="constrained")
    grid = figure.add_gridspec(len(heights), 1, height_ratios=heights)
    for number, episode in enumerate(shown):
        _episode(figure.add_subfigure(grid[number]), episode, f"{row['evaluated_on']} episode {number + 1}")
    if looks:
        _curve(figure.add_subplot(grid[-1]), looks, row, details["validated"])
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
        axis.set(xticks=[], yticks=[])
    for label in range(ways):
        _image(axes[0, label], episode.support[label], f"class {label + 1}", "black")
        for query in range(queries):
            place = query * episode.ways + label
            predicted = int(episode.predicted[place])
            color = "black" if predicted == label else "red"
            _image(axes[1 + query, label], episode.query[place], f"class {predicted + 1}", color)
    for line, axis in enumerate(axes[:, 0]):
        axis.set_ylabel(f"query {line}" if line else "support", fontsize=7)
    left_out = f"; {episode.ways - ways} more classes are not shown" if episode.ways > ways else ""
    part.suptitle(
        f"{name}: a column for each class{left_out}; in a query's frame: the predicted class, red if wrong",
        fontsize=8,
        x=0.01,
        ha="left",
    )


def _image(axis: Axes, image: NDArray[np.float32], words: str, color: str) -> None:
    """An image (H, W) above its words, both in one frame."""
    height = len(image)
    axis.imshow(1 - image, cmap="gray", vmin=0, vmax=1)
    axis.set_ylim(height * (1 + _WORDS), -0.5)
    axis.text(0.5, 0.02, words, transform=axis.transAxes, fontsize=7, color=color, ha="center", va="bottom")
    axis.spines[:].set_color(color)


def _curve(axis: Axes, looks: list[dict[str, Any]], row: dict[str, Any], shape: dict[str, int]) -> None:
    """Validation accuracy over the steps of meta-training."""
    steps = [look["step"] for look in looks]
    found = np.array([look["accuracy"] for look in looks])
    band = np.array([look["interval"] for look in looks])
    of = f"{shape['ways']}-way {shape['shots']}-shot validation episodes"
    mean = f"mean accuracy of {shape['episodes']} episodes, with 95 % band"
    axis.plot(steps, 100 * found, marker=".", label=mean)
    axis.fill_between(steps, 100 * (found - band), 100 * (found + band), alpha=0.25)
    axis.axvline(row["kept_step"], color="gray", linestyle=":", label="weights that are tested")
    axis.set(xlabel="steps of meta-training", title=f"Meta-training: {of}, not those above")
    axis.title.set_fontsize(8)
    accuracy_axis(axis, [*(found - band), *(found + band)])
    if any(look["loss"] is not None for look in looks):
        losses = axis.twinx()
        [line] = losses.plot(steps, [look["loss"] for look in looks], color="tab:orange")
        losses.set_ylabel("training loss", color="tab:orange")
        axis.plot([], [], color=line.get_color(), label="training loss")
    axis.legend(fontsize="small", loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=3)
