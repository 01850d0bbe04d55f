"""DECOLLE: every layer learns at every time step, through a fixed random read-out of its own.

Rule: U = W P − ρ R + b, s = H(U), P the input filtered twice; at each step after the burn-in W and b of a
layer follow the gradient of the layer's own L = smooth L1(G s, one-hot) + λ1 ⟨[U + 0.01]_+⟩ + λ2 [0.1 −
⟨σ(U)⟩]_+, through the current step only, by Adamax (β1 = 0, β2 = 0.95). Source: Kaiser, Mostafa and Neftci,
Front. Neurosci. 14:424 (2020). `preset=published` is the network of their MNIST figure, 1.23 % error, on the
scenario poisson_mnist.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hpbench.core.acting import SET, no_effect
from hpbench.core.errors import InputError
from hpbench.core.published import Published
from hpbench.core.settings import filled, setting, with_default
from hpbench.core.stream import Stream
from hpbench.learning.reasons import no_gradient, widened, wrong_arrival
from hpbench.learning.settings import GradientSettings
from hpbench.spiking.choices import TIMED
from hpbench.spiking.decolle.parameters import (
    DECIDERS,
    DECISIONS,
    DECOLLE_SURROGATE_NAMES,
    READS,
    DecolleParameters,
    DecolleShape,
    too_short,
)
from hpbench.tasks.continual import ContinualTask

if TYPE_CHECKING:
    from avalanche.training.templates import SupervisedTemplate

    from hpbench.spiking.decolle.network import DecolleNetwork

VERSION = "2"
PRESETS = {
    "published": (
        "the convolutional network of the paper's MNIST figure, on poisson_mnist; days on a processor",
        {"preset": "published"},
    ),
}
PUBLISHED = (
    Published(
        "poisson_mnist",
        (("dataset", "mnist"),),
        0.9877,
        "DECOLLE, 1,024 digits of 1 s",
        "Kaiser, Mostafa and Neftci, Front. Neurosci. 14:424 (2020)",
        band=0.005,
        disturbance="gaussian",
        level=0.0,
    ),
)

NETWORKS: dict[str, dict[str, Any]] = {
    "quick": {
        "kernels": [],
        "pools": [],
        "hidden": [512, 512],
        "membrane_tau": [3.0],
        "synapse_tau": [1.0],
        "refractory_weight": 0.0,
        "gains": "unit",
        "weight_scale": 1.0,
        "reads": "spikes",
        "dropout": 0.3,
        "lr": 4e-3,
        "batch": 256,
        "halve_every": 1000,
        "burn_in": 0.4,
        "decision": "mean",
    },
    "published": {
        "kernels": [16, 24, 32],
        "pools": [2, 1, 2],
        "hidden": [],
        "membrane_tau": [5.0, 35.0],
        "synapse_tau": [5.0, 10.0],
        "refractory_weight": 0.0,
        "gains": "release",
        "weight_scale": 1e-6,
        "reads": "sigmoid",
        "dropout": 0.5,
        "lr": 5e-7,
        "batch": 64,
        "halve_every": 1000,
        "burn_in": 0.1,
        "decision": "vote",
    },
}
"""`published`: the paper's values where given, else those of the authors' first code (the MNIST result)."""


@dataclass
class Settings:
    """Network, neuron and training; None stands for the preset's value."""

    preset: str = setting(
        "quick",
        "quick: dense layers, few time steps; published: the paper's MNIST network",
        choices=tuple(NETWORKS),
    )
    kernels: list[int] | None = setting(None, "kernels of each convolution", low=1)
    pools: list[int] | None = setting(
        None,
        "side of each convolution's max pooling; default 2 if `kernels` are given",
        unit="places",
        low=1,
        acts_with={"kernels": SET},
    )
    kernel_size: int = setting(7, "side of a kernel", unit="pixels", low=1, acts_with={"kernels": SET})
    padding: int = setting(
        2, "zero padding of a convolution's input", unit="pixels", low=0, acts_with={"kernels": SET}
    )
    hidden: list[int] | None = setting(None, "neurons of each dense layer", unit="neurons", low=1)
    membrane_tau: list[float] | None = setting(
        None, "τ of P, or the ends of a range to draw it from for each input; α = 1 − 1/τ", unit="ms", low=1
    )
    synapse_tau: list[float] | None = setting(None, "τ of Q, in the same way; β = 1 − 1/τ", unit="ms", low=1)
    refractory_tau: float = setting(
        1 / 0.35, "τ of R; γ = 1 − 1/τ", unit="ms", low=1, acts_with={"refractory_weight": SET}
    )
    refractory_weight: float | None = setting(
        None, "weight ρ of the refractory state R", unit="membrane units", low=0
    )
    gains: str | None = setting(
        None,
        "gains of the traces: 1−β, 1−α, 1−γ (unit), or as in the authors' code (release)",
        choices=("unit", "release"),
    )
    surrogate: str = setting(
        "rectangular", "surrogate gradient of the spike", choices=DECOLLE_SURROGATE_NAMES
    )
    weight_scale: float | None = setting(
        None, "initial W: uniform within ± this / √(number of inputs)", low=0
    )
    reads: str | None = setting(None, "input of the read-out G: spikes, or σ(U)", choices=READS)
    amplitude: float = setting(0.5, "G: uniform within ± this / √(number of its inputs)", low=0)
    dropout: float | None = setting(None, "dropout rate of G's inputs in training", low=0, high=0.99)
    loss: str = setting(
        "smooth_l1", "distance of a read-out from the target", choices=("smooth_l1", "mse", "cross_entropy")
    )
    above: float = setting(0.0, "weight λ1 of the penalty on membranes above the threshold", low=0)
    below: float = setting(0.0, "weight λ2 of the penalty on silent layers", low=0)
    lr: float | None = setting(None, "Adamax's learning rate", low=0, high=10)
    halve_every: int | None = setting(
        None, "batches after which the learning rate is halved; 0: never", unit="batches", low=0
    )
    batch: int | None = setting(None, "samples per batch, in training and at test", unit="samples", low=1)
    burn_in: float | None = setting(
        None,
        "share of the time steps at the start that are not used for learning or scores",
        low=0,
        high=0.99,
    )
    decision: str | None = setting(
        None,
        "scores: mean of the read-outs, or share of steps at which each class was highest (vote)",
        choices=DECISIONS,
    )
    decided_by: str = setting("last", "layers whose read-outs give the scores", choices=DECIDERS)
    adversarial_epsilon: float = with_default(GradientSettings, "adversarial_epsilon", 0.0)
    test_steps: int = setting(0, "time steps at test; 0: as in training", unit="ms", low=0)

    def implied(self) -> dict[str, Any]:
        """The values that None stands for in this preset, by setting."""
        preset = NETWORKS[self.preset]
        if self.kernels is not None and len(self.kernels) != len(preset["pools"]):
            return {**preset, "pools": [2] * len(self.kernels)}
        return preset

    def check(self) -> None:
        """Raise InputError if `decided_by` has no effect, in a network of one layer."""
        chosen: Any = filled(self)
        if self.decided_by == "all" and len(chosen.kernels) + len(chosen.hidden) == 1:
            raise InputError(no_effect("strategy.decided_by", self.decided_by, "a second layer"))


