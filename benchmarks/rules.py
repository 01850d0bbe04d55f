"""A training step of each learning rule in units of `gp`'s, beside its literal form and another library's.

784-512-10 (`dtp` and `ddtp`: 784-512-512-10, against `gp` of that shape), 100 images as constant currents
(`spikes`: as Poisson spikes, against `gp` on these), T = 10 and 100; forward, loss, backward and Adam in
float32, one thread. `literal` goes step by step: errors by autograd for rules that keep the window, a tensor
(B, m, n) of every synapse's eligibility for those that do not. `spikingjelly` is its online layers for
`ottt` and `sltt`, of the same widths; its read-out does not integrate. Memory is that of tensors alive at
once during a step. Ways take turns in every round. Run: `uv run --group benchmark python -m
benchmarks.rules`
"""

import statistics
from collections.abc import Callable
from typing import Any

import pandas as pd
import torch
from torch import Tensor
from torch.nn.functional import mse_loss

from benchmarks.options import options_of
from benchmarks.timing import Way, interleaved_by_both, peak_mb, ratio
from hpbench.networks.family import CREDIT
from hpbench.runs.processor import prepare_processor
from hpbench.runs.seeding import seed_everything
from hpbench.spiking.credit.locality import OnlineRule
from hpbench.spiking.credit.online_network import OnlineNetwork
from hpbench.spiking.encoder import Encoder
from hpbench.spiking.fused.adam import Adam
from hpbench.spiking.hybrid.synapses import fed_forward
from hpbench.spiking.network import SpikingNetwork
from hpbench.spiking.neuron import fire
from hpbench.spiking.spike_times.membrane import Membrane
from hpbench.spiking.spike_times.networks import EventProp, SpikeProp
from hpbench.spiking.surrogate import SURROGATES

ONLINE: dict[str, dict[str, Any]] = {
    "eprop": {"rule": OnlineRule(filter="read_out", feedback="symmetric")},
    "eprop, recurrent": {"rule": OnlineRule(filter="read_out", feedback="symmetric"), "recurrent": True},
    "superspike": {"rule": OnlineRule(filter="double", feedback="symmetric")},
    "ottt": {"rule": OnlineRule()},
    "sltt": {"rule": OnlineRule(trace=False)},
}
DEEP = ("dtp", "ddtp")
KAPPA = 0.9


def main(words: list[str] | None = None) -> None:
    """Measure, print and write."""
    options = options_of("Time a step of each learning rule.", __file__, rounds=7).parse_args(words)
    prepare_processor(threads=1)
    rows = []
    for steps in (3,) if options.quick else (10, 100):
        seed_everything(0)
        ways = _ways([20, 16, 4] if options.quick else [784, 512, 10], steps)
        times = interleaved_by_both(ways, options.rounds)
        for name, one in times.items():
            base = "gp, two layers" if name.split(",")[0] in DEEP else "gp"
            base = "gp, spikes" if name.endswith(", spikes") else base
            rows.append(
                {
                    "T": steps,
                    "step": name,
                    "ms": round(statistics.median(one.ms), 2),
                    "cpu_ms": round(statistics.median(one.cpu_ms), 2),
                    "gp_steps": round(ratio(one.cpu_ms, times[base].cpu_ms), 2),
                    "mb": round(peak_mb(ways[name]), 1),
                }
            )
    table = pd.DataFrame(rows)
    table.to_csv(options.out, index=False)
    print(f"medians of {options.rounds} interleaved rounds, one thread")
    print(table.to_string(index=False))


def _ways(widths: list[int], steps: int) -> dict[str, Way]:
    images, labels = torch.rand(100, widths[0]), torch.randint(widths[-1], (100,))
    targets = torch.nn.functional.one_hot(labels, widths[-1]).float()
    deep = [*widths[:-1], widths[-2], widths[-1]]
    encoder = Encoder("direct", steps, 500.0)
    ways: dict[str, Way] = {}
    for name, shape in (("gp", widths), ("gp, two layers", deep)):
        ways[name] = _step(SpikingNetwork(shape, encoder, "gp"), images, targets)
    ways["gp, recurrent"] = _step(SpikingNetwork(widths, encoder, "gp", recurrent=True), images, targets)
    for name in ("fa", "dfa", "drtp", *DEEP):
        other = CREDIT[name](deep if name in DEEP else widths, encoder, "gp")
        ways[name] = _step(other, images, targets)
    ways["fa, literal"] = _step(LiteralAlignment(CREDIT["fa"](widths, encoder, "gp")), images, targets)
    for name, given in ONLINE.items():
        network = OnlineNetwork(widths, encoder, "gp", output_decay=KAPPA, **given)
        ways[name] = _online_step(network, network.learn, images, targets)
        if "recurrent" not in given and steps <= 10:  # T = 100 would take a minute a step
            literal = OnlineNetwork(widths, encoder, "gp", output_decay=KAPPA, **given)
            ways[f"{name}, literal"] = _online_step(literal, LiteralOnline(literal).learn, images, targets)
    ways |= _of_spikes(widths, steps, images, targets)
    for name, timed in _spike_times(widths, encoder).items():
        ways[name] = _step(timed, images, targets)
    ways |= _spikingjelly(widths, steps, images, targets)
    return ways


def _of_spikes(widths: list[int], steps: int, images: Tensor, targets: Tensor) -> dict[str, Way]:
    """`gp` and `eprop` on Poisson spikes, for which the first layer has a product for every step."""
    encoder = Encoder("poisson", steps, 500.0)
    ways = {"gp, spikes": _step(SpikingNetwork(widths, encoder, "gp"), images, targets)}
    for name in ("eprop", "eprop, recurrent"):
        network = OnlineNetwork(widths, encoder, "gp", output_decay=KAPPA, **ONLINE[name])
        ways[f"{name}, spikes"] = _online_step(network, network.learn, images, targets)
    return ways


