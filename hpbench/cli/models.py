"""Models other than scenarios and strategies that `hpbench show KIND=NAME` describes and draws."""

import inspect
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from hpbench.core.errors import InputError, nearest

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


class Kind(NamedTuple):
    """Where the parts of a kind of model are, each as "module:name".

    `table` maps names to classes or functions, whose module's docstring describes the model; `settings` is a
    function from a name to a dataclass; `picture`, a function from a name and such settings to a PNG.
    """

    table: str
    settings: str
    picture: str


KINDS = {
    "neuron": Kind(
        table="hpbench.spiking.neurons.table:NEURONS",
        settings="hpbench.networks.lone_neuron:lone_neuron_settings",
        picture="hpbench.report.neuron_picture:neuron_picture",
    ),
    "code": Kind(
        table="hpbench.spiking.codes.table:CODES",
        settings="hpbench.spiking.codes.lone_code:lone_code_settings",
        picture="hpbench.report.code_raster:code_picture",
    ),
}
"""The kinds by the word before "="."""


def names_of(kind: str) -> Mapping[str, Any]:
    """The models of a kind by name."""
    table: Mapping[str, Any] = pkgutil.resolve_name(KINDS[kind].table)
    return table


def kind_of(words: Sequence[str]) -> str | None:
    """The kind that the first word names, as in neuron=lif; None if there is no such kind."""
    first = words[0].partition("=")[0].partition(".")[0]
    return first if first in KINDS else None


def _split(kind: str, words: Sequence[str]) -> tuple[str, list[str]]:
    """The model's name, and the words of its settings. Raises InputError for an unknown name."""
    named = [word for word in words if word.startswith(f"{kind}=")]
    if len(named) != 1:
        raise InputError(f"{' '.join(words)!r}: name one {kind}, as in {kind}={next(iter(names_of(kind)))}")
    name = named[0].partition("=")[2]
    if name not in names_of(kind):
        raise InputError(f"{named[0]}: {nearest(name, names_of(kind))}")
    return name, [word for word in words if word is not named[0]]


def describe(
    kind: str, words: Sequence[str], console: "Console", table: Callable[[str, type], "Table"]
) -> None:
    """Print the description and the settings of a model; `table` makes the table of a title and a class."""
    name, others = _split(kind, words)
    if others:
        raise InputError(f"{' '.join(others)}: settings of a {kind} act on its picture: add --picture")
    model = names_of(kind)[name]
    module = inspect.getmodule(model)
    for part in ((module.__doc__ if module else None), model.__doc__):
        console.print(f"{inspect.cleandoc(part or '')}\n", highlight=False)
    settings_class = pkgutil.resolve_name(KINDS[kind].settings)(name)
    console.print(table(f"Settings of its picture ({kind}.NAME=VALUE)", settings_class))
    click.echo(f"hpbench show {kind}={name} --picture draws it; there are: {', '.join(names_of(kind))}")


def draw(kind: str, words: Sequence[str], folder: Path) -> Path:
    """Write the picture of a model with these settings; returns the path."""
    from hpbench.core.files import write_atomically
    from hpbench.plan.typed_settings import typed_settings

    name, others = _split(kind, words)
    settings = typed_settings(kind, pkgutil.resolve_name(KINDS[kind].settings)(name), others)
    path = folder / f"{kind}_{name}.png"
    write_atomically(path, pkgutil.resolve_name(KINDS[kind].picture)(name, settings))
    return path
