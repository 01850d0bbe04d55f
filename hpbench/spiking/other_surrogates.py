"""Gradients of a trained network through other surrogates than its own, as an attacker may choose them."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from hpbench.spiking.surrogate import SURROGATES, Surrogate, heaviside

_NAME = "of an attack"
_TINY = 1e-4


def widened(base: Surrogate, width: float) -> Surrogate:
    """h(x / width): `base` with its width multiplied, and its height as it was."""
    return Surrogate(f"{base.name} x {width:g}", base.formula, lambda x: base.derivative(x / width))


class AdaptiveSharpness:
    """ASSG: an arctan surrogate whose width follows the distance of each neuron from its threshold.

    h(x) = (α/2) / (1 + (π α x / 2)²), α = (2/π) tan(π A/2) / (M + ρ D), for every neuron, sample and time
    step: M is a running mean of |x| over the steps of the attack, D of ||x| − M|, each with share β kept; so
    that a share A of h's area lies beyond a typical distance. M begins at 1, D at 0. For one batch of
    samples. Source: Wang et al., arXiv:2512.22522; constants and start as in the authors' published code
    (A/2 = 0.4, ρ = 1.5, β = 0.9); their search for the best A is left out.
    """

    def __init__(self, half_area: float = 0.4, slack: float = 1.5, kept: float = 0.9) -> None:
        self.scale = 2 * math.tan(math.pi * half_area) / math.pi
        self.slack, self.kept = slack, kept
        self._means: list[tuple[Tensor, Tensor]] = []
        self._next = 0  # of the neurons and steps that a backward pass goes through, in its order

    @property
    def surrogate(self) -> Surrogate:
        """The surrogate, for a network that is called and differentiated again and again."""
        return Surrogate("adaptive sharpness", "ASSG", torch.zeros_like, self._forward, self._pull)

    def _forward(self, potential: Tensor, threshold: float, room: Tensor | None) -> Tensor:
        self._next = 0
        return heaviside(potential, threshold, room)

    def _pull(self, gradient: Tensor, potential: Tensor, threshold: float) -> Tensor:
        distance = potential - threshold
        size = distance.abs()
        if self._next == len(self._means):
            self._means.append((torch.ones_like(size), torch.zeros_like(size)))
        mean, deviation = self._means[self._next]
        mean = self.kept * mean + (1 - self.kept) * size
        deviation = self.kept * deviation + (1 - self.kept) * (size - mean).abs()
        self._means[self._next] = mean, deviation
        self._next += 1
        sharpness = self.scale / (mean + self.slack * deviation + _TINY)
        return gradient * (sharpness / 2) / (1 + (math.pi / 2 * sharpness * distance).square())


def has_surrogates(model: torch.nn.Module) -> bool:
    """Whether gradients of the model go through surrogates that can be changed."""
    return any(_holds(one) for one in model.modules())


@contextmanager
def gradients_through(model: torch.nn.Module, surrogate: Surrogate) -> Iterator[None]:
    """Context in which gradients of the model, which is otherwise as it was, go through this surrogate.

    One at a time: the surrogate stands in the table of all under a name of its own.
    """
    before: list[tuple[Any, str, Any]] = []
    SURROGATES[_NAME] = surrogate
    try:
        for module in model.modules():
            held = _holds(module)
            if held:
                before.append((module, held, getattr(module, held)))
                own = getattr(module, held)
                setattr(module, held, surrogate if held == "surrogate" else own._replace(surrogate=_NAME))
        yield
    finally:
        for module, held, own in before:
            setattr(module, held, own)
        del SURROGATES[_NAME]


def _holds(module: torch.nn.Module) -> str:
    """The attribute of a module that is its surrogate, or has the name of it; empty without one."""
    if isinstance(getattr(module, "surrogate", None), Surrogate):
        return "surrogate"
    return "p" if getattr(getattr(module, "p", None), "surrogate", None) in SURROGATES else ""
