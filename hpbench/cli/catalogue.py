"""`hpbench list`, `hpbench show`, `hpbench data`: scenarios, strategies, settings and data sets."""

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpbench import registry
from hpbench.cli.completion import OVERRIDE
from hpbench.cli.folders import RESULTS, FolderPath, results_folder
from hpbench.core.errors import InputError
from hpbench.core.stream import Stream, stream_of
from hpbench.protocols.table import PROTOCOLS

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


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
@click.argument("what", type=OVERRIDE, nargs=-1, required=True)
@click.option(
    "--picture",
    is_flag=True,
    help="Write a picture of a tested sample under the scenario's disturbances, NAME_sample.png. "
    "Overrides such as scenario.disturbances=[salt,pepper] may follow.",
)
@click.option("--out", type=FolderPath(), help=f"Folder of the picture. Default: {RESULTS}/, as of a run.")
def show(what: tuple[str, ...], picture: bool, out: Path | None) -> None:
    """Show a strategy or scenario: WHAT is strategy=NAME or scenario=NAME.

    With both, the strategy's defaults are shown as the scenario sets them.
    """
    if picture:
        _draw(what, results_folder(out))
        return
    named: dict[str, str] = {}
    for word in what:
        group, equals, name = word.partition("=")
        if group not in ("strategy", "scenario") or not equals or group in named:
            raise InputError(
                f"{' '.join(what)!r}: write strategy=NAME or scenario=NAME or one of each, as in "
                "hpbench show strategy=hp"
            )
        named[group] = name
    from hpbench.cli.log import start_log

    start_log(verbose=False)
    from hpbench.cli.terminal import open_console

    console = open_console()
    if "scenario" not in named or "strategy" not in named:
        [(group, name)] = named.items()
        entry = registry.find("strategies" if group == "strategy" else "scenarios", name)
        _show(console, entry, entry.protocols, {})
        return
    scenario = registry.find("scenarios", named["scenario"])
    strategy = registry.find("strategies", named["strategy"])
    if scenario.protocols[0] not in strategy.protocols:
        raise InputError(f"strategy {strategy.name!r} cannot be run on {scenario.name!r}: see hpbench list")
    protocol = scenario.protocols[0]
    stream = stream_of(registry.settings_class(scenario, protocol)(), protocol)
    _show(console, strategy, (protocol,), registry.preset(scenario), f" on {scenario.name}", stream)


def _draw(words: tuple[str, ...], folder: Path) -> None:
    """Write the picture of a robustness scenario with these settings."""
    from hpbench.cli.log import start_log

    start_log(verbose=False)
    from hpbench.core.files import write_atomically
    from hpbench.plan.compose import plan
    from hpbench.tasks.resources import Resources

    name = next((word.partition("=")[2] for word in words if word.startswith("scenario=")), "")
    scenario = registry.find("scenarios", name)
    protocol = PROTOCOLS[scenario.protocols[0]]
    if not protocol.sample_picture:
        drawn = [one.name for one in PROTOCOLS.values() if one.sample_picture]
        known = [one.name for one in registry.entries("scenarios") if one.protocols[0] in drawn]
        raise InputError(f"--picture: {name} has no disturbances; these have: {', '.join(known)}")
    able = next(one.name for one in registry.entries("strategies") if protocol.name in one.protocols)
    [run] = plan([*words, f"strategy={able}"])
    task = registry.load(scenario).build(run.scenario_settings, Resources(run.data_root, "cpu", click.echo))
    path = folder / f"{name}_sample.png"
    write_atomically(path, protocol.part("sample_picture")(name, task))
    click.echo(f"A tested sample, clean and disturbed, in {path}")


def _show(
    console: "Console",
    entry: registry.Entry,
    protocols: tuple[str, ...],
    preset: dict[str, Any],
    where: str = "",
    stream: Stream | None = None,
) -> None:
    """Print a file's description and its settings, with the defaults in `preset` in place of its own.

    With a stream, only settings that can have an effect on it are printed.
    """
    group, module = entry.singular, registry.load(entry)
    console.print(inspect.cleandoc(module.__doc__ or ""), highlight=False)
    facts = f"\nFile: {entry.path}\nProtocol: {', '.join(entry.protocols)}"
    console.print(facts, highlight=False)
    console.print(f"Version: {entry.version}", highlight=False)
    if group == "scenario":
        given = ", ".join(f"strategy.{name}={value}" for name, value in registry.preset(entry).items())
        if given:
            console.print(f"Defaults of strategies that have the setting: {given}")
    together: dict[type, list[str]] = {}
    for protocol in protocols:
        together.setdefault(registry.settings_class(entry, protocol), []).append(protocol)
    for settings_class, names in together.items():
        under = f" under {' and '.join(names)}" if len(together) > 1 else ""
        title = f"Settings ({group}.NAME=VALUE){where}{under}"
        console.print(_settings_table(title, settings_class, preset, stream))
    for preset_of in entry.presets.values():
        console.print(
            f"Preset {group}={entry.name}:{preset_of.name}: {preset_of.sentence} "
            f"({' '.join(sorted(preset_of.words))})",
        )
    for figure in registry.published(entry, registry.shipped("scenarios")) if group == "strategy" else ():
        conditions = ", ".join(f"{key}={value}" for key, value in figure.where)
        level = f", {figure.disturbance} {figure.level:g}" if figure.level is not None else ""
        console.print(
            f"Published, {figure.scenario} ({conditions}{level}), {figure.method}: {figure.accuracy:.1%}. "
            f"{figure.source}"
        )


def _settings_table(
    title: str, settings_class: type, preset: dict[str, Any], stream: Stream | None
) -> "Table":
    """The settings as a table: first those that always have an effect, then the others by condition."""
    from rich.table import Table

    from hpbench.core.acting import can_act, conditions_of, words_of
    from hpbench.core.settings import settings_of, with_defaults

    table = Table(title=title, title_justify="left", box=None)
    for heading in ("name", "default", "unit", "meaning", "acts with"):
        table.add_column(heading, no_wrap=heading not in ("meaning", "acts with"))
    needs = {name: words_of(some) for name, some in conditions_of(settings_class).items()}
    settings = [
        one
        for one in settings_of(with_defaults(settings_class, preset))
        if can_act(settings_class, one.name, stream)
    ]
    for one in sorted(settings, key=lambda one: needs[one.name]):
        choices = f" ({', '.join(one.choices)})" if one.choices else ""
        default = "by dialect" if one.default is None else str(one.default)
        table.add_row(one.name, default, one.unit or one.type, one.meaning + choices, needs[one.name])
    return table


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
