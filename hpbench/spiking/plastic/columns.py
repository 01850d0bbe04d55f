"""Columns whose filters learn by competition from the first samples they see, and then settle."""

import math

import torch
from torch import Tensor

from hpbench.plasticity.competition import Competitors, compete
from hpbench.spiking.random.columns import CONTRAST, SpikingColumns

_PLACES = 40
"""Places, drawn at random, of each image that filters learn from."""


class PlasticColumns(SpikingColumns):
    """Columns with filters that start as random ones and learn from the first `samples` images.

    At each of 40 random places of an image the filters compete for what the field sees, less its mean and
    scaled to unit length; fields of less contrast than a neuron needs to fire are left out. Afterwards the
    filters never change. Places depend on `seed` and the number of images before. `repulsion` and
    `homeostasis` are those of `hpbench.plasticity.competition`.
    Raises InputError as SpikingColumns does.
    """

    wins: Tensor
    learned: Tensor

    def __init__(
        self,
        pixels: int,
        filters: int,
        steps: int,
        seed: int,
        *,
        samples: int,
        repulsion: float,
        homeostasis: float,
        field: int = 7,
        pool: int = 6,
    ) -> None:
        super().__init__(pixels, filters, steps, seed, field=field, pool=pool)
        self.seed, self.samples = seed, samples
        self.repulsion, self.homeostasis = repulsion, homeostasis
        self.register_buffer("wins", torch.ones(filters))
        self.register_buffer("learned", torch.zeros((), dtype=torch.long))

    @torch.no_grad()
    def learn(self, images: Tensor) -> None:
        """Learn from images (B, s·s), of any size s, in their order; from none after `samples` of them."""
        before = int(self.learned)
        images = images[: self.samples - before]
        if not len(images):
            return
        self.learned += len(images)
        seen = self._fields(images, self.seed + before)
        if not len(seen):
            return
        length = self.filters[0].norm()
        neurons = Competitors(self.filters.flatten(1) / length, self.wins)
        weights, self.wins = compete(neurons, seen, repulsion=self.repulsion, homeostasis=self.homeostasis)
        self.filters = (weights * length).view_as(self.filters)

    def _fields(self, images: Tensor, seed: int) -> Tensor:
        """What random fields see, less its mean and of unit length: (N, field²)."""
        side, whole = self.filters.shape[-1], math.isqrt(images.shape[1])
        places = whole - side + 1
        generator = torch.Generator().manual_seed(seed)
        down, across = torch.randint(places, (2, len(images), _PLACES), generator=generator).to(images.device)
        fields = images.view(-1, whole, whole).unfold(1, side, 1).unfold(2, side, 1)
        seen = fields[torch.arange(len(images), device=images.device)[:, None], down, across].flatten(2)
        seen = (seen - seen.mean(2, keepdim=True)).flatten(0, 1)
        return torch.nn.functional.normalize(seen[seen.norm(dim=1) >= CONTRAST], dim=1)
