"""`hpbench show code=NAME`: a neural code, its settings, and what it makes of a ramp of values."""

import inspect
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpbench import registry
from hpbench.core.errors import InputError, nearest
from hpbench.spiking.codes.table import CODES, settings_of_code

if TYPE_CHECKING:
    from rich.console import Console

WINDOW = 50
"""Time steps of the picture, unless it is asked for others."""


def describe_code(console: "Console", name: str) -> None:
    """Print what the code of this name is, and its settings. Raises InputError for an unknown name."""
    from hpbench.cli.settings_table import settings_table

    code = _found(name)
    console.print(inspect.cleandoc(inspect.getmodule(code).__doc__ or ""), highlight=False)
    console.print(f"\n{inspect.cleandoc(code.__doc__ or '')}\n", highlight=False)
    console.print(
        f"Used by scenario.encoding={name} on scenarios such as {_scenario(name)}.", highlight=False
    )
    if settings_of_code(name, code()):
        console.print(settings_table("Settings (scenario.NAME=VALUE)", code, {}, None, None))


def draw_code(name: str, overrides: list[str], folder: Path) -> None:
    """Write the picture of a code with these settings of a scenario, NAME_code.png.

    Raises InputError for an unknown code, and for settings that do not act on it.
    """
    code = _found(name)
    from hpbench.core.files import write_atomically
    from hpbench.plan.compose import plan
    from hpbench.report.code_raster import code_picture

    strange = [word for word in overrides if not word.startswith("scenario.")]
    if strange:
        raise InputError(
            f"{strange[0]!r}: settings of a code are those of a scenario: write scenario.time_steps=20, for "
            "example"
        )
    window = (
        []
        if any(word.startswith("scenario.time_steps=") for word in overrides)
        else [f"scenario.time_steps={WINDOW}"]
    )
    words = [f"scenario={_scenario(name)}", "strategy=gp", f"scenario.encoding={name}"]
    runs = plan([*words, *window, *overrides])
    if len(runs) > 1:
        raise InputError(f"{' '.join(overrides)}: a picture is of one value of each setting")
    settings = runs[0].scenario_settings
    chosen, steps = settings_of_code(name, settings), settings.time_steps
    told = ", ".join(f"{key}={value}" for key, value in chosen.items())
    picture = code_picture(name, code(**chosen), steps, told)
    path = folder / f"{name}_code.png"
    write_atomically(path, picture)
    click.echo(f"What the code makes of a ramp of values, in {path}")


def _found(name: str) -> type:
    if name not in CODES:
        raise InputError(f"code {name!r} is unknown: {nearest(name, CODES)}")
    return CODES[name]


def _scenario(name: str) -> str:
    """The first scenario of the continual protocol that has the code."""
    for entry in registry.shipped("scenarios"):
        if entry.protocols[0] == "continual":
            known = getattr(registry.settings_class(entry, "continual"), "__dataclass_fields__", {})
            if "encoding" in known and name in known["encoding"].metadata["choices"]:
                return entry.name
    raise InputError(f"no scenario has the code {name!r}")
