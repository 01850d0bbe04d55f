"""Boards of the layout before versions: read with empty cells, rewritten by migrate, never by hand."""

import csv
import io

import pytest
from board_rows import COLUMNS, NAMES, make_row, raw_board

from hpbench.boards.check import check_folder
from hpbench.boards.layout import FORMER
from hpbench.boards.parse import records
from hpbench.boards.table import add, migrate, read
from hpbench.core.columns import MADE_BY
from hpbench.core.identity import run_id

NEW = {
    "strategy_version",
    "protocol_version",
    "checkout",
    *(one.name for one in MADE_BY if one.name.endswith("_version") and one.name != "hpbench_version"),
    "processor",
    "threads",
    "sources_hash",
}


def old_board(path, *rows):
    """A board as it was written before rows had versions."""
    raw_board(path, *rows)
    header, *lines = list(csv.reader(io.StringIO(path.read_text())))
    names = [name for name in header if name not in NEW]
    names[names.index("seed") : names.index("seed")] = ["settings_hash", "source_hash"]
    names.insert(names.index("finished"), "dirty")
    text = io.StringIO()
    writer = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for number, line in enumerate(lines):
        row = dict(zip(header, line, strict=True))
        writer.writerow(
            row
            | {"settings_hash": "5" * 16, "source_hash": f"{number:016x}"}
            | {"dirty": "true" if number else "false", "run_id": f"{number + 100:016x}"}
        )
    path.write_text(text.getvalue())


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "split_mnist.csv"
    old_board(path, make_row(seed=1), make_row(seed=2))
    return path


def test_an_older_layout_is_read_and_what_it_lacks_is_empty(path):
    before = path.read_bytes()
    first, second = records(read(path))
    assert list(first) == NAMES
    assert (first["strategy_version"], first["protocol_version"]) == ("sources-" + "0" * 16, "0")
    assert (first["checkout"], second["checkout"]) == ("clean", "changed")
    assert (first["processor"], first["threads"], first["torch_version"]) == ("", None, "")
    assert first["accuracy"] == make_row()["accuracy"]
    assert path.read_bytes() == before


def test_check_asks_for_the_migration_and_passes_after_it(path):
    [problem] = check_folder(path.parent)
    assert "hpbench board migrate" in problem
    assert migrate(path)
    assert check_folder(path.parent) == []
    assert not migrate(path)
    header = path.read_text().splitlines()[0].split(",")
    assert header == NAMES and not set(header) & set(FORMER)


def test_migration_gives_ids_that_follow_and_loses_no_figure(path):
    before = records(read(path))
    migrate(path)
    after = records(read(path))
    for old, new in zip(before, after, strict=True):
        assert new["run_id"] == run_id(new) != old["run_id"]
        assert {**old, "run_id": ""} == {**new, "run_id": ""}


def test_a_new_row_can_be_added_to_an_older_board(path):
    row = make_row(seed=7)
    add(path, row)
    assert check_folder(path.parent) == []
    assert [one["seed"] for one in records(read(path))] == [1, 2, 7]


def test_a_board_that_lacks_a_later_column_is_of_an_older_layout(tmp_path):
    path = tmp_path / "split_mnist.csv"
    raw_board(path, make_row())
    at = NAMES.index("processor")
    lines = [line.split(",") for line in path.read_text().splitlines()]
    path.write_text("".join(",".join(cells[:at] + cells[at + 1 :]) + "\n" for cells in lines))
    assert records(read(path))[0]["processor"] == ""
    assert migrate(path)
    assert check_folder(tmp_path) == []


def test_every_column_that_older_rows_lack_may_be_empty():
    given = {"strategy_version", "protocol_version", "checkout"}
    assert all(one.may_be_empty for one in COLUMNS if one.name in NEW - given)
