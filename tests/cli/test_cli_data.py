"""`hpbench data` shows what lies in the cache, and frees it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hpbench.data.cached import in_words
from hpbench.states.file import Label, private_folder, write_state

Command = Callable[..., Any]


@pytest.fixture
def full(isolated: Path) -> Path:
    """A cache with a state, two learners, a data set and the record of a run that could not be filed."""
    write_state(private_folder(isolated / "states") / "run.state", Label({}, ""), bytes(2_000_000))
    for name, size in (("learners/a.pt", 300_000), ("learners/b.pt", 200_000), ("MNIST/raw/images", 7000)):
        (isolated / name).parent.mkdir(parents=True, exist_ok=True)
        (isolated / name).write_bytes(bytes(size))
    (isolated / "hpbench_not_filed").mkdir()
    (isolated / "hpbench_not_filed" / "run.json").write_text("{}")
    return isolated


def test_data_shows_what_lies_in_the_cache(hpbench: Command, full: Path) -> None:
    shown = hpbench("data")
    assert shown.code == 0
    assert f"Cache {full}: 2.5 MB" in shown.out
    assert "states, 2.0 MB" in shown.out
    assert "learners: 500.0 kB in 2 files" in shown.out
    assert "MNIST: 7.0 kB" in shown.out
    assert "hpbench data --free states|learners|data|all" in shown.out


@pytest.mark.parametrize(
    ("kind", "left", "said"),
    [
        ("states", {"MNIST", "learners"}, "freed 2.0 MB: states"),
        ("learners", {"MNIST", "states"}, "freed 500.0 kB: learners"),
        ("data", {"learners", "states"}, "freed 7.0 kB: MNIST"),
        ("all", set(), "freed 2.5 MB: states, learners, MNIST"),
    ],
)
def test_free_removes_what_is_named_and_says_so(
    hpbench: Command, full: Path, kind: str, left: set[str], said: str
) -> None:
    freed = hpbench("data", "--free", kind)
    assert freed.code == 0 and said in freed.out
    assert {one.name for one in full.iterdir()} == left | {"hpbench_not_filed"}
    assert "nothing to free" in hpbench("data", "--free", kind).out


def test_free_follows_no_link(hpbench: Command, full: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "images").write_text("mine")
    (full / "linked").symlink_to(tmp_path / "mine")
    assert hpbench("data", "--free", "all").code == 0
    assert (tmp_path / "mine" / "images").exists()
    assert not (full / "linked").is_symlink()


def test_an_unknown_kind_is_refused(hpbench: Command, full: Path) -> None:
    ended = hpbench("data", "--free", "everything")
    assert ended.code == 2 and "learners" in ended.err
    assert (full / "learners").exists()


def test_an_empty_cache_is_called_empty(hpbench: Command, isolated: Path) -> None:
    assert f"Cache {isolated}: empty" in hpbench("data").out
    assert "nothing to free" in hpbench("data", "--free", "all").out


def test_sizes_have_units() -> None:
    assert [in_words(size) for size in (0, 999, 1000, 2.5e6, 1e10)] == [
        "0 bytes",
        "999 bytes",
        "1.0 kB",
        "2.5 MB",
        "10.0 GB",
    ]
