"""Finds the kept model of a run by the run's id, or by a path."""

import json
import re
from pathlib import Path

from hpbench.core.errors import InputError
from hpbench.core.paths import is_folder
from hpbench.core.run import command_words
from hpbench.kept.model_file import NAME, model_in
from hpbench.runs.filed import RECORD
from hpbench.runs.find_run import find_run

_ID = re.compile(r"[0-9a-f]{1,16}")


def find_model(run: str, out: Path) -> Path:
    """The file of the model: `run` is the run's id or a beginning of it, its folder, or the file itself.

    Ids are looked for on the boards in `out`. Raises InputError if there is no such run, if several begin so,
    or if the run did not keep its model; the message then has the command that does.
    """
    if not run.strip():
        raise InputError("the run is empty: name it by its id, its folder, or its model's file")
    path = Path(run)
    if path.suffix == Path(NAME).suffix or (is_folder(path) and not _ID.fullmatch(run)):
        path = path / NAME if is_folder(path) else path
        if path.is_file():
            return path
        raise InputError(f"there is no model at {path}: {_again(path.parent)}")
    found = find_run(run, out)
    model = model_in(found.folder)
    if model is not None:
        return model
    words = " ".join(command_words(found.row))
    raise InputError(f"the model of run {found.row['run_id']} was not kept: hpbench run {words} save=model")


def _again(folder: Path) -> str:
    """The end of a message: how to get the model of the run with this folder."""
    try:
        words = " ".join(command_words(json.loads((folder / RECORD).read_bytes())["row"]))
    except (OSError, ValueError, KeyError, TypeError):
        return "run it again with save=model"
    return f"hpbench run {words} save=model"
