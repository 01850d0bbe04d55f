"""The type of all canaries, and the list of them."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from hpbench import registry
from hpbench.canaries.compare import DOUBLE, SINGLE
from hpbench.canaries.disturbance_figures import disturbance_figures
from hpbench.canaries.measure import Figures, measured, shipped
from hpbench.canaries.scenario_figures import scenario_figures
from hpbench.canaries.scenario_variants import SCENARIOS
from hpbench.canaries.variants import PLAIN, variants_of
from hpbench.protocols.table import PROTOCOLS

DEFAULTS = "defaults"
"""Name of the canary that records the defaults of all settings."""


@dataclass(frozen=True)
class Canary:
    """A named set of figures of one subject (a strategy or a scenario) under one protocol.

    `measure(nudge)` computes them, with initial weights changed by that relative amount. `sources` are the
    files, by role, whose VERSION the figures belong to; the first is the one to raise. `grows`: new figures
    may be recorded without raising VERSION. Measured numbers may differ by the relative `tolerance`.
    """

    subject: str
    kind: str
    protocol: str
    name: str
    sources: tuple[tuple[str, str], ...]
    measure: Callable[[float], Figures]
    grows: bool = False
    tolerance: float = DOUBLE
    note: str = ""

    def __str__(self) -> str:
        return f"{self.subject}, {self.protocol}, {self.name}"

    @property
    def file(self) -> PurePosixPath:
        """The file of its figures, relative to the folder of all canaries."""
        return PurePosixPath(self.kind, f"{self.subject}.json")

    def versions(self) -> dict[str, str]:
        """The current VERSION of its sources, by role."""
        return {role: _version(source) for role, source in self.sources}


def canaries() -> list[Canary]:
    """All canaries, subject by subject."""
    strategies = [one for entry in registry.shipped("strategies") for one in _of_strategy(entry)]
    scenarios = [one for entry in registry.shipped("scenarios") for one in _of_scenario(entry)]
    return [*strategies, *scenarios, *_of_disturbances()]


def _protocol_source(protocol: str) -> tuple[str, str]:
    return "protocol", f"hpbench/protocols/{protocol}.py"


def _of_strategy(entry: registry.Entry) -> list[Canary]:
    found = []
    for protocol in entry.protocols:
        sources = ("strategy", f"strategies/{entry.name}.py"), _protocol_source(protocol)
        make = partial(Canary, entry.name, "strategies", protocol, sources=sources)
        found.append(make(DEFAULTS, measure=partial(_defaults, entry, protocol), grows=True))
        found += [
            make(
                one.name,
                measure=partial(measured, one),
                tolerance=SINGLE if one.change.single else DOUBLE,
                note=one.change.note,
            )
            for one in variants_of(entry.name, protocol)
        ]
    return found


def _of_scenario(entry: registry.Entry) -> list[Canary]:
    [protocol] = entry.protocols
    sources = ("scenario", f"scenarios/{entry.name}.py"), _protocol_source(protocol)
    make = partial(Canary, entry.name, "scenarios", protocol, sources=sources)
    changes = {PLAIN: {}, **SCENARIOS.get(entry.name, {})}
    return [
        make(DEFAULTS, measure=partial(_defaults, entry, protocol), grows=True),
        make("preset", measure=partial(_preset, entry)),
        *(make(name, measure=partial(_task, entry, one)) for name, one in changes.items()),
    ]


def _of_disturbances() -> list[Canary]:
    sources = (_protocol_source("robustness"),)
    return [
        Canary(kind, "disturbances", "robustness", name, sources, measure)
        for (kind, name), measure in disturbance_figures().items()
    ]


def _task(entry: registry.Entry, changes: dict[str, Any], nudge: float) -> Figures:
    return scenario_figures(entry, changes)


def _preset(entry: registry.Entry, nudge: float) -> Figures:
    """All entries of a scenario's preset as one list, so that an additional one is noticed too."""
    return {"preset": [f"{name}={value}" for name, value in sorted(registry.preset(entry).items())]}


def _defaults(entry: registry.Entry, protocol: str, nudge: float) -> Figures:
    return defaults_of(registry.settings_class(entry, protocol))


def defaults_of(settings_class: type) -> dict[str, Any]:
    """The defaults of a settings dataclass by name."""
    made = settings_class()
    return {one.name: getattr(made, one.name) for one in dataclasses.fields(settings_class)}


def _version(source: str) -> str:
    """The current VERSION of a file of the package."""
    kind, *_, file = PurePosixPath(source).parts
    name = file.removesuffix(".py")
    if kind in ("strategies", "scenarios"):
        return str(registry.load(shipped(kind, name)).VERSION)  # type: ignore[arg-type]
    return PROTOCOLS[name].version
