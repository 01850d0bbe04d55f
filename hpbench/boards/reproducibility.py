"""Published figures beside those measured here, and the grids that settings were chosen from, as Markdown.

All figures come from the boards' rows. Only the explanations why a figure was not reached are written by
hand, in `notes.toml` beside the boards: under [scenario.strategy], condition = "sentence". The condition is
the regime, ways and shots as in 5w1s, a disturbance and its level, or a disturbance for all of its levels.
"""

import math
import statistics
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hpbench.boards.check import boards_in
from hpbench.boards.counted import Row, counted
from hpbench.boards.escape import data, prose
from hpbench.boards.markdown import table
from hpbench.boards.parse import records
from hpbench.boards.table import read
from hpbench.core.errors import InputError
from hpbench.core.published import Published
from hpbench.protocols.table import protocol_named

FILE = "REPRODUCIBILITY.md"
NOTES = "notes.toml"
TUNING = "tuning"

_HEAD = """# Reproducibility

Written by `hpbench board reproducibility` from the boards, from `PUBLISHED` in the strategies' files and from
`notes.toml`; never edited by hand. Accuracies in %. Reached: mean ± standard deviation over n seeds, on the
test part; it is in the band if its mean is no further from the published figure than the band says. Rows with
Hebbian prototypes are no reproduction of anybody's figure, and are left out."""

_TUNING_HEAD = """## Grids

Means over n seeds on the validation part, never the test part; the rows are in `tuning/`. A strategy without
a setting beside it stands for the defaults of its time."""

Notes = Mapping[str, Mapping[str, Mapping[str, str]]]
Figures = Mapping[str, Sequence[Published]]


def reproducibility_markdown(folder: Path, published: Figures) -> str:
    """The document for the boards of a folder; `published` has the published figures by strategy.

    Raises InputError if a board is damaged, or a note belongs to no published figure.
    """
    notes = read_notes(folder / NOTES, published)
    parts = [_HEAD]
    sources: list[str] = []
    for scenario, rows in _counted(folder).items():
        own = [
            (name, one) for name in sorted(published) for one in published[name] if one.scenario == scenario
        ]
        if own:
            sources += [one.source for _, one in own if one.source not in sources]
            sources = list(dict.fromkeys(sources))
            lines = [line for name, one in own for line in _lines(name, one, rows, sources, notes)]
            parts += [f"## {scenario}", table(_HEADING, lines)]
    parts += [f"({number}) {source}." for number, source in enumerate(sources, 1)]
    tuning = _counted(folder / TUNING) if (folder / TUNING).is_dir() else {}
    if tuning:
        parts.append(_TUNING_HEAD)
    for scenario, rows in tuning.items():
        for strategy, own_rows in _by(rows, lambda row: row["strategy"]).items():
            parts += [f"### {scenario}, {strategy}", _grid(own_rows)]
    return "\n\n".join(parts) + "\n"


def read_notes(path: Path, published: Figures) -> Notes:
    """The sentences by scenario, strategy and condition; none if there is no file.

    Raises InputError if the file is not TOML, or a sentence belongs to no published figure.
    """
    if not path.exists():
        return {}
    try:
        notes = tomllib.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {path}: {error}") from error
    known = {
        (one.scenario, name, condition)
        for name, figures in published.items()
        for one in figures
        for condition in (one.condition, one.disturbance)
    }
    for place, sentence in _leaves(notes):
        if place not in known or not isinstance(sentence, str):
            raise InputError(
                f"{path}: {'.'.join(place)} is no published figure; expected a sentence under "
                "[scenario.strategy], named by its condition"
            )
    return notes


_HEADING = (
    "strategy",
    "condition",
    "published",
    "band",
    "as",
    "reached",
    "n",
    "data",
    "in the band",
    "why not",
)


