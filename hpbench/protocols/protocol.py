"""The description of a protocol: its columns, how they are shown, and the functions that implement it."""

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hpbench.core.columns import COMMON, Column

Row = Mapping[str, Any]

Contradiction = tuple[str, str]
"""A column, and a sentence on what its value is inconsistent with."""

# Columns of all protocols that train on a stream.
SELECTION = Column("selection", "text", "which pass's weights are tested: last, or best on validation data")
EVALUATED_ON = Column("evaluated_on", "text", "test or validation part")
PROTOTYPE_SHARE = Column(
    "prototype_share",
    "float",
    "magnitude of the class memory's scores over that of class memory and network",
    low=0,
    high=1,
    may_be_empty=True,
)


@dataclass(frozen=True)
class Protocol:
    """A way to train and test.

    `builder` is the name of the function that a strategy's file must have for this protocol. Functions that
    need heavy libraries are given as "module:function" and imported on use: `runs` trains and tests,
    `picture` draws a run, `table` prints a finished run's accuracies, `board_picture` draws a board,
    `sample_picture` draws a sample under a scenario's disturbances, `long_form` writes a board with one line
    per accuracy.
    """

    name: str
    version: str
    builder: str
    columns: tuple[Column, ...]
    """Columns of its rows besides those of all protocols."""

    compared: tuple[str, ...]
    """Columns in which rows must agree, too, to be comparable."""

    accuracy: str
    """Description of the main score; "{column}" is replaced by the row's value."""

    shown: tuple[str, ...]
    """Columns that the end of a run prints."""

    figures: Mapping[str, str]
    """Columns that a ranking shows in per cent beside the accuracy, with their headings."""

    details: Mapping[str, str]
    """Columns on the conditions of training and testing that a ranking shows, with their headings."""

    of_settings: Mapping[str, str]
    """Columns that hold a setting of the scenario, by the setting as in `overrides`."""

    condition: Callable[[Row], str]
    """The condition of a row's figures in a word or two, such as its regime."""

    title: Callable[[Row], str]
    """The strategy, scenario, data and conditions of a row in a line."""

    contradictions: Callable[[Row], Iterator[Contradiction]]
    """Inconsistencies between columns of a row, but for those of `of_settings`."""

    contradictions_of_record: Callable[[Row, Mapping[str, Any]], Iterator[Contradiction]]
    """Inconsistencies between a row and its run's record.json."""

    runs: str
    picture: str
    table: str
    board_picture: str = ""
    sample_picture: str = ""
    long_form: str = ""
    by_item: Callable[[Row], Sequence[float]] | None = None
    """Accuracy on each item that all rows share, such as a test episode, for paired comparisons."""

    variance: Callable[[Row, Mapping[str, Any] | None], float | None] | None = None
    """Variance of the accuracy over the choice of test samples, from a row and, if there is one, its run's
    record; None if they do not have the counts."""

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """Columns of a board, in the order of the file."""
        return COMMON + self.columns

    def part(self, name: str) -> Any:
        """The function that the field `name` gives as "module:function"."""
        module, _, function = getattr(self, name).partition(":")
        return getattr(importlib.import_module(module), function)


def part_words(row: Row) -> str:
    """ "test part" or "validation part"."""
    return f"{row['evaluated_on']} part"


def trace_words(row: Row) -> str:
    """ ", trace at test MODE", or nothing for networks without a Hebbian trace."""
    return f", trace at test {row['trace_at_test']}" if row.get("trace_at_test") else ""


ROUNDING = 1e-9
"""Difference of two figures, computed in double precision, that is rounding."""


def apart(found: float | None, expected: float | None, tolerance: float = ROUNDING) -> bool:
    """Whether two figures differ by more than the tolerance; None and NaN equal nothing but themselves."""
    if found is None or expected is None:
        return found is not expected
    return not abs(found - expected) <= tolerance


def variance_of_share(right: float, samples: int) -> float:
    """Variance of a share of samples over their choice; above 0 even if all or none are right (Laplace)."""
    share = (right + 1) / (samples + 2)
    return share * (1 - share) / samples


def settings_apart(row: Row, protocol: Protocol) -> Iterator[Contradiction]:
    """Columns that differ from the setting in `overrides` that they hold."""
    for setting, value in overrides_of(row).items():
        column = protocol.of_settings.get(setting)
        if column is not None and str(row[column]) != value:
            yield column, f"{row[column]}, but the run was made with {setting}={value}"


def overrides_of(row: Row) -> dict[str, str]:
    """The settings in `overrides`, by their names, as texts."""
    pairs = (word.partition("=") for word in (row.get("overrides") or "").split())
    return {name: value for name, _, value in pairs}
