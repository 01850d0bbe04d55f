"""Pictures of what strategies have learned, side by side."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from hpbench.report.plot import STYLES, png

MEASURES = {
    "alignment_with_final": "CKA with the trained layer",
    "alignment_with_first": "CKA with {first}, trained",
    "fisher": "trace of Fisher information",
    "angle": "angle to the gradient of\nbackpropagation (°)",
}
"""Columns of the table of moments, and what their panels say."""


def training_picture(moments: pd.DataFrame, labels: Sequence[str]) -> bytes:
    """A PNG with a row of panels for each measure, a column for each layer: means and ranges over seeds."""
    layers = sorted(moments["layer"].unique(), key=_depth)
    figure = Figure(figsize=(4 * len(layers) + 2.5, 2.6 * len(MEASURES)), layout="constrained")
    axes = figure.subplots(len(MEASURES), len(layers), squeeze=False, sharex=True)
    lines: dict[str, Any] = {}
    for row, (measure, title) in zip(axes, MEASURES.items(), strict=True):
        for axis, layer in zip(row, layers, strict=True):
            here = moments[(moments["layer"] == layer) & moments[measure].notna()]
            for number, label in enumerate(labels):
                own = here[here["compared_as"] == label].groupby("step")
                if not len(own):
                    continue
                samples, found = own["samples"].mean(), own[measure]
                style = STYLES[number // 10 % len(STYLES)]
                [line] = axis.plot(samples, found.mean(), style, color=f"C{number % 10}", marker=".")
                axis.fill_between(samples, found.min(), found.max(), color=line.get_color(), alpha=0.15)
                lines.setdefault(label, line)
            axis.set_xscale("symlog", linthresh=1000)
            if measure == "fisher" and (here[measure] > 0).any():
                axis.set_yscale("log")
            elif measure == "angle":
                axis.set(ylim=(-3, max(100, here[measure].max() + 5) if len(here) else 100))
            elif measure != "fisher":
                axis.set_ylim(0, 1.02)
        row[0].set_ylabel(title.format(first=labels[0]), fontsize="small")
    for axis, layer in zip(axes[0], layers, strict=True):
        axis.set_title(layer)
    for axis in axes[-1]:
        axis.set_xlabel("samples seen")
    figure.legend(lines.values(), lines, loc="outside right upper", fontsize="small")
    return png(figure)


def _depth(layer: str) -> tuple[bool, str]:
    """Hidden layers come in their order, then the output."""
    return layer == "output", layer


def layers_picture(pairs: pd.DataFrame, labels: Sequence[str]) -> bytes:
    """A PNG with a heat map for each layer: kernel alignment between strategies, of one between its seeds."""
    of_two = pairs[pairs["one"] != pairs["other"]]
    layers = sorted((of_two if len(labels) > 1 else pairs)["layer"].unique(), key=_depth)
    side = 1.5 + 0.55 * len(labels)
    figure = Figure(figsize=((side + 0.5) * len(layers) + 1, side + 0.6), layout="constrained")
    places = {label: number for number, label in enumerate(labels)}
    for axis, layer in zip(figure.subplots(1, len(layers), squeeze=False)[0], layers, strict=True):
        matrix = np.full((len(labels), len(labels)), np.nan)
        means = pairs[pairs["layer"] == layer].groupby(["one", "other"])["alignment"].mean()
        for (one, other), value in means.items():
            matrix[places[one], places[other]] = matrix[places[other], places[one]] = value
        _heat_map(axis, matrix, labels)
        axis.set_title(layer)
    figure.suptitle("Kernel alignment (CKA) of trained layers; diagonal: between seeds", fontsize="small")
    return png(figure)


def _heat_map(axis: Any, matrix: Any, labels: Sequence[str]) -> None:
    axis.imshow(matrix, vmin=0, vmax=1, cmap="viridis")
    for (i, j), value in np.ndenumerate(matrix):
        if not np.isnan(value):
            color = "white" if value < 0.7 else "black"
            axis.text(j, i, f"{value:.2f}", ha="center", va="center", color=color, fontsize="x-small")
    axis.set_xticks(range(len(labels)), labels, rotation=60, ha="right", fontsize="small")
    axis.set_yticks(range(len(labels)), labels, fontsize="small")


def confusion_picture(matrices: Sequence[tuple[str, Any]]) -> bytes:
    """A PNG with the wrong answers of strategies, from their counts (K targets, K predictions)."""
    columns = min(4, len(matrices))
    rows = -(-len(matrices) // columns)
    figure = Figure(figsize=(3.2 * columns, 3.4 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).flat
    for axis in axes:
        axis.set_axis_off()
    for axis, (label, counts) in zip(figure.axes, matrices, strict=False):
        axis.set_axis_on()
        shares = 100 * np.asarray(counts, dtype=float)
        shares /= np.maximum(shares.sum(1, keepdims=True) / 100, 1)
        wrong = np.where(np.eye(len(shares), dtype=bool), np.nan, shares)
        image = axis.imshow(wrong, cmap="magma_r", vmin=0)
        axis.set(xlabel="prediction", ylabel="target")
        for ticks in (axis.xaxis, axis.yaxis):
            ticks.set_major_locator(MaxNLocator(integer=True))
        axis.set_title(f"{label}: {np.trace(np.asarray(counts)) / np.sum(counts):.1%}", fontsize="small")
        figure.colorbar(image, ax=axis, shrink=0.7, label="% taken for it")
    return png(figure)
