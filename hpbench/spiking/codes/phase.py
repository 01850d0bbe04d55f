"""Phase code: what a spike means depends on its place in a cycle that all inputs share."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from hpbench.core.settings import setting
from hpbench.spiking.codes.code import Code

if TYPE_CHECKING:
    from torch import Tensor

FORMS = ("weighted", "shifted")


@dataclass
class PhaseSettings:
    """The cycle, and how a spike's phase is read."""

    phase_period: int = setting(
        8,
        "steps K of a cycle; a window of fewer steps sees the first ones only",
        unit="ms",
        low=1,
        high=16,
        acts_with={"encoding": "phase"},
    )
    phase_form: str = setting(
        "weighted",
        "weighted: the value's K bits as spikes of size 1/2, 1/4, …; shifted: one spike of size 1 in each "
        "cycle, earlier for a larger value",
        choices=FORMS,
        acts_with={"encoding": "phase"},
    )


@dataclass
class Phase(PhaseSettings, Code):
    """With the phase k = 1 + (t − 1) mod K, one of two forms. No gradient.

    `weighted`: s(t) = 2^−k b_k(x), where b_1 … b_K are the binary digits of x (2^K − 1), rounded, so that the
    sum over a cycle is x within 1.5 · 2^−K; eight steps show a pixel of 256 shades exactly. Source: Kim, Kim,
    Huh, Lee and Choi, Neurocomputing 311:373 (2018).

    `shifted`: s(t) = 1 where k = K + 1 − ⌊K x + 1/2⌋: one spike a cycle, in its first step for x = 1, and
    none for x below 1/2K. Source: phase of firing, after Hopfield, Nature 376:33 (1995).
    """

    no_gradient: ClassVar[str] = "the phase of a spike passes no gradient to the input"

    @property
    def equation(self) -> str:
        """The chosen form."""
        phase = r"$k = 1 + (t - 1)\,\mathrm{mod}\,K$"
        if self.phase_form == "weighted":
            return rf"$s_t = 2^{{-k}}\,b_k(x)$, {phase}"
        return rf"$s_t = 1$ where $k = K + 1 - \lfloor K x + 1/2 \rfloor$, {phase}"

    def coded(self, values: "Tensor", steps: int) -> "Tensor":
        """Spikes (T, B, …)."""
        import torch

        period = self.phase_period
        phase = 1 + torch.arange(steps, device=values.device).remainder(period)
        phase = phase.view(-1, *[1] * values.ndim)
        if self.phase_form == "shifted":
            level = (values * period + 0.5).floor()
            return (phase == period + 1 - level).to(values.dtype)
        whole = (values * (2**period - 1) + 0.5).floor().long()
        bits = whole.bitwise_right_shift(period - phase).bitwise_and(1)
        return torch.ldexp(bits.to(values.dtype), -phase)
