"""The trained model of a run, kept beside its record where the user asks for it."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hpbench.core.errors import InputError
from hpbench.core.files import write_atomically
from hpbench.core.outcome import Outcome
from hpbench.core.run import Run
from hpbench.kept.model_file import NAME
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
    """A run is finished and its row is written, but its model is not kept. `record` is that of the run."""

    def __init__(self, message: str, record: Any) -> None:
        super().__init__(message)
        self.record = record


def model_of(
    run: Run, row: Mapping[str, Any], builder: Callable[..., Any], task: Any, outcome: Outcome
) -> tuple[bytes, str]:
    """The file of the trained model of a run that asks for it, and why there is none."""
    if not run.save:
        return b"", ""
    from hpbench.kept.keep import keep  # Avalanche, Norse

    columns = {name: row[name] for name in _COLUMNS} | {"versions": provenance.versions()}
    try:
        return keep(run, columns, builder, task, outcome.trained), ""
    except InputError as error:
        return b"", str(error)


def write_model(folder: Path, content: bytes) -> str:
    """Write the file into the folder of its run; returns why it could not be written, empty if it was.

    Without content, the file of an earlier run with this folder is removed: it would be another's.
    """
    try:
        if content:
            write_atomically(folder / NAME, content)
        else:
            (folder / NAME).unlink(missing_ok=True)
    except (InputError, OSError) as error:
        return str(error)
    return ""


def add_model(
    folder: Path, row: Mapping[str, Any], accuracy: float, content: bytes, say: Callable[[str], None]
) -> str:
    """Keep the model of a run that was on the board before; its row stays, its record names the file.

    `say` gets a line if the trained model does not reach the row's accuracy exactly, as on another machine.
    Returns why the file could not be written, empty if it was.
    """
    reason = write_model(folder, content)
    if reason:
        return reason
    if accuracy != row["accuracy"]:
        say(
            f"The model of run {row['run_id']} was trained again and reaches {accuracy:.2%}; its row, which "
            f"stays, has {row['accuracy']:.2%} (made by other sources or on another machine)"
        )
    record = folder / RECORD
    try:
        found = json.loads(record.read_bytes())
        found[ENTRY] = NAME
        write_atomically(record, json.dumps(found, indent=1))
    except (InputError, OSError, ValueError, TypeError):  # no record, or one that others complain of
        pass
    return ""
