"""Interface of the neural codes."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from torch import Tensor


class Code(ABC):
    """A neural code: what values are turned into over a window of T steps of 1 ms.

    A subclass is a dataclass of the code's settings. Its file imports torch in the functions that compute, so
    that settings and the facts below can be read without it.
    """

    no_gradient: ClassVar[str] = ""
    """Why no gradient reaches the values, as the end of a sentence; empty if one does."""

    drawn: ClassVar[bool] = False
    """Whether spikes are drawn at random."""

    constant: ClassVar[bool] = False
    """Whether a value is the same at every step, so that it need not be stored T times."""

    @property
    @abstractmethod
    def equation(self) -> str:
        """The code in Matplotlib's mathtext: x the value, t = 1 … T the step, s what is made of x."""

    @property
    def widening(self) -> int:
        """Number of inputs of the network for one value."""
        return 1

    @abstractmethod
    def coded(self, values: "Tensor", steps: int) -> "Tensor":
        """Values (B, …) in [0, 1] as spikes (T, B, …), or (T, B, …, widening) if that is more than 1."""

    def expected(self, values: "Tensor") -> "Tensor | None":
        """The mean of `coded` over draws or time, (B, …), as a smooth function; None if there is none.

        The gradient of spikes is that of this mean, the same at every step.
        """
        return None
