"""The end of a run in words: accuracies, metrics, what the literature expects, where the row went."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.table import Table

from hpbench.core.levels import from_text
from hpbench.core.published import Published
from hpbench.report.percent import percent
from hpbench.report.plot import LEGIBLE

_ACCURACY = {
    "continual": "ACC: mean accuracy over experiences at the end",
    "few_shot": "mean accuracy over test episodes",
    "robustness": "mean accuracy over the levels of {disturbance}",
}
_METRICS = (
    ("clean_accuracy", "clean accuracy"),
    ("relative_drop", "share of it that the largest level takes away"),
    ("area_under_curve", "area under accuracy over level"),
    ("interval", "half width of its 95 % interval"),
    ("validation_accuracy", "accuracy on validation episodes, of the kept state"),
    ("kept_step", "step of the kept state"),
    ("incremental_accuracy", "average incremental accuracy"),
    ("forgetting", "forgetting"),
    ("bwt", "backward transfer"),
    ("fwt", "forward transfer"),
    ("activation_sparsity", "share of neuron-steps without a spike"),
    ("local_share", "local current over total current"),
    ("synops_macs", "multiply-accumulates per sample"),
    ("synops_acs", "accumulates per sample"),
    ("trace_writes", "trace writes per sample"),
    ("footprint_bytes", "bytes of parameters, buffers, traces"),
    ("train_seconds", "seconds of training"),
    ("test_seconds", "seconds of testing"),
)
_SHARES = {
    "clean_accuracy",
    "relative_drop",
    "area_under_curve",
    "interval",
    "validation_accuracy",
    "incremental_accuracy",
    "forgetting",
    "bwt",
    "fwt",
    "activation_sparsity",
    "local_share",
}


_NO_BUG = " A figure near it is no bug, however low."


def print_summary(
    console: Console, row: dict[str, Any], details: dict[str, Any], published: Iterable[Published]
) -> None:
    """Print what a finished run measured; `details` are empty if only its row is known."""
    matrix = details.get("R")
    own = [
        one
        for one in published
        if one.scenario == row["scenario"] and all(str(row.get(key)) == value for key, value in one.where)
    ]
    if row["protocol"] == "robustness":
        console.print(_levels(row, own))
    elif matrix and len(matrix[0]) <= LEGIBLE:
        console.print(_matrix(row, matrix))
    else:
        console.print(_title(row), markup=False)
    table = Table(show_header=False, box=None)
    table.add_row(_ACCURACY[row["protocol"]].format(**row), f"{row['accuracy']:.2%}")
    for name, meaning in _METRICS:
        if row.get(name) is not None:
            table.add_row(meaning, _number(name, row[name]))
    console.print(table)
    dead = [layer["name"] for layer in details.get("layers", ()) if layer.get("local_share") == 0]
    if dead:
        console.print(f"The trace does nothing in: {', '.join(dead)}.")
    for one in own:
        if one.level is None:
            console.print(
                f"Literature, {_conditions(row)}, {one.method}: {one.accuracy:.1%} ({one.source}).{_NO_BUG}"
            )


def _conditions(row: dict[str, Any]) -> str:
    if row["protocol"] == "few_shot":
        return f"{row['n_way']}-way {row['k_shot']}-shot"
    return f"{row['regime']} regime"


def _title(row: dict[str, Any]) -> str:
    if row["protocol"] == "few_shot":
        trained = (
            f"meta-trained {row['train_ways']}-way {row['train_shots']}-shot"
            if row["meta_steps"]
            else "not meta-trained"
        )
        sight = ", transductive" if row["transductive"] else ""
        return (
            f"{row['strategy']} on {row['scenario']} ({row['dataset']}, {row['split']} split, "
            f"{_conditions(row)}, {row['episodes']} {row['evaluated_on']} episodes, {trained}{sight})"
        )
    trace = f", trace at test {row['trace_at_test']}" if row.get("trace_at_test") else ""
    if row["protocol"] == "robustness":
        order = ", tested in the order of the classes" if row["test_order"] == "class" else ""
        return (
            f"{row['strategy']} on {row['scenario']} ({row['dataset']}, {row['tested_samples']:,} samples of "
            f"the {row['evaluated_on']} part{trace}{order})"
        )
    identity = "given" if row["task_identity_at_test"] else "not given"
    return (
        f"{row['strategy']} on {row['scenario']} ({row['dataset']}, {row['regime']} regime, task label "
        f"{identity} at test{trace}, {row['evaluated_on']} part)"
    )


def _matrix(row: dict[str, Any], matrix: list[list[float | None]]) -> Table:
    table = Table(title=f"{_title(row)}: accuracy in % on each experience", title_justify="left")
    table.add_column("after learning")
    for number in range(len(matrix[0])):
        table.add_column(str(number + 1), justify="right")
    for number, accuracies in enumerate(matrix):
        name = "all" if len(matrix) == 1 else str(number + 1)
        table.add_row(name, *("" if value is None else f"{100 * value:.1f}" for value in accuracies))
    return table


def _levels(row: dict[str, Any], published: Iterable[Published]) -> Table:
    """Accuracy by disturbance and level, with what others report of it."""
    told = {(one.disturbance, one.level): one.accuracy for one in published}
    table = Table(title=f"{_title(row)}: accuracy in %", title_justify="left")
    for heading in ("disturbance", "level", "accuracy", *(["published"] if told else [])):
        table.add_column(heading, justify="left" if heading == "disturbance" else "right")
    for name, by_level in from_text(row["by_level"]).items():
        for level, accuracy in by_level.items():
            beside = [percent(told.get((name, level)))] if told else []
            table.add_row(name, f"{level:g}", percent(accuracy), *beside)
    return table


def _number(name: str, value: float) -> str:
    if name in _SHARES:
        return f"{value:.2%}"
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"