def _spike_times(widths: list[int], encoder: Encoder) -> dict[str, torch.nn.Module]:
    """With the default constants of the strategies."""
    window, drawn = encoder.steps, {"weight_mean": 6.0, "weight_spread": 1.0}
    lif, once = Membrane(2.0 * window, 0.5 * window), Membrane(window, window, reset=False)
    return {
        "eventprop": EventProp(widths, encoder, lif, read_out="membrane_mean", **drawn),
        "spikeprop": SpikeProp(widths, encoder, once, score_scale=0.02 * window, **drawn),
    }


def _step(network: Any, images: Tensor, targets: Tensor) -> Way:
    optimizer = Adam(network.parameters(), 1e-3)

    def step() -> None:
        optimizer.zero_grad()
        loss = mse_loss(network(images), targets)
        if hasattr(network, "local_loss"):
            loss = loss + network.local_loss(loss, targets)
        loss.backward()
        optimizer.step()

    return step


def _online_step(network: torch.nn.Module, learn: Any, images: Tensor, targets: Tensor) -> Way:
    optimizer = Adam(network.parameters(), 1e-3)

    def judged(scores: Tensor) -> Tensor:
        return mse_loss(scores, targets.repeat(len(scores) // len(targets), 1))

    def step() -> None:
        optimizer.zero_grad()
        learn(images, judged)
        optimizer.step()

    return step


class LiteralAlignment(torch.nn.Module):
    """Feedback alignment step by step, by autograd."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        """Scores (B, K)."""
        p, layers = self.network.p, self.network.layers
        state: list[Any] = [None] * len(layers)
        for step in range(self.network.encoder.steps):
            values = images
            for number, layer in enumerate(layers):
                cell = layer.cell
                current = p.weight_scale(step) * fed_forward(values, cell.weight, layer.feedback)
                current = current + cell.linear.bias
                zeros = torch.zeros_like(current)
                membrane, spikes = state[number] or (zeros, zeros)
                state[number] = fire(current, membrane, spikes, p)
                values = state[number][1]
        return (state[-1][0] / p.threshold).clamp(max=1.1)


class LiteralOnline:
    """Online rules with the eligibility of every synapse as a tensor, (B, m, n), for one hidden layer."""

    def __init__(self, network: OnlineNetwork) -> None:
        self.network = network

    @torch.no_grad()
    def learn(self, images: Tensor, judged: Callable[[Tensor], Tensor]) -> None:
        """Add the gradients of a batch."""
        network, p, rule = self.network, self.network.p, self.network.rule
        cells: Any = [layer.cell for layer in network.layers]
        hidden, output = cells
        steps, surrogate = network.encoder.steps, SURROGATES[p.surrogate]
        u = s = images.new_zeros(len(images), len(hidden.linear.bias))
        y = images.new_zeros(len(images), network.outputs)
        z, z_out = torch.zeros_like(images), torch.zeros_like(u)
        parts = [images.new_zeros(*u.shape, images.shape[1]) for _ in network.filter]
        gradients = [torch.zeros_like(cell.weight) for cell in (hidden, output)]
        for step in range(steps):
            scale = p.weight_scale(step)
            current = scale * images @ hidden.weight.T + hidden.linear.bias
            u, s = fire(current, u, s, p)
            y = KAPPA * y + scale * s @ output.weight.T + output.linear.bias
            with torch.enable_grad():
                leaf = y.detach().requires_grad_()
                (error,) = torch.autograd.grad(judged(leaf) / steps, leaf)
            z = (p.membrane_decay * z if rule.trace else 0) + scale * images
            z_out = (KAPPA * z_out if rule.trace else 0) + scale * s
            post = scale * surrogate.pull(torch.ones_like(u), u, p.threshold)
            eligible, filtered = post.unsqueeze(2) * z.unsqueeze(1), torch.zeros(())
            if not network.filter:
                filtered = eligible
            for part, (weight, decay) in zip(parts, network.filter, strict=True):
                part.mul_(decay).add_(eligible)
                filtered = filtered + weight * part
            gradients[0] += ((error @ output.weight).unsqueeze(2) * filtered).sum(0)
            gradients[1] += error.T @ z_out
        for cell, gradient in zip((hidden, output), gradients, strict=True):
            cell.weight.grad = gradient


def _spikingjelly(widths: list[int], steps: int, images: Tensor, targets: Tensor) -> dict[str, Way]:
    from spikingjelly.activation_based import functional, layer, neuron

    inputs, hidden, outputs = widths
    ways: dict[str, Way] = {}
    for name, kind in (("ottt", neuron.OTTTLIFNode), ("sltt", neuron.SLTTLIFNode)):
        sequence = layer.OTTTSequential if name == "ottt" else torch.nn.Sequential
        network = sequence(torch.nn.Linear(inputs, hidden), kind(), torch.nn.Linear(hidden, outputs))
        optimizer = Adam(network.parameters(), 1e-3)

        def step(network: Any = network, optimizer: Any = optimizer) -> None:
            optimizer.zero_grad()
            for _ in range(steps):
                (mse_loss(network(images), targets) / steps).backward()
            optimizer.step()
            functional.reset_net(network)

        ways[f"{name}, spikingjelly"] = step
    return ways


if __name__ == "__main__":
    main()
