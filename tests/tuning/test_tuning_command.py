"""`hpbench tune` from the command line, on the toy scenario."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from toy import QUICK

from hpbench.boards.table import read

Command = Callable[..., Any]
WORDS = ("scenario=toy", "strategy=ann", *QUICK[1:2], *QUICK[3:])
SEARCH = (*WORDS, "strategy.lr=log(1e-4,1e-1)", "strategy.hidden=choice([128],[16])")


def test_a_search_ends_with_the_command_for_the_test_part_and_goes_on(
    hpbench: Command, toy_path: Path, tmp_path: Path
) -> None:
    words = ("tune", *SEARCH, "seeds=2", "--out", tmp_path / "tuning")
    ended = hpbench(*words, "trials=2")
    assert ended.code == 0, ended.err
    assert "optuna" not in (ended.out + ended.err).lower()
    assert ended.out.count("[1/2] ") == ended.out.count("[2/2] ") == 1
    assert "2 trials, 0 of them given up or failed" in ended.out
    board = read(tmp_path / "tuning" / "toy.csv")
    assert set(board["evaluated_on"]) == {"validation"} and sorted(board["seed"]) == [0, 0, 1, 1]
    [journal] = (tmp_path / "tuning").glob("toy-ann-*.journal")
    for kind in ("curve", "importance"):
        picture = journal.with_name(f"{journal.stem}-{kind}.png")
        assert picture.read_bytes().startswith(b"\x89PNG")
    again = hpbench(*words, "trials=3", "--quiet")
    assert again.code == 0, again.err
    assert len(read(tmp_path / "tuning" / "toy.csv")) == 6
    said, command = again.out.splitlines()
    best = re.match(r"Best settings: ([\d.]+)% ", said)
    means = read(tmp_path / "tuning" / "toy.csv").groupby("overrides")["accuracy"].mean()
    assert best and float(best[1]) == pytest.approx(100 * means.max(), abs=0.01)
    listed = hpbench(*shlex.split(command)[1:], "--dry-run").out.splitlines()
    assert [("evaluate_on" in line, f"seed={seed} " in line) for seed, line in enumerate(listed)] == [
        (False, True)
    ] * 2
    assert hpbench("board", "check", "--out", tmp_path / "tuning").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*SEARCH, "trials=0"), "trials=0: expected at least 1"),
        ((*SEARCH, "seeds=1,2"), "seeds is a setting of the whole command"),
        ((*SEARCH, "trials=many"), "trials=many"),
        ((*SEARCH, "prune=maybe"), "prune=maybe: there are: off, on"),
        ((*SEARCH, "workers=0"), "workers=0: expected a number from 1"),
        (WORDS, "there is nothing to search"),
    ],
)
def test_bad_input_is_told_in_a_line_before_anything_is_written(
    words: tuple[str, ...], said: str, hpbench: Command, toy_path: Path, tmp_path: Path
) -> None:
    ended = hpbench("tune", *words, "--out", tmp_path / "tuning")
    assert ended.code == 2 and said in ended.err
    assert len(ended.err.splitlines()) == 1
    assert not (tmp_path / "tuning").exists()


def test_a_dry_run_says_what_is_searched_and_writes_nothing(
    hpbench: Command, toy_path: Path, tmp_path: Path
) -> None:
    ended = hpbench("tune", *SEARCH[:-1], "trials=7", "--dry-run", "--out", tmp_path / "tuning")
    assert ended.code == 0, ended.err
    first, *others = ended.out.splitlines()
    assert "scenario.evaluate_on=validation" in first and "7 trials with 3 seeds each" in first
    assert others == ["  strategy.lr=log(1e-4,1e-1)", "  first the defaults: strategy.lr=0.001"]
    assert not (tmp_path / "tuning").exists()


def test_without_optuna_one_message_says_what_to_install(
    hpbench: Command, toy_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        __import__("hpbench.core.extras", fromlist=["LIBRARIES"]).LIBRARIES, "tune", "no-such-library"
    )
    ended = hpbench("tune", *SEARCH, "--out", tmp_path / "tuning")
    assert ended.code == 2
    assert "pip install 'hpbench[tune]'" in ended.err
    assert not (tmp_path / "tuning").exists()
