"""What a run has reached on the way, and when it is given up."""

from collections.abc import Sequence
from dataclasses import dataclass, field


class PrunedError(Exception):
    """A run is given up, as it has fallen behind others; it leaves no row. `reached` as in `Stages`."""

    def __init__(self, message: str, reached: tuple[float, ...]) -> None:
        super().__init__(message, reached)  # both travel between processes
        self.reached = reached

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass
class Stages:
    """The accuracies on the evaluated part that a run has reached after each of its stages.

    A stage is an experience, a pass or a validation, as the protocol has it. `bars` are what the run must
    reach after each; None, or nothing after the last: any accuracy will do.
    """

    bars: Sequence[float | None] = ()
    reached: list[float] = field(default_factory=list)

    def add(self, accuracy: float, *, last: bool = False) -> None:
        """A stage has ended. Raises PrunedError if its accuracy is below its bar.

        After the `last` there is no bar: the run is done.
        """
        self.reached.append(accuracy)
        number = len(self.reached)
        bar = self.bars[number - 1] if number <= len(self.bars) and not last else None
        if bar is not None and accuracy < bar:
            fallen = f"{accuracy:.2%} after stage {number}, below {bar:.2%}"
            raise PrunedError(fallen, tuple(self.reached))
