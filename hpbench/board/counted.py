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

_COMPARED = ("scenario", "scenario_version", "dataset", "dataset_sha256", "protocol")


def comparison_key(row: Row) -> tuple[Any, ...]:
    """Values in which rows must agree to be comparable, besides the settings of the scenario."""
    return tuple(row.get(name) for name in (*_COMPARED, *protocol_named(row["protocol"]).compared))


def entry_key(row: Row) -> tuple[Any, ...]:
    """Values that all seeds of a strategy with the same settings share, whatever its version."""
    return (*comparison_key(row), row["strategy"], row["overrides"])


def is_uncommitted(row: Row) -> bool:
    """Whether the sources that made a row are those of no commit, or may be."""
    return row["checkout"] in ("changed", "unknown")


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
    current versions are not known, those of the versions whose rows finished last.
    """
    together: dict[tuple[Any, ...], dict[Versions, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        together[entry_key(row)][versions_of(row)].append(row)
    found: list[Row] = []
    left_out: dict[tuple[Any, ...], int] = {}
    for key, by_versions in together.items():
        first = next(iter(by_versions.values()))[0]
        here = present(first["scenario"], first["strategy"]) if present else None
        last = max(by_versions, key=lambda one: max(map(_finished, by_versions[one])))
        chosen = here if here in by_versions else last
        found += by_versions[chosen]
        left_out[key] = sum(map(len, by_versions.values())) - len(by_versions[chosen])
    return found, left_out


def _finished(row: Row) -> tuple[datetime.datetime, str]:
    """A sort key: the time, written with Z or +00:00, then the run id."""
    return datetime.datetime.fromisoformat(row["finished"]), row["run_id"]
