"""A picture of a neural code: what it makes of a ramp of values, step by step."""

from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hpbench.report.plot import png
from hpbench.spiking.choices import TIMED
from hpbench.spiking.codes.code import Code
from hpbench.spiking.codes.table import CODES, settings_of_code

_VALUES, _GROUPS = 21, 6
"""Values from 0 to 1; fewer if there are several inputs for each."""

_COLOURS = ("black", "tab:red")
"""Of spikes, or of ON and OFF spikes."""

_SIZE = (8.0, 4.2)
"""Inches; at 100 dots per inch as wide as a column of text."""


def code_picture(name: str, settings: Any) -> bytes:
    """A PNG of the code of this name with these settings, and a caption of its equation and settings."""
    chosen = settings_of_code(name, settings)
    code, told = CODES[name](**chosen), ", ".join(f"{key}={value}" for key, value in chosen.items())
    figure = Figure(figsize=_SIZE, layout="constrained")
    axis = figure.subplots()
    draw_code(axis, name, code, settings.time_steps)
    axis.set_title(f"{name}: {code.equation}" + (f"\n{told}" if told else ""), fontsize=11)
    return png(figure)


def draw_code(axis: Axes, name: str, code: Code, steps: int) -> None:
    """A row for each value of a ramp from 0 to 1, and a line for each spike, pale if the spike is small.

    The rows of a value under a code of several inputs are its inputs. Under a code for sequences a row is a
    value that rises to the one at the row and falls again; spikes are ON or OFF.
    """
    sequence = name in TIMED
    grouped = code.widening > 1 and not sequence
    values = torch.linspace(0, 1, _GROUPS if grouped else _VALUES)
    shown = _bumps(values, steps) if sequence else values.unsqueeze(0)
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(0)
        made = code.coded(shown, steps)[:, 0].numpy()
    rows = code.widening if grouped else 1
    kinds = list(np.moveaxis(made, -1, 0)) if sequence else [made.reshape(steps, -1)]
    for kind, colour in zip(kinds, _COLOURS, strict=False):
        axis.add_collection(_lines(kind, colour))
    ticks = range(0, len(values), 1 if grouped else 4)
    places = [number * rows + (rows - 1) / 2 for number in ticks]
    axis.set_yticks(places, [f"{float(values[number]):g}" for number in ticks])
    axis.set(xlim=(0.3, steps + 0.7), ylim=(-0.8, len(values) * rows - 0.2))
    axis.set_xlabel("step $t$ (ms)")
    axis.set_ylabel("value $x$" + (f", {rows} fields each" if grouped else ", at its highest" * sequence))
    for place in range(rows, len(values) * rows, rows) if grouped else ():
        axis.axhline(place - 0.5, color="0.85", linewidth=0.8)
    if sequence:
        for kind_name, colour in zip(("ON", "OFF"), _COLOURS, strict=True):
            axis.plot([], [], color=colour, label=kind_name)
        axis.legend(loc="lower left", fontsize=8, handlelength=1)


def _bumps(values: torch.Tensor, steps: int) -> torch.Tensor:
    """Sequences (1, T, values) that rise from 0 to each value and fall again."""
    rise = torch.linspace(0, np.pi, steps).sin() ** 2
    return (rise.unsqueeze(1) * values).unsqueeze(0)


def _lines(made: NDArray[np.float32], colour: str) -> LineCollection:
    """A vertical line for everything in (T, rows) that is not 0; its opacity is the root of its size."""
    steps, rows = np.nonzero(made)
    size = made[steps, rows]
    ends = np.stack([np.stack([steps + 1, rows + side], -1) for side in (-0.4, 0.4)], 1)
    return LineCollection(
        list(ends), colors=colour, linewidths=1.8, alpha=np.sqrt(size / made.max(initial=1))
    )
