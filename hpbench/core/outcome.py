"""What a protocol measured in a run."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Outcome:
    """The protocol's part of the row, what only the record keeps, and what only the picture needs."""

    row: dict[str, Any]
    details: dict[str, Any] = field(default_factory=dict)
    shown: Any = None
