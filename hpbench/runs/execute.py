"""Executes one Run: loads data, seeds generators, runs the protocol, writes the files."""

import contextlib
import datetime
import json
import logging
import os
import random
import resource
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from hpbench import registry
from hpbench.board import table
from hpbench.core.errors import InputError, LoggedError
from hpbench.core.identity import run_id, short_hash
from hpbench.core.outcome import Outcome
from hpbench.core.quiet import quiet_libraries
from hpbench.core.run import Run
from hpbench.kept.model_file import NAME as MODEL
from hpbench.protocols.protocol import Protocol
from hpbench.protocols.table import PROTOCOLS
from hpbench.runs import provenance
from hpbench.runs.filed import RECORD, file_run, run_folder
from hpbench.runs.model_kept import ENTRY, NotKeptError, add_model, keep_model, model_of
from hpbench.runs.origin import own_code
from hpbench.runs.processor import prepare_processor
from hpbench.tasks.resources import Resources

log = logging.getLogger(__name__)


class RunError(LoggedError):
    """A strategy or scenario raised an error in a run; other runs of a sweep can go on."""


@dataclass(frozen=True)
class Record:
    """A finished run: its row, its details and where they were written.

    `fresh` is false if the run was on the board already; the details are then those of its record, empty if
    there is none. `shown` has data for the picture only.
    """

    run: Run
    row: dict[str, Any]
    details: dict[str, Any]
    folder: Path
    board: Path
    fresh: bool
    shown: Any = None

    @property
    def model(self) -> Path | None:
        """The file of the trained model, None if it was not kept."""
        path = self.folder / MODEL
        return path if path.exists() else None

    @property
    def log(self) -> Path | None:
        """The folder of the log that the run was asked for, None without one."""
        folder = self.folder / self.run.log
        return folder if self.run.log and folder.is_dir() else None


@quiet_libraries()
def execute(
    run: Run,
    out: Path,
    *,
    force: bool,
    say: Callable[[str], None],
    report: Callable[[Any], None],
    check: Callable[[Mapping[str, Any]], None] | None = None,
) -> Record:
    """Execute a run and add its row to the board in `out`; skipped if it is there and `force` is false.

    `say` is called with lines for the user, `report` with the protocol's progress, `check` with the columns
    of the run's identity before it is trained. Raises InputError for bad input, whatever `check` raises,
    RunError if the strategy or the scenario fails, and NotFiledError if the run is done but its row cannot be
    written.
    """
    device = find_device(run.device)
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    prepare_processor(run.threads)
    scenario = registry.find("scenarios", run.scenario)
    strategy = registry.find("strategies", run.strategy)
    module = registry.load(scenario)
    board = out / f"{run.scenario}.csv"
    protocol = PROTOCOLS[scenario.protocols[0]]
    machine = provenance.columns_of_run(
        run.threads, torch.cuda.get_device_name() if device == "cuda" else "cpu"
    )
    key = training_key(run, (scenario, strategy), machine)
    resources = Resources(run.data_root, device, say, key, force, run.seed)
    with _blamed(scenario):
        task = module.build(run.scenario_settings, resources)
        if not hasattr(task, "dataset_sha256"):
            raise TypeError(f"build() returned {type(task).__name__}: it must return a task")
    identity: dict[str, Any] = {
        "scenario": run.scenario,
        "scenario_version": scenario.version,
        "dataset": task.dataset,
        "dataset_sha256": task.dataset_sha256,
        "strategy": run.strategy,
        "strategy_version": strategy.version,
        "protocol": protocol.name,
        "protocol_version": protocol.version,
        "overrides": run.overrides,
        "seed": run.seed,
    }
    identity["run_id"] = run_id(identity)
    table.refuse_unfit(protocol.name, identity)
    if check is not None:
        check(identity)
    folder = run_folder(board, identity["run_id"])
    earlier = table.find(board, identity["run_id"])
    if earlier is not None and not force and not (run.save and model_of(folder) is None):
        if run.log and not (folder / run.log).is_dir():
            say(
                f"log={run.log}: run {identity['run_id']} is on the board and not trained again; --force "
                "does so"
            )
        return Record(run, earlier, _details(folder), folder, board, fresh=False)
    made_by = {
        **machine,
        **provenance.columns_of_checkout(say),
        "own_code": own_code([strategy, scenario]),
    }
    builder = getattr(registry.load(strategy), protocol.builder)
    seed_everything(run.seed)
    with _blamed(strategy):
        outcome = _outcome(protocol, builder, run, task, report, folder)
    if earlier is not None and not force:
        add_model(folder, run, earlier, builder, task, outcome, say)
        return Record(run, earlier, _details(folder), folder, board, fresh=False)
    row = {
        **identity,
        **outcome.row,
        **_peak_memory(device),
        **made_by,
        "finished": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }
    details = {
        "settings": run.settings,
        "versions": provenance.versions(),
        "hardware": provenance.hardware(run.threads),
        **outcome.details,
    }
    not_kept = ""
    if run.save or (folder / MODEL).exists():  # a file of an earlier run would be another's
        not_kept = keep_model(folder, run, row, builder, task, outcome)
        details |= {} if not_kept else {ENTRY: MODEL}
    filed = file_run(board, row, details, replace=force, say=say)
    if not_kept:
        raise NotKeptError(f"{not_kept} The row of run {row['run_id']} is safe in {board}.")
    if filed:
        return Record(run, row, details, folder, board, fresh=True, shown=outcome.shown)
    # Another process has done the same run meanwhile; its row stands.
    there = table.find(board, identity["run_id"]) or row
    return Record(run, there, _details(folder), folder, board, fresh=False)


