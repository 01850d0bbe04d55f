"""What a protocol is to the rest of the program: its columns, what is shown of them, and its parts."""

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hpbench.core.columns import COMMON, Column

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Protocol:
    """A way to train and test.

    `builder` is the name of the function by which a strategy takes part. Parts that need heavy libraries
    are named as "module:function" and imported when they are used: `runs` trains and tests, `picture` draws
    a run, `table` shows a finished run's accuracies, `board_picture` draws a board, `sample_picture` what a
    scenario does to a sample, `long_form` writes a board with a line for each of a row's accuracies.
    """

    name: str
    version: str
    builder: str
    columns: tuple[Column, ...]
    """Of its rows, beside those that all rows have."""

    compared: tuple[str, ...]
    """Rows are comparable if they agree in these columns too."""

    accuracy: str
    """What the main score is; columns of the row may be named in braces."""

    shown: tuple[str, ...]
    """Columns that the end of a run prints."""

    figures: Mapping[str, str]
    """Shares that a ranking shows beside the accuracy, with their headings."""

    details: Mapping[str, str]
    """Columns that a reader needs to see what a strategy was given, with their headings."""

    condition: Callable[[Row], str]
    """What a row's figures hold for, in a word or two."""

    title: Callable[[Row], str]
    """What a row was measured on, in a line."""

    contradictions: Callable[[Row], Iterator[str]]
    """What in a row does not follow from the rest of it, by column, as "column: sentence"."""

    contradictions_of_record: Callable[[Row, Mapping[str, Any]], Iterator[str]]
    """What in a row does not follow from the run's record."""

    runs: str
    picture: str
    table: str
    board_picture: str = ""
    sample_picture: str = ""
    long_form: str = ""
    by_item: Callable[[Row], Sequence[float]] | None = None
    """Accuracy on each of the items that all rows share, as test episodes, for a paired comparison."""

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """Columns of a board, in the order of the file."""
        return COMMON + self.columns

    def part(self, name: str) -> Any:
        """The function that the field of this name says."""
        module, _, function = getattr(self, name).partition(":")
        return getattr(importlib.import_module(module), function)


def part_is_test(row: Row) -> str:
    """ "test part" or "validation part"."""
    return f"{row['evaluated_on']} part"


def trace_words(row: Row) -> str:
    """What the trace did at test, to stand after a comma; nothing for networks without one."""
    return f", trace at test {row['trace_at_test']}" if row.get("trace_at_test") else ""
