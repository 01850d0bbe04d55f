"""The results of a run, as a protocol returns them."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Outcome:
    """`row`: columns of the leaderboard; `details`: for record.json only; `shown`: for the picture only."""

    row: dict[str, Any]
    details: dict[str, Any] = field(default_factory=dict)
    shown: Any = None
