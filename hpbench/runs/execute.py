"""One Run to one Record: data, seeds, protocol, files."""

import contextlib
import datetime
import json
import logging
import os
import random
import resource
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from hpbench import registry
from hpbench.board import table
from hpbench.core.errors import InputError
from hpbench.core.files import write_atomically
from hpbench.core.identity import run_id, short_hash
from hpbench.core.run import Run
from hpbench.protocols.table import PROTOCOLS
from hpbench.runs import provenance
from hpbench.runs.processor import prepare_processor
from hpbench.tasks.resources import Resources

log = logging.getLogger(__name__)


class RunError(InputError):
    """A strategy or scenario failed while it was run; other runs of a sweep can go on."""


@dataclass(frozen=True)
class Record:
    """What a finished run leaves: its row, its details and where they were written.

    `fresh` is false if the board had the run already; the details are then empty. `shown` is what only the
    picture needs.
    """

    run: Run
    row: dict[str, Any]
    details: dict[str, Any]
    folder: Path
    board: Path
    fresh: bool
    shown: Any = None


def execute(
    run: Run,
    out: Path,
    *,
    force: bool,
    say: Callable[[str], None],
    report: Callable[[Any], None],
) -> Record:
    """Do one run and put its row on the board in `out`, unless the board has it and `force` is false.

    `say` takes lines for the user, `report` the protocol's progress. Raises InputError for bad input and
    RunError if the strategy or the scenario fails.
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
    made_by = provenance.columns_of_run(
        run.threads, torch.cuda.get_device_name() if device == "cuda" else "cpu"
    )
    key = training_key(run, strategy.version, made_by)
    resources = Resources(run.data_root, device, say, key, force, run.seed)
    with _blamed(scenario):
        task = module.build(run.scenario_settings, resources)
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
    folder = out / "runs" / identity["run_id"]
    earlier = table.find(board, identity["run_id"])
    if earlier is not None and not force:
        return Record(run, earlier, {}, folder, board, fresh=False)
    builder = getattr(registry.load(strategy), protocol.builder)
    seed_everything(run.seed)
    with _blamed(strategy):
        outcome = protocol.part("runs")(builder, run.strategy_settings, task, report)
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
    write_atomically(folder / "record.json", json.dumps({"row": row, **details}, indent=1))
    table.add(board, row, replace=force)
    return Record(run, row, details, folder, board, fresh=True, shown=outcome.shown)


def training_key(run: Run, strategy_version: str, made_by: Mapping[str, Any]) -> str:
    """Hash of all that shapes what a run trains, but for the data, and of the code and machine it runs on."""
    machine = {name: one for name, one in made_by.items() if name not in ("commit", "checkout")}
    return short_hash(
        [run.scenario, run.strategy, strategy_version, run.training_settings, run.seed, machine]
    )


def find_device(wanted: str) -> str:
    """ "cpu" or "cuda" for the setting `device`. Raises InputError if it asks for a GPU that is not there."""
    if wanted == "cpu" or (wanted == "auto" and not torch.cuda.is_available()):
        return "cpu"
    if not torch.cuda.is_available():
        raise InputError("device=cuda: torch sees no GPU here; use device=auto or device=cpu")
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # without it, cuBLAS is not deterministic
    return "cuda"


def seed_everything(seed: int) -> None:
    """Seed Python, NumPy and torch, whose generators the loaders draw from too."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True, warn_only=True)


@contextlib.contextmanager
def _blamed(entry: registry.Entry) -> Iterator[None]:
    """Turn what an entry's code raises into a RunError that names its file; the log gets the traceback."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        log.exception("%s %s failed", entry.singular, entry.name)
        raise RunError(
            f"{entry.singular} {entry.name!r} failed: {type(error).__name__}: {error} (in {entry.path})"
        ) from error


def _peak_memory(device: str) -> dict[str, float | None]:
    unit = 1 if sys.platform == "darwin" else 1024  # bytes on macOS, KiB on Linux
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
    on_gpu = torch.cuda.max_memory_allocated() / 1e6 if device == "cuda" else None
    return {"peak_memory_mb": resident, "peak_gpu_memory_mb": on_gpu}
