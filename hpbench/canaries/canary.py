"""What a canary is, whatever it measures, and which there are."""

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
"""The canary that holds the defaults of all settings."""


@dataclass(frozen=True)
class Canary:
    """Figures of one subject (a strategy, a scenario) under one protocol, by a name.

    `measure(nudge)` gives them, from weights that are off by that share. `sources` are the files whose
    VERSION stands for them, by role; the first is the one to raise. `grows`: names that come to be later are
    recorded without a raised version. Measured numbers are held to a `tolerance`, as a share.
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
        """Where its figures are recorded, below the folder of all."""
        return PurePosixPath(self.kind, f"{self.subject}.json")

    def versions(self) -> dict[str, str]:
        """What VERSION its sources have now, by role."""
        return {role: _version(source) for role, source in self.sources}


def canaries() -> list[Canary]:
    """All of them, subject by subject."""
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
    """Every line of it, so that one more is seen, too."""
    return {"preset": [f"{name}={value}" for name, value in sorted(registry.preset(entry).items())]}


def _defaults(entry: registry.Entry, protocol: str, nudge: float) -> Figures:
    return defaults_of(registry.settings_class(entry, protocol))


def defaults_of(settings_class: type) -> dict[str, Any]:
    """The defaults of a settings dataclass by name."""
    made = settings_class()
    return {one.name: getattr(made, one.name) for one in dataclasses.fields(settings_class)}


def _version(source: str) -> str:
    """The VERSION that a file of the package has now."""
    kind, *_, file = PurePosixPath(source).parts
    name = file.removesuffix(".py")
    if kind in ("strategies", "scenarios"):
        return str(registry.load(shipped(kind, name)).VERSION)  # type: ignore[arg-type]
    return PROTOCOLS[name].version
