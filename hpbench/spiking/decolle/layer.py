"""A DECOLLE layer: a cell, and the fixed random read-out through which it learns.

Kaiser, Mostafa and Neftci, Front. Neurosci. 14:424 (2020).
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from hpbench.core.errors import InputError, nearest
from hpbench.spiking.decolle.cell import DecolleCell, Synapse
from hpbench.spiking.decolle.parameters import READS, DecolleParameters, DecolleShape


class DecolleLayer(torch.nn.Module):
    """A cell and its read-out (B, K) by the fixed matrix `random`, G (K, n)."""

    random: Tensor

    def __init__(self, cell: DecolleCell, outputs: int, shape: DecolleShape) -> None:
        super().__init__()
        self.cell = cell
        self.sigmoid = shape.reads == "sigmoid"
        self.dropout = shape.dropout
        neurons = torch.Size(cell.outputs).numel()
        bound = shape.amplitude / neurons**0.5
        self.register_buffer("random", torch.empty(outputs, neurons).uniform_(-bound, bound))

    def read_out(self, spikes: Tensor, membrane: Tensor) -> Tensor:
        """Scores (B, K) of one step; the n neurons are in the order H, W, C."""
        seen = torch.sigmoid(membrane) if self.sigmoid else spikes
        if seen.ndim == 4:
            seen = seen.permute(0, 2, 3, 1)  # as they lie in memory, so that nothing is copied
        seen = seen.flatten(1)
        if self.training and self.dropout:
            # Torch's own dropout draws its bits at four times the cost on a CPU.
            seen = seen * torch.rand_like(seen).ge_(self.dropout).div_(1 - self.dropout)
        return seen @ self.random.T


def make_layers(
    frame: tuple[int, ...], outputs: int, shape: DecolleShape, p: DecolleParameters
) -> Iterator[DecolleLayer]:
    """The layers of a network for inputs of shape `frame`. Raises InputError if `shape` does not fit."""
    if shape.reads not in READS:
        raise InputError(f"reads={shape.reads}: {nearest(shape.reads, READS)}")
    if len(shape.kernels) != len(shape.pools):
        raise InputError(
            f"strategy.kernels={list(shape.kernels)} needs as many strategy.pools, not {list(shape.pools)}"
        )
    if not shape.kernels and not shape.hidden:
        raise InputError("a network needs a layer: set strategy.kernels or strategy.hidden")
    for filters, pool in zip(shape.kernels, shape.pools, strict=True):
        if min(frame[1:]) + 2 * shape.padding < shape.kernel_size + pool - 1:
            raise InputError(
                f"a kernel of {shape.kernel_size} and a pool of {pool} do not fit into {frame[1]}x{frame[2]} "
                "places: set fewer strategy.kernels, smaller strategy.pools or a smaller strategy.kernel_size"
            )
        synapse: Synapse = torch.nn.Conv2d(frame[0], filters, shape.kernel_size, padding=shape.padding)
        cell = DecolleCell(_drawn(synapse, shape.weight_scale), frame, p, pool)
        yield DecolleLayer(cell, outputs, shape)
        frame = cell.outputs
    for neurons in shape.hidden:
        inputs = torch.Size(frame).numel()
        cell = DecolleCell(_drawn(torch.nn.Linear(inputs, neurons), shape.weight_scale), (inputs,), p)
        yield DecolleLayer(cell, outputs, shape)
        frame = cell.outputs


def _drawn(synapse: Synapse, weight_scale: float) -> Synapse:
    """The synapse with W and b initialised."""
    assert synapse.bias is not None
    bound = synapse.weight[0].numel() ** -0.5
    torch.nn.init.uniform_(synapse.weight, -bound * weight_scale, bound * weight_scale)
    torch.nn.init.uniform_(synapse.bias, -bound, bound)
    return synapse
