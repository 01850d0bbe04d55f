"""A finished run gets to its board, or its record says how it can be brought there later."""

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from toy import QUICK, files, strategy_text, write_file

TOY = ("run", "scenario=toy", "strategy=ann", *QUICK)


def fail_at(monkeypatch: pytest.MonkeyPatch, *endings: str) -> None:
    """From now on the disk is full for files whose path has one of these parts."""
    real = os.fsync

    def full(descriptor: int) -> None:
        path = str(Path(f"/proc/self/fd/{descriptor}").readlink())
        if any(part in path for part in endings):
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr("os.fsync", full)


def rows(out: Path) -> list[str]:
    return (out / "toy.csv").read_text().splitlines()[1:]


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="names the file of a descriptor by /proc")


def test_a_full_disk_for_the_board_names_the_record_which_can_be_added(
    hpbench: Callable, out: Path, toy_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (out / "toy.csv").read_bytes()
    with monkeypatch.context() as patch:
        fail_at(patch, "/.toy.csv.")
        ended = hpbench(*TOY, "seed=5", "--out", out)
    assert ended.code == 2
    [line] = ended.err.splitlines()
    [record] = [one for one in (out / "runs").glob("*/record.json") if f"safe in {one}:" in line]
    assert "the disk is full" in line and f"`hpbench board add {record} --out {out}`" in line
    assert (out / "toy.csv").read_bytes() == before
    assert [name for name in files(out) if name.endswith(".tmp")] == []
    assert hpbench("board", "add", record, "--out", out).out == f"{record}: added to {out / 'toy.csv'}\n"
    assert len(rows(out)) == 2
    assert "is already on" in hpbench("board", "add", record, "--out", out).out
    assert "skipped" in hpbench(*TOY, "seed=5", "--out", out).out


def test_a_full_disk_for_the_record_keeps_it_elsewhere(
    hpbench: Callable, out: Path, toy_path: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        fail_at(patch, "/.record.json.")
        ended = hpbench(*TOY, "seed=5", "--out", out)
    assert ended.code == 2
    [record] = (isolated / "hpbench_not_filed").iterdir()
    assert str(record) in ended.err
    assert hpbench("board", "add", record, "--out", out).code == 0
    assert len(rows(out)) == 2
    assert (out / "runs" / record.stem / "record.json").read_bytes() == record.read_bytes()


def test_a_sweep_goes_on_after_a_row_that_could_not_be_written(
    hpbench: Callable, out: Path, toy_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hpbench.boards import table

    real, calls = table.add, []

    def second_time(*arguments: object) -> str:
        calls.append(arguments)
        if len(calls) == 1:
            table.write_atomically(Path("/proc/no/such/board.csv"), "")
        return real(*arguments)

    monkeypatch.setattr(table, "add", second_time)
    ended = hpbench(*TOY, "seed=5,6,7", "--out", out)
    assert ended.code == 2
    assert ended.err.count("The run itself is safe in") == 1
    assert len(rows(out)) == 3


def test_a_run_that_another_process_has_done_meanwhile_is_noted_and_the_sweep_goes_on(
    hpbench: Callable, out: Path, toy_path: Path
) -> None:
    body = f"import shutil; shutil.copy({str(out / 'moved')!r}, {str(out / 'toy.csv')!r})"
    text = strategy_text(body)
    write_file(toy_path / "strategies" / "slow.py", text)
    words = ("run", "scenario=toy", "strategy=slow", *QUICK, "--out", out)
    before = (out / "toy.csv").read_bytes()
    (out / "moved").write_bytes(before)
    assert hpbench(*words, "seed=1").code == 0
    done = (out / "toy.csv").read_bytes()
    (out / "toy.csv").write_bytes(before)
    (out / "moved").write_bytes(done)  # the row of seed 1 appears while it is trained
    ended = hpbench(*words, "seed=1,2")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.count("skipped") == 1
    assert (out / "toy.csv").read_bytes() > done
    assert len(rows(out)) == 3


def test_a_picture_that_cannot_be_drawn_leaves_the_row_and_says_so(
    hpbench: Callable, out: Path, toy_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(record: object) -> bytes:
        raise RuntimeError("no fonts")

    monkeypatch.setattr("hpbench.report.plot.run_picture", broken)
    ended = hpbench(*TOY, "seed=5", "--out", out)
    assert ended.code == 2
    [line] = ended.err.splitlines()
    assert "RuntimeError: no fonts" in line and f"row is safe in {out / 'toy.csv'}" in line
    assert len(rows(out)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"row": 3}',
        '{"row": {"scenario": "toy"}}',
        "\0",
        '{"row": {"scenario": "../x", "run_id": 1}}',
    ],
)
def test_what_is_no_record_is_refused(hpbench: Callable, out: Path, tmp_path: Path, text: str) -> None:
    before = files(out)
    record = write_file(tmp_path / "some.json", text)
    ended = hpbench("board", "add", record, "--out", out)
    assert ended.code == 2
    [line] = ended.err.splitlines()
    assert line.startswith("hpbench: ")
    assert files(out) == before
    assert hpbench("board", "add", tmp_path / "none.json", "--out", out).code == 2
