"""`hpbench tune`: search settings on the validation part."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpbench.cli.completion import OVERRIDE
from hpbench.cli.folders import RESULTS, FolderPath, results_folder
from hpbench.core.extras import need_extra
from hpbench.core.log import start_log

if TYPE_CHECKING:
    from rich.console import Console

    from hpbench.tuning.space import Space

_FOLDER = "tuning"


@click.command()
@click.argument("overrides", nargs=-1, type=OVERRIDE)
@click.option("--dry-run", is_flag=True, help="Print what would be searched, and stop.")
@click.option("--quiet", is_flag=True, help="Print errors, and the command at the end.")
@click.option("--verbose", is_flag=True, help="Print log messages and library warnings too.")
@click.option(
    "--out",
    type=FolderPath(),
    help=f"Folder of boards, journals and pictures. Default: {RESULTS}/{_FOLDER}/, beside those of `run`.",
)
def tune(overrides: tuple[str, ...], dry_run: bool, quiet: bool, verbose: bool, out: Path | None) -> None:
    """Search settings of a strategy by their accuracy on the validation part.

    OVERRIDES are those of `hpbench run`; the settings that are searched have a range:

    \b
    strategy.lr=log(1e-4,1e-2)        numbers on a logarithmic scale (whole ones, if the setting's are)
    strategy.mix=uniform(0,1)         numbers
    strategy.batch=int(10,100)        whole numbers
    strategy.loss=choice(mse,cross_entropy)

    trials=50 seeds=3 say how long is searched: a trial's value is the mean over its seeds. prune=off gives no
    trial up before its end. workers=N executes N runs at a time. The same command goes on with what it has
    done; it ends with the command that runs the best settings on the test part.
    """
    start_log(verbose=verbose)
    from hpbench.cli.terminal import open_console
    from hpbench.plan.command import command_settings, settings_among
    from hpbench.tuning.settings import TuneSettings
    from hpbench.tuning.space import space_of

    settings, others = command_settings(overrides)
    search, of_runs = settings_among(others, TuneSettings)
    space = space_of(of_runs)
    if dry_run:
        _list(space, search, open_console())
        return
    need_extra("tune", "hpbench tune")
    from hpbench.cli.search import search_all

    folder = out or results_folder(None) / _FOLDER
    search_all(space, search, settings, folder, quiet=quiet)


def _list(space: "Space", search: Any, console: "Console") -> None:
    console.print(f"{space.run}: {search.trials} trials with {search.seeds} seeds each")
    for one in space.searched:
        console.print(f"  {one.text}")
    if space.first:
        first = " ".join(f"{key}={value}" for key, value in space.words(space.first).items())
        console.print(f"  first the defaults: {first}")
