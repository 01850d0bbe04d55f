"""Groups of comparable rows, and the ranking of strategies in each."""

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd
from scipy import special

from hpbench.boards.counted import (
    PresentVersions,
    Row,
    comparison_key,
    counted,
    earlier_version,
    entry_key,
    grouped,
    is_uncommitted,
    lineage,
)
from hpbench.boards.parse import records
from hpbench.boards.record_file import Record
from hpbench.boards.significance import Comparison, RankRange, compare, rank_ranges
from hpbench.core.levels import from_text
from hpbench.core.presets import Preset, shortest_name
from hpbench.protocols.protocol import Protocol
from hpbench.protocols.table import protocol_named


@dataclass(frozen=True)
class Entry:
    """One strategy with its settings in a ranking; means are over seeds, accuracies from 0 to 1.

    `interval` is the half width of the 95 % interval (Student t), None for fewer than two seeds; `figures`
    has the means of the protocol's figures, None if no row has one; `by_level` has the accuracies of all
    seeds by disturbance and level. `superseded`: number of rows left out in favour of other versions;
    `earlier`: the versions of the rows, if not the current ones; `uncommitted`: number of rows made from
    uncommitted sources; `diverged`: number of rows of runs that diverged; `threads`: the numbers of CPU
    threads, if they differ between the group's rows; `lineage`: which code of one's own, if it is;
    `details`: values of the protocol's `details` columns.
    """

    strategy: str
    overrides: str
    label: str
    n: int
    accuracy: float
    interval: float | None
    figures: Mapping[str, float | None]
    by_level: Mapping[str, Mapping[float, Sequence[float]]]
    superseded: int
    earlier: str
    uncommitted: int
    diverged: int
    threads: str
    lineage: str
    details: Mapping[str, str]

    @property
    def notes(self) -> list[str]:
        """Remarks on its rows, such as an earlier version, and numbers of rows with something special."""
        notes = [f"earlier version ({self.earlier})"] if self.earlier else []
        told = {
            "superseded": self.superseded,
            "uncommitted": self.uncommitted,
            "diverged": self.diverged,
            "threads": self.threads,
            "code": self.lineage,
        }
        return notes + [f"{name}: {one}" for name, one in told.items() if one]


@dataclass(frozen=True)
class Group:
    """Entries that may be compared with each other, best mean accuracy first.

    `overrides` are the scenario's settings that differ from their defaults; `regime` and `evaluated_on`
    are None on boards without such a column. `compared` are the columns in which all rows of the group agree
    and those of other groups may not, as texts, the hashes last. `ranks` are those of `entries`, in the same
    order, derived from `comparisons`; None for those with a run that diverged, which come last.
    """

    protocol: Protocol
    scenario: str
    scenario_version: str
    dataset: str
    dataset_sha256: str
    regime: str | None
    evaluated_on: str | None
    overrides: tuple[str, ...]
    entries: tuple[Entry, ...]
    ranks: tuple[RankRange | None, ...]
    comparisons: tuple[Comparison, ...]
    compared: Mapping[str, str]

    @property
    def figures(self) -> Mapping[str, str]:
        """Columns shown beside the accuracy, with their headings."""
        return self.protocol.figures

    @property
    def details(self) -> dict[str, str]:
        """Columns on training and testing conditions that some entry has a value for, with their headings."""
        return {
            name: heading
            for name, heading in self.protocol.details.items()
            if any(name in entry.details for entry in self.entries)
        }

    @property
    def labels(self) -> list[str]:
        """The entries' labels."""
        return [entry.label for entry in self.entries]


PresetsOf = Callable[[str], Iterable[Preset]]
"""From a strategy's name to its presets."""


def groups(
    frame: pd.DataFrame,
    present: PresentVersions | None = None,
    presets: PresetsOf | None = None,
    *,
    smoke: bool = False,
    recorded: Mapping[str, Record] = MappingProxyType({}),
) -> list[Group]:
    """The groups of comparable rows of a board, sorted by scenario, data and settings.

    Labels use a strategy's presets where that is shorter. Rows on smoke-test data sets are left out unless
    `smoke`. `recorded` has records of runs by run id, for tests over test samples.
    """
    found, superseded = counted(records(frame), present)
    ranked = [row for row in found if smoke or not is_smoke(row["dataset"])]
    together = grouped(
        lambda row: (comparison_key(row), settings_part(row["overrides"], "scenario.")), ranked
    )
    # Empty texts in place of None, so that keys of different boards can be sorted together.
    keys = sorted(together, key=lambda key: (tuple(part or "" for part in key[0]), key[1]))
    return [_group(together[key], superseded, present, presets, recorded) for key in keys]


def is_smoke(dataset: str) -> bool:
    """Whether a data set is for smoke tests only: a few clips of one person cut into windows."""
    return dataset.endswith("clips")


def mean_and_interval(values: Iterable[float]) -> tuple[float, float | None]:
    """The mean and the half width of its 95 % interval by Student's t, None for a single value."""
    sample = list(values)
    mean = math.fsum(sample) / len(sample)
    if len(sample) < 2:
        return mean, None
    quantile = float(special.stdtrit(len(sample) - 1, 0.975))  # scipy.stats takes a second to import
    return mean, quantile * statistics.stdev(sample) / math.sqrt(len(sample))


