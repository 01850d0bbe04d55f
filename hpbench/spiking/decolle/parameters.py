"""Constants and shape of a DECOLLE network, and the names that its settings choose from.

Kept apart so that settings can be read and checked without importing torch.
Kaiser, Mostafa and Neftci, Front. Neurosci. 14:424 (2020).
"""

from collections.abc import Sequence
from typing import NamedTuple

from hpbench.core.errors import InputError, nearest
from hpbench.spiking.choices import SURROGATE_NAMES

DECOLLE_SURROGATE_NAMES = (*SURROGATE_NAMES, "fast_sigmoid")
"""Surrogate gradients: the keys of `hpbench.spiking.decolle.cell.DECOLLE_SURROGATES`."""

READS = ("spikes", "sigmoid")
"""What G reads: spikes, or σ(U), as in the authors' first code."""

DECISIONS = ("mean", "vote")
"""Scores of a sample: mean of the read-outs over steps, or share of steps at which each class was highest."""

DECIDERS = ("last", "all")
"""Layers whose read-outs give the scores: the last, or the mean of all."""


class DecolleParameters(NamedTuple):
    """Constants of the neuron; a step is dt = 1 ms, the threshold is 0.

        U = W P − ρ R + b                S = H(max-pool of U)
        Q ← β Q + (1−β) S_in             P ← α P + (1−α) Q             R ← γ R + (1−γ) H(U)

    Every update uses the states of the step before. Fields: `membrane_tau`, `synapse_tau` and
    `refractory_tau`, in ms, give α, β and γ as 1 − 1/τ; two τ are the ends of a range from which every input
    channel (or input neuron, of a dense layer) draws its own. `refractory_weight` is ρ. `gains`: "unit" as
    written; "release" is the authors' code, which has 1/(1−β), 1/(1−α) and 1 in place of 1−β, 1−α and 1−γ.
    With it, W and its learning rate must be smaller by (1−α)²(1−β)², but not b. Their code also updates P
    before reading it; the only effect is that a layer gets its input a step earlier.
    """

    membrane_tau: Sequence[float] = (10.0,)
    synapse_tau: Sequence[float] = (5.0,)
    refractory_tau: float = 1 / 0.35
    refractory_weight: float = 0.0
    gains: str = "unit"
    surrogate: str = "rectangular"

    def checked(self) -> "DecolleParameters":
        """These parameters; raises InputError for a value out of its range or an unknown name."""
        for name, known in (("gains", ("unit", "release")), ("surrogate", DECOLLE_SURROGATE_NAMES)):
            if getattr(self, name) not in known:
                raise InputError(f"{name}={getattr(self, name)}: {nearest(str(getattr(self, name)), known)}")
        for name in ("membrane_tau", "synapse_tau"):
            taus = list(getattr(self, name))
            if len(taus) not in (1, 2) or not 1 <= taus[0] <= taus[-1]:
                raise InputError(
                    f"{name}={taus}: expected one τ, or two with the lower first, of 1 ms at least"
                )
        if not self.refractory_tau >= 1:
            raise InputError(f"refractory_tau={self.refractory_tau:g}: expected at least 1 ms")
        return self


class DecolleShape(NamedTuple):
    """Shape of a network: convolutions, then dense layers.

    `kernels` and `pools` have an item per convolution; `kernel_size` and `padding` are in pixels; `hidden`
    are the dense layers' neurons. G is drawn from U(±amplitude/√n), n the neurons it `reads`, and in training
    `dropout` of them are left out. W starts from U(±weight_scale/√fan-in), b from U(±1/√fan-in).
    """

    kernels: Sequence[int] = (16, 24, 32)
    pools: Sequence[int] = (2, 1, 2)
    kernel_size: int = 7
    padding: int = 2
    hidden: Sequence[int] = ()
    amplitude: float = 0.5
    dropout: float = 0.5
    weight_scale: float = 1.0
    reads: str = "spikes"


def too_short(steps: int, burn_in: int, layers: int) -> str:
    """Why `steps` time steps, of which the first `burn_in` are ignored, are too few for `layers` layers.

    Empty if they are enough.
    """
    if burn_in >= steps:
        return f"strategy.burn_in takes {burn_in} steps, which leaves nothing of a window of {steps}"
    late = 2 * layers
    if late < steps:
        return ""
    return (
        f"a window of {steps} time steps is too short: the input takes 2 steps through a layer, {late} "
        f"through all; set scenario.time_steps to {late + 1} at least, better to twice as many"
    )
