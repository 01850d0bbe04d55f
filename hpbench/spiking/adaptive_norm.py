"""Batch norm that can take its means and variances from the batches of a test stream.

Ioffe & Szegedy, ICML 2015. At test a norm uses running means of training. Where inputs are disturbed, those
of the test batch fit better: Schneider et al., NeurIPS 2020; Nado et al., arXiv:2006.10963 (2020), who give
those of training no share, as here. An answer then depends on the other samples of its batch.
"""

import torch
from torch import Tensor
from torch.nn.functional import batch_norm


class AdaptiveNorm(torch.nn.BatchNorm1d):
    """Values (B, m), or (T, B, m) normed over batch and time, to the same shape.

    `gain` is the initial factor γ. With `adapts`, between `begin_stream` and `end_stream`, means and
    variances are those of each batch; running ones are left as they are. A batch of one value for each neuron
    has no variance: it is normed by the running ones.
    """

    def __init__(self, neurons: int, *, adapts: bool = False, gain: float = 1.0) -> None:
        super().__init__(neurons)
        self.adapts = adapts
        self._streaming = False
        torch.nn.init.constant_(self.weight, gain)

    def begin_stream(self) -> None:
        """A test stream begins."""
        self._streaming = self.adapts

    def end_stream(self) -> None:
        """It ends."""
        self._streaming = False

    def forward(self, values: Tensor) -> Tensor:
        """The normed values."""
        flat = values.flatten(0, -2)
        if len(flat) == 1:
            running = self.running_mean, self.running_var
            return batch_norm(flat, *running, self.weight, self.bias, eps=self.eps).view_as(values)
        if self._streaming and not self.training:
            found = batch_norm(flat, None, None, self.weight, self.bias, training=True, eps=self.eps)
        else:
            found = super().forward(flat)
        return found.view_as(values)
