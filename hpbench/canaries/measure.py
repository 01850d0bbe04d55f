"""Executes the run of a strategy's canary and returns its figures."""

import dataclasses
import functools
import math
from collections.abc import Iterable, Iterator
from typing import Any

import torch

from hpbench import registry
from hpbench.canaries.apart import apart
from hpbench.canaries.compare import NORMS
from hpbench.canaries.tiny_tasks import TASKS
from hpbench.canaries.variant import Variant
from hpbench.core.outcome import Outcome
from hpbench.core.settings import check_settings
from hpbench.learning.strategy import learner
from hpbench.protocols.table import PROTOCOLS

Figures = dict[str, Any]
"""Plain values by name."""

_NETWORK = {"hidden": [16], "batch": 10, "lr": 0.01, "memory": 26, "memory_passes": 3, "drawn": 12}

SMALL: dict[str, dict[str, Any]] = {
    "continual": _NETWORK,
    "robustness": _NETWORK,
    "few_shot": {
        "filters": [8, 8],
        "time_steps": 3,
        "lr": 0.05,
        "meta_steps": 12,
        "meta_batch": 2,
        "train_ways": 5,
        "train_queries": 3,
        "validate_every": 2,
        "validation_ways": 4,
        "validation_queries": 3,
        "validation_episodes": 10,
        "outputs": 8,
    },
}
"""Settings of the basic run by protocol, for strategies that have them."""

SET_UP = {
    "adversarial_epsilon",
    "batch",
    "episodes",
    "experiences",
    "k_shot",
    "n_way",
    "passes",
    "queries",
    "tested_samples",
    "time_steps",
    "train_shots",
    "train_ways",
}
"""Columns that repeat settings and are not recorded."""

LOOKS = 6
"""Largest number of recorded losses."""


def measured(variant: Variant, nudge: float = 0.0) -> Figures:
    """The figures of a variant's run.

    `nudge` is a relative change of all initial weights, which imitates the rounding of another processor:
    figures that then change by more than the tolerance are not reproducible enough to be recorded.
    """
    change = variant.change
    with apart(single=change.single):
        entry = shipped("strategies", variant.strategy)
        build = getattr(registry.load(entry), PROTOCOLS[variant.protocol].builder)
        settings = settings_of(entry, variant.protocol, change.settings)
        task = TASKS[variant.protocol](**change.task)
        built: list[Any] = []

        def builder(settings: Any, task: Any) -> Any:
            made = build(settings, task)
            built.append(made)
            if nudge:
                _nudge(_module(made), nudge)
            return made

        run = PROTOCOLS[variant.protocol].part("runs")
        outcome = run(builder, settings, task, lambda progress: None)
        found = _figures(outcome)
        return {**found, NORMS: _norms(_module(built[0]))}


@functools.cache
def shipped(kind: registry.Kind, name: str) -> registry.Entry:
    """The package's own entry of this name, even if the user has one; files are read once."""
    [entry] = [one for one in registry.shipped(kind) if one.name == name]
    return entry


def settings_of(entry: registry.Entry, protocol: str, changes: Any) -> Any:
    """SMALL settings of a strategy, with these changes. Raises InputError for values out of range."""
    settings_class = registry.settings_class(entry, protocol)
    fields = {one.name for one in dataclasses.fields(settings_class)}
    known = {name: value for name, value in SMALL[protocol].items() if name in fields}
    settings = settings_class(**{**known, **changes})
    check_settings(settings, "strategy")
    return settings


def _module(made: Any) -> torch.nn.Module:
    """The module with the weights of a learner or of an Avalanche strategy."""
    return made if isinstance(made, torch.nn.Module) else learner(made)


@torch.no_grad()
def _nudge(module: torch.nn.Module, share: float) -> None:
    generator = torch.Generator().manual_seed(1)
    for one in (*module.parameters(), *module.buffers()):
        if one.is_floating_point():
            one.mul_(1 + share * torch.randn(one.shape, generator=generator, dtype=one.dtype))


def _norms(module: torch.nn.Module) -> dict[str, float]:
    """Euclidean norms of parameters and buffers."""
    state = module.state_dict()
    return {name: float(one.double().norm()) for name, one in state.items() if one.numel()}


def _figures(outcome: Outcome) -> Figures:
    """Losses, counts of predictions, and the numbers of the row."""
    details, row = outcome.details, outcome.row
    found: Figures = {}
    if "training" in details:
        validations = details["training"]["looks"]
        found["loss"] = _some([one["loss"] for one in validations])
        found["validation"] = [one["accuracy"] for one in validations]
        found["right"] = row["right_by_episode"]
        found["episodes"] = row["episodes_sha256"][:16]
    else:
        found["loss"] = _some([point["loss"] for point in details["curve"]])
    if "R" in details:
        found["confusion"] = [_counts(one) for one in details["confusion_by_experience"]]
        found["R"] = details["R"]
    elif "confusion" in details:
        found["confusion"] = {
            f"{name} {level}": _counts(one)
            for name, by_level in details["confusion"].items()
            for level, one in by_level.items()
        }
    return {**found, "row": dict(_numbers(row))}


def _numbers(row: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The columns with measured or counted numbers, except times."""
    for name, value in row.items():
        a_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if a_number and name not in SET_UP and not name.endswith("_seconds"):
            yield name, value if math.isfinite(value) else str(value)


def _some(values: list[Any]) -> list[Any]:
    """At most LOOKS of the values, evenly spaced, with the first and the last."""
    last = len(values) - 1
    places = sorted({round(last * one / (LOOKS - 1)) for one in range(LOOKS)}) if last > 0 else [0]
    return [values[place] for place in places] if values else []


def _counts(matrix: Iterable[Iterable[int]]) -> str:
    """A confusion matrix in one line: the counts of each target that occurs, separated by slashes."""
    rows = [list(row) for row in matrix]
    return " / ".join(f"{target}: {' '.join(map(str, row))}" for target, row in enumerate(rows) if any(row))