def settings_part(overrides: str, prefix: str) -> tuple[str, ...]:
    """The overrides of one part, "scenario." or "strategy.", sorted."""
    return tuple(sorted(one for one in overrides.split() if one.startswith(prefix)))


def _group(
    rows: list[Row],
    superseded: Mapping[tuple[Any, ...], int],
    present: PresentVersions | None,
    presets: PresetsOf | None,
    recorded: Mapping[str, Record],
) -> Group:
    together = grouped(lambda row: (row["strategy"], row["overrides"], lineage(row)), rows)
    alike = len(_threads(rows)) < 2
    entries = sorted(
        (_entry(seeds, superseded, present, presets, alike) for seeds in together.values()),
        key=lambda one: (one.diverged > 0, -one.accuracy, one.label),
    )
    sound = [one for one in entries if not one.diverged]
    first = rows[0]
    protocol = protocol_named(first["protocol"])
    seeds_of = [together[entry.strategy, entry.overrides, entry.lineage] for entry in sound]
    comparisons = compare(
        [{row["seed"]: row["accuracy"] for row in seeds} for seeds in seeds_of],
        protocol.by_item and [{row["seed"]: protocol.by_item(row) for row in seeds} for seeds in seeds_of],
        [_variances(protocol, seeds, recorded) for seeds in seeds_of],
    )
    return Group(
        protocol=protocol,
        scenario=first["scenario"],
        scenario_version=first["scenario_version"],
        dataset=first["dataset"],
        dataset_sha256=first["dataset_sha256"],
        regime=first.get("regime"),
        evaluated_on=first.get("evaluated_on"),
        overrides=settings_part(first["overrides"], "scenario."),
        entries=tuple(entries),
        ranks=(*rank_ranges(len(sound), comparisons), *(len(entries) - len(sound)) * [None]),
        comparisons=comparisons,
        compared={name: str(first[name]) for name in _compared(protocol) if name in first},
    )


def _compared(protocol: Protocol) -> list[str]:
    """Columns in which the groups of a board may differ, those on the data's content last."""
    names = [*protocol.compared, "dataset", "scenario_version", "dataset_sha256"]
    return sorted(names, key=lambda name: name.endswith("sha256"))


def _entry(
    seeds: list[Row],
    superseded: Mapping[tuple[Any, ...], int],
    present: PresentVersions | None,
    presets: PresetsOf | None,
    threads_alike: bool,
) -> Entry:
    first = seeds[0]
    accuracy, interval = mean_and_interval(row["accuracy"] for row in seeds)
    protocol = protocol_named(first["protocol"])
    return Entry(
        strategy=first["strategy"],
        overrides=first["overrides"],
        label=shortest_name(
            first["strategy"],
            settings_part(first["overrides"], "strategy."),
            presets(first["strategy"]) if presets else (),
        ),
        n=len(seeds),
        accuracy=accuracy,
        interval=interval,
        figures={name: _mean(seeds, name) for name in protocol.figures},
        by_level=_by_level(seeds),
        superseded=superseded[entry_key(first)],
        earlier=earlier_version(first, present),
        uncommitted=sum(map(is_uncommitted, seeds)),
        diverged=sum(bool(row["diverged"]) for row in seeds),
        lineage=lineage(first),
        threads="" if threads_alike else "/".join(map(str, _threads(seeds))),
        details={name: text for name in protocol.details if (text := _distinct(seeds, name))},
    )


def _threads(rows: Iterable[Row]) -> list[int]:
    """The numbers of CPU threads of the rows, where they are known."""
    return sorted({row["threads"] for row in rows} - {None})


def _variances(protocol: Protocol, seeds: Iterable[Row], recorded: Mapping[str, Record]) -> dict[int, float]:
    """By seed the variance of the accuracy over the choice of test samples, where it is known."""
    if protocol.variance is None:
        return {}
    found = {row["seed"]: protocol.variance(row, recorded.get(row["run_id"])) for row in seeds}
    return {seed: variance for seed, variance in found.items() if variance is not None}


def _by_level(seeds: Iterable[Row]) -> dict[str, dict[float, list[float]]]:
    """The accuracies of all seeds by disturbance and level."""
    found: dict[str, dict[float, list[float]]] = {}
    for row in seeds:
        for name, accuracies in from_text(row.get("by_level") or "").items():
            for level, accuracy in accuracies.items():
                found.setdefault(name, {}).setdefault(level, []).append(accuracy)
    return found


def _mean(rows: Iterable[Row], name: str) -> float | None:
    values = [row[name] for row in rows if row.get(name) is not None]
    return math.fsum(values) / len(values) if values else None


def _distinct(rows: Iterable[Row], name: str) -> str:
    words = {True: "yes", False: "no", None: ""}
    values = [row.get(name) for row in rows]
    texts = {words[value] if value is None or isinstance(value, bool) else str(value) for value in values}
    return "/".join(sorted(texts - {""}))
