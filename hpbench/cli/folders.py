"""Where leaderboards are written by default."""

from pathlib import Path

import click

from hpbench.runs.provenance import checkout_root

out_option = click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Leaderboard folder. Default: leaderboards/ in the package's checkout, else in the current folder.",
)


def leaderboard_folder(out: Path | None) -> Path:
    """`out`, else leaderboards/ in the package's git checkout, else in the current folder."""
    return out or (checkout_root() or Path.cwd()) / "leaderboards"
