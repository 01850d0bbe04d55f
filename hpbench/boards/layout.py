"""Boards of an older layout: recognising them, and converting their rows to the current one.

New columns must allow empty cells, which older rows have there.
"""

from collections.abc import Sequence

FORMER = ("settings_hash", "source_hash", "dirty")
"""Columns of the first layout (hpbench 0.1.0), before strategies and scenarios had versions."""

_NEEDED = ("run_id", "scenario", "strategy", "protocol", "seed", "accuracy", "finished")
"""Columns that every layout has."""


def is_older_layout(header: Sequence[str], expected: Sequence[str]) -> bool:
    """Whether a header lacks columns of the current layout and has only columns of some layout."""
    names = set(header)
    return (
        len(names) == len(header)
        and not names >= set(expected)
        and names <= {*expected, *FORMER}
        and names >= set(_NEEDED)
        and ("strategy_version" in names or names >= set(FORMER))
    )


def in_present_layout(header: Sequence[str], cells: Sequence[str], expected: Sequence[str]) -> list[str]:
    """The cells of a row in the order of the current columns; missing ones are empty.

    In rows older than versions, the hash of the sources becomes the strategy's version.
    """
    row = dict(zip(header, cells, strict=True))
    if "source_hash" in row:
        row.setdefault("strategy_version", f"sources-{row['source_hash']}")
        row.setdefault("protocol_version", "0")
    if "dirty" in row:
        row.setdefault("checkout", {"true": "changed", "false": "clean"}.get(row["dirty"], row["dirty"]))
    return [row.get(name, "") for name in expected]
