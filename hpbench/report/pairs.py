"""The differences between the strategies of a board as a table."""

from rich.table import Table

from hpbench.boards.ranking import Group
from hpbench.boards.significance import LEVEL, Comparison
from hpbench.report.percent import percent


def pairs_table(group: Group) -> Table:
    """All pairs of strategies of a group, in the order of the ranking; differences in percentage points."""
    table = Table(title=f"{group.scenario}: differences over shared seeds", title_justify="left")
    table.add_column("strategy")
    table.add_column("against")
    episodes = any(one.episode_interval is not None for one in group.comparisons)
    over_episodes = ["± over episodes"] if episodes else []
    for heading in ("difference", "spread", *over_episodes, "seeds", "p", "p (Holm)"):
        table.add_column(heading, justify="right")
    table.add_column("result")
    labels = group.labels
    for one in group.comparisons:
        table.add_row(
            labels[one.upper],
            labels[one.lower],
            "" if one.difference is None else f"{100 * one.difference:+.2f}",
            percent(one.spread),
            *([percent(one.episode_interval)] if episodes else []),
            str(one.seeds),
            "" if one.p is None else f"{one.p:.2g}",
            "" if one.p_holm is None else f"{one.p_holm:.2g}",
            _result(group, one),
        )
    return table


def _result(group: Group, one: Comparison) -> str:
    upper, lower = group.entries[one.upper].threads, group.entries[one.lower].threads
    note = "; threads differ" if upper and lower and upper != lower else ""
    return f"{_verdict(one)}{note}"


def _verdict(one: Comparison) -> str:
    if one.seeds < 2:
        return "tie: fewer than 2 shared seeds"
    if one.untestable:
        return "not testable over seeds: the same difference for every seed"
    over = (
        "" if one.tested_over == "seeds" else f" over {one.tested_over}: the same difference for every seed"
    )
    if one.significant:
        return f"better{over}"
    if one.p_holm is not None and one.p_holm <= LEVEL:
        return "tie: the means over all seeds say otherwise"
    return f"tie{over}"
