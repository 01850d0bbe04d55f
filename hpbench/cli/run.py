"""`hpbench run`."""

from pathlib import Path

import click

from hpbench.cli.completion import OVERRIDE
from hpbench.cli.folders import RESULTS, out_option, results_folder
from hpbench.cli.messages import complain
from hpbench.core.errors import InputError
from hpbench.core.log import start_log


@click.command()
@click.argument("overrides", nargs=-1, type=OVERRIDE)
@click.option("--dry-run", is_flag=True, help="Print the runs and stop.")
@click.option("--force", is_flag=True, help="Repeat runs that are on the board already.")
@click.option("--quiet", is_flag=True, help="Print errors only.")
@click.option("--verbose", is_flag=True, help="Print log messages and library warnings too.")
@out_option(RESULTS)
def run(
    overrides: tuple[str, ...], dry_run: bool, force: bool, quiet: bool, verbose: bool, out: Path | None
) -> int:
    """Train and test strategies, and add a row per run to a board.

    OVERRIDES are Hydra's: scenario=NAME strategy=NAME, then settings such as strategy.lr=1e-3,
    scenario.regime=task, seed=0,1,2 or seed=range(5), device=auto|cpu|cuda, data_root=FOLDER. Comma lists
    sweep: every combination is a run. workers=N executes N runs at a time.
    """
    log = start_log(verbose=verbose)
    from hpbench.cli.terminal import list_runs, open_console
    from hpbench.plan.command import command_settings
    from hpbench.plan.compose import sweep

    console = open_console(quiet=quiet)
    settings, of_runs = command_settings(overrides)
    planned = sweep(of_runs)
    if len(planned) == 1 and planned[0].reason:
        raise InputError(planned[0].reason)
    runs = [one.run for one in planned if one.run is not None and not one.reason]
    impossible = [one for one in planned if one.reason]
    for one in impossible:
        complain(f"cannot be run: {one.words}: {one.reason}")
    code = 2 if impossible else 0
    if dry_run:
        list_runs(console, runs)
        return code
    if not runs:
        return code
    folder = results_folder(out)
    from hpbench.cli.failures import tell_failures
    from hpbench.cli.sweep import run_all

    results = run_all(runs, folder, settings, console, force=force, quiet=quiet)
    failures = [(run, one) for run, one in zip(runs, results, strict=True) if isinstance(one, Exception)]
    return max(code, tell_failures(failures, len(runs), log))
