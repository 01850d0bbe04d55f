"""Fixed random neurons in columns, one column at every place of an image; the first to fire in a column wins.

All neurons of a column have the same receptive field, a square of the image, and each has its own filter;
the filters are shared by all places. Under a constant current I an integrate-and-fire neuron without leak has
membrane t I after t steps. The first of a column to reach the threshold v_th fires, the one with the highest
membrane if several do in the same step, and lateral inhibition then silences its whole column for the
remaining steps. So the neuron with the largest current fires, once, if T I ≥ v_th. Related: random filters
(Jarrett et al., ICCV 2009); winner-take-all circuits (Maass, Neural Comput. 12:2519, 2000).
"""

import torch
from torch import Tensor

from hpbench.core.errors import InputError
from hpbench.operations.layer import Operations
from hpbench.operations.synapses import are_spikes, needed
from hpbench.spiking.parameters import RELEASE
from hpbench.tasks.image_shape import image_shape

CONTRAST = 0.3
"""Response of a filter of unit length to pixels in [0, 1] from which its neuron fires within T steps."""

_CURRENTS = 2**18
"""Currents computed at once on a processor, 1 MB; those of a whole batch do not fit its cache."""


def first_spikes(current: Tensor, steps: int, threshold: float) -> Tensor:
    """Which neuron of each column fires within T `steps` of a constant current (B, F, …): 1, else 0.

    Neurons with the same current fire together. Without a gradient.
    """
    current = current.detach()
    least = current.amax(1, keepdim=True).clamp_(min=threshold / steps)
    return torch.ge(current, least, out=torch.empty_like(current))


class SpikingColumns(torch.nn.Module):
    """Images (B, s·s) in [0, 1] to features (B, F·A): for each of A areas, the share of its columns that each
    of the F = `filters` neurons won.

    A column stands at every place where a field of `field` x `field` pixels fits; areas are squares of `pool`
    x `pool` columns that overlap by half. The filters have sum 0 and the same norm and are drawn from a
    generator seeded by `seed`; nothing is trained. Raises InputError for inputs that are not square images,
    and for fields and areas that do not fit into them.
    """

    filters: Tensor
    areas: Tensor

    def __init__(
        self, pixels: int, filters: int, steps: int, seed: int, *, field: int = 7, pool: int = 6
    ) -> None:
        super().__init__()
        self.side = image_shape((pixels,), "strategy.columns")[1]
        if self.side - field + 1 < pool:
            raise InputError(
                f"areas of {pool} x {pool} columns with fields of {field} x {field} pixels do not fit into "
                f"images of {self.side} x {self.side}: choose smaller ones"
            )
        self.steps = steps
        drawn = torch.randn(filters, field * field, generator=torch.Generator().manual_seed(seed))
        drawn = torch.nn.functional.normalize(drawn - drawn.mean(1, keepdim=True), dim=1)
        drawn *= RELEASE.threshold / (CONTRAST * steps)
        self.register_buffer("filters", drawn.view(filters, 1, field, field))
        self.register_buffer("areas", _areas(self.side - field + 1, pool))

    def currents(self, images: Tensor) -> Tensor:
        """Current into every neuron, (B, F, places down, places across)."""
        seen = images.reshape(-1, 1, self.side, self.side)
        return torch.nn.functional.conv2d(seen, self.filters)

    @torch.no_grad()
    def forward(self, images: Tensor) -> Tensor:
        """Features of a batch, computed a few images at a time so that their currents stay in the cache."""
        return torch.cat([self._features(some) for some in images.split(self._at_once(images))])

    def _features(self, images: Tensor) -> Tensor:
        spikes = first_spikes(self.currents(images).flatten(2), self.steps, RELEASE.threshold)
        return (spikes @ self.areas).flatten(1)

    def _at_once(self, images: Tensor) -> int:
        """Images of one slice: all on an accelerator, which has no such cache."""
        of_one = len(self.filters) * len(self.areas)
        return max(1, _CURRENTS // of_one) if images.device.type == "cpu" else max(1, len(images))

    def operations(self, features: Tensor, images: Tensor) -> Operations:
        """Operations of one forward pass: the constant image counts for every filter, place and time step."""
        images = images.reshape(-1, 1, self.side, self.side)
        field = torch.ones_like(self.filters[:1])
        seen = torch.nn.functional.conv2d((images != 0).to(images.dtype), field)
        times = len(self.filters) * self.steps
        met = round(float(seen.double().sum())) * times
        accumulates, multiply_accumulates = needed(met, are_spikes(images))
        spikes = first_spikes(self.currents(images), self.steps, RELEASE.threshold)
        return Operations(
            samples=len(images),
            dense=seen.numel() * field.numel() * times,
            accumulates=accumulates,
            multiply_accumulates=multiply_accumulates,
            silent=seen.numel() * times - int(spikes.sum()),
            neuron_steps=seen.numel() * times,
        )


def _areas(places: int, pool: int) -> Tensor:
    """(places², A): the weight of a column at each place in the share of each area.

    A mean over squares as one matrix product, which costs a third of PyTorch's pooling.
    """
    firsts = range(0, places - pool + 1, max(1, pool // 2))
    inside = torch.zeros(places, len(firsts))
    for number, first in enumerate(firsts):
        inside[first : first + pool, number] = 1 / pool
    return torch.kron(inside, inside)
