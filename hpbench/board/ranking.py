"""Which rows may be compared, and how the strategies stand among them."""

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from scipy import stats

from hpbench.board.newest import COMPARED, Row, newest, run_key
from hpbench.board.parse import records
from hpbench.board.significance import Comparison, RankRange, compare, rank_ranges
from hpbench.core.levels import from_text

CurrentSource = Callable[[str, str], str | None] | Mapping[tuple[str, str], str | None]
"""From (scenario, strategy) to the hash of its sources as they are now, or None if not known."""

DETAILS = {
    "trace_at_test": "trace at test",
    "memory_samples": "memory (samples)",
    "task_identity_at_test": "task given at test",
    "network": "network",
    "train_ways": "trained N",
    "train_shots": "trained K",
    "transductive": "transductive",
    "adversarial_epsilon": "trained against ε",
}
"""Columns that a reader needs beside a score, to see what the strategy was given, with their headings."""

_BY_PROTOCOL = {
    "continual": ("trace_at_test", "memory_samples", "task_identity_at_test"),
    "few_shot": ("network", "train_ways", "train_shots", "transductive"),
    "robustness": ("network", "trace_at_test", "adversarial_epsilon"),
}

FIGURES = {
    "forgetting": "forgetting",
    "clean_accuracy": "clean",
    "relative_drop": "drop at the largest level",
}
"""Shares that stand beside the accuracy, with their headings."""

_FIGURES_BY_PROTOCOL: dict[str, tuple[str, ...]] = {
    "continual": ("forgetting",),
    "few_shot": (),
    "robustness": ("clean_accuracy", "relative_drop"),
}


@dataclass(frozen=True)
class Entry:
    """One strategy with its settings; means are over seeds, accuracies as shares from 0 to 1.

    `interval` is the half width of the 95 % interval (Student t), None for fewer than two seeds; `figures`
    has the means of what FIGURES name, None if no row has one; `by_level` has the accuracies of all seeds by
    disturbance and level. `superseded` rows were left out for newer ones of the same run.
    `older_sources` counts rows not made by the current sources, None if those are not known; `dirty`
    counts rows from a checkout with uncommitted changes; `details` has what DETAILS name.
    """

    strategy: str
    settings_hash: str
    label: str
    n: int
    accuracy: float
    interval: float | None
    figures: Mapping[str, float | None]
    by_level: Mapping[str, Mapping[float, Sequence[float]]]
    superseded: int
    older_sources: int | None
    dirty: int
    details: Mapping[str, str]


@dataclass(frozen=True)
class Group:
    """Rows that may be compared with each other, best mean accuracy first.

    `overrides` are the scenario's settings that differ from their defaults; `regime` and `evaluated_on`
    are None on boards that have no such column. `ranks` stand beside `entries`; `comparisons` have what
    they follow from.
    """

    protocol: str
    scenario: str
    scenario_version: str
    dataset: str
    dataset_sha256: str
    regime: str | None
    evaluated_on: str | None
    overrides: tuple[str, ...]
    entries: tuple[Entry, ...]
    ranks: tuple[RankRange, ...]
    comparisons: tuple[Comparison, ...]

    @property
    def figures(self) -> tuple[str, ...]:
        """Those of FIGURES that this protocol has."""
        return _FIGURES_BY_PROTOCOL[self.protocol]

    @property
    def details(self) -> list[str]:
        """The columns of DETAILS that an entry has."""
        return [name for name in DETAILS if any(name in entry.details for entry in self.entries)]

    @property
    def labels(self) -> list[str]:
        """The entries' labels, with the settings' hash where two are alike: their defaults have changed."""
        count = Counter(entry.label for entry in self.entries)
        return [
            one.label if count[one.label] == 1 else f"{one.label} (settings {one.settings_hash[:8]})"
            for one in self.entries
        ]


def groups(
    frame: pd.DataFrame, current_source: CurrentSource | None = None, *, smoke: bool = False
) -> list[Group]:
    """The comparable groups of a board's rows, sorted by what they have in common.

    Rows of data sets that are there to see that something runs are left out, but for `smoke`.
    """
    current = _lookup(current_source)
    counted, superseded = newest(records(frame))
    together: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in counted:
        if smoke or not is_smoke(row["dataset"]):
            together[_group_key(row)].append(row)
    # Empty texts in place of None: keys of different boards must sort too.
    keys = sorted(together, key=lambda key: tuple(part or "" for part in key[:-1]) + key[-1:])
    return [_group(together[key], superseded, current) for key in keys]


