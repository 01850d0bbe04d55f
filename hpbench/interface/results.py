"""The results of runs, for Python."""

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from hpbench.core.errors import InputError
from hpbench.core.quiet import quiet_libraries
from hpbench.core.run import command_words
from hpbench.runs.execute import Record
from hpbench.runs.filed import RECORD

if TYPE_CHECKING:
    import pandas as pd
    import torch


@dataclass(frozen=True)
class Picture:
    """A picture as a PNG file; a notebook shows it."""

    png: bytes

    def save(self, path: str | Path) -> None:
        """Write the file."""
        Path(path).write_bytes(self.png)

    def _repr_png_(self) -> bytes:
        return self.png


@dataclass(frozen=True)
class Result:
    """A finished run. `row`: its row on the board; `folder`: what else it left.

    `trained` is the trained module, if this process has trained it; `no_model` says why it was not kept.
    """

    row: Mapping[str, Any]
    board: Path
    folder: Path
    trained: "torch.nn.Module | None" = None
    no_model: str = ""

    @classmethod
    def of(cls, record: Record, no_model: str = "") -> "Result":
        """The result of a run that has just been executed, or was there."""
        return cls(record.row, record.board, record.folder, record.trained, no_model)

    @property
    def run_id(self) -> str:
        """The id of the run, which `hpbench.load` takes."""
        return str(self.row["run_id"])

    @property
    def accuracy(self) -> float:
        """What the board ranks by."""
        return float(self.row["accuracy"])

    @property
    def record(self) -> dict[str, Any]:
        """The run's record.json: row, settings, versions, hardware, and figures such as R and curves.

        Raises InputError if it is not there any more.
        """
        path = self.folder / RECORD
        try:
            return dict(json.loads(path.read_bytes()))
        except (OSError, ValueError) as error:
            raise InputError(f"there is no record of run {self.run_id}: {path}: {error}") from error

    @functools.cached_property
    def model(self) -> "torch.nn.Module":
        """The trained module in evaluation mode: of a stream from inputs to scores, else a few-shot learner.

        Raises InputError if it was not kept.
        """
        if self.trained is not None:
            return self.trained.eval()
        with quiet_libraries():
            from hpbench.kept.model import load_model
        from hpbench.kept.model_file import model_in

        path = model_in(self.folder)
        if path is None:
            reason = self.no_model or f"the model of run {self.run_id} was not kept: run with save=model"
            raise InputError(reason)
        return load_model(path).module

    def plot(self) -> Picture:
        """The run's picture: R and learning curve, accuracy over levels, or episodes.

        Raises InputError if it is not there any more.
        """
        path = self.folder / "picture.png"
        try:
            return Picture(path.read_bytes())
        except OSError as error:
            raise InputError(
                f"there is no picture of run {self.run_id}: {path} ({error.strerror})"
            ) from error

    def __repr__(self) -> str:
        return f"<{self.run_id} {' '.join(command_words(self.row))}: {self.accuracy:.2%}>"


class Results(Sequence[Result]):
    """The results of the runs of a command, in their order; `failures` has errors, by run.

    Of a single run, `record` and `model` are at hand without an index.
    """

    def __init__(self, results: Sequence[Result], failures: Mapping[str, Exception] | None = None) -> None:
        self._results = list(results)
        self.failures = dict(failures or {})

    @overload
    def __getitem__(self, index: int) -> Result: ...

    @overload
    def __getitem__(self, index: slice) -> "Results": ...

    def __getitem__(self, index: int | slice) -> "Result | Results":
        found = self._results[index]
        return Results(found) if isinstance(found, list) else found

    def __len__(self) -> int:
        return len(self._results)

    def __iter__(self) -> Iterator[Result]:
        return iter(self._results)

    @property
    def frame(self) -> "pd.DataFrame":
        """A row for each run, with the columns of its board."""
        import pandas as pd

        return pd.DataFrame([dict(one.row) for one in self])

    @property
    def record(self) -> dict[str, Any]:
        """The record of the only run. Raises InputError if there are several."""
        return self._only("record").record

    @property
    def model(self) -> "torch.nn.Module":
        """The trained module of the only run. Raises InputError if there are several."""
        return self._only("model").model

    def plot(self) -> Picture:
        """The picture of the only run, or the accuracies of all, by strategy, with 95 % intervals."""
        if len(self) == 1:
            return self[0].plot()
        from hpbench.report.comparison import comparison_picture

        return Picture(comparison_picture([one.row for one in self]))

    def _only(self, what: str) -> Result:
        if len(self) != 1:
            raise InputError(f"there are {len(self)} runs: take the {what} of one of them, results[0].{what}")
        return self[0]

    def __repr__(self) -> str:
        lines = [repr(one) for one in self] + [f"failed: {run}: {one}" for run, one in self.failures.items()]
        return "\n".join(lines) or "no runs"
