"""`hpbench.run`: the command `hpbench run` from Python."""

import logging
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from hpbench.cli.folders import folder_of, results_folder
from hpbench.core.quiet import quiet_libraries
from hpbench.interface.results import Result, Results
from hpbench.made import Made
from hpbench.runs.execute import Record
from hpbench.runs.model_kept import NotKeptError

_NO_LOG = logging.NullHandler()


@quiet_libraries()
def run(
    overrides: str | Sequence[str] = "",
    *,
    scenario: str | Made | None = None,
    strategy: str | Made | None = None,
    seeds: Iterable[int] = (),
    workers: int | str = 1,
    out: str | Path | None = None,
    force: bool = False,
    keep_models: bool = True,
    progress: bool = False,
) -> Results:
    """Train and test, file a row per run, and return the results in the order of the runs.

    `overrides` are words of `hpbench run`, as one text or a list: "scenario=split_mnist strategy=hp".
    `scenario`, `strategy`, `seeds` and `workers` may be given by themselves. Runs that are on the board in
    `out` (by default the folder `results`) are not repeated unless `force` is set. Models are kept beside
    the records (save=model) unless `keep_models` is false. With `progress`, what the command prints is shown.
    Raises InputError for bad input, before anything starts, and the failure of a single run; failures of a
    sweep are in `Results.failures`.
    """
    from hpbench.cli.sweep import run_all  # rich
    from hpbench.cli.terminal import open_console
    from hpbench.plan.command import command_settings
    from hpbench.plan.compose import plan

    # Failures are raised or in `failures`: without this, logging would print their tracebacks as well.
    logging.getLogger("hpbench").addHandler(_NO_LOG)
    words = shlex.split(overrides) if isinstance(overrides, str) else list(overrides)
    words += [f"{key}={_name(one)}" for key, one in (("scenario", scenario), ("strategy", strategy)) if one]
    numbers = list(seeds)
    words += [f"seed={','.join(map(str, numbers))}"] if numbers else []
    words += [f"workers={workers}"] if workers != 1 else []
    words += ["save=model"] if keep_models and not any(one.startswith("save=") for one in words) else []
    settings, of_runs = command_settings(words)
    runs = plan(of_runs)
    folder = results_folder(folder_of(out))
    found = run_all(runs, folder, settings, open_console(quiet=not progress), force=force, quiet=not progress)
    results, failures = [], {}
    for planned, one in zip(runs, found, strict=True):
        if isinstance(one, Record):
            results.append(Result.of(one))
        elif isinstance(one, NotKeptError):
            results.append(Result.of(one.record, str(one)))
        elif len(runs) == 1:
            raise one
        else:
            failures[str(planned)] = one
    return Results(results, failures)


def _name(one: str | Made) -> str:
    return one if isinstance(one, str) else one.name
