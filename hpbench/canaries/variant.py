"""Variants of a strategy's tiny run: changes of its settings and its task, each a canary."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Change:
    """Settings of the strategy, and arguments of the tiny task, that differ from those of the basic run.

    `single`: run in single precision, for code that supports no other. `note`: where the figures of such a
    canary may differ.
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