def skip(settings: Settings, stream: Stream) -> str:
    """Why the strategy cannot be run on a stream; empty if it can."""
    if settings.test_steps and stream.encoding in TIMED:
        return f"strategy.test_steps={settings.test_steps}: windows of recordings are given; leave it out"
    chosen, reason = filled(settings), ""
    if stream.time_steps is not None:
        shown = min(stream.time_steps, chosen.test_steps or stream.time_steps)
        layers = len(chosen.kernels) + len(chosen.hidden)
        reason = too_short(shown, round(chosen.burn_in * stream.time_steps), layers)
    return (
        reason
        or wrong_arrival(stream, chosen.batch)
        or no_gradient(stream, settings.adversarial_epsilon)
        or widened(stream, chosen.kernels)
    )


def continual(settings: Settings, task: ContinualTask) -> "SupervisedTemplate":
    """Trains every layer through its own read-out. Raises InputError for a network that does not fit."""
    import torch
    from avalanche.training.plugins import LRSchedulerPlugin

    from hpbench.learning.heads import TaskHeads
    from hpbench.learning.losses import LOSSES
    from hpbench.learning.rules.adversarial import adversarial_training
    from hpbench.learning.rules.online_steps import OnlineSteps

    chosen = filled(settings)
    criterion = LOSSES[chosen.loss]
    network = _network(chosen, task)
    optimizer = torch.optim.Adamax(network.parameters(), lr=chosen.lr, betas=(0.0, 0.95))
    plugins = adversarial_training(chosen.adversarial_epsilon, criterion, as_at_test=True)
    if chosen.halve_every:
        halving = torch.optim.lr_scheduler.StepLR(optimizer, chosen.halve_every, 0.5)
        plugins.append(LRSchedulerPlugin(halving, False, False, step_granularity="iteration"))
    return OnlineSteps(
        model=TaskHeads(network, network.width) if task.multi_head else network,
        optimizer=optimizer,
        criterion=criterion,
        train_mb_size=chosen.batch,
        eval_mb_size=chosen.batch,
        train_epochs=task.passes,
        device=task.device,
        plugins=plugins,
        evaluator=None,
    )


def _network(chosen: Any, task: ContinualTask) -> "DecolleNetwork":
    from hpbench.spiking.decolle.network import DecolleNetwork
    from hpbench.spiking.encoder import Encoder

    def encode(steps: int) -> Encoder:
        return Encoder(task.encoding, steps, task.max_rate, **task.code)

    taus = {name: tuple(getattr(chosen, name)) for name in ("membrane_tau", "synapse_tau")}
    return DecolleNetwork(
        task.input_shape,
        task.outputs,
        encode(task.time_steps),
        DecolleShape(**{name: getattr(chosen, name) for name in DecolleShape._fields}),
        DecolleParameters(**{name: getattr(chosen, name) for name in DecolleParameters._fields} | taus),
        test_encoder=encode(chosen.test_steps) if chosen.test_steps else None,
        burn_in=chosen.burn_in,
        above=chosen.above,
        below=chosen.below,
        decision=chosen.decision,
        decided_by=chosen.decided_by,
        width=task.outputs // len(task.train) if task.multi_head else None,
    )
