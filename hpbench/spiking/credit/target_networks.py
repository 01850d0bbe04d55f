"""The spiking network of `gp` whose hidden layers learn targets: target propagation, by layers or directly.

A layer's activity is its firing rates, (B, m). The maps back learn from noise added to the activities: what
the layers above make of it when it is shown as a constant current. In evaluation it is the network of `gp`.
"""

from typing import Any

import torch
from torch import Tensor

from hpbench.plasticity.target_propagation import (
    difference_targets,
    direct_difference_targets,
    gradient_target,
    local_loss,
)
from hpbench.spiking.credit.locality import Locality
from hpbench.spiking.credit.networks import Separated
from hpbench.spiking.window import Response, Window


class MapBack(torch.nn.Module):
    """h to V h, or `squashed` to σ(V h + c): no layer of the network, and none of torch's."""

    def __init__(self, inputs: int, outputs: int, *, squashed: bool) -> None:
        super().__init__()
        drawn = torch.nn.Linear(inputs, outputs, bias=squashed)
        self.weight, self.bias = drawn.weight, drawn.bias

    def forward(self, activity: Tensor) -> Tensor:
        """For activities (B, inputs), those of another layer, (B, outputs)."""
        found = torch.nn.functional.linear(activity, self.weight, self.bias)
        return found if self.bias is None else found.sigmoid()


class TargetNetwork(Separated):
    """Dense layers, each of which learns a target: `target_step` η of the first, `noise` of the maps back."""

    locality = Locality(
        local_in_time=False, local_in_space=False, weight_transport=False, update_locking=True
    )

    def __init__(
        self, *arguments: Any, target_step: float = 1.0, inverse_noise: float = 0.1, **others: Any
    ) -> None:
        super().__init__(*arguments, **others)
        self.target_step, self.inverse_noise = target_step, inverse_noise

    def local_loss(self, loss: Tensor, targets: Tensor) -> Tensor:
        """The loss of hidden layers and maps back, given that of the scores."""
        reached = self.taken()
        if not reached:
            return loss.new_zeros(())
        rates = [one.mean(0) for one in reached]
        held = [one.detach() for one in rates]
        aims = self._aims(loss, held)
        hidden = [local_loss(*one) for one in zip(rates, aims, strict=True)]
        return torch.stack([*hidden, *self._maps_losses(held)]).sum()

    def _aims(self, loss: Tensor, held: list[Tensor]) -> list[Tensor]:
        raise NotImplementedError

    def _maps_losses(self, held: list[Tensor]) -> list[Tensor]:
        raise NotImplementedError

    @torch.no_grad()
    def _onward(self, number: int, rates: Tensor, last: int) -> Response:
        """What layer `last` answers to constant currents (B, m) into layer `number`."""
        window = Window(rates, static_steps=self.encoder.steps)
        for place in range(number, last + 1):
            response: Response = self.layers[place](window)
            window = Window(response.spikes)
        return response

    def _noise(self, like: Tensor) -> Tensor:
        return self.inverse_noise * torch.randn_like(like)


class DifferenceTargets(TargetNetwork):
    """Difference target propagation (DTP): t_{l−1} = h_{l−1} + g_l(t_l) − g_l(h_l), g_l a learned inverse.

    The last hidden layer's target is a step against the gradient. g_l(h) = σ(V h + c) learns to give back
    h_{l−1} + noise from what layer l makes of it. Source: Lee et al., ECML PKDD 2015.
    """

    def __init__(self, *arguments: Any, **others: Any) -> None:
        super().__init__(*arguments, **others)
        pairs = zip(self.passed_on[:-1], self.passed_on[1:], strict=True)
        self.inverses = torch.nn.ModuleList(MapBack(above, below, squashed=True) for below, above in pairs)
        self.entering: Tensor | None = None

    def _answer(self, number: int, shown: Window) -> Response:
        if self.reached and number == len(self.layers) - 1:
            self.entering = shown.values.requires_grad_()
        return super()._answer(number, shown)

    def _aims(self, loss: Tensor, held: list[Tensor]) -> list[Tensor]:
        entering, self.entering = self.entering, None
        assert entering is not None
        (gradient,) = torch.autograd.grad(loss, entering, retain_graph=True)
        last = gradient_target(held[-1], gradient.sum(0), self.target_step)
        with torch.no_grad():
            return difference_targets(held, list(self.inverses), last)

    def _maps_losses(self, held: list[Tensor]) -> list[Tensor]:
        losses = []
        for number, inverse in enumerate(self.inverses):
            noisy = held[number] + self._noise(held[number])
            answer = self._onward(number + 1, noisy, number + 1).spikes.mean(0)
            losses.append(local_loss(inverse(answer), noisy))
        return losses


class DirectDifferenceTargets(TargetNetwork):
    """Direct difference target propagation (DDTP): t_l = h_l + q_l(t_out) − q_l(h_out), q_l linear, learned.

    h_out are the scores, t_out a step against their gradient. q_l learns to give back noise at layer l from
    the change of the scores that it makes. Source: Meulemans et al., NeurIPS 2020 (DDTP-linear).
    """

    locality = Locality(local_in_time=False, local_in_space=True, weight_transport=False, update_locking=True)

    def __init__(self, *arguments: Any, **others: Any) -> None:
        super().__init__(*arguments, **others)
        self.feedback = torch.nn.ModuleList(
            MapBack(self.outputs, one, squashed=False) for one in self.passed_on
        )
        self.read: Tensor | None = None

    def scores(self, last: Response) -> Tensor:
        """Class scores (B, K) from spikes and membranes of the last layer."""
        found = super().scores(last)
        self.read = found if self.reached else None
        return found

    def _aims(self, loss: Tensor, held: list[Tensor]) -> list[Tensor]:
        read, self.read = self.read, None
        assert read is not None
        (gradient,) = torch.autograd.grad(loss, read, retain_graph=True)
        output = read.detach()
        with torch.no_grad():
            target = gradient_target(output, gradient, self.target_step)
            return direct_difference_targets(held, list(self.feedback), output, target)

    def _maps_losses(self, held: list[Tensor]) -> list[Tensor]:
        losses, last = [], len(self.layers) - 1
        for number, back in enumerate(self.feedback):
            noise = self._noise(held[number])
            still, moved = (
                super(DirectDifferenceTargets, self).scores(self._onward(number + 1, rates, last))
                for rates in (held[number], held[number] + noise)
            )
            losses.append(local_loss(back(moved - still), noise))
        return losses
