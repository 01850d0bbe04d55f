"""The robustness protocol: learn all classes at once, then be tested at every level of every disturbance."""

from collections.abc import Iterator, Mapping
from typing import Any

from hpbench.core.columns import Column
from hpbench.core.levels import from_text
from hpbench.protocols.protocol import (
    EVALUATED_ON,
    PROTOTYPE_SHARE,
    SELECTION,
    Contradiction,
    Protocol,
    Row,
    part_words,
    trace_words,
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
    Column("test_order", "text", "order of the tested samples: of the data, or by class"),
    Column("adversarial_epsilon", "float", "ε of adversarial training, 0 for none", low=0, high=1),
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
    by_level = from_text(row["by_level"])
    every = [one for levels in by_level.values() for one in levels.values()]
    for one in every:
        right = one * row["tested_samples"]
        if not 0 <= one <= 1 or abs(right - round(right)) > row["tested_samples"] * 10**-_DECIMALS:
            yield "by_level", f"{one} is no share of tested_samples={row['tested_samples']}"
    if row["disturbance"] not in by_level:
        yield "by_level", f"lacks the ranked disturbance {row['disturbance']!r}"
        return
    ranked = list(by_level[row["disturbance"]].values())
    for column, expected in (
        ("accuracy", sum(ranked) / len(ranked)),
        ("mean_accuracy", sum(every) / len(every)),
        ("clean_accuracy", by_level[row["disturbance"]].get(0.0, row["clean_accuracy"])),
    ):
        if abs(row[column] - expected) > 10**-_DECIMALS:
            yield column, f"{row[column]}, but by_level gives {expected:.6f}"


def _contradictions_of_record(row: Row, record: Mapping[str, Any]) -> Iterator[Contradiction]:
    by_level = from_text(row["by_level"])
    for name, matrices in record["confusion"].items():
        for level, counts in matrices.items():
            right = sum(counts[k][k] for k in range(len(counts))) / sum(map(sum, counts))
            in_row = by_level.get(name, {}).get(float(level), right)
            if abs(in_row - right) > 10**-_DECIMALS:
                yield "by_level", f"{in_row} for {name} at {level}, but the record's counts give {right:.6f}"


ROBUSTNESS = Protocol(
    name="robustness",
    version="1",
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
    condition=lambda row: str(row["disturbance"]),
    title=_title,
    contradictions=_contradictions,
    contradictions_of_record=_contradictions_of_record,
    runs="hpbench.runs.robustness:run",
    picture="hpbench.report.level_curves:run_picture",
    table="hpbench.report.levels:levels_table",
    board_picture="hpbench.report.level_curves:level_picture",
    sample_picture="hpbench.report.disturbed_sample:sample_picture",
    long_form="hpbench.board.levels:levels_csv",
)
