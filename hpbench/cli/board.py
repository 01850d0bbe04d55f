"""`hpbench board`: rank the strategies of a leaderboard, check and publish leaderboards."""

import shlex
from pathlib import Path

import click

from hpbench import registry
from hpbench.boards.counted import Versions
from hpbench.cli.folders import PUBLISHED, RESULTS, FolderPath, out_option, published_folder, results_folder
from hpbench.cli.messages import mention
from hpbench.core.errors import InputError, nearest
from hpbench.core.presets import Preset
from hpbench.core.published import Published
from hpbench.protocols.table import PROTOCOLS


class BoardGroup(click.Group):
    """`board NAME` is a ranking; `check`, `publish` and others are commands."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Treat a first word that is no command as the name of a board."""
        if args and args[0] not in self.commands:
            return "show", self.commands["show"], args
        return super().resolve_command(ctx, args)


@click.group(cls=BoardGroup)
def board() -> None:
    """Rank strategies by a board (the leaderboard of one scenario), check boards, publish rows.

    \b
    hpbench board split_mnist           mean and 95 % interval over seeds, best first; rank ranges
    hpbench board split_mnist regime=task memory_samples=0   only the rows that these words fit
    hpbench board split_mnist --pairs   which differences are significant, with their p
    hpbench board check                 check layout, run ids, ranges and consistency of all boards
    hpbench board verify split_mnist    run rows again and compare the figures
    hpbench board publish PATH          merge the rows into the leaderboard folder at PATH
    hpbench board migrate               rewrite boards of an older layout
    hpbench board reproducibility       write published figures beside those measured here
    """


def board_path(name: str, folder: Path) -> Path:
    """The file of a board. Raises InputError if there is none of this name."""
    path = folder / f"{name}.csv"
    known = [one.stem for one in folder.glob("*.csv")]
    if name not in known:
        raise InputError(f"there is no board {name!r} in {folder}: {nearest(name, known)}")
    return path


@board.command()
@click.argument("name")
@click.argument("words", nargs=-1)
@click.option("--pairs", is_flag=True, help="Compare all pairs of strategies: difference, p, corrected p.")
@click.option("--picture", is_flag=True, help="Draw accuracy against level, NAME.png beside the board.")
@out_option(PUBLISHED)
def show(name: str, words: tuple[str, ...], pairs: bool, picture: bool, out: Path | None) -> None:
    """Rank the strategies of the board NAME; where they tie, ranks are ranges.

    Only rows that may be compared share a table. Of several tables the largest is shown, and the words that
    show the others; WORDS such as regime=class memory_samples=0 show all tables of the rows that they fit.
    Nothing after the "=" stands for an empty cell, or for a setting at its default.
    """
    path = board_path(name, published_folder(out))
    from hpbench.boards.check import consistent
    from hpbench.boards.filters import filtered, telling_words
    from hpbench.boards.ranking import groups
    from hpbench.boards.record_file import read_records
    from hpbench.boards.significance import METHOD
    from hpbench.cli.terminal import open_console
    from hpbench.report.pairs import pairs_table
    from hpbench.report.ranking import ranking_table

    console = open_console()
    here = Here()
    there = consistent(path)
    rows = filtered(there.frame, there.protocol, words)
    found = groups(rows, here.versions, here.presets, recorded=read_records(path))
    if not found:
        console.print("All rows of this board are smoke tests, which are not ranked.")
        return
    shown = found if words else [max(found, key=lambda group: len(group.entries))]
    for group in shown:
        console.print(ranking_table(group))
        if pairs and group.comparisons:
            console.print(pairs_table(group))
    console.print(f"Ranks are ranges where strategies tie: {METHOD}.")
    others = [group for group in found if group not in shown]
    if others:
        console.print("Other tables of this board:")
    for group in others:
        command = [
            "hpbench",
            "board",
            name,
            *telling_words(group, found),
            *(["--out", str(out)] if out else []),
        ]
        console.print(f"  {shlex.join(command)}  ({len(group.entries)} ranked)")
    if picture:
        if not found[0].protocol.board_picture:
            raise InputError(f"--picture: {name} has no levels of a disturbance to draw")
        from hpbench.core.files import write_atomically

        drawn = path.with_suffix(".png")
        write_atomically(drawn, found[0].protocol.part("board_picture")(found))
        console.print(f"Accuracy against level in {drawn}")


