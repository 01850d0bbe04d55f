"""The trace of a layer through a test stream: it begins as the trained one, and is dropped at the end."""

import torch
from torch import Tensor


class StreamTrace(torch.nn.Module):
    """A layer with a shared `trace`, whose copy, `_streaming`, may go on through a test stream.

    Whether it does is said by `trace_at_test`; how, by `hpbench.spiking.hybrid.streamed`.
    """

    trace: Tensor
    trace_at_test: str

    def __init__(self) -> None:
        super().__init__()
        self._streaming: Tensor | None = None

    def begin_stream(self) -> None:
        """A test stream begins; with `stream`, its trace begins as the trained one."""
        if self.trace_at_test == "stream":
            self._streaming = self.trace.clone()

    def end_stream(self) -> None:
        """It ends; its trace is dropped."""
        self._streaming = None
