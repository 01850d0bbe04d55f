"""What one canary of a strategy runs: settings and task that differ from the plain tiny run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Change:
    """Settings of the strategy, and arguments of the tiny task, that differ from those of the plain run.

    `single` runs in single precision, for code that knows no other. `note` says where such a canary cannot
    be expected to hold.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    task: Mapping[str, Any] = field(default_factory=dict)
    single: bool = False
    note: str = ""


@dataclass(frozen=True)
class Variant:
    """A named run of a strategy under a protocol."""

    strategy: str
    protocol: str
    name: str
    change: Change = field(default_factory=Change)
