"""The trace of one batch, which begins empty, as sums over its earlier steps: it is never made.

With q_b(τ) = r ∘ e_τ x_b(τ) / B, the trace is P(t−1) = Σ_{τ<t} λ^{t−1−τ} Σ_b q_b(τ) g_b(τ)^T, so that

    x(t) P(t−1) = Σ_{τ<t} λ^{t−1−τ} Σ_b <x(t), q_b(τ)> g_b(τ)

are products of the inputs with each other, (B, B), and with g, (B, m). A mask takes x(t) (P(t−1) ∘ M^T) away
from that, for which the K entries of P under the mask suffice.
"""

from torch import Tensor

from hpbench.spiking.multitask.mask import Mask
from hpbench.spiking.multitask.products import gathered, spread
from hpbench.spiking.parameters import HybridParameters
from hpbench.spiking.window import Window


class BatchTrace:
    """Reads the trace and writes it, at the steps t = 0, 1, … of a window, one after another."""

    def __init__(self, window: Window, mask: Mask | None, rate: Tensor, p: HybridParameters) -> None:
        self.mask, self.p = mask, p
        self.inputs = window.each_step()
        rated = window.values * (rate / window.batch)
        self.rated = Window(rated, window.static_steps).each_step()
        self.alike = window.values @ rated.T if window.static_steps else None
        self.posts: list[Tensor] = []
        self.under: Tensor | None = None

    def read(self, step: int) -> Tensor | None:
        """e_t x(t) (P(t−1) ∘ (1 − M)^T), (B, m), at the step t; None while the trace is empty."""
        if not self.posts:
            return None
        p, inputs, found = self.p, self.inputs[step], None
        for earlier, post in enumerate(self.posts):
            alike = inputs @ self.rated[earlier].T if self.alike is None else self.alike
            part = alike @ post * (p.trace_scale(earlier) * p.trace_decay ** (step - 1 - earlier))
            found = part if found is None else found + part
        if self.mask is not None:
            assert self.under is not None and found is not None
            found = found - spread(inputs, self.under, self.mask)
        return None if found is None else found * p.trace_scale(step)

    def write(self, step: int, post: Tensor) -> None:
        """Add mean_b (r ∘ e_t x_b(t)) g_b(t)^T, with g (B, m) of the step t."""
        self.posts.append(post)
        if self.mask is not None:
            more = gathered(post, self.rated[step], self.mask) * self.p.trace_scale(step)
            self.under = more if self.under is None else self.p.trace_decay * self.under + more
