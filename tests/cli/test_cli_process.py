"""A process of its own, broken off: what reaches the terminal, and what is left on the disk."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from toy import QUICK, files, strategy_text, write_file, write_toy

from hpbench.boards.check import check_folder
from hpbench.boards.table import read

INTERRUPT = "import os, signal; os.kill(os.getpid(), signal.SIGINT)"


@dataclass(frozen=True)
class Broken:
    """A sweep of three strategies whose last one was interrupted."""

    code: int
    out: str
    err: str
    folder: Path
    log: str


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Broken:
    folder = tmp_path_factory.mktemp("process")
    mine = write_toy(folder / "mine")
    write_file(mine / "strategies" / "pressed.py", strategy_text(INTERRUPT))
    words = ["run", "scenario=toy", "strategy=replay,ewc,pressed,ann", *QUICK, "--out", str(folder / "out")]
    environment = os.environ | {
        "HPBENCH_PATH": str(mine),
        "XDG_STATE_HOME": str(folder / "state"),
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
    # A test run in the background of a shell has ^C ignored, and its children inherit that.
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    script = f"{heard}; from hpbench.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, *words], capture_output=True, env=environment, cwd=folder, timeout=300
    )
    [log] = (folder / "state").rglob("hpbench.log")
    return Broken(
        done.returncode, done.stdout.decode(), done.stderr.decode(), folder / "out", log.read_text()
    )


def test_ctrl_c_ends_with_130_and_one_line(broken: Broken) -> None:
    assert broken.code == 130
    [line] = broken.err.strip().splitlines()  # the first line ends the one of the terminal's ^C
    assert line.startswith("hpbench: interrupted")


def test_ctrl_c_leaves_the_rows_of_finished_runs_and_nothing_else(broken: Broken) -> None:
    frame = read(broken.folder / "toy.csv")
    assert sorted(frame["strategy"]) == ["ewc", "replay"]
    assert check_folder(broken.folder) == []
    expected = {f"runs/{run}/{name}" for run in frame["run_id"] for name in ("record.json", "picture.png")}
    assert set(files(broken.folder)) == {"toy.csv", *expected}


def test_output_that_is_no_terminal_has_no_control_characters(broken: Broken) -> None:
    controls = {character for character in broken.out if ord(character) < 32 or 127 <= ord(character) < 160}
    assert controls == {"\n"}
    assert "100%" not in broken.out, "no progress bar"


def test_warnings_of_libraries_go_to_the_log_only(broken: Broken) -> None:
    assert "Warning" not in broken.out + broken.err
    assert "DeprecationWarning" in broken.log, "Avalanche's replay plugin warns"
