"""The console that the commands print to."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from hpbench.core.run import Run

_WIDE = 200  # characters in a file or a pipe, so that table cells are not wrapped


def open_console(*, quiet: bool = False) -> Console:
    """Standard output, as wide as the terminal, or _WIDE if it is not one.

    Long lines are never wrapped, and brackets in a text are shown, not taken for markup.
    """
    console = Console(quiet=quiet, soft_wrap=True, markup=False)
    if not console.is_terminal:
        console.width = _WIDE
    return console


def list_runs(console: Console, runs: Iterable["Run"]) -> None:
    """Print the runs of a command, numbered, as a dry run does."""
    for number, each in enumerate(runs, 1):
        console.print(f"{number}. {each} device={each.device} threads={each.threads}")


def once(say: Callable[[str], None]) -> Callable[[str], None]:
    """`say` for lines that have not been said before."""
    said: set[str] = set()

    def say_once(line: str) -> None:
        if line not in said:
            said.add(line)
            say(line)

    return say_once
