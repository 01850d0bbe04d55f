"""A row says where a strategy comes from that is not the package's own, and boards tell such ones apart."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from board_rows import make_board, make_row
from toy import QUICK, strategy_text, write_file

from hpbench import registry
from hpbench.boards.counted import Versions
from hpbench.boards.publish import publish
from hpbench.boards.ranking import groups
from hpbench.boards.table import read
from hpbench.runs.origin import own_code


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-C", folder, "-c", "user.name=x", "-c", "user.email=x@y", *words], check=True)


@pytest.fixture
def mine(toy_path: Path) -> registry.Entry:
    """A strategy of one's own, which imports a helper."""
    write_file(toy_path / "strategies" / "_helper.py", "x = 1\n")
    write_file(toy_path / "strategies" / "mine.py", strategy_text() + "\nfrom ._helper import x\n")
    return registry.find("strategies", "mine")


def test_outside_a_repository(mine: registry.Entry) -> None:
    assert own_code([mine, registry.find("scenarios", "split_mnist")]) == "strategy none"
    assert own_code([registry.find("strategies", "hp"), registry.find("scenarios", "toy")]) == "scenario none"


def test_in_a_repository_with_what_it_imports(mine: registry.Entry, toy_path: Path) -> None:
    git(toy_path, "init", "-q")
    git(toy_path, "add", "strategies/mine.py")
    git(toy_path, "commit", "-qm", "mine")
    assert own_code([mine]).split()[-1] == "changed"  # the helper is in no commit
    git(toy_path, "add", ".")
    git(toy_path, "commit", "-qm", "helper")
    words = own_code([mine]).split()
    assert words[:2] == ["strategy", "commit"] and words[-1] == "clean"
    (toy_path / "strategies" / "_helper.py").write_text("x = 2\n")
    assert own_code([mine]).split()[-1] == "changed"


def test_an_installed_package(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = SimpleNamespace(origin="torch", singular="strategy")
    monkeypatch.setattr("importlib.metadata.version", lambda name: "9.1")
    assert own_code([entry]) == "strategy package torch 9.1"


def test_the_row_has_it_and_publish_leaves_it_out(
    hpbench: Callable, mine: registry.Entry, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert hpbench("run", "scenario=toy", "strategy=mine", *QUICK, "--out", out).code == 0
    assert list(read(out / "toy.csv")["own_code"]) == ["strategy none, scenario none"]
    assert "0 rows added" in hpbench("board", "publish", tmp_path / "shared", "--out", out).out
    shown = hpbench("board", "publish", tmp_path / "shared", "--out", out, "--include-uncommitted")
    assert "1 rows added" in shown.out


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"strategy_version": "code-aaaaaaaaaaaa"}, {"strategy_version": "code-bbbbbbbbbbbb"}),
        ({"own_code": "strategy package ours 1.0"}, {"own_code": "strategy package theirs 1.0"}),
    ],
)
def test_two_strategies_of_one_name_do_not_supersede_each_other(one: dict, other: dict) -> None:
    rows = [
        make_row(strategy="mine", accuracy=accuracy, **who) for accuracy, who in ((0.5, one), (0.7, other))
    ]
    rows[1]["finished"] = "2026-03-01T00:00:00Z"
    [group] = groups(pd.DataFrame(rows))
    assert [entry.accuracy for entry in group.entries] == [0.7, 0.5]
    assert len({entry.lineage for entry in group.entries}) == 2


def test_where_the_code_is_installed_only_its_present_version_is_shown() -> None:
    rows = [
        make_row(strategy="mine", accuracy=accuracy, strategy_version=version)
        for accuracy, version in ((0.5, "code-aaaaaaaaaaaa"), (0.7, "code-bbbbbbbbbbbb"))
    ]
    [group] = groups(pd.DataFrame(rows), lambda scenario, strategy: Versions("1", "code-aaaaaaaaaaaa", "1"))
    [entry] = group.entries
    assert (entry.accuracy, entry.superseded) == (0.5, 1)


def test_versions_of_the_package_supersede_each_other_still() -> None:
    rows = [make_row(strategy_version="1"), make_row(strategy_version="2", finished="2026-03-01T00:00:00Z")]
    [group] = groups(pd.DataFrame(rows))
    [entry] = group.entries
    assert entry.superseded == 1


def test_what_diverged_comes_last_without_a_rank(tmp_path: Path) -> None:
    rows = [
        make_row(strategy="good", accuracy=0.9),
        make_row(strategy="broken", accuracy=0.95, diverged="loss in experience 1, by sample 100"),
        make_row(strategy="poor", accuracy=0.2),
    ]
    [group] = groups(pd.DataFrame(rows))
    assert [entry.strategy for entry in group.entries] == ["good", "poor", "broken"]
    assert group.ranks[2] is None and all(group.ranks[:2])
    assert "diverged: 1" in group.entries[2].notes
    make_board(tmp_path / "mine" / "split_mnist.csv", *rows)
    publish(tmp_path / "mine", tmp_path / "shared")
    assert "| – | broken |" in (tmp_path / "shared" / "README.md").read_text()
