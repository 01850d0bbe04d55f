"""Input and output of a layer over a window, the T time steps for which a sample is shown."""

from typing import NamedTuple

from torch import Tensor


class Window(NamedTuple):
    """Input of a layer: `values` is (T, B, n), or (B, n) with `static_steps` = T for a constant input."""

    values: Tensor
    static_steps: int = 0

    @property
    def steps(self) -> int:
        """Number of time steps, T."""
        return self.static_steps or len(self.values)

    @property
    def batch(self) -> int:
        """Number of samples, B."""
        return self.values.shape[0 if self.static_steps else 1]

    def each_step(self) -> list[Tensor]:
        """x(t), (B, n), for every step."""
        return [self.values] * self.static_steps if self.static_steps else list(self.values.unbind())


class Response(NamedTuple):
    """Output of a layer: spikes (T, B, m), and membranes before their reset.

    Membranes are (T, B, m); (1, B, m), the last step only, or (0, B, m) if the layer does not store them.
    """

    spikes: Tensor
    membranes: Tensor
