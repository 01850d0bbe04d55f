"""Draws one test sample, clean and disturbed, as a grid: images by level, events by time."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hpbench.report.plot import png
from hpbench.tasks.image_shape import COLOURS


class Row(NamedTuple):
    """A row of the grid: name, pictures, and captions.

    Pictures are (n, H, W) of images, (n, 3, H, W) in colour, or (n, P, H, W) of events with P = 1 or 2.
    """

    name: str
    pictures: NDArray[np.float32]
    captions: Sequence[str] = ()


def strip(title: str, rows: Sequence[Row]) -> bytes:
    """A PNG with a row of pictures for each of `rows`.

    Pixels are red if ON events prevail, blue if OFF events do; with one polarity, dark.
    """
    columns = max(len(row.pictures) for row in rows)
    figure = Figure(figsize=(0.95 * columns + 1.6, 1.15 * len(rows) + 0.7), layout="constrained")
    axes = figure.subplots(len(rows), columns, squeeze=False)
    for line, row in zip(axes, rows, strict=True):
        pictures = row.pictures
        for axis in line:
            axis.set_xticks([], [])
            axis.set_yticks([], [])
        line[0].set_ylabel(row.name, rotation=0, ha="right", va="center", fontsize=7)
        for axis, picture in zip(line, pictures, strict=False):
            _draw(axis, picture, float(np.abs(pictures).max()) or 1.0)
        for axis in line[len(pictures) :]:
            axis.set_axis_off()
        for axis, caption in zip(line, row.captions, strict=False):
            axis.set_title(caption, fontsize=7)
    figure.suptitle(title, fontsize=9)
    return png(figure)


def _draw(axis: Axes, picture: NDArray[np.float32], largest: float) -> None:
    if picture.ndim == 2:
        axis.imshow(1 - picture, cmap="gray", vmin=0, vmax=1)
    elif len(picture) == COLOURS:
        axis.imshow(picture.transpose(1, 2, 0))
    elif len(picture) == 2:  # tonic puts OFF first
        axis.imshow(picture[1] - picture[0], cmap="bwr", vmin=-largest, vmax=largest)
    else:
        axis.imshow(picture[0], cmap="gray_r" if picture.min() >= 0 else "bwr", vmax=largest)
