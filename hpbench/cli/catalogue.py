"""`hpbench list`, `hpbench show`, `hpbench data`: what there is."""

import inspect
from pathlib import Path

import click

from hpbench import registry
from hpbench.cli.completion import OVERRIDE
from hpbench.core.errors import InputError


@click.command("list")
def list_everything() -> None:
    """List strategies and scenarios, and what runs on what."""
    scenarios = registry.entries("scenarios")
    strategies = registry.entries("strategies")
    width = max((len(entry.name) for entry in [*scenarios, *strategies]), default=0)
    click.echo("Scenarios")
    for entry in scenarios:
        click.echo(_line(entry, width, entry.error or f"{entry.summary} [{entry.protocols[0]}]"))
    click.echo("\nStrategies")
    for entry in strategies:
        able = [one.name for one in scenarios if set(one.protocols) & set(entry.protocols)]
        runs_on = ", ".join(able) or "nothing here"
        click.echo(_line(entry, width, entry.error or f"{entry.summary} [runs on: {runs_on}]"))


def _line(entry: registry.Entry, width: int, text: str) -> str:
    origin = "" if entry.origin == "hpbench" else f" ({entry.origin}: {entry.path})"
    return f"  {entry.name:{width}}  {'cannot be used: ' if entry.error else ''}{text}{origin}"


@click.command()
@click.argument("what", type=OVERRIDE)
def show(what: str) -> None:
    """Show a strategy or scenario: WHAT is strategy=NAME or scenario=NAME."""
    group, equals, name = what.partition("=")
    if group not in ("strategy", "scenario") or not equals:
        raise InputError(f"{what!r}: write strategy=NAME or scenario=NAME, as in hpbench show strategy=hp")
    from hpbench.cli.log import start_log

    start_log(verbose=False)
    from rich.table import Table

    from hpbench.cli.terminal import open_console
    from hpbench.core.settings import settings_of

    entry = registry.find("strategies" if group == "strategy" else "scenarios", name)
    module = registry.load(entry)
    console = open_console()
    console.print(inspect.cleandoc(module.__doc__ or ""), markup=False, highlight=False)
    facts = f"\nFile: {entry.path}\nProtocol: {', '.join(entry.protocols)}"
    console.print(facts, markup=False, highlight=False)
    if group == "scenario":
        console.print(f"Version: {module.VERSION}")
    table = Table(title=f"Settings ({group}.NAME=VALUE)", title_justify="left", box=None)
    for heading in ("name", "default", "unit", "meaning"):
        table.add_column(heading, no_wrap=heading != "meaning")
    for one in settings_of(module.Settings):
        choices = f" ({', '.join(one.choices)})" if one.choices else ""
        default = "by dialect" if one.default is None else str(one.default)
        table.add_row(one.name, default, one.unit or one.type, one.meaning + choices)
    console.print(table)
    for figure in getattr(module, "PUBLISHED", ()):
        where = ", ".join(f"{key}={value}" for key, value in figure.where)
        console.print(
            f"Published, {figure.scenario} ({where}), {figure.method}: {figure.accuracy:.1%}. {figure.source}"
        )


@click.command()
@click.option(
    "--data-root", type=click.Path(path_type=Path), help="Folder to look in, as data_root= of a run."
)
def data(data_root: Path | None) -> None:
    """Show which data sets are here, where, and how to get the rest."""
    from hpbench.data.inventory import inventory

    for found in inventory(data_root):
        click.echo(f"{found.name}: {found.status}, {found.train:,} + {found.test:,} samples, {found.path}")
        if found.sha256:
            click.echo(f"  SHA-256 {found.sha256}")
        if found.status != "complete":
            click.echo(f"  {found.how_to_get}")
