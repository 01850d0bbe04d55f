"""`hpbench board`: rankings, checks, publishing."""

from pathlib import Path

import click

from hpbench import registry
from hpbench.cli.folders import leaderboard_folder, out_option
from hpbench.core.errors import InputError, nearest
from hpbench.core.published import Published


class BoardGroup(click.Group):
    """`board NAME` is a ranking; `check` and `publish` are commands."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Take any other first word as the name of a board."""
        if args and args[0] not in self.commands:
            return "show", self.commands["show"], args
        return super().resolve_command(ctx, args)


@click.group(cls=BoardGroup)
def board() -> None:
    """Rank the strategies of a board, check boards, publish rows.

    \b
    hpbench board split_mnist           mean and 95 % interval over seeds, best first; rank ranges
    hpbench board split_mnist --pairs   which differences are significant, with their p
    hpbench board check                 schema, order, ids recomputed, ranges
    hpbench board publish PATH          merge the rows into the leaderboard folder at PATH
    hpbench board reproducibility       write the published figures beside those reached
    """


@board.command()
@click.argument("name")
@click.option("--pairs", is_flag=True, help="Compare every two strategies: difference, p, corrected p.")
@out_option
def show(name: str, pairs: bool, out: Path | None) -> None:
    """Rank the strategies of the board NAME; where they tie, ranks are ranges."""
    folder = leaderboard_folder(out)
    path = folder / f"{name}.csv"
    if not path.exists():
        known = [one.stem for one in folder.glob("*.csv")]
        raise InputError(f"there is no board {name!r} in {folder}: {nearest(name, known)}")
    from hpbench.board.ranking import groups
    from hpbench.board.significance import METHOD
    from hpbench.board.table import read
    from hpbench.cli.terminal import open_console
    from hpbench.report.pairs import pairs_table
    from hpbench.report.ranking import ranking_table

    console = open_console()
    found = groups(read(path), current_source)
    if not found:
        console.print("Its rows are smoke tests, which are not ranked.")
        return
    for group in found:
        console.print(ranking_table(group))
        if pairs and group.comparisons:
            console.print(pairs_table(group))
    console.print(f"Ranks are ranges where strategies tie: {METHOD}.")
    if found[0].protocol == "robustness":
        from hpbench.core.files import write_atomically
        from hpbench.report.level_curves import level_picture

        picture = path.with_suffix(".png")
        write_atomically(picture, level_picture(found))
        console.print(f"Accuracy against level in {picture}", markup=False)


@board.command()
@out_option
def check(out: Path | None) -> int:
    """Check all boards: schema, order, ids recomputed from the rows, ranges."""
    from hpbench.board.check import boards_in, check_folder

    folder = leaderboard_folder(out)
    problems = check_folder(folder)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        return 2
    click.echo(f"{len(boards_in(folder))} boards in {folder}: no problems")
    return 0


@board.command()
@click.argument("path", type=click.Path(file_okay=False, path_type=Path))
@click.option("--include-dirty", is_flag=True, help="Take rows of checkouts with uncommitted changes too.")
@out_option
def publish(path: Path, include_dirty: bool, out: Path | None) -> None:
    """Merge the rows into the leaderboard folder at PATH; write its ranking and its REPRODUCIBILITY.md."""
    from hpbench.board.publish import publish as merge

    report = merge(leaderboard_folder(out), path, include_dirty, current_source)
    for one in report.scenarios:
        click.echo(
            f"{one.scenario}: {one.added} rows added, {one.already_there} already there, "
            f"{one.left_out_dirty} left out (uncommitted changes)"
        )
    click.echo(f"Ranking written in {report.readme}")
    _write_reproducibility(path)


@board.command()
@out_option
def reproducibility(out: Path | None) -> None:
    """Write REPRODUCIBILITY.md: published figures beside those reached, and the grids of the tuning rows."""
    _write_reproducibility(leaderboard_folder(out))


def _write_reproducibility(folder: Path) -> None:
    from hpbench.board.reproducibility import FILE, reproducibility_markdown
    from hpbench.cli.log import start_log
    from hpbench.core.files import write_atomically

    start_log(verbose=False)  # takes the warnings of the libraries that strategies import
    write_atomically(folder / FILE, reproducibility_markdown(folder, published_figures()))
    click.echo(f"Published figures and those reached written in {folder / FILE}")


def published_figures() -> dict[str, tuple[Published, ...]]:
    """What the package's own strategies say that others have reached, by name."""
    scenarios = registry.shipped("scenarios")
    own = registry.shipped("strategies")
    return {entry.name: registry.published(entry, scenarios) for entry in own}


def current_source(scenario: str, strategy: str) -> str | None:
    """Hash of the sources of a strategy on a scenario as they are now; None if they are not here."""
    from hpbench.sources import source_hash

    try:
        entries = [registry.find("scenarios", scenario), registry.find("strategies", strategy)]
    except InputError:
        return None
    return source_hash([entry.path for entry in entries], entries[0].protocols[0])
