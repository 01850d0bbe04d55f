"""What an attacker of a trained strategy may choose: surrogates, and networks of its own."""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import torch

from hpbench.core.seeded_draws import seeded_draws
from hpbench.disturb.attacked import Through
from hpbench.learning.prepared import Builder, prepared
from hpbench.learning.scores import Scores
from hpbench.spiking.other_surrogates import (
    AdaptiveSharpness,
    gradients_through,
    has_surrogates,
    widened,
)
from hpbench.spiking.surrogate import SURROGATES
from hpbench.tasks.continual import ContinualTask

_SHAPES, _WIDTHS = ("triangular", "arctan"), {"narrow": 0.5, "wide": 2.0}
_PASSES = 3
"""At most so many passes over the data make a network that is good enough to find images on."""

_SEED = 20_000
"""Of such networks: one that no run is likely to have, so that they are not the attacked network itself."""


def surrogates_of(model: torch.nn.Module) -> dict[str, Through]:
    """Narrow and wide surrogates of two shapes, by name, as contexts; none for a model without surrogates."""
    if not has_surrogates(model):
        return {}
    return {
        f"{name}_{shape}": _context(model, widened(SURROGATES[shape], width))
        for shape in _SHAPES
        for name, width in _WIDTHS.items()
    }


def adaptive_of(model: torch.nn.Module) -> Through:
    """The surrogate that adapts to the membranes; none for a model without surrogates."""
    if not has_surrogates(model):
        return contextlib.nullcontext
    return lambda: gradients_through(model, AdaptiveSharpness().surrogate)


def _context(model: torch.nn.Module, surrogate: Any) -> Through:
    return lambda: gradients_through(model, surrogate)


class OtherNetworks:
    """Networks that learn the same data, trained when they are first asked for.

    `strategies` gives then their builders and settings, by name.

    They see no more than the data of the task: three passes at most, with a seed of their own.
    """

    def __init__(
        self, task: ContinualTask, strategies: Callable[[], Mapping[str, tuple[Builder, Any]]]
    ) -> None:
        self._task = replace(task, passes=min(task.passes, _PASSES))
        self._strategies = strategies
        self._scores: dict[str, torch.nn.Module] = {}

    def __call__(self) -> Mapping[str, torch.nn.Module]:
        """Their scores, by name."""
        if not self._scores:
            with seeded_draws(python=_SEED, numpy=_SEED, torch=_SEED):
                for name, (builder, settings) in self._strategies().items():
                    self._scores[name] = self._trained(builder, settings)
        return self._scores

    def _trained(self, builder: Callable[..., Any], settings: Any) -> torch.nn.Module:
        strategy, benchmark = prepared(builder, settings, self._task, "robustness")
        strategy.train(benchmark.train, eval_streams=[])
        strategy.model.eval()
        strategy.model.requires_grad_(False)
        return Scores(strategy)
