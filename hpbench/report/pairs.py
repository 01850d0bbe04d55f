"""The differences between the strategies of a board as a table."""

from rich.markup import escape
from rich.table import Table

from hpbench.board.ranking import Group
from hpbench.board.significance import LEVEL, Comparison
from hpbench.report.percent import percent


def pairs_table(group: Group) -> Table:
    """All pairs of strategies of a group, in the order of the ranking; differences in percentage points."""
    table = Table(title=f"{escape(group.scenario)}: differences over shared seeds", title_justify="left")
    table.add_column("strategy")
    table.add_column("against")
    episodes = any(one.episode_interval is not None for one in group.comparisons)
    over_episodes = ["± over episodes"] if episodes else []
    for heading in ("difference", "spread", *over_episodes, "seeds", "p", "p (Holm)"):
        table.add_column(heading, justify="right")
    table.add_column("result")
    labels = [escape(label) for label in group.labels]
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
            _result(one),
        )
    return table


def _result(one: Comparison) -> str:
    if one.significant:
        return "better"
    if one.p_holm is None:
        return "tie: fewer than 2 shared seeds"
    if one.spread == 0:
        return "tie: the same difference for every seed"
    return "tie: the means over all seeds say otherwise" if one.p_holm <= LEVEL else "tie"
