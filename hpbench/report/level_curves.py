"""A picture of a robustness board: accuracy against level, a panel for each disturbance."""

import math
import statistics
import textwrap
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hpbench.boards.counted import Row, comparison_key
from hpbench.boards.parse import records
from hpbench.boards.ranking import Entry, Group, groups, settings_part
from hpbench.boards.table import read
from hpbench.disturb.known import known
from hpbench.report.plot import STYLES, accuracy_axis, png

_COLUMNS = 3
"""Panels side by side."""

_LETTERS = 70
"""Characters in a line of a group's title, for each panel side by side."""

_ENTRY = 40
"""Characters in a line of the legend."""

_DRAWN = ("scenario.disturbances=", "scenario.levels=")
"""Settings that are left out of titles, as the axes show them."""


def level_picture(groups: Sequence[Group], own: str | None = None) -> bytes:
    """A PNG with every strategy of these groups, a row or more of panels and a legend for each group.

    Lines are means over seeds, bands range from the worst seed to the best. The line of the entry with the
    label `own` is drawn thicker.
    """
    names = [_disturbances(group) for group in groups]
    columns = min(_COLUMNS, max(map(len, names)))
    rows = [math.ceil(len(some) / columns) for some in names]
    room = 3 if any(len(some) == columns * lines for some, lines in zip(names, rows, strict=True)) else 0
    figure = Figure(figsize=(5 * columns + room, 4 * sum(rows)), layout="constrained")
    parts = figure.subfigures(len(rows), 1, squeeze=False, height_ratios=rows)[:, 0]
    for part, group, some, lines in zip(parts, groups, names, rows, strict=True):
        _group(part, group, some, part.subplots(lines, columns, squeeze=False), own)
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


def _group(part: Any, group: Group, names: list[str], axes: Any, own: str | None) -> None:
    """The panels of one group, and a legend: in the first place without a panel, or else beside them."""
    lines: dict[str, Any] = {}
    for axis in axes.flat[len(names) :]:
        axis.set_axis_off()
    for axis, name in zip(axes.flat, names, strict=False):
        levels: dict[float, None] = {}
        drawn: list[float] = []
        for number, (label, entry) in enumerate(zip(group.labels, group.entries, strict=True)):
            if name in entry.by_level:
                shown = textwrap.fill(_shown(label, entry), _ENTRY)
                lines.setdefault(shown, _curve(axis, entry, name, number, thick=label == own))
                levels |= dict.fromkeys(entry.by_level[name])
                drawn += [one for seeds in entry.by_level[name].values() for one in seeds]
        what = known(name, levels)
        axis.set(xlabel=f"{name}: {what.axis}" if what is not None else f"level of {name}")
        accuracy_axis(axis, drawn)
    asked = [word for word in group.overrides if not word.startswith(_DRAWN)]
    title = ", ".join([group.scenario, group.dataset, f"{group.evaluated_on} part", *asked])
    part.suptitle(textwrap.fill(title, _LETTERS * axes.shape[1]), fontsize="small")
    if len(names) < axes.size:
        axes.flat[len(names)].legend(lines.values(), lines.keys(), fontsize="small", loc="upper left")
    else:
        part.legend(lines.values(), lines.keys(), fontsize="small", loc="outside right upper")


def _shown(label: str, entry: Entry) -> str:
    trace = entry.details.get("trace_at_test")
    return f"{label} (trace {trace})" if trace and "trace_at_test" not in label else label


def _curve(axis: Axes, entry: Entry, name: str, number: int, *, thick: bool) -> Any:
    levels = list(entry.by_level[name])
    seeds = [[100 * one for one in some] for some in entry.by_level[name].values()]
    color = f"C{number % 10}"  # of the entry, whichever panels it is in
    [line] = axis.plot(
        levels,
        [statistics.fmean(one) for one in seeds],
        STYLES[number // 10 % len(STYLES)],
        marker=".",
        color=color,
        linewidth=3 if thick else 1.5,
    )
    worst, best = [min(one) for one in seeds], [max(one) for one in seeds]
    axis.fill_between(levels, worst, best, color=color, alpha=0.2)
    return line
