"""`hpbench show`: description and settings of strategies, scenarios, models; pictures of the latter two."""

import inspect
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpbench import registry
from hpbench.cli.completion import OVERRIDE
from hpbench.cli.folders import RESULTS, FolderPath, results_folder
from hpbench.cli.models import describe, draw, kind_of
from hpbench.cli.settings_table import settings_table
from hpbench.core.errors import InputError
from hpbench.core.presets import Preset, preset_named
from hpbench.core.stream import Stream, stream_of
from hpbench.protocols.table import PROTOCOLS

if TYPE_CHECKING:
    from rich.console import Console


@click.command()
@click.argument("what", type=OVERRIDE, nargs=-1, required=True)
@click.option(
    "--picture",
    is_flag=True,
    help="Write a picture of a tested sample under the scenario's disturbances, NAME_sample.png, or of what "
    "a neuron or a code does, neuron_NAME.png, code_NAME.png. Overrides such as "
    "scenario.disturbances=[salt,pepper] or neuron.current=0.5 may follow.",
)
@click.option("--out", type=FolderPath(), help=f"Folder of the picture. Default: {RESULTS}/, as of a run.")
def show(what: tuple[str, ...], picture: bool, out: Path | None) -> None:
    """Show a strategy or scenario: WHAT is strategy=NAME, strategy=NAME:PRESET or scenario=NAME.

    With both, the strategy's defaults are shown as the scenario sets them. neuron=NAME shows a neuron
    model, code=NAME a neural code.
    """
    kind = kind_of(what)
    if picture and kind is not None:
        click.echo(f"The {kind} in {draw(kind, what, results_folder(out))}")
        return
    if picture:
        _draw(what, results_folder(out))
        return
    if kind is not None:
        from hpbench.cli.terminal import open_console

        describe(kind, what, open_console(), partial(settings_table, preset={}, chosen=None, stream=None))
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
    from hpbench.core.log import start_log

    start_log(verbose=False)
    from hpbench.cli.terminal import open_console

    console = open_console()
    strategy, scenario = named.get("strategy"), named.get("scenario")
    place = None if scenario is None else registry.find("scenarios", scenario)
    if strategy is None:
        assert place is not None
        _show(console, place, place.protocols, {})
        return
    name, colon, preset = strategy.partition(":")
    entry = registry.find("strategies", name)
    chosen = preset_named(preset, name, entry.presets) if colon else None
    if place is None:
        _show(console, entry, entry.protocols, {}, chosen)
        return
    protocol = place.protocols[0]
    if protocol not in entry.protocols:
        raise InputError(f"strategy {name!r} cannot be run on {scenario!r}: see hpbench list")
    stream = stream_of(registry.settings_class(place, protocol)(), protocol)
    _show(console, entry, (protocol,), registry.preset(place), chosen, f" on {scenario}", stream)


def _draw(words: tuple[str, ...], folder: Path) -> None:
    """Write the picture of a robustness scenario with these settings."""
    from hpbench.core.log import start_log

    start_log(verbose=False)
    from hpbench.core.files import write_atomically
    from hpbench.plan.compose import plan
    from hpbench.tasks.resources import Resources

    name = next((word.partition("=")[2] for word in words if word.startswith("scenario=")), "")
    if not name:
        raise InputError("--picture: scenario= is missing, as in hpbench show scenario=noisy_mnist --picture")
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
    chosen: Preset | None = None,
    where: str = "",
    stream: Stream | None = None,
) -> None:
    """Print a file's description and its settings, with the defaults in `preset` in place of its own.

    The settings of a `chosen` preset take their place in turn, and are marked. With a stream, only settings
    that can have an effect on it are printed.
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
        if chosen is not None:
            title += f", defaults of {entry.name}:{chosen.name} (* as the preset sets it)"
        console.print(settings_table(title, settings_class, preset, chosen, stream))
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
