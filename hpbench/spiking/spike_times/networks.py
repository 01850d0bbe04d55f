"""Networks that learn by the gradients of their spike times: EventProp and SpikeProp."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from hpbench.spiking.credit.locality import BACKPROPAGATION
from hpbench.spiking.encoder import Encoder
from hpbench.spiking.spike_times.layer import SpikeTimeLayer
from hpbench.spiking.spike_times.membrane import Membrane
from hpbench.spiking.spike_times.neurons import Fired
from hpbench.spiking.window import Window


class SpikeTimeNetwork(torch.nn.Module):
    """Dense layers of neurons whose spikes have exact times; inputs (B, …) to scores (B, K).

    `widths` are the inputs at one step, the neurons of the hidden layers, and K. `hidden` and `output` are
    the neurons. Weights are drawn from a normal distribution with mean `weight_mean`/n, of hidden layers, or
    `output_mean`/n, and standard deviation `weight_spread`/√n, for n inputs.
    """

    learner: str
    locality = BACKPROPAGATION

    def __init__(
        self,
        widths: Sequence[int],
        encoder: Encoder,
        hidden: Membrane,
        output: Membrane,
        *,
        weight_mean: float,
        output_mean: float,
        weight_spread: float,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.layers = torch.nn.ModuleList()
        last = len(widths) - 2
        for number, (inputs, neurons) in enumerate(pairwise(widths)):
            is_last = number == last
            layer = SpikeTimeLayer(inputs, neurons, output if is_last else hidden, keep_membranes=is_last)
            mean = output_mean if is_last else weight_mean
            torch.nn.init.normal_(layer.linear.weight, mean / inputs, weight_spread / inputs**0.5)
            self.layers.append(layer)

    def forward(self, inputs: Tensor) -> Tensor:
        """Class scores (B, K)."""
        return self.scores(self.unrolled(inputs))

    def unrolled(self, inputs: Tensor) -> Fired:
        """What the output neurons do."""
        window = self.encoder(inputs)
        window = window._replace(values=window.values.flatten(1 if window.static_steps else 2))
        found: Fired = self.layers[0](window)
        for layer in list(self.layers)[1:]:
            found = layer(Window(found.spikes), found.offsets)
        return found

    def scores(self, last: Fired) -> Tensor:
        """Class scores (B, K) from the output neurons."""
        raise NotImplementedError

    def facts(self) -> dict[str, object]:
        """Columns of a leaderboard row that describe this network."""
        return {
            "network": self.learner,
            "encoding": self.encoder.encoding,
            "time_steps": self.encoder.steps,
            **self.locality._asdict(),
        }


class EventProp(SpikeTimeNetwork):
    """Leaky integrate-and-fire neurons that are reset, and outputs that integrate and do not fire.

    The scores are the mean membranes over the ends of steps (`read_out` membrane_mean) or the highest.
    """

    learner = "eventprop"

    def __init__(
        self,
        widths: Sequence[int],
        encoder: Encoder,
        neuron: Membrane,
        *,
        read_out: str,
        weight_mean: float,
        weight_spread: float,
    ) -> None:
        super().__init__(
            widths,
            encoder,
            neuron,
            neuron._replace(fires=False),
            weight_mean=weight_mean,
            output_mean=0.0,
            weight_spread=weight_spread,
        )
        self.read_out = read_out

    def scores(self, last: Fired) -> Tensor:
        """The mean or the highest membranes."""
        return last.membranes.amax(0) if self.read_out == "membrane_max" else last.membranes.mean(0)


class SpikeProp(SpikeTimeNetwork):
    """Neurons that fire at most once, outputs included; an earlier spike is a higher score.

    The score is (T − t)/`score_scale` for an output's spike at t. For one that is silent, t is T + τ (1 −
    u(T)), with u its membrane at the end of the window in units of the threshold, so that it learns to fire.
    """

    learner = "spikeprop"

    def __init__(
        self,
        widths: Sequence[int],
        encoder: Encoder,
        neuron: Membrane,
        *,
        score_scale: float,
        weight_mean: float,
        weight_spread: float,
    ) -> None:
        super().__init__(
            widths,
            encoder,
            neuron,
            neuron,
            weight_mean=weight_mean,
            output_mean=weight_mean,
            weight_spread=weight_spread,
        )
        self.score_scale = score_scale
        self.tau = neuron.membrane_tau

    def scores(self, last: Fired) -> Tensor:
        """(T − t)/scale."""
        return (self.encoder.steps - self.times(last)) / self.score_scale

    def times(self, last: Fired) -> Tensor:
        """t, (B, K), in steps."""
        steps = self.encoder.steps
        count = torch.arange(steps, dtype=last.offsets.dtype, device=last.offsets.device)
        times = (last.spikes * (count[:, None, None] + last.offsets)).sum(0)
        late = steps + self.tau * (1 - last.membranes[-1])
        return torch.where(last.spikes.any(0), times, late)
