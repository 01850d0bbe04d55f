"""Rankings and the documentation of columns as Markdown."""

from collections import Counter
from collections.abc import Iterable, Sequence

from hpbench.boards.escape import data, prose
from hpbench.boards.ranking import Group
from hpbench.boards.schema import columns
from hpbench.boards.significance import METHOD
from hpbench.protocols.table import PROTOCOLS

_INTRODUCTION = (
    "Mean over n seeds ± half width of the 95 % interval (Student t), best first. "
    f"Ranks are ranges where strategies tie: {METHOD}. "
    "Each table holds only runs that may be compared; a dash stands for a figure that does not exist."
)

_IN_HEADING = ("scenario.regime=", "scenario.evaluate_on=")
"""Settings that every heading shows."""


def ranking_markdown(groups: Iterable[Group]) -> str:
    """One titled table per group, best strategy first."""
    shown = list(groups)
    return "\n\n".join([_INTRODUCTION, *map(_group, shown, _headings(shown))])


def all_columns_markdown() -> str:
    """The document that describes the columns of all protocols' boards."""
    parts = [
        "# Columns",
        "Written by `hpbench board publish` from the protocols' files; never edited by hand.",
    ]
    for protocol in PROTOCOLS:
        parts += [f"## {protocol}", columns_markdown(protocol)]
    return "\n\n".join(parts) + "\n"


def columns_markdown(protocol: str) -> str:
    """The table that documents the columns of a board. Raises InputError for an unknown protocol."""
    return table(
        ("name", "kind", "unit", "range", "may be empty", "meaning"),
        [
            (
                column.name,
                column.kind,
                column.unit,
                _range(column.low, column.high),
                "yes" if column.may_be_empty else "no",
                prose(column.meaning),
            )
            for column in columns(protocol)
        ],
    )


def table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; its cells are Markdown, such as `prose` and `data` write."""
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _headings(groups: Sequence[Group]) -> list[str]:
    """A heading for each group, with settings and hashes only where it would be that of another group too."""
    found = [_heading(group) for group in groups]
    for more in (_settings, _hashes):
        counts = Counter(map(tuple, found))
        found = [
            [*own, *more(group)] if counts[tuple(own)] > 1 else own
            for own, group in zip(found, groups, strict=True)
        ]
    return [", ".join(map(data, own)) for own in found]


def _heading(group: Group) -> list[str]:
    heading = [f"{group.scenario} {group.scenario_version}", group.dataset]
    if group.regime is not None:
        heading.append(f"{group.regime}-incremental")
    if group.evaluated_on is not None:
        heading.append(f"on the {group.evaluated_on} part")
    return heading


def _settings(group: Group) -> list[str]:
    return [one for one in group.overrides if not one.startswith(_IN_HEADING)]


def _hashes(group: Group) -> list[str]:
    hashes = {name: text for name, text in group.compared.items() if name.endswith("_sha256")}
    return [f"{name.removesuffix('_sha256')} {text[:8]}" for name, text in hashes.items()]


def _group(group: Group, title: str) -> str:
    facts = f"Data SHA-256 {group.dataset_sha256[:16]}…"
    if group.overrides:
        facts += f"; settings {data(' '.join(group.overrides))}"
    heading = [
        "rank",
        "strategy",
        "accuracy (%)",
        *(f"{heading} (%)" for heading in group.figures.values()),
        "n",
    ]
    heading += [*group.details.values(), "notes"]
    rows = [
        [
            str(rank or "–"),
            data(label),
            _percent(entry.accuracy, entry.interval),
            *(_percent(entry.figures[name]) for name in group.figures),
            str(entry.n),
            *(data(entry.details.get(name, "–")) for name in group.details),
            data(", ".join(entry.notes)),
        ]
        for rank, label, entry in zip(group.ranks, group.labels, group.entries, strict=True)
    ]
    return f"### {title}\n\n{facts}.\n\n{table(heading, rows)}"


def _percent(share: float | None, interval: float | None = None) -> str:
    if share is None:
        return "–"
    return f"{100 * share:.2f}" + ("" if interval is None else f" ± {100 * interval:.2f}")


def _range(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    if high is None:
        return f"at least {low:g}"
    return f"at most {high:g}" if low is None else f"{low:g} to {high:g}"