@board.command()
@out_option(PUBLISHED)
def check(out: Path | None) -> int:
    """Check all boards: layout, order, run ids, ranges, and whether columns and records are consistent."""
    from hpbench.boards.check import boards_in, check_folder

    folder = published_folder(out)
    problems = check_folder(folder)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        return 2
    click.echo(f"{len(boards_in(folder))} boards in {folder}: no problems")
    return 0


@board.command()
@out_option(PUBLISHED)
def migrate(out: Path | None) -> None:
    """Rewrite boards of an older layout in the current one; figures stay, new columns are empty."""
    from hpbench.boards.check import boards_in
    from hpbench.boards.table import migrate as rewrite

    folder = published_folder(out)
    for path in boards_in(folder):
        click.echo(f"{path.name}: {'rewritten' if rewrite(path) else 'has the current layout'}")


@board.command()
@click.argument("path", type=FolderPath())
@click.option(
    "--include-uncommitted",
    is_flag=True,
    help="Publish rows made from uncommitted sources too.",
)
@out_option(RESULTS)
def publish(path: Path, include_uncommitted: bool, out: Path | None) -> None:
    """Merge the rows into the leaderboard folder at PATH; write its ranking and its REPRODUCIBILITY.md."""
    from hpbench.boards.publish import publish as merge

    here = Here()
    report = merge(
        results_folder(out),
        path,
        include_uncommitted,
        here.versions,
        here.presets,
        say=mention,
    )
    for one in report.scenarios:
        click.echo(
            f"{one.scenario}: {one.added} rows added, {one.already_there} already there, "
            f"{one.left_out} left out{_why(one.left_out - one.unknown, one.unknown)}"
        )
    click.echo(f"Ranking written in {report.readme}")
    _write_reproducibility(path)


def _why(changed: int, unknown: int) -> str:
    """In brackets, why rows are left out; empty if none is."""
    reasons = {
        "made from sources or own code that are in no commit": changed,
        "git could not say whether the sources were those of a commit": unknown,
    }
    words = [f"{count}: {reason}" for reason, count in reasons.items() if count]
    return f" ({'; '.join(words)})" if words else ""


@board.command()
@out_option(PUBLISHED)
def reproducibility(out: Path | None) -> None:
    """Write REPRODUCIBILITY.md: published figures beside those measured here, and the tuning grids."""
    _write_reproducibility(published_folder(out))


def _write_reproducibility(folder: Path) -> None:
    from hpbench.boards.reproducibility import FILE, reproducibility_markdown
    from hpbench.core.files import write_atomically
    from hpbench.core.log import start_log

    start_log(verbose=False)  # catches the warnings of the libraries that strategies import
    write_atomically(folder / FILE, reproducibility_markdown(folder, published_figures()))
    click.echo(f"Published figures and those measured here written to {folder / FILE}")


def published_figures() -> dict[str, tuple[Published, ...]]:
    """Figures from the literature by strategy, as the package's own strategies declare them."""
    scenarios = registry.shipped("scenarios")
    own = registry.shipped("strategies")
    return {entry.name: registry.published(entry, scenarios) for entry in own}


class Here:
    """Versions and presets of the strategies and scenarios that are installed here, read once."""

    def __init__(self) -> None:
        self._scenarios = {one.name: one for one in registry.entries("scenarios") if not one.error}
        self._strategies = {one.name: one for one in registry.entries("strategies") if not one.error}

    def versions(self, scenario: str, strategy: str) -> Versions | None:
        """The versions of a strategy on a scenario; None if either is not installed here."""
        place, rule = self._scenarios.get(scenario), self._strategies.get(strategy)
        if place is None or rule is None:
            return None
        return Versions(place.version, rule.version, PROTOCOLS[place.protocols[0]].version)

    def presets(self, strategy: str) -> list[Preset]:
        """The presets of a strategy; none if it is not installed here."""
        found = self._strategies.get(strategy)
        return list(found.presets.values()) if found else []
