"""Where git cannot say whether the package's sources are those of a commit, runs and publish say why."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from toy import QUICK

from hpbench.boards.parse import records
from hpbench.boards.table import read

TOY = ("scenario=toy", "strategy=ann", *QUICK)


def without_git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", "")


def refusing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The package's folder seems a checkout, but git knows no repository there."""
    folder = tmp_path / "package"
    folder.mkdir()
    monkeypatch.setattr("hpbench.runs.provenance.checkout_root", lambda: folder)


@pytest.mark.parametrize(
    ("broken", "reason"),
    [(without_git, "git cannot be run: No such file or directory"), (refusing, "git refuses: not a git rep")],
)
def test_a_reason_of_git_is_told_once_and_rows_left_out_by_it_are_told_apart(
    hpbench: Callable[..., Any],
    toy_path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    broken: Callable[[pytest.MonkeyPatch, Path], None],
    reason: str,
) -> None:
    broken(monkeypatch, tmp_path)
    out = tmp_path / "out"
    ended = hpbench("run", *TOY, "seed=0,1", "--out", out)
    assert ended.code == 0
    assert "".join(ended.out.split("\n")).count(reason) == 1
    assert {row["checkout"] for row in records(read(out / "toy.csv"))} == {"unknown"}
    ended = hpbench("board", "publish", tmp_path / "there", "--out", out)
    assert "2 left out (2: git could not say whether the sources were those of a commit)" in ended.out


def test_rows_of_changed_sources_are_told_apart(
    hpbench: Callable[..., Any], toy_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hpbench.runs.provenance import Checkout

    changed = Checkout(tmp_path, "0" * 40, "changed")
    monkeypatch.setattr("hpbench.runs.provenance.checkout", lambda: changed)
    out = tmp_path / "out"
    ended = hpbench("run", *TOY, "--out", out)
    assert "unknown" not in ended.out
    ended = hpbench("board", "publish", tmp_path / "there", "--out", out)
    assert "1 left out (1: made from sources or own code that are in no commit)" in ended.out
