"""What a canary is, whatever it measures, and which there are."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from hpbench import registry
from hpbench.canaries.measure import Figures, measured, shipped
from hpbench.canaries.variant import Variant
from hpbench.canaries.variants import variants_of

DEFAULTS = "defaults"
"""The canary that holds the defaults of all settings."""


@dataclass(frozen=True)
class Canary:
    """Figures of one subject (a strategy, a scenario) under one protocol, by a name.

    `measure(nudge)` gives them, from weights that are off by that share. `sources` are the files whose
    VERSION stands for them, by role; the first is the one to raise. `grows`: names that come to be later are
    recorded without a raised version.
    """

    subject: str
    kind: str
    protocol: str
    name: str
    sources: tuple[tuple[str, str], ...]
    measure: Callable[[float], Figures]
    grows: bool = False
    note: str = ""

    def __str__(self) -> str:
        return f"{self.subject}, {self.protocol}, {self.name}"

    @property
    def file(self) -> PurePosixPath:
        """Where its figures are recorded, below the folder of all."""
        return PurePosixPath(self.kind, f"{self.subject}.json")

    def versions(self) -> dict[str, str]:
        """What VERSION its sources have now, by role."""
        return {role: _version(source) for role, source in self.sources}


def canaries() -> list[Canary]:
    """All of them, subject by subject."""
    return [one for entry in registry.shipped("strategies") for one in _of_strategy(entry)]


def _of_strategy(entry: registry.Entry) -> list[Canary]:
    found = []
    for protocol in entry.protocols:
        plain = Canary(
            entry.name,
            "strategies",
            protocol,
            DEFAULTS,
            (("strategy", f"strategies/{entry.name}.py"), ("protocol", f"hpbench/protocols/{protocol}.py")),
            partial(_defaults, entry, protocol),
            grows=True,
        )
        found.append(plain)
        for variant in variants_of(entry.name, protocol):
            run = partial(_run, variant)
            found.append(
                replace(plain, name=variant.name, measure=run, grows=False, note=variant.change.note)
            )
    return found


def _run(variant: Variant, nudge: float) -> Figures:
    return measured(variant, nudge)


def _defaults(entry: registry.Entry, protocol: str, nudge: float) -> Figures:
    return defaults_of(registry.settings_class(entry, protocol))


def defaults_of(settings_class: type) -> dict[str, Any]:
    """The defaults of a settings dataclass by name."""
    made = settings_class()
    return {name: getattr(made, name) for name in made.__dataclass_fields__}


def _version(source: str) -> str:
    """The VERSION that a file of the package has now."""
    kind, *_, file = PurePosixPath(source).parts
    name = file.removesuffix(".py")
    if kind in ("strategies", "scenarios"):
        module = registry.load(shipped(kind, name))  # type: ignore[arg-type]
    else:
        module = importlib.import_module(f"hpbench.protocols.{name}")
    return str(module.VERSION)
