"""Which rows of a board count in rankings: those of the current versions, if there are any."""

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from hpbench.protocols.table import protocol_named

Row = Mapping[str, Any]


class Versions(NamedTuple):
    """Versions of the three parts that a run's figures depend on."""

    scenario: str
    strategy: str
    protocol: str


PresentVersions = Callable[[str, str], Versions | None]
"""From names of scenario and strategy to their installed versions, or None if one is not installed."""

_NOT_COMMITTED = frozenset({"changed", "unknown"})

_COMPARED = ("scenario", "scenario_version", "dataset", "dataset_sha256", "protocol")


def comparison_key(row: Row) -> tuple[Any, ...]:
    """Values in which rows must agree to be comparable, besides the settings of the scenario."""
    return tuple(row.get(name) for name in (*_COMPARED, *protocol_named(row["protocol"]).compared))


def entry_key(row: Row) -> tuple[Any, ...]:
    """Values that all seeds of a strategy with the same settings share, whatever its version."""
    return (*_asked_key(row), lineage(row))


def lineage(row: Row) -> str:
    """What tells a strategy from those of other people with the same name; "" for one of this package.

    It is the hash of its code, where that is its version, or the package that it comes from.
    """
    if row["strategy_version"].startswith("code-"):
        return str(row["strategy_version"])
    words = (row["own_code"] or "").partition(",")[0].split()
    return words[2] if words[:2] == ["strategy", "package"] else ""


def _asked_key(row: Row) -> tuple[Any, ...]:
    """Values that all rows share which one asks for by the same words."""
    return (*comparison_key(row), row["strategy"], row["overrides"])


def is_uncommitted(row: Row) -> bool:
    """Whether the sources that made a row are those of no commit, or may be; so too code of one's own."""
    own = (row["own_code"] or "").replace(",", "").split()
    return row["checkout"] in _NOT_COMMITTED or not _NOT_COMMITTED.isdisjoint(own) or "none" in own


def versions_of(row: Row) -> Versions:
    """The versions that made a row."""
    return Versions(row["scenario_version"], row["strategy_version"], row["protocol_version"])


def earlier_version(row: Row, present: PresentVersions | None) -> str:
    """Versions of a row that differ from the installed ones, as "strategy 1, now 2"; "" if none does."""
    here = present(row["scenario"], row["strategy"]) if present else None
    differing = zip(Versions._fields, versions_of(row), here or versions_of(row), strict=True)
    return ", ".join(f"{part} {then}, now {now}" for part, then, now in differing if then != now)


def counted(
    rows: Iterable[Row], present: PresentVersions | None = None
) -> tuple[list[Row], dict[tuple[Any, ...], int]]:
    """The rows that count, and how many were left out, by `entry_key`.

    Of a strategy with the same settings, the rows of the current versions count; if there are none, or the
    current versions are not known, those of the versions whose rows finished last, for each `lineage`.
    """
    found: list[Row] = []
    left_out: dict[tuple[Any, ...], int] = {}
    for alike in grouped(_asked_key, rows).values():
        here = present(alike[0]["scenario"], alike[0]["strategy"]) if present else None
        current = [row for row in alike if versions_of(row) == here]
        chosen = current or [row for some in grouped(lineage, alike).values() for row in _newest(some)]
        found += chosen
        for key, some in grouped(entry_key, chosen).items():
            out_of = alike if current else [row for row in alike if entry_key(row) == key]
            left_out[key] = len(out_of) - len(some)
    return found, left_out


def _newest(rows: Iterable[Row]) -> list[Row]:
    """The rows of those versions of which a row finished last."""
    by_versions = grouped(versions_of, rows)
    return by_versions[max(by_versions, key=lambda one: max(map(_finished, by_versions[one])))]


def grouped(key: Callable[[Row], Any], rows: Iterable[Row]) -> dict[Any, list[Row]]:
    """The rows by their key, in the order in which they come."""
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found


def _finished(row: Row) -> tuple[datetime.datetime, str]:
    """A sort key: the time, written with Z or +00:00, then the run id."""
    return datetime.datetime.fromisoformat(row["finished"]), row["run_id"]
