"""`hpbench run`."""

import os
import tempfile
from pathlib import Path

import click

from hpbench.cli.completion import OVERRIDE
from hpbench.cli.folders import leaderboard_folder, out_option
from hpbench.cli.log import start_log
from hpbench.core.errors import InputError


@click.command()
@click.argument("overrides", nargs=-1, type=OVERRIDE)
@click.option("--dry-run", is_flag=True, help="Print the runs and stop.")
@click.option("--force", is_flag=True, help="Repeat runs that are on the leaderboard already.")
@click.option("--quiet", is_flag=True, help="Print errors only.")
@click.option("--verbose", is_flag=True, help="Print log messages and library warnings too.")
@out_option
def run(
    overrides: tuple[str, ...], dry_run: bool, force: bool, quiet: bool, verbose: bool, out: Path | None
) -> int:
    """Train and test strategies, and add a row per run to the leaderboard.

    OVERRIDES are Hydra's: scenario=NAME strategy=NAME, then settings such as strategy.lr=1e-3,
    scenario.regime=task, seed=0,1,2 or seed=range(5), device=auto|cpu|cuda, data_root=FOLDER. Comma lists
    sweep: every combination is a run.
    """
    log = start_log(verbose=verbose)
    from hpbench.cli.terminal import open_console
    from hpbench.plan.compose import sweep

    console = open_console(quiet=quiet)
    planned = sweep(overrides)
    if len(planned) == 1 and planned[0].reason:
        raise InputError(planned[0].reason)
    runs = [one.run for one in planned if one.run is not None and not one.reason]
    impossible = [one for one in planned if one.reason]
    for one in impossible:
        click.echo(f"hpbench: cannot be run: {one.words}: {one.reason}", err=True)
    code = 2 if impossible else 0
    if dry_run:
        for number, each in enumerate(runs, 1):
            console.print(f"{number}. {each} device={each.device} threads={each.threads}", markup=False)
        return code
    if not runs:
        return code
    folder = leaderboard_folder(out)
    _check_writable(folder)
    from hpbench.cli.sweep import run_all

    failures = run_all(runs, folder, console, force=force, quiet=quiet)
    for failure in failures:
        click.echo(f"hpbench: {failure}. The traceback is in {log}", err=True)
    return 2 if failures else code


def _check_writable(folder: Path) -> None:
    """Raise InputError if the folder cannot be written: before hours of training, not after."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(
            f"cannot write to {folder} ({os.strerror(error.errno or 0)}): choose another folder with --out"
        ) from error
