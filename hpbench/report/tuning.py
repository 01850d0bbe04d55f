"""Pictures of a search: accuracy of its trials in their order, and what the searched settings do."""

import itertools
from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hpbench.core.trial import Trial
from hpbench.report.plot import accuracy_axis, png

_PANELS = 4
"""Panels in a row."""


def curve_picture(trials: Sequence[Trial], title: str) -> bytes:
    """A PNG with the accuracy of each trial on the validation part, and the best so far."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    axis = figure.subplots()
    having = [(one.number + 1, one.value) for one in trials if one.value is not None]
    numbers, values = [number for number, _ in having], [value for _, value in having]
    axis.plot(numbers, [100 * one for one in values], "o", markersize=4, label="trial, mean over seeds")
    best = list(itertools.accumulate(values, max))
    axis.step(numbers, [100 * one for one in best], "-", where="post", label="best so far")
    given_up = [one.number + 1 for one in trials if one.value is None]
    axis.plot(
        given_up,
        [0.02] * len(given_up),
        "|",
        color="0.6",
        transform=axis.get_xaxis_transform(),
        label="given up or failed",
    )
    axis.set(xlabel="trial")
    accuracy_axis(axis, values)
    axis.legend(fontsize="small", loc="upper left", bbox_to_anchor=(1.01, 1), borderaxespad=0)
    figure.suptitle(title, fontsize="medium")
    return png(figure)


def importance_picture(
    trials: Sequence[Trial], importance: Mapping[str, float], logarithmic: Mapping[str, bool], title: str
) -> bytes:
    """A PNG with the importance of each setting, and the accuracies against each.

    `logarithmic` has all searched settings, and whether they were searched on a logarithmic scale. Without
    any importance there is no panel for it.
    """
    panels = len(logarithmic) + bool(importance)
    rows = -(-panels // _PANELS)
    across = -(-panels // rows)
    figure = Figure(figsize=(1 + 3.6 * across, 3.6 * rows), layout="constrained")
    axes = list(figure.subplots(rows, across, squeeze=False).flat)
    for unused in axes[panels:]:
        unused.remove()
    if importance:
        _bars(axes.pop(0), importance)
    for axis, (key, log) in zip(axes, logarithmic.items(), strict=False):
        _points(axis, trials, key, log)
    figure.suptitle(title, fontsize="medium")
    return png(figure)


def _bars(axis: Axes, importance: Mapping[str, float]) -> None:
    ordered = sorted(importance.items(), key=lambda one: one[1])
    axis.barh([key.partition(".")[2] for key, _ in ordered], [share for _, share in ordered])
    axis.set(xlim=(0, 1), xlabel="importance (PED-ANOVA)")


def _points(axis: Axes, trials: Sequence[Trial], key: str, log: bool) -> None:
    """Accuracy against a setting, of the trials in which it had an effect."""
    having = [one for one in trials if one.value is not None and key in one.words]
    axis.plot(
        [one.point[key] for one in having], [100 * (one.value or 0.0) for one in having], "o", markersize=4
    )
    if log:
        axis.set_xscale("log")
    axis.set(xlabel=key.partition(".")[2])
    accuracy_axis(axis, [one.value or 0.0 for one in having])
