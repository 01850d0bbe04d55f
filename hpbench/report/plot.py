"""A picture of a run: its accuracy matrix and its learning curve."""

import io
from typing import Any

import numpy as np
from matplotlib.figure import Figure

LEGIBLE = 15
"""Experiences up to which cells and curves are labelled one by one."""


def run_picture(record: Any) -> bytes:
    """A PNG with a run's R as a heat map, and the accuracy on training batches over samples seen."""
    row, details = record.row, record.details
    matrix = np.asarray(details["R"], dtype=float)  # not tested: NaN, left white
    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.imshow(matrix, vmin=0, vmax=1, cmap="viridis")
    for (i, j), value in np.ndenumerate(matrix if len(matrix) <= LEGIBLE else matrix[:0]):
        if np.isnan(value):
            continue
        left.text(
            j, i, f"{100 * value:.0f}", ha="center", va="center", color="white" if value < 0.7 else "black"
        )
    every = -(-matrix.shape[1] // LEGIBLE)
    for axis, length in ((left.xaxis, matrix.shape[1]), (left.yaxis, matrix.shape[0])):
        axis.set_ticks(range(0, length, every), [str(k + 1) for k in range(0, length, every)])
    left.set(xlabel="tested on experience", ylabel="after learning experience", title="accuracy (%)")
    curve = details["curve"]
    for experience in sorted({point["experience"] for point in curve}):
        own = [point for point in curve if point["experience"] == experience]
        right.plot(
            [p["samples"] for p in own], [p["accuracy"] for p in own], label=f"experience {experience + 1}"
        )
    right.set(xlabel="samples seen", ylabel="accuracy on training batches", ylim=(0, 1.02))
    if len(matrix) <= LEGIBLE:
        right.legend(fontsize="small", loc="lower right")
    figure.suptitle(
        f"{row['strategy']} on {row['scenario']} ({row['dataset']}, {row['regime']} regime, "
        f"seed {row['seed']}): {row['accuracy']:.1%}"
    )
    return png(figure)


def png(figure: Figure) -> bytes:
    """The figure as a PNG file."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    return buffer.getvalue()