def _outcome(
    protocol: Protocol,
    builder: Callable[..., Any],
    run: Run,
    task: Any,
    report: Callable[[Any], None],
    folder: Path,
) -> Outcome:
    """Train and test; with `run.log`, the curves go into a folder beside the record."""
    whole = protocol.part("runs")
    if not run.log:
        return whole(builder, run.strategy_settings, task, report)
    from hpbench.learning.logs import logged

    with logged(folder / run.log) as log:
        return whole(builder, run.strategy_settings, task, report, log=log)


def _details(folder: Path) -> dict[str, Any]:
    """The details of an earlier run, from its record; empty if there is none that can be read."""
    try:
        record = json.loads((folder / RECORD).read_bytes())
        return {str(name): value for name, value in record.items() if name != "row"}
    except (OSError, ValueError, AttributeError):
        return {}


def training_key(run: Run, files: Sequence[registry.Entry], machine: Mapping[str, Any]) -> str:
    """Hash of all that training depends on except the data: settings, seed, code and machine.

    `files` are the scenario's and the strategy's, whose code counts whatever their VERSION says: a network
    trained by other code is not reused. `machine` has the columns of a row on sources, libraries and machine.
    """
    code = [[one.name, one.version, one.code] for one in files]
    return short_hash([code, run.training_settings, run.seed, machine])


def find_device(wanted: str) -> str:
    """ "cpu" or "cuda" for the setting `device`. Raises InputError if it is "cuda" and there is no GPU."""
    if wanted == "cpu" or (wanted == "auto" and not torch.cuda.is_available()):
        return "cpu"
    if not torch.cuda.is_available():
        raise InputError("device=cuda: torch sees no GPU here; use device=auto or device=cpu")
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # without it, cuBLAS is not deterministic
    return "cuda"


def seed_everything(seed: int) -> None:
    """Seed the generators of Python, NumPy and torch, which the data loaders use too."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True, warn_only=True)


@contextlib.contextmanager
def _blamed(entry: registry.Entry) -> Iterator[None]:
    """Turn what a strategy or scenario raises into a RunError that names its file; log the traceback.

    That includes SystemExit and its like, which must not end a sweep.
    """
    try:
        yield
    except (InputError, KeyboardInterrupt):
        raise
    except BaseException as error:
        log.exception("%s %s failed", entry.singular, entry.name)
        raise RunError(
            f"{entry.singular} {entry.name!r} failed: {type(error).__name__}: {error} (in {entry.path})"
        ) from error


def _peak_memory(device: str) -> dict[str, float | None]:
    unit = 1 if sys.platform == "darwin" else 1024  # bytes on macOS, KiB on Linux
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
    on_gpu = torch.cuda.max_memory_allocated() / 1e6 if device == "cuda" else None
    return {"peak_memory_mb": resident, "peak_gpu_memory_mb": on_gpu}
