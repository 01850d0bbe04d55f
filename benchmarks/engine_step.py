"""The training step that the engine benchmark times: forward, loss, backward and optimizer."""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from hpbench.spiking.encoder import Encoder
from hpbench.spiking.fused.adam import Adam
from hpbench.spiking.hybrid.window import HybridWindow
from hpbench.spiking.network import SpikingNetwork
from hpbench.spiking.parameters import DIALECTS

CLASSES = 10
NON_ZERO = 0.2
"""Share of pixels that are not black, about that of MNIST."""


class Size(NamedTuple):
    """n inputs, m hidden neurons, B samples in a batch, T steps."""

    n: int = 784
    m: int = 512
    batch: int = 100
    steps: int = 10


class Batch(NamedTuple):
    """Images (B, n) in [0, 1] and their classes one-hot, (B, K)."""

    images: Tensor
    targets: Tensor


def draw(size: Size, device: str, seed: int = 0) -> Batch:
    """A batch like MNIST: most pixels black, the others uniform in [0, 1]."""
    generator = torch.Generator().manual_seed(seed)
    shape = (size.batch, size.n)
    seen = torch.rand(shape, generator=generator) < NON_ZERO
    images = torch.rand(shape, generator=generator) * seen
    classes = torch.randint(CLASSES, (size.batch,), generator=generator)
    return Batch(images.to(device), torch.nn.functional.one_hot(classes, CLASSES).float().to(device))


def network(size: Size, dialect: str, learner: str, device: str, form: str = "auto") -> SpikingNetwork:
    """Our n-m-10 network with constant current, from a fixed seed."""
    torch.manual_seed(0)
    encoder = Encoder("direct", size.steps, 1000.0)
    p = DIALECTS[dialect]
    made = SpikingNetwork([size.n, size.m, CLASSES], encoder, learner, p, dialect=dialect)
    for layer in made.layers:
        assert isinstance(layer, HybridWindow)
        layer.form = form
    return made.to(device)


class Step:
    """One training step of any network on one batch; calling it trains.

    Mean squared error to one-hot, Adam at 1e-3, and at 5e-4 for θ in a group of its own.
    """

    def __init__(self, model: torch.nn.Module, batch: Batch, forward: Any = None) -> None:
        self.model, self.batch = model, batch
        self.forward = model if forward is None else forward
        theta: list[Tensor] = model.theta() if hasattr(model, "theta") else []  # type: ignore[operator]
        known = {id(one) for one in theta}
        others = [one for one in model.parameters() if id(one) not in known]
        groups = [{"params": others, "lr": 1e-3}, {"params": theta, "lr": 5e-4}]
        self.optimizer = Adam([group for group in groups if group["params"]])

    def __call__(self) -> None:
        """Forward, loss, backward, optimizer."""
        self.optimizer.zero_grad()
        self.gradients()
        self.optimizer.step()

    def gradients(self) -> Tensor:
        """The loss, and its gradients added to those of the parameters."""
        loss = torch.nn.functional.mse_loss(self.forward(self.batch.images), self.batch.targets)
        loss.backward()
        return loss.detach()

    def rest(self) -> None:
        """Forget the gradients, so that a step measured next counts them."""
        self.optimizer.zero_grad()
