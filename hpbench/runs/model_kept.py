"""The trained model of a run, kept beside its record where the user asks for it."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hpbench.core.errors import InputError
from hpbench.core.files import write_atomically
from hpbench.core.outcome import Outcome
from hpbench.core.run import Run
from hpbench.kept.model_file import NAME, read_model
from hpbench.runs import provenance
from hpbench.runs.filed import RECORD

_COLUMNS = (
    "run_id",
    "scenario",
    "scenario_version",
    "dataset",
    "dataset_sha256",
    "strategy",
    "strategy_version",
    "protocol",
    "protocol_version",
    "overrides",
    "seed",
    "accuracy",
    "own_code",
    "finished",
)
"""Columns of the row that the file repeats."""

ENTRY = "model"
"""The entry of a record that names the file of the model, from the record's folder."""


class NotKeptError(InputError):
    """A run is finished and its row is written, but its model is not kept."""


def model_of(folder: Path) -> Path | None:
    """The kept model in the folder of a run; None if there is none that can be read."""
    path = folder / NAME
    try:
        described, _ = read_model(path)
    except InputError:
        return None
    return path if described.get("run_id") == folder.name else None


def keep_model(
    folder: Path, run: Run, row: Mapping[str, Any], builder: Callable[..., Any], task: Any, outcome: Outcome
) -> str:
    """Write the model into the folder of the run; returns why it could not be kept, empty if it was."""
    from hpbench.kept.keep import keep  # Avalanche, Norse

    columns = {name: row[name] for name in _COLUMNS} | {"versions": provenance.versions()}
    try:
        keep(folder / NAME, run, columns, builder, task, outcome.trained)
    except InputError as error:
        return str(error)
    return ""


def add_model(
    folder: Path,
    run: Run,
    row: Mapping[str, Any],
    builder: Callable[..., Any],
    task: Any,
    outcome: Outcome,
    say: Callable[[str], None],
) -> None:
    """Keep the model of a run that was on the board before; its row stays, its record names the file.

    `say` gets a line if the trained model does not reach the row's accuracy exactly, as on another machine.
    Raises NotKeptError if it cannot be written.
    """
    reason = keep_model(folder, run, {**row, "accuracy": outcome.row["accuracy"]}, builder, task, outcome)
    if reason:
        raise NotKeptError(f"{reason} The row of run {row['run_id']} stays on its board.")
    if outcome.row["accuracy"] != row["accuracy"]:
        say(
            f"The model of run {row['run_id']} was trained again and reaches {outcome.row['accuracy']:.2%}; "
            "its row, "
            f"which stays, has {row['accuracy']:.2%} (made by other sources or on another machine)"
        )
    record = folder / RECORD
    try:
        content = json.loads(record.read_bytes())
        content[ENTRY] = NAME
    except (OSError, ValueError, TypeError):  # no record, or one that others complain of
        return
    write_atomically(record, json.dumps(content, indent=1))
