"""A training step of the authors' multitask network beside the same with whole matrices, in one run.

784-1024-1024-10 without biases, T = 3, 100 images of which a fifth of the pixels are not 0, masks of 3 %:
forward, loss, backward and Adam in float32, one thread. `whole matrices` multiplies every weight matrix by
its mask and, for `hp`, makes the trace (784 x 1024 and 1024 x 1024) at every step, as the authors' code does;
both ways take the same optimizer. Ways take turns in every round.
Run: `uv run python -m benchmarks.multitask`
"""

import math
import statistics
from functools import cache

import pandas as pd
import torch
from torch import Tensor

from benchmarks.options import options_of
from benchmarks.timing import Way, interleaved_by_both, ratio
from hpbench.plasticity.trace import post_factor, update_shared
from hpbench.runs.processor import prepare_processor
from hpbench.runs.seeding import seed_everything
from hpbench.spiking.encoder import Encoder
from hpbench.spiking.fused.adam import Adam
from hpbench.spiking.multitask.layer import MultitaskLayer
from hpbench.spiking.multitask.mask import Mask
from hpbench.spiking.multitask.network import MultitaskNetwork
from hpbench.spiking.neuron import fire
from hpbench.spiking.parameters import RELEASE

STEPS = 3
P = RELEASE._replace(
    threshold=0.5,
    membrane_decay=0.8,
    trace_decay=0.8,
    weight_time_constant=50.0,
    trace_bound=math.inf,
    theta_start="multitask",
)


def main(words: list[str] | None = None) -> None:
    """Measure, print and write."""
    options = options_of("Time a step of the multitask network.", __file__, rounds=7).parse_args(words)
    prepare_processor(threads=1)
    seed_everything(0)
    widths = [784, 64, 64, 10] if options.quick else [784, 1024, 1024, 10]
    images = torch.rand(100, 784) * (torch.rand(100, 784) < 0.2)
    targets = torch.rand(100, 10)
    ways: dict[str, Way] = {}
    for learner in ("gp", "hp"):
        for name, kind in (("", MultitaskNetwork), (", whole matrices", WholeMatrices)):
            network = kind(widths, Encoder("direct", STEPS, 500.0), learner, P, mask_share=0.03)
            ways[learner + name] = _step(network, images, targets)
    times = interleaved_by_both(ways, options.rounds)
    rows = [
        {
            "step": name,
            "ms": round(statistics.median(one.ms), 1),
            "cpu_ms": round(statistics.median(one.cpu_ms), 1),
            "ours_times_quicker": round(ratio(one.cpu_ms, times[name[:2]].cpu_ms), 2),
        }
        for name, one in times.items()
    ]
    table = pd.DataFrame(rows)
    table.to_csv(options.out, index=False)
    print(f"medians of {options.rounds} interleaved rounds, one thread")
    print(table.to_string(index=False))


class WholeMatrices(MultitaskNetwork):
    """The same network by its equations, with every matrix whole."""

    def forward(self, inputs: Tensor, task: int | None = None) -> Tensor:
        """Scores (B, K)."""
        *hidden, last = self._whole()
        shown = [inputs] * STEPS
        for layer, mask in zip(self.layers, hidden, strict=True):
            assert isinstance(layer, MultitaskLayer)
            shown, membrane = _literal(layer, mask, shown)
        return membrane @ (self.output.weight * last).T

    @cache  # noqa: B019 (a network lives as long as the benchmark)
    def _whole(self) -> list[Tensor]:
        return [_dense(mask) for mask in self.masks(0)]


def _literal(layer: MultitaskLayer, mask: Tensor, shown: list[Tensor]) -> tuple[list[Tensor], Tensor]:
    trace = torch.zeros_like(layer.weight).T
    membrane = spikes = shown[0].new_zeros(len(shown[0]), len(layer.weight))
    fired = []
    for step, values in enumerate(shown):
        seen = P.weight_scale(step) * values
        weight = layer.weight * mask
        if layer.local:
            weight = weight + layer.alpha * trace.T * (1 - mask)
        membrane, spikes = fire(seen @ weight.T, membrane, spikes, P)
        fired.append(spikes)
        if layer.local:
            post = post_factor(P.post, membrane, spikes, P.threshold, layer.offset)
            trace = update_shared(trace, seen * layer.rate, post, P.trace_decay, P.trace_bound)
    return fired, membrane


def _dense(mask: Mask) -> Tensor:
    return torch.zeros(mask.shape).flatten().index_fill(0, mask.places, 1.0).view(mask.shape)


def _step(network: torch.nn.Module, images: Tensor, targets: Tensor) -> Way:
    optimizer = Adam(network.parameters(), 5e-4)

    def step() -> None:
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(network(images, 0), targets).backward()
        optimizer.step()

    return step


if __name__ == "__main__":
    main()
