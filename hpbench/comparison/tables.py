"""The figures of a comparison as tables."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from hpbench.comparison.groups import Group, between, counterpart
from hpbench.comparison.measured import Measured, alignment
from hpbench.metrics import continual as metrics

_OF_ROW = ("strategy", "overrides", "seed", "run_id")


def runs_table(groups: Sequence[Group]) -> pd.DataFrame:
    """A line for each run: accuracies and learning speed, as on its board."""
    columns = (
        "accuracy",
        "clean_accuracy",
        "disturbance",
        "by_level",
        "local_in_time",
        "local_in_space",
        "weight_transport",
        "update_locking",
    )
    lines = [
        {
            "compared_as": group.label,
            **{name: run.row.get(name) for name in (*_OF_ROW, *columns)},
            "samples_to_80": learning_speed(run, 0.8),
            "samples_to_90": learning_speed(run, 0.9),
        }
        for group in groups
        for run in group.runs
    ]
    return pd.DataFrame(lines).dropna(axis=1, how="all")


def learning_speed(run: Measured, share: float) -> float:
    """Samples until this share of the final training accuracy, as on the boards of streams."""
    curve = run.details["curve"]
    points = [(one["experience"], one["samples"], one["accuracy"]) for one in curve]
    return metrics.learning_speed(points, share)


def training_table(groups: Sequence[Group]) -> pd.DataFrame:
    """A line for each layer at each moment of training.

    Kernel alignment with the layer when training has ended, and with that of the first strategy's run of the
    same seed, then; trace of the Fisher information of its weights; angle between the rule's gradient of
    these and that of backpropagation, in degrees.
    """
    return pd.DataFrame(
        [line for group in groups for run in group.runs for line in _moments(group, run, groups[0])]
    )


def _moments(group: Group, run: Measured, reference: Group) -> Iterator[dict[str, Any]]:
    other = counterpart(run, reference)
    for moment in run.moments:
        own, others = alignment(moment.outputs, run.final), alignment(moment.outputs, other.final)
        for layer, trace, angle in zip(run.layers, moment.fisher, moment.angles, strict=True):
            yield {
                "compared_as": group.label,
                **{name: run.row[name] for name in _OF_ROW},
                "step": moment.step,
                "samples": moment.samples,
                "layer": layer,
                "alignment_with_final": own[layer],
                "alignment_with_first": others.get(layer),
                "fisher": trace,
                "angle": angle,
            }


def layers_table(groups: Sequence[Group]) -> pd.DataFrame:
    """Kernel alignment of final layers between strategies, a line for each pair of runs and layer.

    Runs of two strategies have the same seed; those of one strategy two seeds.
    """
    lines = []
    for number, one in enumerate(groups):
        for other in groups[number:]:
            for layer, values in between(one, other).items():
                lines += [
                    {"one": one.label, "other": other.label, "layer": layer, "alignment": value}
                    for value in values
                ]
    return pd.DataFrame(lines, columns=["one", "other", "layer", "alignment"])


def confusion_table(groups: Sequence[Group]) -> pd.DataFrame:
    """Counts of clean test samples by target and prediction, a line for each that is not 0."""
    lines = [
        {
            "compared_as": group.label,
            **{name: run.row[name] for name in _OF_ROW},
            "target": target,
            "prediction": prediction,
            "count": count,
        }
        for group in groups
        for run in group.runs
        for target, counts in enumerate(confusion(run) or ())
        for prediction, count in enumerate(counts)
        if count
    ]
    return pd.DataFrame(lines)


def confusion(run: Measured) -> list[list[int]] | None:
    """The run's counts by target and prediction; None for networks with a head for each task."""
    counts: Any = run.details.get("confusion")
    return counts["clean"]["0"] if isinstance(counts, dict) else counts
