"""Interface of a neuron model: what layers need of it."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from torch import Tensor

    from hpbench.spiking.parameters import HybridParameters


class NeuronState(Protocol):
    """State of neurons after a step: a NamedTuple of tensors of one shape, (B, m) or (B, m, H, W).

    `membrane` is u before a reset, in membrane units: traces, read-outs and pictures see it, and compare it
    with the threshold v_th. `spikes` are 0 or 1. Models add what else they carry from step to step.
    """

    @property
    def membrane(self) -> "Tensor":
        """u(t)."""
        ...

    @property
    def spikes(self) -> "Tensor":
        """s(t)."""
        ...


class Neuron(ABC):
    """A neuron model; a subclass is a frozen dataclass whose fields are the model's own settings.

    The constants that models share (threshold, leak, factor of the current, reset, surrogate) are those of
    `HybridParameters`; every model has a threshold, a factor of the current and a surrogate, `SHARED` names
    the others that act on this one. Nothing here imports torch when it is imported.
    """

    SHARED: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def rest(self, like: "Tensor") -> NeuronState:
        """The state before the first step, for currents of this shape, precision and device."""

    @abstractmethod
    def step(self, current: "Tensor", state: Any, p: "HybridParameters") -> NeuronState:
        """The state after a step of 1 ms with this current, in membrane units.

        Differentiable by autograd, with the surrogate p.surrogate in place of the spike's derivative.
        """

    def threshold(self, state: Any, p: "HybridParameters") -> "Tensor | float":
        """The membrane above which the neuron fires, in the step that led to this state."""
        return p.threshold

    def implied(self) -> dict[str, object]:
        """The values that a None in the model's own settings stands for, by setting."""
        return {}


def zeros(like: "Tensor") -> "Tensor":
    """Zeros of the same shape, precision, device and order in memory."""
    import torch

    return torch.zeros_like(like)


def spikes_at(distance: "Tensor", p: "HybridParameters") -> "Tensor":
    """H(x) for x = u − v_th in membrane units, with the surrogate's derivative."""
    from hpbench.spiking.surrogate import SURROGATES

    return SURROGATES[p.surrogate](distance)
