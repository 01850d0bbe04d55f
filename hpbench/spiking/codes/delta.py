"""Delta code: spikes where a value has changed, for sequences."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hpbench.core.settings import setting
from hpbench.spiking.codes.code import Code

if TYPE_CHECKING:
    from torch import Tensor


@dataclass
class DeltaSettings:
    """The change that is worth a spike."""

    delta_threshold: float = setting(
        0.05,
        "change θ of a value, since its last spike, that makes it spike",
        unit="of the range of a value",
        low=1e-6,
        high=1,
        acts_with={"encoding": "delta"},
    )


@dataclass
class Delta(DeltaSettings, Code):
    """ON and OFF spikes of a change detector: s⁺(t) = [x(t) − r(t−1) ≥ θ] and s⁻(t) = [r(t−1) − x(t) ≥ θ].

    The reference r is where the value was at its last spike, 0 at first: it moves by θ with every ON spike
    and by −θ with every OFF spike, so that θ (ON − OFF), summed, follows the value within θ. At most one
    spike is fired in a step; a faster change is caught up with later. No gradient. Other names: step forward,
    delta modulation, send on delta. Source: Petro, Kasabov and Kiss, IEEE Trans. Neural Netw. Learn. Syst.
    31:358 (2020), step forward; the pixel of Lichtsteiner, Posch and Delbruck, IEEE J. Solid-State Circuits
    43:566 (2008), with one threshold for both signs.
    """

    no_gradient: ClassVar[str] = "detected changes pass no gradient to the input"

    @property
    def equation(self) -> str:
        """Both kinds of spikes."""
        return r"$s^{\pm}_t = 1$ where $\pm(x_t - r_{t-1}) \geq \theta$, then $r_t = r_{t-1} \pm \theta$"

    @property
    def widening(self) -> int:
        """ON and OFF."""
        return 2

    def coded(self, values: "Tensor", steps: int) -> "Tensor":
        """Spikes (T, B, …, 2) of sequences (B, T, …): ON, then OFF. `steps` is T, which sequences have."""
        import torch

        reference = torch.zeros_like(values[:, 0])
        found = []
        for value in values.unbind(1):
            change = value - reference
            up, down = change >= self.delta_threshold, change <= -self.delta_threshold
            fired = torch.stack([up, down], -1).to(values.dtype)
            reference = reference + self.delta_threshold * (fired[..., 0] - fired[..., 1])
            found.append(fired)
        return torch.stack(found)