def is_smoke(dataset: str) -> bool:
    """Whether a data set is a few clips of one person cut into windows, on which no figure means anything."""
    return dataset.endswith("clips")


def mean_and_interval(values: Iterable[float]) -> tuple[float, float | None]:
    """The mean and the half width of its 95 % interval by Student's t, None for a single value."""
    sample = list(values)
    mean = math.fsum(sample) / len(sample)
    if len(sample) < 2:
        return mean, None
    quantile = float(stats.t.ppf(0.975, len(sample) - 1))
    return mean, quantile * statistics.stdev(sample) / math.sqrt(len(sample))


def settings_part(overrides: str, prefix: str) -> tuple[str, ...]:
    """The overrides of one part, "scenario." or "strategy.", sorted."""
    return tuple(sorted(one for one in overrides.split() if one.startswith(prefix)))


def _group(
    rows: list[Row],
    superseded: Mapping[tuple[Any, ...], int],
    current: Callable[[str, str], str | None],
) -> Group:
    together: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        together[row["strategy"], row["settings_hash"]].append(row)
    entries = sorted(
        (_entry(seeds, superseded, current) for seeds in together.values()),
        key=lambda one: (-one.accuracy, one.label, one.settings_hash),
    )
    first = rows[0]
    seeds_of = [together[entry.strategy, entry.settings_hash] for entry in entries]
    comparisons = compare(
        [{row["seed"]: row["accuracy"] for row in seeds} for seeds in seeds_of],
        [{row["seed"]: _by_episode(row) for row in seeds} for seeds in seeds_of]
        if first["protocol"] == "few_shot"
        else None,
    )
    return Group(
        protocol=first["protocol"],
        scenario=first["scenario"],
        scenario_version=first["scenario_version"],
        dataset=first["dataset"],
        dataset_sha256=first["dataset_sha256"],
        regime=first.get("regime"),
        evaluated_on=first.get("evaluated_on"),
        overrides=settings_part(first["overrides"], "scenario."),
        entries=tuple(entries),
        ranks=rank_ranges(len(entries), comparisons),
        comparisons=comparisons,
    )


def _by_episode(row: Row) -> list[float]:
    """The accuracy in each test episode."""
    queries = row["n_way"] * row["queries"]
    return [int(right) / queries for right in row["right_by_episode"].split()]


def _entry(
    seeds: list[Row],
    superseded: Mapping[tuple[Any, ...], int],
    current: Callable[[str, str], str | None],
) -> Entry:
    first = seeds[0]
    accuracy, interval = mean_and_interval(row["accuracy"] for row in seeds)
    source = current(first["scenario"], first["strategy"])
    shown = _BY_PROTOCOL[first["protocol"]]
    return Entry(
        strategy=first["strategy"],
        settings_hash=first["settings_hash"],
        label=" ".join([first["strategy"], *settings_part(first["overrides"], "strategy.")]),
        n=len(seeds),
        accuracy=accuracy,
        interval=interval,
        figures={name: _mean(seeds, name) for name in _FIGURES_BY_PROTOCOL[first["protocol"]]},
        by_level=_by_level(seeds),
        superseded=sum(superseded[run_key(row)] for row in seeds),
        older_sources=None if source is None else sum(row["source_hash"] != source for row in seeds),
        dirty=sum(bool(row["dirty"]) for row in seeds),
        details={name: text for name in shown if (text := _distinct(seeds, name))},
    )


def _by_level(seeds: Iterable[Row]) -> dict[str, dict[float, list[float]]]:
    """The accuracies of all seeds."""
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


def _group_key(row: Row) -> tuple[Any, ...]:
    return (*(row.get(name) for name in COMPARED), settings_part(row["overrides"], "scenario."))


def _lookup(source: CurrentSource | None) -> Callable[[str, str], str | None]:
    if source is None:
        return lambda scenario, strategy: None
    if isinstance(source, Mapping):
        known = source
        return lambda scenario, strategy: known.get((scenario, strategy))
    return source
