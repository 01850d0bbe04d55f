"""How large the currents of an HP cell are: through its weights, and through its trace."""

import torch
from torch import Tensor

from hpbench.spiking.hybrid.cell import HybridCell
from hpbench.spiking.hybrid.conv_cell import HybridConvCell
from hpbench.spiking.parameters import HELD_AT_TEST
from hpbench.spiking.window import Window


@torch.no_grad()
def current_sizes(
    cell: HybridCell | HybridConvCell, window: Window, trace: Tensor | None, trace_at_test: str
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Sums of abs(global current) and of abs(local current) at every step of a window, through the cell.

    `trace` is a shared trace to begin with; None if every sample has its own, empty at first. It does in the
    window what `trace_at_test` says. Empty where the trace is left out.
    """
    if trace_at_test == "zero":
        return (), ()
    inputs = window.each_step()
    state = cell.initial_state(inputs[0])
    if trace is not None:
        state = state._replace(trace=trace)
    sizes = []
    for values in inputs:
        ahead, local = cell.currents(values, state)
        assert local is not None
        sizes.append((float(ahead.abs().sum()), float(local.abs().sum())))
        state = cell.advance(ahead + local, values, state, learn=trace_at_test not in HELD_AT_TEST)
    ahead_sizes, local_sizes = zip(*sizes, strict=True)
    return ahead_sizes, local_sizes
