"""The console that the commands print to."""

from collections.abc import Callable

from rich.console import Console

_WIDE = 200  # characters in a file or a pipe, so that table cells are not wrapped


def open_console(*, quiet: bool = False) -> Console:
    """Standard output, as wide as the terminal, or _WIDE if it is not one.

    Long lines are never wrapped, and brackets in a text are shown, not taken for markup.
    """
    console = Console(quiet=quiet, soft_wrap=True, markup=False)
    if not console.is_terminal:
        console.width = _WIDE
    return console


def once(say: Callable[[str], None]) -> Callable[[str], None]:
    """`say` for lines that have not been said before."""
    said: set[str] = set()

    def say_once(line: str) -> None:
        if line not in said:
            said.add(line)
            say(line)

    return say_once
