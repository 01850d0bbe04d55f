"""A picture of a robustness board: accuracy against level, a panel for each disturbance."""

import math
import statistics
import textwrap
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hpbench.board.counted import Row, comparison_key
from hpbench.board.parse import records
from hpbench.board.ranking import Entry, Group, groups, settings_part
from hpbench.board.table import read
from hpbench.report.plot import png

_COLUMNS = 3
"""Panels side by side."""

_LETTERS = 70
"""Characters in a line of a panel's title."""

_DRAWN = ("scenario.disturbances=", "scenario.levels=")
"""Settings that are left out of titles, as the axes show them."""


def level_picture(groups: Sequence[Group], own: str | None = None) -> bytes:
    """A PNG with every strategy of these groups, a row or more of panels for each group.

    Lines are means over seeds, bands range from the worst seed to the best. The line of the entry with the
    label `own` is drawn thicker.
    """
    panels = [(group, name) for group in groups for name in _disturbances(group)]
    columns = min(_COLUMNS, len(panels))
    rows = math.ceil(len(panels) / columns)
    figure = Figure(figsize=(5.5 * columns + 1, 4 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    for axis in axes.flat[len(panels) :]:
        axis.set_axis_off()
    for axis, (group, name) in zip(axes.flat, panels, strict=False):
        for label, entry in zip(group.labels, group.entries, strict=True):
            if name in entry.by_level:
                _curve(axis, entry, name, label, thick=label == own)
        asked = [word for word in group.overrides if not word.startswith(_DRAWN)]
        title = ", ".join([group.scenario, group.dataset, f"{group.evaluated_on} part", *asked])
        axis.set(xlabel=f"level of {name}", ylabel="accuracy", ylim=(0, 1.02))
        axis.set_title(textwrap.fill(title, _LETTERS), fontsize="small")
        axis.legend(fontsize="x-small")
    return png(figure)


def run_picture(record: Any) -> bytes:
    """A PNG of a run's curves among those of the comparable rows on its board."""
    row, frame = record.row, read(record.board)
    comparable = [_compared(one) == _compared(row) for one in records(frame)]
    [group] = groups(frame[comparable], smoke=True)
    own = next(
        label
        for label, entry in zip(group.labels, group.entries, strict=True)
        if (entry.strategy, entry.overrides) == (row["strategy"], row["overrides"])
    )
    return level_picture([group], own)


def _compared(row: Row) -> tuple[Any, ...]:
    """Values in which rows of one group agree: scenario, version, data, and settings of the scenario."""
    return comparison_key(row), settings_part(row["overrides"], "scenario.")


def _disturbances(group: Group) -> list[str]:
    return list(dict.fromkeys(name for entry in group.entries for name in entry.by_level))


def _curve(axis: Axes, entry: Entry, name: str, label: str, *, thick: bool) -> None:
    levels = list(entry.by_level[name])
    seeds = list(entry.by_level[name].values())
    trace = entry.details.get("trace_at_test")
    shown = f"{label} (trace {trace})" if trace and "trace_at_test" not in label else label
    [line] = axis.plot(
        levels,
        [statistics.fmean(one) for one in seeds],
        marker=".",
        label=shown,
        linewidth=3 if thick else 1.5,
    )
    axis.fill_between(
        levels, [min(one) for one in seeds], [max(one) for one in seeds], color=line.get_color(), alpha=0.2
    )
