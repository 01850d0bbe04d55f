"""The network of `images.py` in other libraries: convolutions, mean pooling, neurons, spike rates as scores.

Leak 0.75, threshold 0.45. Norse's LIFBoxCell has a SuperSpike surrogate and is called once a step, as is
snnTorch's Leaky; SpikingJelly's LIFNode runs a layer for all steps at once. Each in its usual way.
"""

import importlib.util
import warnings
from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor

LEAK, THRESHOLD = 0.75, 0.45


def others(kernels: Sequence[int], steps: int, hidden: int, classes: int) -> dict[str, torch.nn.Module]:
    """The networks of the libraries that are installed; a line says which is not."""
    warnings.filterwarnings("ignore", category=FutureWarning)
    makers = {"norse": ("Norse", _norse), "snntorch": ("snnTorch", _snntorch)}
    makers["spikingjelly"] = ("SpikingJelly, multi-step", _spikingjelly)
    made = {}
    for package, (name, maker) in makers.items():
        if importlib.util.find_spec(package) is None:
            print(f"{name} is not installed (uv sync --group benchmark): no row of it")
            continue
        torch.manual_seed(0)
        made[name] = maker(kernels, steps, hidden, classes)
    return made


def _parts(
    kernels: Sequence[int], hidden: int, classes: int, neuron: Callable[[], torch.nn.Module]
) -> list[torch.nn.Module]:
    """The layers: convolution, neurons, means; then dense layers with neurons. For 28x28 pixels."""
    parts: list[torch.nn.Module] = []
    for one, other in pairwise([1, *kernels]):
        parts += [torch.nn.Conv2d(one, other, 3, padding=1), neuron(), torch.nn.AvgPool2d(2)]
    inputs = kernels[-1] * 3 * 3
    parts += [torch.nn.Flatten(), torch.nn.Linear(inputs, hidden), neuron()]
    return [*parts, torch.nn.Linear(hidden, classes), neuron()]


class _Stepped(torch.nn.Module):
    """Calls `step(images, state) -> (spikes, state)` at every time step."""

    def __init__(self, parts: torch.nn.Module, steps: int) -> None:
        super().__init__()
        self.parts, self.steps = parts, steps

    def forward(self, images: Tensor) -> Tensor:
        """Spike rates (B, K)."""
        state, spikes = None, []
        for _ in range(self.steps):
            out, state = self.parts(images, state)
            spikes.append(out)
        return torch.stack(spikes).mean(0)


def _norse(kernels: Sequence[int], steps: int, hidden: int, classes: int) -> torch.nn.Module:
    from norse.torch import LIFBoxCell, SequentialState
    from norse.torch.functional.lif_box import LIFBoxParameters

    p = LIFBoxParameters(tau_mem_inv=torch.tensor((1 - LEAK) / 0.001), v_th=torch.tensor(THRESHOLD))
    return _Stepped(SequentialState(*_parts(kernels, hidden, classes, lambda: LIFBoxCell(p))), steps)


class _SnnTorch(torch.nn.Module):
    """Leaky neurons keep their membranes themselves, as `init_hidden` asks."""

    def __init__(self, parts: Sequence[torch.nn.Module], steps: int) -> None:
        super().__init__()
        self.parts, self.steps = torch.nn.Sequential(*parts), steps

    def forward(self, images: Tensor) -> Tensor:
        """Spike rates (B, K)."""
        from snntorch.utils import reset

        reset(self.parts)
        return torch.stack([self.parts(images) for _ in range(self.steps)]).mean(0)


def _snntorch(kernels: Sequence[int], steps: int, hidden: int, classes: int) -> torch.nn.Module:
    import snntorch

    def neuron() -> torch.nn.Module:
        made: torch.nn.Module = snntorch.Leaky(
            beta=LEAK, threshold=THRESHOLD, init_hidden=True, reset_mechanism="zero"
        )
        return made

    return _SnnTorch(_parts(kernels, hidden, classes, neuron), steps)


class _SpikingJelly(torch.nn.Module):
    """All steps of a layer at once."""

    def __init__(self, parts: Sequence[torch.nn.Module], steps: int) -> None:
        super().__init__()
        self.parts, self.steps = torch.nn.Sequential(*parts), steps

    def forward(self, images: Tensor) -> Tensor:
        """Spike rates (B, K)."""
        from spikingjelly.activation_based import functional

        functional.reset_net(self.parts)
        spikes: Tensor = self.parts(images.expand(self.steps, *images.shape))
        return spikes.mean(0)


def _spikingjelly(kernels: Sequence[int], steps: int, hidden: int, classes: int) -> torch.nn.Module:
    from spikingjelly.activation_based import layer, neuron, surrogate

    def node() -> torch.nn.Module:
        made: torch.nn.Module = neuron.LIFNode(
            tau=1 / (1 - LEAK),
            decay_input=False,
            v_threshold=THRESHOLD,
            v_reset=0.0,
            surrogate_function=surrogate.ATan(),
            step_mode="m",
        )
        return made

    parts = [
        one if type(one).__name__ == "LIFNode" else layer.SeqToANNContainer(one)
        for one in _parts(kernels, hidden, classes, node)
    ]
    return _SpikingJelly(parts, steps)
