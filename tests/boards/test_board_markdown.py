"""Rankings and the documentation of columns as Markdown."""

import pandas as pd
import pytest
from board_rows import COLUMNS, make_row

from hpbench.boards.counted import Versions
from hpbench.boards.escape import prose
from hpbench.boards.markdown import columns_markdown, ranking_markdown, table
from hpbench.boards.ranking import groups
from hpbench.boards.significance import METHOD
from hpbench.core.errors import InputError


def _ranking(*rows, **options):
    return ranking_markdown(groups(pd.DataFrame(rows), **options))


def _rows(text):
    """The cells of the tables' lines below the headings."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if "---" not in line]


def test_ranking():
    text = _ranking(
        make_row(strategy="gp", seed=0, accuracy=0.5, forgetting=0.25, trace_at_test=""),
        make_row(seed=0, accuracy=0.8, forgetting=None, memory_samples=200, checkout="changed"),
        make_row(seed=1, accuracy=0.8, forgetting=None, memory_samples=200),
        present=lambda scenario, strategy: Versions("1", "2", "1"),
    )
    heading, hp, gp = _rows(text)
    assert heading == [
        "rank",
        "strategy",
        "accuracy (%)",
        "forgetting (%)",
        "n",
        "trace at test",
        "memory (samples)",
        "task given at test",
        "notes",
    ]
    assert hp == [
        "1-2",
        "hp",
        "80.00 ± 0.00",
        "–",
        "2",
        "frozen",
        "200",
        "no",
        "earlier version (strategy 1, now 2), uncommitted: 1",
    ]
    assert gp == ["1-2", "gp", "50.00", "25.00", "1", "–", "3", "no", "earlier version (strategy 1, now 2)"]
    assert "### split_mnist 1, mnist5k, class-incremental, on the test part" in text
    assert make_row()["dataset_sha256"][:16] in text


def test_a_rank_that_is_clear_is_no_range():
    scores = {"hp": (0.90, 0.91, 0.92), "gp": (0.52, 0.50, 0.51), "lp": (0.51, 0.52, 0.50)}
    text = _ranking(
        *(
            make_row(strategy=name, seed=seed, accuracy=score)
            for name, of_seeds in scores.items()
            for seed, score in enumerate(of_seeds)
        )
    )
    assert [row[:2] for row in _rows(text)[1:]] == [["1", "hp"], ["2-3", "gp"], ["2-3", "lp"]]
    assert f"Ranks are ranges where strategies tie: {METHOD}." in text


def test_a_table_for_each_group_with_its_settings():
    text = _ranking(make_row(), make_row(overrides="scenario.passes=2", dataset="mnist"))
    assert text.count("### ") == 2
    assert text.count("settings scenario.passes=2") == 1


def test_signs_of_markdown_are_escaped():
    assert table(["a"], [[prose("x|y *z*")]]).splitlines()[-1] == r"| x\|y \*z\* |"


def test_columns_are_documented_one_to_a_line():
    lines = columns_markdown("continual").splitlines()
    assert len(lines) == len(COLUMNS) + 2
    meaning = "forgetting (Chaudhry): best earlier accuracy minus the last"
    assert f"| forgetting | float |  | -1 to 1 | yes | {meaning} |" in lines
    assert "| seed | int |  | at least 0 | no | seed of Python, NumPy, torch and the loaders |" in lines
    with pytest.raises(InputError, match="unknown protocol"):
        columns_markdown("offline")
