"""Whether results can be written is found out before a run."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from hpbench.core.errors import InputError
from hpbench.core.files import remove_left_over, write_atomically
from hpbench.core.writable import check_writable

NOBODY = 65534


def test_folders_are_made_and_nothing_is_left_in_them(tmp_path: Path) -> None:
    check_writable([tmp_path / "a", tmp_path / "a" / "runs"], [tmp_path / "a" / ".x.lock"], [tmp_path / "x"])
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["a", "runs"]


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InputError, match=r"cannot write to .* \(No space left on device\)"):
        check_writable([tmp_path], [], [])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can be another user")
@pytest.mark.parametrize("part", ["folder", "lock", "board in a sticky folder"])
def test_what_belongs_to_another_user_is_told(request: pytest.FixtureRequest, part: str) -> None:
    shared = Path(tempfile.mkdtemp())  # pytest's own folders are closed to others
    request.addfinalizer(lambda: shutil.rmtree(shared))
    lock, board = shared / ".board.csv.lock", shared / "board.csv"
    for file in (lock, board):
        file.touch(0o644)
    shared.chmod({"folder": 0o755, "lock": 0o777}.get(part, 0o1777))
    paths = {"folder": ([str(shared)], [], []), "lock": ([], [str(lock)], [])}.get(
        part, ([], [], [str(board)])
    )
    code = f"""
import os
from pathlib import Path
from hpbench.core.errors import InputError
from hpbench.core.writable import check_writable
os.setuid({NOBODY})
try:
    check_writable(*(map(Path, some) for some in {paths!r}))
except InputError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("cannot write to ") and "choose another folder with --out" in done.stdout


def left_by(process: int, host: str, folder: Path) -> Path:
    path = folder / f".board.csv.{host}.{process}-abc_12.tmp"
    path.touch()
    return path


def test_temporary_files_of_the_dead_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from hpbench.core import files

    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    dead = left_by(ended.pid, files._host(), tmp_path)
    alive = left_by(os.getpid(), files._host(), tmp_path)
    elsewhere = left_by(ended.pid, "another_machine", tmp_path)
    old = left_by(1, "another_machine", tmp_path)
    os.utime(old, (0, 0))
    other = tmp_path / ".editor.tmp"
    other.touch()
    remove_left_over([tmp_path, tmp_path / "none"])
    assert sorted(tmp_path.iterdir()) == sorted([alive, elsewhere, other])
    assert not dead.exists()


def test_what_a_killed_writer_leaves_is_found_by_its_name(tmp_path: Path) -> None:
    code = f"""
import os
from pathlib import Path
os.fsync = lambda descriptor: os._exit(9)
from hpbench.core.files import write_atomically
write_atomically(Path({str(tmp_path)!r}) / ({"x" * 150!r} + ".json"), "text")
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    assert len(list(tmp_path.iterdir())) == 1
    remove_left_over([tmp_path])
    assert list(tmp_path.iterdir()) == []


def test_writing_leaves_the_file_alone_in_its_folder(tmp_path: Path) -> None:
    write_atomically(tmp_path / "new" / "file", b"12")
    assert [one.name for one in (tmp_path / "new").iterdir()] == ["file"]
