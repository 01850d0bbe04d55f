"""`hpbench list` and `hpbench data`: scenarios, strategies and data sets."""

from pathlib import Path

import click

from hpbench import registry
from hpbench.cli.folders import FolderPath


@click.command("list")
def list_everything() -> None:
    """List scenarios and strategies, with their protocols: a strategy runs on scenarios of its protocols."""
    scenarios = registry.entries("scenarios")
    strategies = registry.entries("strategies")
    width = max((len(entry.name) for entry in [*scenarios, *strategies]), default=0)
    click.echo("Scenarios")
    for entry in scenarios:
        click.echo(_line(entry, width, entry.error or f"{entry.summary} [{entry.protocols[0]}]"))
    click.echo("\nStrategies")
    for entry in strategies:
        click.echo(_line(entry, width, entry.error or f"{entry.summary} [{', '.join(entry.protocols)}]"))
        for preset in entry.presets.values():
            click.echo(f"    {entry.name}:{preset.name}  {preset.sentence}")


def _line(entry: registry.Entry, width: int, text: str) -> str:
    origin = "" if entry.origin == "hpbench" else f" ({entry.origin}: {entry.path})"
    return f"  {entry.name:{width}}  {'cannot be used: ' if entry.error else ''}{text}{origin}"


@click.command()
@click.option("--data-root", type=FolderPath(), help="Folder to search, as data_root= of a run.")
def data(data_root: Path | None) -> None:
    """Show which data sets are on this machine, where, and how to get the others."""
    from hpbench.data.events.inventory import event_inventory
    from hpbench.data.inventory import inventory

    for found in [*inventory(data_root), *event_inventory(data_root)]:
        click.echo(f"{found.name}: {found.status}, {found.train:,} + {found.test:,} samples, {found.path}")
        if found.sha256:
            click.echo(f"  SHA-256 {found.sha256}")
        if found.status != "complete":
            click.echo(f"  {found.how_to_get}")
