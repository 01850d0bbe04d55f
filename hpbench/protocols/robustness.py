"""The robustness protocol: learn all classes at once, then be tested at every level of every disturbance."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hpbench.core.columns import Column
from hpbench.core.levels import ByLevel, from_text
from hpbench.metrics import robustness as metrics
from hpbench.protocols.protocol import (
    EVALUATED_ON,
    PROTOTYPE_SHARE,
    SELECTION,
    Contradiction,
    Protocol,
    Row,
    apart,
    overrides_of,
    part_words,
    trace_words,
    variance_of_share,
)

_COLUMNS = (
    Column("clean_accuracy", "float", "accuracy on the undisturbed test samples", low=0, high=1),
    Column(
        "mean_accuracy", "float", "mean over all levels of all disturbances that were tested", low=0, high=1
    ),
    Column(
        "relative_drop",
        "float",
        "loss of accuracy at the largest level of the ranked disturbance over the clean accuracy",
        high=1,
        may_be_empty=True,
    ),
    Column(
        "area_under_curve",
        "float",
        "area under the curve of accuracy against level, divided by the range of levels",
        low=0,
        high=1,
        may_be_empty=True,
    ),
    Column("disturbance", "text", "the ranked disturbance: `accuracy` is the mean over its levels"),
    Column("by_level", "text", "accuracies, as disturbance:level:accuracy"),
    Column("tested_samples", "int", "samples tested at each level", low=1),
    Column("test_order", "text", "order of the tested samples: of the data, mixed, or by class"),
    Column("adversarial_epsilon", "float", "ε of adversarial training, 0 for none", low=0, high=1),
    Column(
        "strongest_attack",
        "text",
        "for every ε of `strongest` the attack that most often did most harm, and its share of what was lost",
        may_be_empty=True,
    ),
    Column(
        "masked_gradients",
        "bool",
        "whether at any ε an attack by scores alone did more harm than every attack by gradients",
        may_be_empty=True,
    ),
    Column("passes", "int", "passes allowed over the training data", low=1),
    Column("epochs", "float", "passes made over it", low=0),
    SELECTION,
    EVALUATED_ON,
    PROTOTYPE_SHARE,
)

_DECIMALS = 6
"""Decimals of the accuracies in `by_level`."""


def _title(row: Row) -> str:
    order = ", tested in the order of the classes" if row["test_order"] == "class" else ""
    return (
        f"{row['strategy']} on {row['scenario']} ({row['dataset']}, {row['tested_samples']:,} samples of the "
        f"{part_words(row)}{trace_words(row)}{order})"
    )


def _contradictions(row: Row) -> Iterator[Contradiction]:
    if row["epochs"] > row["passes"]:
        yield "epochs", f"{row['epochs']}, but passes={row['passes']}"
    by_level = from_text(row["by_level"])
    yield from _level_contradictions(row, by_level)
    yield from _attack_contradictions(row, by_level)
    every = [one for levels in by_level.values() for one in levels.values()]
    for column, one in (("clean_accuracy", row["clean_accuracy"]), *(("by_level", one) for one in every)):
        right = one * row["tested_samples"]
        if abs(right - round(right)) > row["tested_samples"] * 10**-_DECIMALS:
            yield column, f"{one} is no share of tested_samples={row['tested_samples']}"
    if row["disturbance"] != next(iter(by_level)):
        yield "by_level", f"does not begin with the ranked disturbance {row['disturbance']!r}"
        return
    yield from _figure_contradictions(row, by_level[row["disturbance"]], every)


def _level_contradictions(row: Row, by_level: ByLevel) -> Iterator[Contradiction]:
    """Levels that were not asked for, or that no disturbance of this name has."""
    asked = overrides_of(row)
    names = asked.get("scenario.disturbances")
    if names is not None and names.strip("[]").split(",") != list(by_level):
        yield (
            "by_level",
            f"has {', '.join(by_level)}, but the run was made with scenario.disturbances={names}",
        )
    levels = asked.get("scenario.levels", "[]")
    if levels != "[]" and _asked_levels(levels) != list(by_level[next(iter(by_level))]):
        yield "by_level", f"has other levels than scenario.levels={levels}, which the run was made with"
    for name, accuracies in by_level.items():
        ranges = _highest(name)
        for level in accuracies:
            if ranges and level > max(ranges):
                yield "by_level", f"level {level:g} of {name}: expected at most {max(ranges):g}"


def _attack_contradictions(row: Row, by_level: ByLevel) -> Iterator[Contradiction]:
    """Columns on the attack `strongest`, of which `by_level` says nothing, or has other levels."""
    tested = by_level.get("strongest", {})
    for column in ("strongest_attack", "masked_gradients"):
        if row[column] not in (None, "") and not tested:
            yield column, f"{row[column]}, but by_level has no strongest"
    named = [float(word.split(":")[0]) for word in (row["strongest_attack"] or "").split()]
    if tested and not {*named} <= {*tested}:
        yield "strongest_attack", f"{row['strongest_attack']}, but by_level has other levels of strongest"


def _figure_contradictions(
    row: Row, levels: Mapping[float, float], every: Sequence[float]
) -> Iterator[Contradiction]:
    """Of the figures that follow from the accuracies at the levels of the ranked disturbance."""
    clean, reached, positions = row["clean_accuracy"], list(levels.values()), list(levels)
    # Levels and accuracies in the cell are rounded, which moves what is divided by a small number more.
    rounding = 2 * 10**-_DECIMALS
    span = positions[-1] - positions[0]
    for column, expected, tolerance in (
        ("accuracy", metrics.mean_accuracy(reached), rounding),
        ("mean_accuracy", metrics.mean_accuracy(every), rounding),
        ("clean_accuracy", levels.get(0.0, clean), rounding),
        ("relative_drop", metrics.relative_drop(clean, reached), rounding / (clean or 1)),
        (
            "area_under_curve",
            metrics.area_under_curve(positions, reached),
            rounding * (1 + positions[-1] / (span or 1)),
        ),
    ):
        if apart(row[column], expected, tolerance):
            shown = "none" if expected is None else f"{expected:.6f}"
            yield column, f"{row[column]}, but by_level gives {shown}"


def _highest(disturbance: str) -> list[float]:
    """The largest levels of the disturbances of this name, of images and of events; none if unknown."""
    from hpbench.disturb.drifts import DRIFTS
    from hpbench.disturb.events.disturbances import EVENT_DISTURBANCES  # NumPy
    from hpbench.disturb.images import IMAGE_DISTURBANCES

    tables = (IMAGE_DISTURBANCES, EVENT_DISTURBANCES, DRIFTS)
    return [known[disturbance].high for known in tables if disturbance in known]


def _asked_levels(setting: str) -> list[float]:
    """The levels that `scenario.levels=[…]` asks for, rising and with six digits, as `by_level` has them."""
    try:
        return [
            float(f"{level:g}") for level in sorted({float(one) for one in setting.strip("[]").split(",")})
        ]
    except ValueError:
        return []


def _contradictions_of_record(row: Row, record: Mapping[str, Any]) -> Iterator[Contradiction]:
    by_level = from_text(row["by_level"])
    for name, matrices in record["confusion"].items():
        for level, counts in matrices.items():
            right = sum(counts[k][k] for k in range(len(counts))) / sum(map(sum, counts))
            in_row = by_level.get(name, {}).get(float(level), right)
            if apart(in_row, right, 10**-_DECIMALS):
                yield "by_level", f"{in_row} for {name} at {level}, but the record's counts give {right:.6f}"


ROBUSTNESS = Protocol(
    name="robustness",
    version="2",
    builder="continual",  # a strategy for streams can learn a stream of one experience
    columns=_COLUMNS,
    compared=("evaluated_on",),
    accuracy="mean accuracy over the levels of {disturbance}",
    shown=("clean_accuracy", "relative_drop", "area_under_curve"),
    figures={"clean_accuracy": "clean", "relative_drop": "drop at the largest level"},
    details={
        "network": "network",
        "trace_at_test": "trace at test",
        "adversarial_epsilon": "trained against ε",
    },
    of_settings={
        "scenario.evaluate_on": "evaluated_on",
        "scenario.passes": "passes",
        "scenario.test_order": "test_order",
    },
    condition=lambda row: str(row["disturbance"]),
    title=_title,
    contradictions=_contradictions,
    contradictions_of_record=_contradictions_of_record,
    runs="hpbench.runs.robustness:run",
    picture="hpbench.report.level_curves:run_picture",
    table="hpbench.report.levels:levels_table",
    board_picture="hpbench.report.level_curves:level_picture",
    sample_picture="hpbench.report.disturbed_sample:sample_picture",
    long_form="hpbench.boards.levels:levels_csv",
    # At most that of one level: the same samples are tested at all.
    variance=lambda row, _: variance_of_share(row["accuracy"] * row["tested_samples"], row["tested_samples"]),
)