def _lines(
    name: str, one: Published, rows: Iterable[Row], sources: Sequence[str], notes: Notes
) -> Iterable[list[str]]:
    """A line for each group of rows that a published figure can be compared with."""
    condition = one.condition
    cells = [f"{100 * one.accuracy:.1f}", f"± {100 * one.band:g}"]
    cells.append(f"{prose(one.method)} ({sources.index(one.source) + 1})")
    fitting = [
        row
        for row in rows
        if row["strategy"] == name
        and row["evaluated_on"] == "test"
        and row.get("prototype_share") is None  # with prototypes it is another method
        and all(str(row.get(key)) == value for key, value in one.where)
        and one.beside(row) is not None
    ]
    if not fitting:
        yield [name, condition, *cells, "no rows", "", "", "", ""]
    groups = _by(fitting, lambda row: (_natural(_label(row)), row["dataset"], row["overrides"]))
    for (_, dataset, _), seeds in groups.items():
        accuracies = [found for row in seeds if (found := one.beside(row)) is not None]
        verdict = _verdict(statistics.fmean(accuracies), one)
        written = notes.get(one.scenario, {}).get(name, {})
        note = written.get(condition) or written.get(one.disturbance, "not written yet")
        why = "" if verdict == "yes" else note
        reached = [_spread(accuracies), str(len(seeds)), data(dataset), verdict, prose(why)]
        yield [data(_label(seeds[0])), condition, *cells, *reached]


def _grid(rows: Iterable[Row]) -> str:
    """One strategy's settings by conditions, the best of a condition marked."""
    cells: dict[tuple[Any, str], dict[str, dict[str, list[Row]]]] = defaultdict(dict)
    for (label, dataset, condition, settings), seeds in _by(
        rows, lambda row: (_natural(_label(row)), row["dataset"], _condition(row), row["overrides"])
    ).items():
        cells[label, dataset].setdefault(condition, {})[settings] = seeds
    conditions = sorted({condition for by_condition in cells.values() for condition in by_condition})
    best = {
        condition: max(
            _mean(one) for by_condition in cells.values() for one in by_condition.get(condition, {}).values()
        )
        for condition in conditions
    }
    lines = []
    for (_, dataset), by_condition in cells.items():
        label = _label(next(iter(next(iter(by_condition.values())).values()))[0])
        texts = [
            ", ".join(
                f"{_spread([row['accuracy'] for row in one])} "
                f"(n {len(one)}{', best' if _mean(one) == best[condition] else ''})"
                for one in by_condition.get(condition, {}).values()
            )
            for condition in conditions
        ]
        lines.append([data(label), data(dataset), *(text or "–" for text in texts)])
    return table(("strategy", "data", *conditions), lines)


def _counted(folder: Path) -> dict[str, list[Row]]:
    """The rows that count, by scenario."""
    return {path.stem: counted(records(read(path)))[0] for path in boards_in(folder)}


def _condition(row: Row) -> str:
    return protocol_named(row["protocol"]).condition(row)


def _by(rows: Iterable[Row], key: Callable[[Row], Any]) -> dict[Any, list[Row]]:
    """The rows grouped by a key, sorted by it."""
    together: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        together[key(row)].append(row)
    return {one: together[one] for one in sorted(together)}


def _label(row: Row) -> str:
    """The strategy with the settings that differ from their defaults, except those that have a column."""
    shown = [one for one in row["overrides"].split() if not one.startswith(_IN_COLUMNS)]
    return " ".join([row["strategy"], *shown])


_IN_COLUMNS = ("scenario.regime=", "scenario.evaluate_on=", "scenario.n_way=", "scenario.k_shot=")


def _natural(label: str) -> tuple[tuple[str, float, str], ...]:
    """A sort key that compares values of settings as numbers."""
    return tuple(_valued(word) for word in label.split())


def _valued(word: str) -> tuple[str, float, str]:
    name, _, value = word.partition("=")
    try:
        return name, float(value), ""
    except ValueError:
        return name, math.inf, value


def _mean(rows: Sequence[Row]) -> float:
    return math.fsum(row["accuracy"] for row in rows) / len(rows)


def _spread(accuracies: Sequence[float]) -> str:
    """Mean ± standard deviation in %, the mean alone for a single seed."""
    text = f"{100 * statistics.fmean(accuracies):.2f}"
    return text if len(accuracies) < 2 else f"{text} ± {100 * statistics.stdev(accuracies):.2f}"


def _verdict(mean: float, one: Published) -> str:
    distance = mean - one.accuracy
    if abs(distance) <= one.band:
        return "yes"
    return f"{abs(100 * distance):.1f} {'above' if distance > 0 else 'below'}"


def _leaves(notes: Any, place: tuple[str, ...] = ()) -> Iterable[tuple[tuple[str, ...], Any]]:
    """The leaves of nested tables, each with the names on the path to it."""
    if not isinstance(notes, dict):
        yield place, notes
        return
    for name, inner in notes.items():
        yield from _leaves(inner, (*place, name))
