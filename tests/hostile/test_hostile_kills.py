"""A run that is killed at any call that changes a file leaves nothing half written, and can be repeated."""

import json
from pathlib import Path
from typing import Any

import pytest
from board_rows import exit_codes, make_board, make_row, processes
from killed import KILLED, die_at

from hpbench.boards import table
from hpbench.boards.check import check_folder, consistent
from hpbench.core.files import remove_left_over

DETAILS = {"R": [[0.5]], "curve": [{"loss": 0.1}]}


def _finish_a_run(out: Path, row: dict[str, Any], number: int) -> None:
    """What a run does when it is done, in a process that is killed on the way."""
    from hpbench.core.writable import check_writable
    from hpbench.runs.filed import file_run

    board = out / "split_mnist.csv"
    die_at(number, out)
    check_writable([out, out / "runs"], [table.lock_file(board)], [board])
    file_run(board, row, DETAILS, replace=False, say=print)


@pytest.mark.parametrize("before", [0, 2], ids=["a new board", "a board with rows"])
def test_a_run_killed_at_any_call_can_be_repeated(tmp_path: Path, before: int) -> None:
    from hpbench.runs.filed import file_run

    context, row, number, codes = processes(), make_row(seed=9), 0, []
    while not codes or codes[-1] == KILLED:
        number += 1
        out = tmp_path / str(number)
        board = out / "split_mnist.csv"
        if before:
            make_board(board, *(make_row(seed=seed) for seed in range(before)))
        earlier = board.read_bytes().splitlines() if before else []
        job = context.Process(target=_finish_a_run, args=(out, row, number))
        codes += exit_codes([job])
        if board.exists():
            assert set(earlier) <= set(board.read_bytes().splitlines())
            consistent(board)
        for record in out.glob("runs/*/record.json"):
            assert json.loads(record.read_text())["row"] == row
        remove_left_over([out, *(out / "runs").glob("*")])
        assert list(out.rglob("*.tmp")) == []
        file_run(board, row, DETAILS, replace=False, say=print)
        assert len(table.read(board)) == before + 1
        assert (out / "runs" / row["run_id"] / "record.json").exists()
    assert codes[-1] == 0 and len(codes) > 10


def _add(path: Path, barrier: Any, seed: int) -> None:
    barrier.wait()
    table.add(path, make_row(seed=seed))


def test_thirty_writers_at_once_lose_no_row(tmp_path: Path) -> None:
    context, path = processes(), tmp_path / "split_mnist.csv"
    barrier = context.Barrier(30)
    jobs = [context.Process(target=_add, args=(path, barrier, seed)) for seed in range(30)]
    assert exit_codes(jobs) == [0] * 30
    assert list(table.read(path)["seed"]) == list(range(30))
    assert check_folder(tmp_path) == []
