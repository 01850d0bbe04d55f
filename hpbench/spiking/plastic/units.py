"""Competing units: new ones in each experience, which learn during it and then stay as they are."""

import torch
from torch import Tensor

from hpbench.operations.layer import Operations
from hpbench.plasticity.competition import Competitors, compete

_SPREAD = 0.3
"""Length of the random part of a new unit's weights, relative to the mean that they start from."""


class CompetingUnits(torch.nn.Module):
    """Features (B, n) ≥ 0 to the spikes of U units for each experience, (B, experiences · U).

    A unit's current is the cosine of its weights and the square roots of the features; the `winners` units
    with the largest currents fire once, and silence the others. Units are recruited by the first batch of an
    experience: their weights are its mean plus noise, drawn from a generator seeded by `seed` and their
    number. With `plastic` they compete for the samples of their experience
    (`hpbench.plasticity.competition`, κ = `homeostasis`); units of earlier experiences do not learn. Units
    not recruited never fire.
    """

    weights: Tensor
    wins: Tensor
    recruited: Tensor

    def __init__(
        self,
        features: int,
        units: int,
        experiences: int,
        seed: int,
        *,
        winners: int = 3,
        homeostasis: float = 0.1,
        plastic: bool = True,
    ) -> None:
        super().__init__()
        self.units, self.seed, self.winners = units, seed, winners
        self.homeostasis, self.plastic = homeostasis, plastic
        self.recruiting = False
        self.register_buffer("weights", torch.zeros(experiences * units, features))
        self.register_buffer("wins", torch.ones(experiences * units))
        self.register_buffer("recruited", torch.zeros((), dtype=torch.long))

    def begin(self) -> None:
        """An experience begins: the next batch to learn from recruits its units, if any are left."""
        self.recruiting = int(self.recruited) < len(self.weights)

    @torch.no_grad()
    def forward(self, features: Tensor) -> Tensor:
        """Spikes of all units: 1, else 0. All 0 before the first units are recruited."""
        spikes = features.new_zeros(len(features), len(self.weights))
        number = int(self.recruited)
        if not number:
            return spikes
        currents = compressed(features) @ self.weights[:number].T
        return spikes.scatter_(1, currents.topk(self.winners, 1).indices, 1)

    @torch.no_grad()
    def learn(self, features: Tensor) -> None:
        """Learn from features (B, n) of the present experience."""
        if not len(features):
            return
        seen = compressed(features)
        if self.recruiting:
            self._recruit(seen.mean(0))
        if not self.plastic:
            return
        own = slice(int(self.recruited) - self.units, int(self.recruited))
        neurons = Competitors(self.weights[own], self.wins[own])
        self.weights[own], self.wins[own] = compete(neurons, seen, homeostasis=self.homeostasis)

    def _recruit(self, mean: Tensor) -> None:
        first = int(self.recruited)
        generator = torch.Generator().manual_seed(self.seed + first)
        drawn = torch.randn(self.units, len(mean), generator=generator).to(mean)
        noise = torch.nn.functional.normalize(drawn, dim=1) * mean.norm() * _SPREAD
        self.weights[first : first + self.units] = torch.nn.functional.normalize(mean + noise, dim=1)
        self.recruited += self.units
        self.recruiting = False

    def operations(self, spikes: Tensor, features: Tensor) -> Operations:
        """Operations of one forward pass: features other than 0 at the weights of recruited units."""
        number = int(self.recruited)
        return Operations(
            samples=len(features),
            dense=len(features) * self.weights.numel(),
            multiply_accumulates=int((features != 0).sum()) * number,
            silent=spikes.numel() - int(spikes.sum()),
            neuron_steps=spikes.numel(),
        )


def compressed(features: Tensor) -> Tensor:
    """Square roots of features (B, n), scaled to unit length; a sample without features stays 0."""
    return torch.nn.functional.normalize(features.sqrt(), dim=1)
