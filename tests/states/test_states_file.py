"""Whose states are read, and what becomes of damaged ones."""

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hpbench.states.file import Label, UnusableError, private_folder, read_state, write_state

LABEL = Label({"torch_version": "1"}, "before experience 2 of 5")


def accept(label: Label) -> None:
    pass


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = private_folder(tmp_path / "states") / "run.state"
    write_state(path, LABEL, b"content" * 100)
    return path


def test_a_state_is_read_as_it_was_written_and_by_its_owner_alone(path: Path) -> None:
    assert read_state(path, accept) == (LABEL, b"content" * 100)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert read_state(path.with_name("none"), accept) is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:10],
        lambda data: data[:-1],
        lambda data: data + b"x",
        lambda data: data.replace(b"content", b"CONTENT", 1),
        lambda data: data.replace(b"where", b"there", 1),
        lambda data: pickle.dumps("a pickle alone"),
    ],
)
def test_a_damaged_state_is_refused(path: Path, damage: Callable[[bytes], bytes]) -> None:
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(UnusableError, match="damaged") as refused:
        read_state(path, accept)
    assert refused.value.ours


def test_a_state_of_another_user_is_not_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(UnusableError, match="belongs to another user") as refused:
        read_state(path, accept)
    assert not refused.value.ours
    with pytest.raises(UnusableError, match="belongs to another user"):
        private_folder(path.parent.parent)


def test_two_users_have_a_folder_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = private_folder(tmp_path)
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    assert private_folder(tmp_path) != mine


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_a_state_that_others_could_have_written_is_not_read(path: Path, mode: int) -> None:
    path.chmod(mode)
    with pytest.raises(UnusableError, match="can be written by others"):
        read_state(path, accept)


def test_a_link_or_a_pipe_in_its_place_is_not_read(path: Path, tmp_path: Path) -> None:
    for make in (lambda one: one.symlink_to(path.parent / "elsewhere"), os.mkfifo):
        path.unlink()
        make(path)
        with pytest.raises(UnusableError):
            read_state(path, accept)


def test_nothing_is_unpickled_before_the_label_is_accepted(path: Path) -> None:
    def refuse(label: Label) -> Any:
        raise UnusableError(f"not {label.where}")

    path.write_bytes(path.read_bytes()[:-5])  # damaged, too: what is said is that it is of another version
    with pytest.raises(UnusableError, match="not before experience 2 of 5"):
        read_state(path, refuse)
