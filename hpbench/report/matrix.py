"""The accuracy matrix R of a stream as a table."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.table import Table

from hpbench.core.published import Published
from hpbench.report.plot import LEGIBLE


def matrix_table(
    title: str, row: Mapping[str, Any], details: Mapping[str, Any], published: Iterable[Published]
) -> Table | None:
    """Accuracy in % on each experience after learning each; None if R is unknown or too wide to print."""
    matrix = details.get("R")
    if not matrix or len(matrix[0]) > LEGIBLE:
        return None
    table = Table(title=f"{title}: accuracy in % on each experience", title_justify="left")
    table.add_column("after learning")
    for number in range(len(matrix[0])):
        table.add_column(str(number + 1), justify="right")
    for number, accuracies in enumerate(matrix):
        name = "all" if len(matrix) == 1 else str(number + 1)
        table.add_row(name, *("" if value is None else f"{100 * value:.1f}" for value in accuracies))
    return table
