"""Direct code: the value as a constant current."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hpbench.spiking.codes.code import Code

if TYPE_CHECKING:
    from torch import Tensor


@dataclass
class Direct(Code):
    """I(t) = x: the first layer gets the value itself at every step, and learns what to make spikes of.

    It is exact, and its gradient is that of x. Other names: constant current, real coding. Source: Rueckauer,
    Lungu, Hu, Pfeiffer and Liu, Front. Neurosci. 11:682 (2017), whose first layer takes analogue values.
    """

    constant: ClassVar[bool] = True

    @property
    def equation(self) -> str:
        """I(t) = x."""
        return r"$I_t = x$"

    def coded(self, values: "Tensor", steps: int) -> "Tensor":
        """Currents (T, B, …)."""
        return values.expand(steps, *values.shape)

    def expected(self, values: "Tensor") -> "Tensor":
        """The values."""
        return values
