"""`hpbench compare`: what strategies learn, side by side."""

from pathlib import Path

import click

from hpbench.cli.completion import OVERRIDE
from hpbench.cli.folders import RESULTS, FolderPath, results_folder
from hpbench.core.extras import need_extra
from hpbench.core.log import start_log

_FOLDER = "compare"


@click.command()
@click.argument("overrides", nargs=-1, type=OVERRIDE)
@click.option("--dry-run", is_flag=True, help="Print the runs and stop.")
@click.option("--quiet", is_flag=True, help="Print errors only.")
@click.option("--verbose", is_flag=True, help="Print log messages and library warnings too.")
@click.option(
    "--out",
    type=FolderPath(),
    help=f"Folder of boards, tables and pictures. Default: {RESULTS}/{_FOLDER}/, beside those of `run`.",
)
def compare(overrides: tuple[str, ...], dry_run: bool, quiet: bool, verbose: bool, out: Path | None) -> int:
    """Compare what strategies learn: their layers, weights and updates, over training.

    OVERRIDES are those of `hpbench run`, with several strategies or settings:

    \b
    hpbench compare scenario=mnist strategy=gp,fa,dfa,eprop,decolle seed=0,1,2

    Every run is trained once, with snapshots of its network, which later comparisons use again. Layers are
    compared by centred kernel alignment, with the first strategy, with each other, and with themselves when
    training has ended; weights by their Fisher information; updates by their angle to the gradient of
    backpropagation; answers by accuracy, samples to 80 and 90 % of it, and confusion. samples=500
    fisher_samples=100 say on how many test samples. With a scenario of disturbances, attacks among them, rows
    have the accuracies under these.
    """
    log = start_log(verbose=verbose)
    from hpbench.cli.terminal import list_runs, open_console
    from hpbench.comparison.comparable import check_comparable
    from hpbench.comparison.settings import CompareSettings
    from hpbench.plan.command import command_settings, settings_among
    from hpbench.plan.compose import plan

    console = open_console(quiet=quiet)
    settings, others = command_settings(overrides)
    asked, of_runs = settings_among(others, CompareSettings)
    runs = plan([*of_runs, "save=model", "log=snapshots"])
    check_comparable(runs)
    if dry_run:
        list_runs(console, runs)
        return 0
    need_extra("compare", "hpbench compare")
    from hpbench.cli.compared import compare_all

    return compare_all(
        runs, settings, asked, out or results_folder(None) / _FOLDER, console, log, quiet=quiet
    )
