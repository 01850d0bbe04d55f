"""Performs one Run: loads its data, seeds the generators, trains and tests. Writes nothing."""

import contextlib
import datetime
import logging
import resource
import sys
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from hpbench import registry
from hpbench.boards import table
from hpbench.core.checkpoints import CHECKPOINT_MINUTES
from hpbench.core.errors import InputError, RunError
from hpbench.core.identity import run_id, short_hash
from hpbench.core.quiet import quiet_libraries
from hpbench.core.run import Run
from hpbench.core.stages import PrunedError, Stages
from hpbench.kept.model_file import NAME
from hpbench.protocols.table import PROTOCOLS
from hpbench.runs import provenance
from hpbench.runs.device import find_device
from hpbench.runs.model_kept import ENTRY as MODEL
from hpbench.runs.model_kept import model_of
from hpbench.runs.origin import own_code
from hpbench.runs.processor import prepare_processor
from hpbench.runs.seeding import seed_everything
from hpbench.runs.unfinished import states_of
from hpbench.states.states import States
from hpbench.tasks.resources import Resources

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Performed:
    """What a run gave: its row, and details for its record.

    `shown` has data for the picture only; `trained` is the trained module; `model` is its file if the run
    asks for it, and `no_model` says why there is none.

    A run that is known already is not performed again: the row then has the columns of its identity alone,
    and `fresh` is false. `state` is the file of the run's state, which is needed until the row is filed.
    """

    row: dict[str, Any]
    details: dict[str, Any]
    fresh: bool = True
    shown: Any = None
    model: bytes = b""
    no_model: str = ""
    trained: Any = None
    state: Path | None = None

    def __getstate__(self) -> dict[str, Any]:
        """What travels from one process to another."""
        return {**vars(self), "trained": None}


@quiet_libraries()
def perform(
    run: Run,
    *,
    known: Container[str] = (),
    anew: bool = False,
    say: Callable[[str], None],
    report: Callable[[Any], None],
    check: Callable[[Mapping[str, Any]], None] | None = None,
    checkpoint_minutes: float = CHECKPOINT_MINUTES,
    folders: Path | None = None,
    bars: Sequence[float | None] | None = None,
) -> Performed:
    """Train and test, unless the run's id is among the `known` ones.

    The state of the run is written every `checkpoint_minutes`, and a run that was killed goes on from it;
    with 0, neither. With `anew`, nothing that an earlier run has trained is used. `say` is called with lines
    for the user, `report` with the protocol's progress, `check` with the columns of the run's identity before
    it is trained. `folders` is where the runs have their folders, in which logs are written. With
    `bars`, the run's stages are among its details, and it is given up where it is below its bar. Raises
    InputError for bad input, whatever `check` raises, RunError if the strategy or the scenario fails, and
    PrunedError if the run is given up.
    """
    device = find_device(run.device)
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    prepare_processor(run.threads)
    scenario = registry.find("scenarios", run.scenario)
    strategy = registry.find("strategies", run.strategy)
    module = registry.load(scenario)
    protocol = PROTOCOLS[scenario.protocols[0]]
    machine = provenance.columns_of_run(
        run.threads, torch.cuda.get_device_name() if device == "cuda" else "cpu"
    )
    key = training_key(run, (scenario, strategy), machine)
    resources = Resources(run.data_root, device, say, key, anew, run.seed)
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
    states = states_of(run, identity, (scenario, strategy), machine, checkpoint_minutes, say)
    log_folder = folders / identity["run_id"] / run.log if run.log and folders is not None else None
    if identity["run_id"] in known:
        states.remove()
        if log_folder is not None and not log_folder.is_dir():
            told = f"run {identity['run_id']} is on the board and not trained again; --force does so"
            say(f"log={run.log}: {told}")
        return Performed(identity, {}, fresh=False)
    made_by = {
        **machine,
        **provenance.columns_of_checkout(say),
        "own_code": own_code([strategy, scenario]),
    }
    builder = getattr(registry.load(strategy), protocol.builder)
    seed_everything(run.seed)
    stages = Stages(bars or ())
    noted = {} if bars is None else {"stages": stages}
    with _blamed(strategy), _removed_if_pruned(states):
        whole = protocol.part("runs")
        if log_folder is None:
            outcome = whole(builder, run.strategy_settings, task, report, states, **noted)
        else:  # no state: what it goes on from would be logged twice
            with _log_of(run.log, log_folder) as log:
                outcome = whole(builder, run.strategy_settings, task, report, log=log, **noted)
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
    details |= {"stages": stages.reached} if bars is not None else {}
    model, no_model = model_of(run, row, builder, task, outcome)
    details |= {MODEL: NAME} if model else {}
    return Performed(row, details, True, outcome.shown, model, no_model, outcome.trained, state=states.path)


def _log_of(kind: str, folder: Path) -> contextlib.AbstractContextManager[Any]:
    """What `Run.log` names, open in this folder."""
    if kind == "snapshots":
        from hpbench.learning.snapshots import snapshots_into

        return snapshots_into(folder)
    from hpbench.learning.logs import logged

    return logged(folder)


def training_key(run: Run, files: Sequence[registry.Entry], machine: Mapping[str, Any]) -> str:
    """Hash of all that training depends on except the data: settings, seed, code and machine.

    `files` are the scenario's and the strategy's, whose code counts whatever their VERSION says: a network
    trained by other code is not reused. `machine` has the columns of a row on sources, libraries and machine.
    """
    code = [[one.name, one.version, one.code] for one in files]
    return short_hash([code, run.training_settings, run.seed, machine])


@contextlib.contextmanager
def _blamed(entry: registry.Entry) -> Iterator[None]:
    """Turn what a strategy or scenario raises into a RunError that names its file; log the traceback.

    That includes SystemExit and its like, which must not end a sweep.
    """
    try:
        yield
    except (InputError, PrunedError, KeyboardInterrupt):
        raise
    except BaseException as error:
        log.exception("%s %s failed", entry.singular, entry.name)
        raise RunError(
            f"{entry.singular} {entry.name!r} failed: {type(error).__name__}: {error} (in {entry.path})"
        ) from error


@contextlib.contextmanager
def _removed_if_pruned(states: States) -> Iterator[None]:
    try:
        yield
    except PrunedError:
        states.remove()
        raise


def _peak_memory(device: str) -> dict[str, float | None]:
    unit = 1 if sys.platform == "darwin" else 1024  # bytes on macOS, KiB on Linux
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
    on_gpu = torch.cuda.max_memory_allocated() / 1e6 if device == "cuda" else None
    return {"peak_memory_mb": resident, "peak_gpu_memory_mb": on_gpu}
