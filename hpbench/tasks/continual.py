"""The task of the continual protocol: a stream of experiences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from hpbench.core.stream import Stream

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Inputs(Protocol):
    """Samples (N, …): a tensor, or an object that makes a tensor of the rows it is indexed with."""

    @property
    def shape(self) -> Any:
        """(N, …)."""

    @property
    def device(self) -> "torch.device":
        """Where batches are made."""

    def __len__(self) -> int:
        """N."""

    def __getitem__(self, rows: Any) -> "Tensor":
        """Samples (B, …) of rows (B,)."""


@dataclass(frozen=True)
class Part:
    """Samples of one experience: inputs (N, …), targets (N,), in a fixed order.

    Images are in [0, 1]; events are frames (N, T, P, H, W), made dense batch by batch.

    With a `permutation` (D,), inputs are (N, D), and sample n is `inputs[n, permutation]`. Parts that differ
    only in their permutation share one tensor: 50 permuted copies of MNIST would need 11 GB.
    """

    inputs: Inputs
    targets: "Tensor"
    permutation: "Tensor | None" = None


@dataclass(frozen=True)
class ContinualTask:
    """A stream of experiences for the continual protocol.

    `train`, `validation` and `test` have one part per experience. `regime`: "task" (targets are numbered
    within each experience, whose number is the task label), "class" (targets are numbered over the whole
    stream) or "domain" (all experiences have the same targets). With `pooled`, means over experiences are
    weighted by their numbers of samples. With `arrival`, the stream is online: every sample is seen once, and
    that many arrive at a time. Without `boundaries`, the strategy is not notified when an experience ends.
    `code`: the encoding's settings by name, except `max_rate`; those left out have their defaults.
    `ahead`: how many experiences beyond the last one learned are tested; None: all.
    """

    dataset: str
    dataset_sha256: str
    regime: str
    train: Sequence[Part]
    validation: Sequence[Part]
    test: Sequence[Part]
    outputs: int
    passes: int
    selection: str
    evaluate_on: str
    encoding: str
    time_steps: int
    max_rate: float
    device: str
    pooled: bool = False
    arrival: int | None = None
    boundaries: bool = True
    ahead: int | None = None
    code: Mapping[str, Any] = field(default_factory=dict)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one sample."""
        return tuple(self.train[0].inputs.shape[1:])

    @property
    def multi_head(self) -> bool:
        """Whether each experience has its own outputs, selected by the task label."""
        return self.regime == "task"

    def stream(self, protocol: str = "continual") -> Stream:
        """The properties that decide whether a strategy can be run on this task."""
        return Stream(
            protocol=protocol,
            regime=self.regime,
            boundaries=self.boundaries,
            arrival=self.arrival,
            selection=self.selection,
            encoding=self.encoding,
            time_steps=self.time_steps,
            classes=self.outputs,
            experiences=len(self.train) if self.boundaries else None,
        )
