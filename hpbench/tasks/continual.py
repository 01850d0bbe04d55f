"""What a strategy is asked to learn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from hpbench.core.stream import Stream

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Inputs(Protocol):
    """Samples (N, …): a tensor, or what makes one of the rows that it is asked for."""

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
    in it alone share one tensor: 50 permuted copies of MNIST would need 11 GB.
    """

    inputs: Inputs
    targets: "Tensor"
    permutation: "Tensor | None" = None


@dataclass(frozen=True)
class ContinualTask:
    """A stream of experiences for the continual protocol.

    `train`, `validation` and `test` have one part per experience. In the task regime targets count
    within their experience and the experience's number is the task label; in the class regime they count
    through the stream; in the domain regime every experience has the same targets. With `pooled`, means over
    experiences weigh them by their samples: accuracy over all classes so far. With `arrival`, the stream is
    online: its samples come that many at a time, once. Without `boundaries`, a strategy is not told where an
    experience ends. `ahead` is how many experiences beyond the last one learned are tested; None: all.
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

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one sample."""
        return tuple(self.train[0].inputs.shape[1:])

    @property
    def multi_head(self) -> bool:
        """Whether each experience reads its own outputs, chosen by the task label."""
        return self.regime == "task"

    def stream(self, protocol: str = "continual") -> Stream:
        """What a strategy can be asked about before it is built."""
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
