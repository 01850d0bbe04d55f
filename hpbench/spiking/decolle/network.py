"""A network of DECOLLE layers, each of which learns through a read-out of its own at every time step.

Kaiser, Mostafa and Neftci, Front. Neurosci. 14:424 (2020). No layer's loss reaches another layer or an
earlier step: in training, spikes and traces are detached, so that autograd records one
linear map per layer and step.
"""

from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import Any

import torch
from torch import Tensor

from hpbench.core.errors import InputError, nearest
from hpbench.plasticity.decolle_loss import activity_penalty
from hpbench.spiking.choices import TIMED
from hpbench.spiking.credit.locality import Locality
from hpbench.spiking.decolle.cell import DecolleState
from hpbench.spiking.decolle.layer import make_layers
from hpbench.spiking.decolle.parameters import (
    DECIDERS,
    DECISIONS,
    DecolleParameters,
    DecolleShape,
    too_short,
)
from hpbench.spiking.encoder import Encoder
from hpbench.tasks.image_shape import image_shape

LOCALITY = Locality(local_in_time=True, local_in_space=True, weight_transport=False, update_locking=False)
"""Traces of inputs stand for the past, and each layer has a read-out of its own."""

Shown = list[tuple[Tensor, Tensor]]
"""Spikes and membrane of each layer at one step, both after pooling."""


class DecolleNetwork(torch.nn.Module):
    """Images (B, …) in [0, 1], or event frames (B, T, C, H, W), to class scores (B, outputs).

    `inputs` is the shape of one sample: (n,), (H, W) or (C, H, W), encoded over time by `encoder`, at test by
    `test_encoder` if given; with event frames, (T, C, H, W). The first steps, a share `burn_in` of a training
    sample's, are used neither for learning nor for scores; as many are ignored at test. `above` and `below`
    are λ1 and λ2. Outputs compete within groups of `width`, the heads of tasks (default: all compete).
    Raises InputError for shapes that do not fit, and for too few time steps.
    """

    layers: Any

    def __init__(
        self,
        inputs: Sequence[int],
        outputs: int,
        encoder: Encoder,
        shape: DecolleShape | None = None,
        p: DecolleParameters | None = None,
        *,
        test_encoder: Encoder | None = None,
        burn_in: float = 0.1,
        above: float = 0.0,
        below: float = 0.0,
        decision: str = "mean",
        decided_by: str = "last",
        width: int | None = None,
    ) -> None:
        super().__init__()
        for name, value, known in (
            ("decision", decision, DECISIONS),
            ("decided_by", decided_by, DECIDERS),
        ):
            if value not in known:
                raise InputError(f"{name}={value}: {nearest(value, known)}")
        shape, self.p = shape or DecolleShape(), p or DecolleParameters()
        self.encoder, self.test_encoder = encoder, test_encoder or encoder
        at_a_step = tuple(inputs[1:] if encoder.encoding in TIMED else inputs)
        self.frame = (
            image_shape(at_a_step, "strategy.kernels")
            if shape.kernels
            else (prod(at_a_step) * encoder.widening,)
        )
        self.layers = torch.nn.ModuleList(make_layers(self.frame, outputs, shape, self.p))
        self.burn_in = round(burn_in * encoder.steps)
        steps = min(encoder.steps, self.test_encoder.steps)
        reason = too_short(steps, self.burn_in, len(self.layers))
        if reason:
            raise InputError(reason)
        self.above, self.below = above, below
        self.decision, self.decided_by = decision, decided_by
        self.width = width or outputs

    def steps(self, inputs: Tensor) -> Iterator[Shown]:
        """Spikes and membranes of all layers, step by step.

        Within a step the layers are updated in their order, each with the spikes that the layer before it has
        just fired. A cell reads P before it updates it, and updates P from Q before Q gets the input, so that
        a spike changes the membranes of the next layer two steps later. All states start at 0: in the first
        step the membranes of every layer are b, and these layers' spikes are passed on as any others.

        In training there is no gradient during the burn-in; later one of each layer's own weights alone.
        """
        local = self.training
        states: list[DecolleState | None] = [None] * len(self.layers)
        for number, values in enumerate(self._each_step(inputs)):
            shown: Shown = []
            # Not around the yield: the caller's gradient mode must not change.
            with torch.set_grad_enabled(torch.is_grad_enabled() and not (local and number < self.burn_in)):
                for place, layer in enumerate(self.layers):
                    values = values.flatten(1) if len(layer.cell.inputs) == 1 else values
                    spikes, state = layer.cell(values, states[place])
                    shown.append((spikes, state.membrane))
                    states[place], values = state, spikes.detach() if local else spikes
            yield shown

    def _each_step(self, inputs: Tensor) -> Iterator[Tensor]:
        """(B, *frame) of every step."""
        encoder = self.encoder if self.training else self.test_encoder
        for values in encoder(inputs).each_step():
            yield values.reshape(len(values), *self.frame)

    def local_losses(
        self, inputs: Tensor, loss: Callable[[Tensor], Tensor]
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """For every step after the burn-in Σ_l L_l, and the scores (B, K) of `decided_by`, detached.

        `loss` is C of a layer's read-out (B, K). Call backward on a step's loss before taking the next step;
        updated weights are used from then on.
        """
        for number, shown in enumerate(self.steps(inputs)):
            if number < self.burn_in:
                continue
            reads = self.read_outs(shown)
            total = torch.stack([loss(read) for read in reads]).sum()
            for _, membrane in shown:
                total = total + activity_penalty(membrane, self.above, self.below)
            yield total, self._decided(reads).detach()

    def read_outs(self, shown: Shown) -> list[Tensor]:
        """G_l s_l, (B, K), of every layer at one step."""
        return [layer.read_out(*one) for layer, one in zip(self.layers, shown, strict=True)]

    def _decided(self, reads: list[Tensor]) -> Tensor:
        return reads[-1] if self.decided_by == "last" else torch.stack(reads).mean(0)

    def scores(self, reads: Sequence[Tensor]) -> Tensor:
        """Class scores (B, K) from the read-outs (B, K) of `decided_by` at each step after the burn-in."""
        mean = torch.stack(list(reads)).mean(0)
        if self.decision == "mean":
            return mean
        heads = torch.stack(list(reads)).unflatten(2, (-1, self.width))
        first = torch.nn.functional.one_hot(heads.argmax(3), self.width)
        # Votes have no gradient; attacks use that of the mean.
        return first.to(mean.dtype).mean(0).flatten(1) + (mean - mean.detach())

    def forward(self, inputs: Tensor) -> Tensor:
        """Class scores (B, K)."""
        return self.scores(
            [
                self._decided(self.read_outs(shown))
                for number, shown in enumerate(self.steps(inputs))
                if number >= self.burn_in
            ]
        )

    def facts(self) -> dict[str, object]:
        """Columns of a leaderboard row that describe this network."""
        return {
            "network": "decolle",
            **LOCALITY._asdict(),
            "surrogate": self.p.surrogate,
            "encoding": self.encoder.encoding,
            "time_steps": self.encoder.steps,
        }
