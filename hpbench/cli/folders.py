"""Where leaderboards are written by default."""

from pathlib import Path

import click

from hpbench.runs.provenance import checkout_root

out_option = click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Leaderboard folder. Default: leaderboards/ of the package's checkout, else of the current folder.",
)


def leaderboard_folder(out: Path | None) -> Path:
    """The folder that `--out` names, else that of the package's checkout, else of the current folder."""
    return out or (checkout_root() or Path.cwd()) / "leaderboards"
