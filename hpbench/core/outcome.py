"""The results of a run, as a protocol returns them."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Outcome:
    """`row`: columns of the leaderboard; `details`: for record.json only; `shown`: for the picture only.

    `trained` is the trained torch module: of a stream from inputs to scores, of few-shot protocols a learner.
    """

    row: dict[str, Any]
    details: dict[str, Any] = field(default_factory=dict)
    shown: Any = None
    trained: Any = None
