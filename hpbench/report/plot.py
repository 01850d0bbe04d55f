"""A picture of a run: its accuracy matrix and its learning curve; and what all pictures share."""

import io
import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

LEGIBLE = 15
"""Experiences up to which cells and curves are labelled one by one."""

_BUNCHED = 50
"""Percentage points: accuracies that need a smaller range than this get an axis of their own range."""

STYLES = ("-", "--", ":", "-.")
"""Lines in turn, when colours repeat after ten."""


def run_picture(record: Any) -> bytes:
    """A PNG with a run's R as a heat map, and the accuracy on training batches over samples seen."""
    row, details = record.row, record.details
    matrix = 100 * np.asarray(details["R"], dtype=float)  # not tested: NaN, left white
    figure = Figure(figsize=(11, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    image = left.imshow(matrix, vmin=0, vmax=100, cmap="viridis")
    if max(matrix.shape) > LEGIBLE:
        figure.colorbar(image, ax=left, label="accuracy (%)")
    else:
        for (i, j), value in np.ndenumerate(matrix):
            if not np.isnan(value):
                color = "white" if value < 70 else "black"
                left.text(j, i, f"{value:.0f}", ha="center", va="center", color=color)
    every = -(-matrix.shape[1] // LEGIBLE)
    for axis, length in ((left.xaxis, matrix.shape[1]), (left.yaxis, matrix.shape[0])):
        axis.set_ticks(range(0, length, every), [str(k + 1) for k in range(0, length, every)])
    left.set(xlabel="tested on experience", ylabel="after learning experience", title="accuracy (%)")
    curve = details["curve"]
    experiences = sorted({point["experience"] for point in curve})
    for number, experience in enumerate(experiences):
        own = [point for point in curve if point["experience"] == experience]
        right.plot(
            [p["samples"] for p in own],
            [100 * p["accuracy"] for p in own],
            STYLES[number // 10 % len(STYLES)],
            label=str(experience + 1),
        )
    right.set(xlabel="samples seen", title="accuracy on training batches (%)")
    accuracy_axis(right, [point["accuracy"] for point in curve])
    if len(experiences) <= LEGIBLE:
        beside(right, "experience")
    figure.suptitle(
        f"{row['strategy']} on {row['scenario']} ({row['dataset']}, {row['regime']} regime, "
        f"seed {row['seed']}): {row['accuracy']:.1%}"
    )
    return png(figure)


def accuracy_axis(axis: Axes, accuracies: Iterable[float]) -> None:
    """Give a vertical axis in % the limits for accuracies from 0 to 1, and its label.

    The limits are 0 and 100; those of the data where they are close together, which the label then says.
    """
    values = [100 * one for one in accuracies if not math.isnan(one)] or [0.0, 100.0]
    low, high = min(values), max(values)
    margin = max(1.0, (high - low) / 10)
    bottom, top = max(0, math.floor(low - margin)), min(100, math.ceil(high + margin))
    if top - bottom > _BUNCHED:
        axis.set(ylim=(0, 102), ylabel="accuracy (%)")
        return
    bottom = bottom if bottom > 10 else 0
    room = (top - bottom) / 50  # a line at 100 % is not on the frame
    axis.set(ylim=(bottom, top + room), ylabel=f"accuracy (%), axis from {bottom} to {top}")


def beside(axis: Axes, title: str) -> None:
    """Put the legend to the right of the axes, where no curve is."""
    axis.legend(title=title, fontsize="small", loc="upper left", bbox_to_anchor=(1.01, 1), borderaxespad=0)


def png(figure: Figure) -> bytes:
    """The figure as a PNG file."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    return buffer.getvalue()
