"""Folders that commands read and write by default."""

from pathlib import Path
from typing import Any

import click

from hpbench.core.errors import InputError
from hpbench.core.paths import expanded
from hpbench.runs.provenance import checkout_root

RESULTS = "results"
"""Folder of one's own runs: boards, and a record and a picture for each run. Git ignores it in a checkout."""

PUBLISHED = "leaderboards"
"""Folder of the published boards in the package's checkout."""


class FolderPath(click.Path):
    """A path that the system takes and that is not empty: "" would be the current folder, which nobody named.

    A first "~" or "~user" is replaced, as shells do.
    """

    def __init__(self, *, dir_okay: bool = True) -> None:
        super().__init__(file_okay=not dir_okay, dir_okay=dir_okay, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path. Refuses an empty one, one that the system refuses, and the home of an unknown user."""
        if not str(value).strip():
            self.fail("the path is empty: name a folder, or leave the option out", param, ctx)
        path = expanded(Path(value))
        if str(path).startswith("~"):
            self.fail(
                f"there is no user {path.parts[0][1:]!r}: a folder of this name is ./{path}", param, ctx
            )
        try:
            path.exists()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            self.fail(f"the system refuses this path ({reason}): choose another", param, ctx)
        return super().convert(path, param, ctx)


def out_option(default: str) -> Any:
    """The option --out, whose help names the default folder."""
    where = "the package's checkout, else in the current folder"
    text = f"Folder of boards. Default: {default}/ in {where}."
    return click.option("--out", type=FolderPath(), help=text)


def folder_of(out: str | Path | None) -> Path | None:
    """The folder that a caller from Python names. Raises InputError for "", which nobody means."""
    if isinstance(out, str) and not out.strip():
        raise InputError("out is empty: name a folder, or leave it out")
    return None if out is None else Path(out)


def results_folder(out: Path | None) -> Path:
    """`out`, else the folder of one's own runs in the package's checkout, else in the current folder."""
    return out or _base() / RESULTS


def published_folder(out: Path | None) -> Path:
    """`out`, else the folder of published boards in the checkout, else that of one's own runs."""
    return out or (_base() / PUBLISHED if checkout_root() else _base() / RESULTS)


def _base() -> Path:
    return checkout_root() or Path.cwd()
