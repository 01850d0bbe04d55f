"""A hidden layer of the authors' multitask network, over a window.

    I(t) = d_t (W ∘ M) x(t) + α e_t (P(t−1) ∘ (1 − M)^T)^T x(t)
    P(t) = λ P(t−1) + mean_b (r ∘ e_t x_b(t)) g_b(t)^T,     P(0) = 0 in every batch

M is the mask of the present task; without masks W and P are whole. The neuron and g are those of
`HybridParameters`; there is no bias and no clamp. Source: Wu et al., Nat. Commun. 13:65 (2022), the authors'
code for multitask learning.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from hpbench.operations.layer import Operations
from hpbench.operations.synapses import are_spikes, needed, silence
from hpbench.plasticity.trace import post_factor
from hpbench.spiking.hybrid.cell import draw_theta
from hpbench.spiking.multitask.batch_trace import BatchTrace
from hpbench.spiking.multitask.mask import Mask
from hpbench.spiking.multitask.products import fan_out, masked
from hpbench.spiking.neuron import fire
from hpbench.spiking.parameters import HybridParameters
from hpbench.spiking.window import Response, Window


class _Step(NamedTuple):
    ahead: Tensor
    local: Tensor | None
    membrane: Tensor
    spikes: Tensor


class MultitaskLayer(torch.nn.Module):
    """n inputs to m neurons. Without `local` there is no trace, with `trace_off` none in `eval()`."""

    def __init__(
        self, inputs: int, neurons: int, p: HybridParameters, *, local: bool, trace_off: bool = False
    ) -> None:
        super().__init__()
        self.p = p.checked()
        self.weight = torch.nn.Linear(inputs, neurons, bias=False).weight
        self.local = local
        self.trace_off = trace_off
        if local:
            self.alpha, self.rate, self.offset = draw_theta(inputs, neurons, p)

    def theta(self) -> list[torch.nn.Parameter]:
        """α, r and the offset; none without a trace."""
        return [self.alpha, self.rate, self.offset] if self.local else []

    def forward(self, window: Window, mask: Mask | None = None) -> Response:
        """Spikes (T, B, m), and the membranes of the last step, (1, B, m)."""
        steps = list(self._steps(window, mask))
        return Response(torch.stack([one.spikes for one in steps]), steps[-1].membrane[None])

    def operations(self, response: Response, window: Window, mask: Mask | None = None) -> Operations:
        """Of one pass. Without a trace only the weights under the mask are synapses; with one, all are."""
        each = fan_out(self.weight, None if self._learns else mask)
        seen = window.values.count_nonzero(list(range(window.values.ndim - 1))) * (window.static_steps or 1)
        met = int((seen * each).sum())
        accumulates, multiply_accumulates = needed(met, are_spikes(window.values))
        ahead, local = self._sizes(window, mask)
        return Operations(
            samples=window.batch,
            dense=window.steps * window.batch * int(each.sum()),
            accumulates=accumulates,
            multiply_accumulates=multiply_accumulates,
            trace_writes=met if self.local else 0,
            silent=silence(response.spikes),
            neuron_steps=response.spikes.numel(),
            ahead=ahead,
            local=local,
        )

    @property
    def _learns(self) -> bool:
        return self.local and (self.training or not self.trace_off)

    def _steps(self, window: Window, mask: Mask | None) -> Iterator[_Step]:
        p, values = self.p, window.values
        product = masked(values.flatten(0, -2), self.weight, mask).unflatten(0, values.shape[:-1])
        path = BatchTrace(window, mask, self.rate, p) if self._learns else None
        membrane = spikes = product.new_zeros(window.batch, len(self.weight))
        for step in range(window.steps):
            ahead = p.weight_scale(step) * (product if window.static_steps else product[step])
            read = None if path is None else path.read(step)
            local = None if read is None else self.alpha * read
            current = ahead if local is None else ahead + local
            membrane, spikes = fire(current, membrane, spikes, p)
            yield _Step(ahead, local, membrane, spikes)
            if path is not None and step < window.steps - 1:
                path.write(step, post_factor(p.post, membrane, spikes, p.threshold, self.offset))

    @torch.no_grad()
    def _sizes(self, window: Window, mask: Mask | None) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Sums of abs(current) at every step, through the weights and through the trace."""
        if not self._learns:
            return (), ()
        steps = list(self._steps(window, mask))
        ahead = tuple(float(one.ahead.abs().sum()) for one in steps)
        local = tuple(0.0 if one.local is None else float(one.local.abs().sum()) for one in steps)
        return ahead, local
