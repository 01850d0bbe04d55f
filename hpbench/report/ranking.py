"""The ranking of a board as a table."""

from rich.table import Table

from hpbench.boards.ranking import Group
from hpbench.report.percent import percent

_WORDS = ("strategy", "notes", "trace at test", "network")
"""Headings of columns of text."""


def ranking_table(group: Group) -> Table:
    """Strategies of one group of comparable rows, best first."""
    conditions = [group.dataset, f"version {group.scenario_version}"]
    conditions += [f"{group.regime} regime"] if group.regime else []
    conditions += [f"{group.evaluated_on} part"] if group.evaluated_on else []
    title = f"{group.scenario} ({', '.join([*conditions, *group.overrides])})"
    table = Table(title=title, title_justify="left")
    headings = [
        "rank",
        "strategy",
        "accuracy %",
        "95 % ±",
        *(f"{heading} %" for heading in group.figures.values()),
        "n",
    ]
    for heading in [*headings, *group.details.values(), "notes"]:
        table.add_column(heading, justify="left" if heading in _WORDS else "right")
    for rank, label, entry in zip(group.ranks, group.labels, group.entries, strict=True):
        table.add_row(
            str(rank or "–"),
            label,
            f"{100 * entry.accuracy:.2f}",
            percent(entry.interval),
            *(percent(entry.figures[name]) for name in group.figures),
            str(entry.n),
            *(entry.details.get(name, "") for name in group.details),
            ", ".join(entry.notes),
        )
    return table
