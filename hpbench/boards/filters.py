"""Words that select rows of a board, such as regime=class, and those that single out one of its tables."""

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from hpbench.boards.cells import from_text, same_cell
from hpbench.boards.counted import Row
from hpbench.boards.parse import records
from hpbench.boards.ranking import Group
from hpbench.boards.schema import columns
from hpbench.core.errors import InputError, nearest
from hpbench.protocols.protocol import overrides_of

_SETTINGS = ("scenario.", "strategy.")


def filtered(frame: pd.DataFrame, protocol: str, words: Sequence[str]) -> pd.DataFrame:
    """The rows that all words fit: a column and its value, or a setting that differs from its default.

    Nothing after the "=" stands for an empty cell, and for a setting at its default. Raises InputError for a
    word that names no column or setting of these rows, a value that is not of the column's kind, and words
    that leave no row.
    """
    rows = records(frame)
    for word in words:
        kept = _fitting(rows, protocol, word)
        if not any(kept):
            raise InputError(f"no row has {word}: {_values(rows, word)}")
        frame = frame[kept]
        rows = [row for row, keep in zip(rows, kept, strict=True) if keep]
    return frame


def telling_words(group: Group, groups: Sequence[Group]) -> list[str]:
    """The fewest words that select a group's rows among those of all groups, as far as words can."""
    facts = [_facts(one, groups) for one in groups]
    own = _facts(group, groups)
    others = [one for one in facts if one != own]
    words = []
    while others:
        # The first of the best, but a hash only if nothing else tells them apart.
        told = {name: sum(one[name] != own[name] for one in others) for name in own}
        name = max(own, key=lambda one: (told[one] > 0 and not one.endswith("_sha256"), told[one]))
        if told[name] == 0:
            break
        words.append(f"{name}={own[name]}")
        others = [one for one in others if one[name] == own[name]]
    return words


def _facts(group: Group, groups: Sequence[Group]) -> dict[str, str]:
    """What tells groups apart by name: compared columns and settings of the scenario."""
    settings = sorted({word.partition("=")[0] for one in groups for word in one.overrides})
    own = overrides_of({"overrides": " ".join(group.overrides)})
    return {**group.compared, **{name: own.get(name, "") for name in settings}}


def _fitting(rows: Sequence[Row], protocol: str, word: str) -> list[bool]:
    name, equals, value = word.partition("=")
    known = {column.name: column for column in columns(protocol)}
    settings = {setting for row in rows for setting in overrides_of(row)}
    if not equals or (name not in known and not name.startswith(_SETTINGS)):
        raise InputError(
            f"{word!r}: expected a column and a value such as strategy=hp, or a setting and a value such as "
            f"scenario.passes=1; {nearest(name, known)}"
        )
    if name in known:
        try:
            wanted: Any = from_text(known[name], value)
        except ValueError as error:
            raise InputError(f"{word}: {error}") from error
        return [same_cell(row[name], wanted) for row in rows]
    if name not in settings:
        raise InputError(f"{word}: no row has this setting; {nearest(name, settings)}")
    return [_same_setting(overrides_of(row).get(name, ""), value) for row in rows]


def _same_setting(one: str, other: str) -> bool:
    """Whether two texts are the same value; 1e-3 is 0.001."""
    return one == other or _number(one) == _number(other)


def _number(text: str) -> float:
    """The number that a text is; NaN, which equals nothing, for another text."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _values(rows: Sequence[Row], word: str) -> str:
    """A phrase that offers the values that there are."""
    name, _, value = word.partition("=")
    there = {str(row[name]) if name in row else overrides_of(row).get(name, "") for row in rows}
    return nearest(value, there - {""}) if len(there) <= 50 else f"there are {len(there)} other values"
