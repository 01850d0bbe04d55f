"""`hpbench list` and `hpbench data`: scenarios, strategies and data sets."""

from pathlib import Path

import click

from hpbench import registry
from hpbench.cli.folders import FolderPath
from hpbench.data.cached import KINDS
from hpbench.data.places import cache_folder


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
@click.option("--free", type=click.Choice([*KINDS, "all"]), help="Remove this from the cache.")
def data(data_root: Path | None, free: str | None) -> None:
    """Show which data sets are on this machine and how to get the others, and what lies in the cache."""
    if free is not None:
        _free(free)
        return
    from hpbench.data.events.inventory import event_inventory
    from hpbench.data.inventory import inventory

    for found in [*inventory(data_root), *event_inventory(data_root)]:
        click.echo(f"{found.name}: {found.status}, {found.train:,} + {found.test:,} samples, {found.path}")
        if found.sha256:
            click.echo(f"  SHA-256 {found.sha256}")
        if found.status != "complete":
            click.echo(f"  {found.how_to_get}")
    _show_cache()


def _show_cache() -> None:
    from hpbench.data import cached

    kept = cached.cached()
    if not kept:
        click.echo(f"\nCache {cache_folder()}: empty")
        return
    click.echo(f"\nCache {cache_folder()}: {cached.in_words(sum(one.size for one in kept))}")
    for kind, meaning in KINDS.items():
        own = [one for one in kept if one.kind == kind]
        if own:
            click.echo(f"  {kind}, {cached.in_words(sum(one.size for one in own))}: {meaning}")
            for one in own:
                files = f" in {one.files:,} files" if one.path.is_dir() else ""
                click.echo(f"    {one.path.name}: {cached.in_words(one.size)}{files}")
    click.echo(f"`hpbench data --free {'|'.join([*KINDS, 'all'])}` removes them.")


def _free(kind: str) -> None:
    from hpbench.data import cached

    chosen = [one for one in cached.cached() if kind in (one.kind, "all")]
    freed = cached.free(chosen)
    names = ", ".join(one.path.name for one in chosen)
    what = f"freed {cached.in_words(freed)}: {names}" if chosen else f"nothing to free ({kind})"
    click.echo(f"Cache {cache_folder()}: {what}")
