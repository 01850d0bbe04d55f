"""Interface by which a layer counts the synaptic operations of its forward pass.

A layer is a module with a method `operations`, called with the result and the arguments of `forward`; it
counts for all modules inside it, too. `hpbench.metrics.cost` calls it after every forward pass and sums. An
input other than 0 costs one operation per synapse that it reaches: an accumulate (AC) if all inputs of the
call are 0, 1 or -1, else a multiply-accumulate (MAC). So a number of events above 1 costs one MAC, not
several ACs, and no count exceeds the dense one. Every time step counts. This is the definition of NeuroBench
(Yik et al., Nat. Commun. 16:1545, 2025).
"""

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

_SUMMED = (
    "samples",
    "dense",
    "accumulates",
    "multiply_accumulates",
    "trace_writes",
    "silent",
    "neuron_steps",
)


@dataclass(frozen=True)
class Operations:
    """Counts of one layer, summed over samples and time steps.

    `samples`: samples that the layer was shown, at however many steps. `dense`: operations if every input met
    its synapses; `accumulates` and `multiply_accumulates`: those needed. `trace_writes`: connections whose
    trace was written. `silent` of the `neuron_steps`, pairs of a neuron and a step, had no output. `ahead`
    and `local`: sums of abs(current) through the weights and through the trace at each step, in membrane
    units.
    `held_bytes`: state of a pass that is in no buffer. `places`: the layer's input has places (C, H, W).
    """

    samples: int = 0
    dense: int = 0
    accumulates: int = 0
    multiply_accumulates: int = 0
    trace_writes: int = 0
    silent: int = 0
    neuron_steps: int = 0
    ahead: tuple[float, ...] = ()
    local: tuple[float, ...] = ()
    held_bytes: int = 0
    places: bool = False

    def __add__(self, other: "Operations") -> "Operations":
        """Both passes; state is held in one of them at a time."""
        return Operations(
            **{name: getattr(self, name) + getattr(other, name) for name in _SUMMED},
            ahead=self.ahead + other.ahead,
            local=self.local + other.local,
            held_bytes=max(self.held_bytes, other.held_bytes),
            places=self.places or other.places,
        )

    @property
    def local_share(self) -> float | None:
        """Mean abs local current over mean abs local plus global current; None without a trace."""
        ahead, local = sum(self.ahead), sum(self.local)
        return local / (ahead + local) if ahead + local else None

    def counts(self) -> dict[str, Any]:
        """The sums by name, as records have them."""
        sizes = {"ahead_size": sum(self.ahead, 0.0), "local_size": sum(self.local, 0.0)}
        return {name: getattr(self, name) for name in _SUMMED} | sizes


@runtime_checkable
class Layer(Protocol):
    """A module that counts the operations of its forward pass."""

    def operations(self, result: Any, *inputs: Any) -> Operations:
        """Those of the pass in which `forward(*inputs)` returned `result`."""


@runtime_checkable
class Neurons(Protocol):
    """Neurons that stand apart from their synapses: they are those of the layer called last before them."""

    def activity(self, result: Any, *inputs: Any) -> Operations:
        """`silent` and `neuron_steps` of the pass in which `forward(*inputs)` returned `result`."""
