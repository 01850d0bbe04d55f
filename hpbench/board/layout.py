"""Boards of an older layout: which columns they had, and their rows in the present one.

A column that is added must be one that may be empty: it is, in rows that are older than it.
"""

from collections.abc import Sequence

FORMER = ("settings_hash", "source_hash", "dirty")
"""Columns of the layout before versions, of version 0.1.0's first boards."""

_NEEDED = ("run_id", "scenario", "strategy", "protocol", "seed", "accuracy", "finished")
"""Columns of every layout."""


def is_older_layout(header: Sequence[str], expected: Sequence[str]) -> bool:
    """Whether a header lacks columns of the present layout and has none that no layout had."""
    names = set(header)
    return (
        len(names) == len(header)
        and not names >= set(expected)
        and names <= {*expected, *FORMER}
        and names >= set(_NEEDED)
        and ("strategy_version" in names or names >= set(FORMER))
    )


def in_present_layout(header: Sequence[str], cells: Sequence[str], expected: Sequence[str]) -> list[str]:
    """The cells of a row in the order of the present columns; what the row has no cell for is empty.

    A row from before versions has the hash of its sources as its strategy's version.
    """
    row = dict(zip(header, cells, strict=True))
    if "source_hash" in row:
        row.setdefault("strategy_version", f"sources-{row['source_hash']}")
        row.setdefault("protocol_version", "0")
    if "dirty" in row:
        row.setdefault("checkout", {"true": "changed", "false": "clean"}.get(row["dirty"], row["dirty"]))
    return [row.get(name, "") for name in expected]
