"""A run that is killed at any call that changes a file leaves nothing half written, and can be repeated."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from board_rows import make_board, make_row, processes

from hpbench.board import table
from hpbench.board.check import check_folder
from hpbench.core.files import remove_left_over

KILLED = 9
CHANGES = (
    "open",
    "os.mkdir",
    "os.rename",
    "os.remove",
    "os.chmod",
    "os.truncate",
    "tempfile.mkstemp",
    "fcntl.flock",
)
DETAILS = {"R": [[0.5]], "curve": [{"loss": 0.1}]}


def _die_at(number: int, folder: Path) -> None:
    """End this process, as a kill does, at its n-th call that changes a file below the folder."""
    calls = [0]

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in CHANGES:
            return
        if event == "open" and (str(arguments[1] or "").startswith("r") or not isinstance(arguments[0], str)):
            return
        if str(arguments[0]).startswith(str(folder)) or event == "fcntl.flock":
            calls[0] += 1
            if calls[0] == number:
                os._exit(KILLED)

    sys.addaudithook(hook)


def _finish_a_run(out: Path, row: dict[str, Any], number: int) -> None:
    """What a run does when it is done, in a process that is killed on the way."""
    from hpbench.core.writable import check_writable
    from hpbench.runs.filed import file_run

    board = out / "split_mnist.csv"
    _die_at(number, out)
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
        job.start()
        job.join(60)
        codes.append(job.exitcode)
        if board.exists():
            assert set(earlier) <= set(board.read_bytes().splitlines())
            assert check_folder(out) == []
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
    for job in jobs:
        job.start()
    for job in jobs:
        job.join(120)
    assert [job.exitcode for job in jobs] == [0] * 30
    assert list(table.read(path)["seed"]) == list(range(30))
    assert check_folder(tmp_path) == []
