"""Where the commands print to."""

from rich.console import Console

_WIDE = 200  # columns for a file or a pipe, so that no table is cut into narrow cells


def open_console(*, quiet: bool = False) -> Console:
    """Standard output: as wide as the terminal, or wide where it is none; long lines are never broken."""
    console = Console(quiet=quiet, soft_wrap=True)
    return console if console.is_terminal else Console(quiet=quiet, soft_wrap=True, width=_WIDE)
