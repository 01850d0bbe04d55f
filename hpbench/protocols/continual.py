"""The continual protocol: learn the experiences one after another, test on all of them after each."""

from collections.abc import Iterator, Mapping
from typing import Any

from hpbench.core.columns import Column
from hpbench.protocols.protocol import (
    EVALUATED_ON,
    PROTOTYPE_SHARE,
    ROUNDING,
    SELECTION,
    Contradiction,
    Protocol,
    Row,
    apart,
    part_words,
    trace_words,
    variance_of_share,
)

_COLUMNS = (
    Column("regime", "text", "class-, task- or domain-incremental"),
    Column(
        "head",
        "text",
        "single; where the task is given at test, multi (outputs of its own for each task) or masked "
        "(weights of its own for each task, and the same outputs)",
    ),
    Column("task_identity_at_test", "bool", "whether the task label is given at test"),
    Column("boundaries", "text", "whether the strategy is notified when an experience ends: told or hidden"),
    Column("memory_samples", "int", "stored samples of earlier experiences", unit="samples", low=0),
    Column("experiences", "int", "experiences in the stream", low=1),
    Column("passes", "int", "passes allowed over an experience's data", low=1),
    Column("epochs", "float", "passes made over an experience's data, mean", low=0),
    SELECTION,
    EVALUATED_ON,
    Column(
        "incremental_accuracy",
        "float",
        "mean over i of the mean accuracy on experiences up to i",
        low=0,
        high=1,
    ),
    Column(
        "forgetting",
        "float",
        "forgetting (Chaudhry): best earlier accuracy minus the last",
        low=-1,
        high=1,
        may_be_empty=True,
    ),
    Column("bwt", "float", "backward transfer (Lopez-Paz)", low=-1, high=1, may_be_empty=True),
    Column("fwt", "float", "forward transfer (Lopez-Paz)", low=-1, high=1, may_be_empty=True),
    Column(
        "samples_to_80",
        "float",
        "samples until 80 % of the final training accuracy, mean over experiences",
        low=0,
        may_be_empty=True,
    ),
    Column("samples_to_90", "float", "the same for 90 %", low=0, may_be_empty=True),
    PROTOTYPE_SHARE,
)


def _title(row: Row) -> str:
    identity = "given" if row["task_identity_at_test"] else "not given"
    return (
        f"{row['strategy']} on {row['scenario']} ({row['dataset']}, {row['regime']} regime, task label "
        f"{identity} at test{trace_words(row)}, {part_words(row)})"
    )


def _contradictions(row: Row) -> Iterator[Contradiction]:
    if (row["head"] in ("multi", "masked")) != row["task_identity_at_test"]:
        yield "head", f"{row['head']!r} does not go with task_identity_at_test={row['task_identity_at_test']}"
    if row["experiences"] == 1 and row["forgetting"] is not None:
        yield "forgetting", "nothing is forgotten in a single experience; expected an empty cell"
    if row["epochs"] > row["passes"] and row["memory_samples"] == 0:
        yield "epochs", f"{row['epochs']}, but passes={row['passes']} and no sample is stored"
    to_80, to_90 = row["samples_to_80"], row["samples_to_90"]
    if None not in (to_80, to_90) and to_80 > to_90:
        yield "samples_to_80", f"{to_80}, but samples_to_90={to_90}"
    yield from _transfer_contradictions(row)


def _transfer_contradictions(row: Row) -> Iterator[Contradiction]:
    """Of the figures that exist only where experiences are learned one after another."""
    forgetting, bwt = row["forgetting"], row["bwt"]
    if (forgetting is None) != (bwt is None):
        yield (
            "bwt",
            f"{_shown(bwt)}, but forgetting is {_shown(forgetting)}: neither exists without the other",
        )
    elif forgetting is not None and forgetting + bwt < -ROUNDING:
        yield "forgetting", f"{forgetting}, but with bwt={bwt} it is at least {-bwt}"
    elif forgetting is None and apart(row["accuracy"], row["incremental_accuracy"]):
        yield "incremental_accuracy", f"{row['incremental_accuracy']}, but all is learned at once"
    if row["fwt"] is not None and (bwt is None or row["regime"] == "class"):
        yield "fwt", "there is none in the class regime or in joint training; expected an empty cell"


def _shown(figure: float | None) -> str:
    return "empty" if figure is None else str(figure)


def _contradictions_of_record(row: Row, record: Mapping[str, Any]) -> Iterator[Contradiction]:
    from hpbench.metrics import continual as metrics  # NumPy, which `hpbench list` does not load

    matrix = record["R"]
    right, total = _counts(record)
    for number, (hits, samples, accuracy) in enumerate(zip(right, total, matrix[-1], strict=True), 1):
        counted = hits / samples
        if apart(counted, accuracy):
            yield "accuracy", f"experience {number} has {accuracy} in the record's R, {counted} by its counts"
    weights = total if _is_pooled(record, sum(right) / sum(total)) else None
    for column, expected in (
        ("accuracy", metrics.average_accuracy(matrix, weights)),
        ("incremental_accuracy", metrics.incremental_accuracy(matrix, weights)),
        ("forgetting", metrics.forgetting(matrix)),
        ("bwt", metrics.backward_transfer(matrix)),
        ("fwt", metrics.forward_transfer(matrix, record["before"])),
    ):
        there = row[column]
        if apart(there, expected):
            yield column, f"{there}, but the record's R gives {expected}"


def _counts(record: Mapping[str, Any]) -> tuple[list[int], list[int]]:
    """The right and all test samples of each experience at the end."""
    confusions = record["confusion_by_experience"]
    right = [sum(one[k][k] for k in range(len(one))) for one in confusions]
    return right, [sum(map(sum, one)) for one in confusions]


def _variance(row: Row, record: Mapping[str, Any] | None) -> float | None:
    """Of the mean over experiences, or, where all samples have equal weight, of the share over all."""
    if record is None:
        return None
    right, total = _counts(record)
    if _is_pooled(record, sum(right) / sum(total)):
        return variance_of_share(sum(right), sum(total))
    return sum(map(variance_of_share, right, total)) / len(total) ** 2


def _is_pooled(record: Mapping[str, Any], accuracy: float) -> bool:
    """Whether means over experiences are weighted by their samples; `accuracy` is then that of the run.

    A record from before this was stated says it by its own copy of the row, not by the row that is checked.
    """
    if "pooled" in record:
        return bool(record["pooled"])
    return not apart(accuracy, record["row"]["accuracy"])


CONTINUAL = Protocol(
    name="continual",
    version="1",
    builder="continual",
    columns=_COLUMNS,
    compared=("regime", "evaluated_on"),
    accuracy="ACC: mean accuracy over experiences at the end",
    shown=("incremental_accuracy", "forgetting", "bwt", "fwt"),
    figures={"forgetting": "forgetting"},
    details={
        "trace_at_test": "trace at test",
        "memory_samples": "memory (samples)",
        "task_identity_at_test": "task given at test",
    },
    of_settings={
        "scenario.regime": "regime",
        "scenario.evaluate_on": "evaluated_on",
        "scenario.passes": "passes",
    },
    condition=lambda row: str(row["regime"]),
    title=_title,
    contradictions=_contradictions,
    contradictions_of_record=_contradictions_of_record,
    runs="hpbench.runs.continual:run",
    picture="hpbench.report.plot:run_picture",
    table="hpbench.report.matrix:matrix_table",
    variance=_variance,
)
