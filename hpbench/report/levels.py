"""Accuracy by disturbance and level as a table."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.table import Table

from hpbench.core.levels import from_text
from hpbench.core.published import Published
from hpbench.report.percent import percent


def levels_table(
    title: str, row: Mapping[str, Any], details: Mapping[str, Any], published: Iterable[Published]
) -> Table:
    """A line for each level, with the published accuracy where there is one."""
    reported = {(one.disturbance, one.level): one.accuracy for one in published}
    table = Table(title=f"{title}: accuracy in %", title_justify="left")
    for heading in ("disturbance", "level", "accuracy", *(["published"] if reported else [])):
        table.add_column(heading, justify="left" if heading == "disturbance" else "right")
    for name, by_level in from_text(row["by_level"]).items():
        for level, accuracy in by_level.items():
            beside = [percent(reported.get((name, level)))] if reported else []
            table.add_row(name, f"{level:g}", percent(accuracy), *beside)
    return table
