"""Finds the kept model of a run by the run's id, or by a path."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hpbench.boards import table
from hpbench.core.errors import InputError, nearest
from hpbench.core.paths import is_folder
from hpbench.kept.model_file import NAME
from hpbench.runs.filed import RECORD

_ID = re.compile(r"[0-9a-f]{1,16}")


def find_model(run: str, out: Path) -> Path:
    """The file of the model: `run` is the run's id or a beginning of it, its folder, or the file itself.

    Ids are looked for in the leaderboard folder `out`. Raises InputError if there is no such run, if several
    begin so, or if the run did not keep its model; the message then has the command that does.
    """
    path = Path(run)
    if path.suffix == Path(NAME).suffix or (is_folder(path) and not _ID.fullmatch(run)):
        path = path / NAME if is_folder(path) else path
        if path.is_file():
            return path
        raise InputError(f"there is no model at {path}{_command(path.parent)}")
    folders = sorted(one for one in (out / "runs").glob("*") if one.is_dir())
    matching = [one for one in folders if _ID.fullmatch(run) and one.name.startswith(run)]
    if len(matching) > 1:
        raise InputError(
            f"{len(matching)} runs begin with {run}: {', '.join(one.name for one in matching[:5])}"
        )
    if matching:
        [folder] = matching
        if (folder / NAME).is_file():
            return folder / NAME
        raise InputError(f"the model of run {folder.name} was not kept{_command(folder)}")
    for board in sorted(out.glob("*.csv")):
        row = table.find(board, run)
        if row is not None:
            raise InputError(f"the model of run {run} was not kept{_again(row)}")
    keeping = [one.name for one in folders if (one / NAME).is_file()]
    if not keeping:
        raise InputError(
            f"there is no run {run} in {out / 'runs'}, and no run there kept its model: run with save=model"
        )
    raise InputError(f"there is no run {run} in {out / 'runs'}; with a model, {nearest(run, keeping)}")


def _command(folder: Path) -> str:
    """The end of a message: how to get the model of the run with this folder."""
    try:
        return _again(json.loads((folder / RECORD).read_bytes())["row"])
    except (OSError, ValueError, KeyError, TypeError):
        return ": run it again with save=model"


def _again(row: Mapping[str, Any]) -> str:
    words = [
        f"scenario={row['scenario']}",
        f"strategy={row['strategy']}",
        row["overrides"],
        f"seed={row['seed']}",
    ]
    return f": hpbench run {' '.join(filter(None, words))} save=model"
