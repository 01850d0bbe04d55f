"""The GP network in other libraries: n-m-10, constant current over T steps, spike rate as the scores.

What differs from ours (and from each other): Norse's LIFBoxCell scales the current by dt/τ, has a SuperSpike
surrogate and, here, subtracts the threshold at a spike; snnTorch's Leaky subtracts the threshold a step late,
as ours does, with an arctan surrogate; SpikingJelly's LIFNode resets by subtraction in the same step, with an
arctan surrogate. All have leak 0.4 and threshold 0.35 like the `release` dialect. None decays its weights
within a window. Their scores are spike rates, which is how their tutorials do it; ours is the last membrane.

Each library in its usual way, and with W x of the first layer once for the window instead of in every step,
which static input allows and which our network does by itself (`… W x once`).
"""

import importlib.util
import warnings
from typing import Any

import torch
from torch import Tensor

from benchmarks.engine_step import CLASSES, Size

LEAK, THRESHOLD = 0.4, 0.35
LIBRARIES = {"norse": "Norse", "snntorch": "snnTorch", "spikingjelly": "SpikingJelly"}


class NorseNetwork(torch.nn.Module):
    """`SequentialState` of Linear and LIFBoxCell, called T times."""

    def __init__(self, size: Size, *, once: bool = False) -> None:
        super().__init__()
        from norse.torch import LIFBoxCell, SequentialState
        from norse.torch.functional.lif_box import LIFBoxParameters
        from norse.torch.functional.reset import reset_subtract

        p = LIFBoxParameters(
            tau_mem_inv=torch.tensor((1 - LEAK) / 0.001),
            v_th=torch.tensor(THRESHOLD),
            reset_method=reset_subtract,
        )
        first, second = torch.nn.Linear(size.n, size.m), torch.nn.Linear(size.m, CLASSES)
        stepped = [first, LIFBoxCell(p), second, LIFBoxCell(p)]
        self.once = first if once else None
        self.stepped = SequentialState(*stepped[once:])
        self.steps = size.steps

    def forward(self, images: Tensor) -> Tensor:
        """Spike rates (B, K)."""
        seen = images if self.once is None else self.once(images)
        state, spikes = None, []
        for _ in range(self.steps):
            out, state = self.stepped(seen, state)
            spikes.append(out)
        return torch.stack(spikes).mean(0)


class SnnTorchNetwork(torch.nn.Module):
    """Linear and Leaky in a loop over T, as in snnTorch's tutorials."""

    def __init__(self, size: Size, *, once: bool = False) -> None:
        super().__init__()
        import snntorch

        self.first, self.second = torch.nn.Linear(size.n, size.m), torch.nn.Linear(size.m, CLASSES)
        self.hidden = snntorch.Leaky(beta=LEAK, threshold=THRESHOLD)
        self.last = snntorch.Leaky(beta=LEAK, threshold=THRESHOLD)
        self.steps, self.once = size.steps, once

    def forward(self, images: Tensor) -> Tensor:
        """Spike rates (B, K)."""
        hidden, last = self.hidden.reset_mem(), self.last.reset_mem()
        current = self.first(images)
        spikes = []
        for step in range(self.steps):
            if step and not self.once:
                current = self.first(images)
            seen, hidden = self.hidden(current, hidden)
            out, last = self.last(self.second(seen), last)
            spikes.append(out)
        return torch.stack(spikes).mean(0)


class SpikingJellyNetwork(torch.nn.Module):
    """Linear and LIFNode, step by step (`s`) or a layer at a time (`m`)."""

    def __init__(self, size: Size, mode: str, *, once: bool = False) -> None:
        super().__init__()
        from spikingjelly.activation_based import functional, layer, neuron, surrogate

        def node() -> torch.nn.Module:
            made: torch.nn.Module = neuron.LIFNode(
                tau=1 / (1 - LEAK),
                decay_input=False,
                v_threshold=THRESHOLD,
                v_reset=None,
                surrogate_function=surrogate.ATan(),
                step_mode=mode,
            )
            return made

        first = layer.Linear(size.n, size.m, step_mode="s" if once else mode)
        stepped = [first, node(), layer.Linear(size.m, CLASSES, step_mode=mode), node()]
        self.once = first if once else None
        self.stepped = torch.nn.Sequential(*stepped[once:])
        self.steps, self.mode, self.forget = size.steps, mode, functional.reset_net

    def forward(self, images: Tensor) -> Tensor:
        """Spike rates (B, K)."""
        self.forget(self.stepped)
        seen = images if self.once is None else self.once(images)
        if self.mode == "m":
            spikes: Tensor = self.stepped(seen.expand(self.steps, *seen.shape))
            return spikes.mean(0)
        return torch.stack([self.stepped(seen) for _ in range(self.steps)]).mean(0)


def others(size: Size) -> tuple[dict[str, torch.nn.Module], list[str]]:
    """The networks of the libraries that are installed, by form; and a line for each that is not."""
    warnings.filterwarnings("ignore", category=FutureWarning)
    makers: dict[str, list[tuple[str, Any, dict[str, Any]]]] = {
        "norse": [("", NorseNetwork, {}), (" W x once", NorseNetwork, {"once": True})],
        "snntorch": [("", SnnTorchNetwork, {}), (" W x once", SnnTorchNetwork, {"once": True})],
        "spikingjelly": [
            (" single-step", SpikingJellyNetwork, {"mode": "s"}),
            (" multi-step", SpikingJellyNetwork, {"mode": "m"}),
            (" multi-step W x once", SpikingJellyNetwork, {"mode": "m", "once": True}),
        ],
    }
    made: dict[str, torch.nn.Module] = {}
    missing = []
    for name, forms in makers.items():
        if importlib.util.find_spec(name) is None:
            missing.append(f"{LIBRARIES[name]} is not installed (uv sync --group benchmark): no rows of it")
            continue
        for suffix, maker, options in forms:
            torch.manual_seed(0)
            made[f"{LIBRARIES[name]}{suffix}"] = maker(size, **options)
    return made, missing
