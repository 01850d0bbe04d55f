"""Executes a comparison: trains what has not been trained, measures, writes tables and pictures."""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table
from torch import Tensor

from hpbench.boards.ranking import mean_and_interval
from hpbench.cli.failures import tell_failures
from hpbench.cli.sweep import run_all
from hpbench.comparison.groups import Group, between, grouped
from hpbench.comparison.measured import Measured, measured
from hpbench.comparison.probe import probe
from hpbench.comparison.settings import CompareSettings
from hpbench.comparison.tables import (
    confusion,
    confusion_table,
    layers_table,
    learning_speed,
    runs_table,
    training_table,
)
from hpbench.core.files import write_atomically
from hpbench.core.identity import short_hash
from hpbench.core.levels import from_text
from hpbench.core.quiet import quiet_libraries
from hpbench.core.run import Run
from hpbench.plan.command import CommandSettings
from hpbench.report.comparison import comparison_picture
from hpbench.report.learned import confusion_picture, layers_picture, training_picture
from hpbench.report.percent import percent
from hpbench.runs.device import find_device
from hpbench.runs.execute import Record
from hpbench.runs.scenario_task import scenario_task


@quiet_libraries()
def compare_all(
    runs: Sequence[Run],
    settings: CommandSettings,
    asked: CompareSettings,
    out: Path,
    console: Console,
    log: str,
    *,
    quiet: bool,
) -> int:
    """Compare the runs, and train those whose model or snapshots are not in `out`; returns the exit code."""
    results = run_all(runs, out, settings, console, force=False, quiet=quiet, brief=True)
    bare = [number for number, one in enumerate(results) if isinstance(one, Record) and one.log is None]
    if bare:  # their rows and models are there, but they were trained without snapshots
        again = run_all(
            [runs[number] for number in bare], out, settings, console, force=True, quiet=quiet, brief=True
        )
        for number, one in zip(bare, again, strict=True):
            results[number] = one
    failures = [(run, one) for run, one in zip(runs, results, strict=True) if isinstance(one, Exception)]
    records = [one for one in results if isinstance(one, Record)]
    code = tell_failures(failures, len(runs), log)
    if len(records) < 2:
        return code
    found = _measured(records, asked, runs[0].seed)
    shown = track(found, "measuring", len(records), console=console, transient=True, disable=quiet)
    groups = grouped(list(shown))
    name = f"{runs[0].scenario}-{short_hash(sorted(str(run) for run in runs))[:8]}"
    _write(groups, out / name)
    console.print(_summary(groups))
    console.print(f"Tables and pictures in {out / name}")
    return code


def _measured(records: Sequence[Record], asked: CompareSettings, seed: int) -> Iterator[Measured]:
    """The runs, on samples that one of this seed tests: which they are may depend on it, as with folds."""
    probes: dict[str, Tensor] = {}  # the same for all runs with the same settings of the scenario
    for record in records:
        run = record.run
        key = repr(run.scenario_settings)
        if key not in probes:
            task = scenario_task(run, find_device(run.device), lambda _: None, seed=seed)
            probes[key] = probe(task, asked.samples)
        assert record.model is not None and record.log is not None
        yield measured(record.row, record.details, record.model, record.log, probes[key], asked)


def _write(groups: Sequence[Group], folder: Path) -> None:
    labels = [one.label for one in groups]
    moments, pairs = training_table(groups), layers_table(groups)
    tables = {
        "runs": runs_table(groups),
        "training": moments,
        "layers": pairs,
        "confusion": confusion_table(groups),
    }
    for name, table in tables.items():
        buffer = io.StringIO()
        table.to_csv(buffer, index=False, float_format="%.6g", lineterminator="\n")
        write_atomically(folder / f"{name}.csv", buffer.getvalue())
    counted = [
        (one.label, sum(np.asarray(confusion(run)) for run in one.runs))
        for one in groups
        if confusion(one.runs[0])
    ]
    pictures = {
        "accuracy": comparison_picture([run.row for one in groups for run in one.runs]),
        "training": training_picture(moments, labels),
        "layers": layers_picture(pairs, labels),
        **({"confusion": confusion_picture(counted)} if counted else {}),
    }
    for name, picture in pictures.items():
        write_atomically(folder / f"{name}.png", picture)


def _summary(groups: Sequence[Group]) -> Table:
    """A line for each group: means over seeds."""
    first = groups[0]
    scenario = first.runs[0].row["scenario"]
    title = f"{scenario}: means over seeds; CKA of trained layers with {first.label}"
    table = Table(title=title, title_justify="left")
    layers = max((run.layers for one in groups for run in one.runs), key=len)
    for heading in ("", "accuracy %", "± 95 %", "samples to 80 %", "to 90 %"):
        table.add_column(heading, justify="right" if heading else "left")
    levels = list(_by_level(first.runs[0]))
    for name, level in levels:
        table.add_column(f"{name} {level:g} %", justify="right")
    for layer in layers:
        table.add_column(f"CKA {layer}", justify="right")
    for layer in layers[:-1]:
        table.add_column(f"angle {layer} (°)", justify="right")
    for one in groups:
        mean, interval = mean_and_interval(run.row["accuracy"] for run in one.runs)
        alike = between(first, one)
        cells = [percent(mean), percent(interval)]
        cells += [_mean([learning_speed(run, share) for run in one.runs], ",.0f") for share in (0.8, 0.9)]
        by_level = [_by_level(run) for run in one.runs]
        cells += [_mean([100 * own[level] for own in by_level if level in own], ".2f") for level in levels]
        cells += [_mean(alike.get(layer, []), ".2f") for layer in layers]
        cells += [_mean([_last_angle(run, layer) for run in one.runs], ".0f") for layer in layers[:-1]]
        table.add_row(one.label, *cells)
    return table


def _by_level(run: Measured) -> dict[tuple[str, float], float]:
    """Accuracies under the disturbance that rows are ranked by, at each of its levels; none without one."""
    ranked = run.row.get("disturbance")
    if not ranked:
        return {}
    return {(ranked, level): one for level, one in from_text(run.row["by_level"])[ranked].items()}


def _last_angle(run: Measured, layer: str) -> float | None:
    if layer not in run.layers or not run.moments:
        return None
    return run.moments[-1].angles[run.layers.index(layer)]


def _mean(values: Sequence[Any], form: str) -> str:
    known = [one for one in values if one is not None]
    return format(sum(known) / len(known), form) if known else ""
