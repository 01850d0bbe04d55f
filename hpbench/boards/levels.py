"""The accuracies of a robustness board in long form: a line for each run, disturbance and level."""

import pandas as pd

from hpbench.boards.parse import Board, records
from hpbench.core.levels import from_text
from hpbench.protocols.table import protocol_named

FOLDER = "levels"
"""Folder of these files beside the boards; they are generated from the boards, never edited."""

_OF_THE_RUN = (
    "run_id",
    "scenario",
    "dataset",
    "strategy",
    "overrides",
    "trace_at_test",
    "test_order",
    "seed",
)


def long_form(board: Board) -> str | None:
    """The text of a board's long form; None if its protocol has none."""
    protocol = protocol_named(board.protocol)
    return protocol.part("long_form")(board.frame) if protocol.long_form else None


def levels_csv(frame: pd.DataFrame) -> str:
    """CSV of a board's rows, in their order."""
    lines = [
        {name: row[name] for name in _OF_THE_RUN}
        | {"disturbance": disturbance, "level": level, "accuracy": accuracy}
        for row in records(frame)
        for disturbance, by_level in from_text(row["by_level"]).items()
        for level, accuracy in by_level.items()
    ]
    return pd.DataFrame(lines).to_csv(index=False, lineterminator="\n")
