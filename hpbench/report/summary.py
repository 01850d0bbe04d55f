"""The report at the end of a run: accuracies, metrics and figures from the literature."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from hpbench.core.columns import Column
from hpbench.core.published import NextStep, Published
from hpbench.protocols.table import protocol_named

_COSTS = (
    "activation_sparsity",
    "local_share",
    "synops_macs",
    "synops_acs",
    "trace_writes",
    "footprint_bytes",
    "train_seconds",
    "test_seconds",
)
"""Columns on costs that are printed at the end of a run under every protocol."""

_EXPECTED = " Values near this are expected, however low."


def print_summary(
    console: Console,
    row: Mapping[str, Any],
    details: Mapping[str, Any],
    published: Iterable[Published],
    next_steps: Iterable[NextStep] = (),
) -> None:
    """Print the results of a finished run; `details` are empty if only its row is known."""
    protocol = protocol_named(row["protocol"])
    own = [
        one
        for one in published
        if one.scenario == row["scenario"] and all(str(row.get(key)) == value for key, value in one.where)
    ]
    title = protocol.title(row)
    accuracies = protocol.part("table")(title, row, details, own) if protocol.table else None
    if accuracies is None:
        console.print(title)
    else:
        console.print(accuracies)
    if row.get("diverged"):
        console.print(f"DIVERGED: {row['diverged']}. The figures say nothing of the strategy.")
    table = Table(show_header=False, box=None)
    table.add_row(protocol.accuracy.format(**row), f"{row['accuracy']:.2%}")
    columns = {column.name: column for column in protocol.all_columns}
    for name in (*protocol.shown, *_COSTS):
        if row.get(name) is not None:
            table.add_row(columns[name].meaning, _value(columns[name], row[name]))
    console.print(table)
    dead = [layer["name"] for layer in details.get("layers", ()) if layer.get("local_share") == 0]
    if dead:
        console.print(f"The trace does nothing in: {', '.join(dead)}.")
    for sentence in (*_at_chance(details), *_unknown_costs(details)):
        console.print(sentence)
    for one in own:
        if one.level is None:
            console.print(
                f"Literature on {row['scenario']} ({protocol.condition(row)}), {one.method}: "
                f"{one.accuracy:.1%} ({one.source}).{_EXPECTED}",
            )
    for step in next_steps:
        if step.fits(row):
            console.print(f"Next: {step.sentence}")


def _at_chance(details: Mapping[str, Any]) -> Iterator[str]:
    """A warning that names the experiences that were not learned; nothing if all were."""
    numbers = details.get("learned_at_chance")
    if numbers:
        them = "it" if len(numbers) == 1 else "them"
        experiences = f"experience{'s'[: len(numbers) - 1]} {', '.join(map(str, numbers))}"
        yield (
            f"Warning: the accuracy on {experiences} just after learning {them} is at or below chance "
            f"({details['chance']:.1%}). "
            "Either training was too short, or the loss does not suit the range of the scores: see 'Range of "
            "the scores' in docs/engine.md."
        )


def _unknown_costs(details: Mapping[str, Any]) -> Iterator[str]:
    """What the columns of costs are without, and how a network of one's own mends it."""
    steps, weights = details.get("undeclared_spikes"), details.get("uncounted_weights")
    if steps:
        yield (
            f"Activation sparsity is empty: the network steps through time and does not declare its spikes "
            f"({', '.join(steps)}). See 'Add a network' in CONTRIBUTING.md."
        )
    if weights:
        yield (
            f"Synaptic operations are without those of {', '.join(weights)}. See 'Add a layer' in "
            "CONTRIBUTING.md."
        )


def _value(column: Column, value: float) -> str:
    if column.is_share:
        return f"{value:.2%}"
    shown = f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"
    return f"{shown} {column.unit}".rstrip()
