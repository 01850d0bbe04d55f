"""Runs side by side in processes of their own: their figures, a process that dies, Ctrl-C."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from toy import QUICK, strategy_text, write_file

from hpbench.boards.table import read

BY_CLOCK = ["train_seconds", "test_seconds", "peak_memory_mb", "finished"]

WAITING = '''"""Says which process builds it, and waits there."""

import os
import time
from pathlib import Path

from hpbench.learning.settings import StreamSettings

PROTOCOL = "continual"
VERSION = "1"
Settings = StreamSettings


def build(settings, resources):
    Path({folder!r}, f"{{os.getpid()}}-{{time.monotonic_ns()}}").touch()
    time.sleep(600)
'''


def _start(*words: object, folder: Path) -> "subprocess.Popen[str]":
    """The command line as a user's shell starts it, with folders of its own.

    It hears Ctrl-C where the tests themselves were started in the background, too.
    """
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    command = [sys.executable, "-c", f"{heard}; from hpbench.cli.main import main; main()", *map(str, words)]
    own = {f"XDG_{name}_HOME": str(folder / name) for name in ("CACHE", "STATE")}
    return subprocess.Popen(
        command,
        env=os.environ | own,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_figures_are_those_of_one_process_and_a_failure_stops_no_other(
    hpbench: Callable, toy_path: Path, tmp_path: Path
) -> None:
    write_file(toy_path / "strategies" / "failing.py", strategy_text("raise RuntimeError('no spikes')"))
    words = ("run", "scenario=toy", "strategy=gp,failing,ann", *QUICK)
    beside = _start(*words, "workers=2", "--out", tmp_path / "two", folder=tmp_path)
    alone = hpbench(*words, "--out", tmp_path / "one")
    said, complaints = beside.communicate()
    assert (alone.code, beside.returncode) == (2, 2), complaints
    assert "hpbench: 1 of 3 runs failed:" in complaints.splitlines()
    assert "no spikes" in complaints and "Traceback" not in said + complaints
    one, two = (read(tmp_path / name / "toy.csv").drop(columns=BY_CLOCK) for name in ("one", "two"))
    assert len(one) == 2 and one.equals(two)
    assert len(list(tmp_path.glob("two/runs/*/picture.png"))) == 2


def _there(folder: Path, count: int) -> list[int]:
    """The processes that have begun a run, once there are this many."""
    for _ in range(600):
        names = sorted((path.name for path in folder.iterdir()), key=lambda name: int(name.split("-")[1]))
        if len(names) >= count:
            return [int(name.split("-")[0]) for name in names]
        time.sleep(0.1)
    raise AssertionError("no such process after a minute")


def test_a_run_whose_process_dies_begins_again_and_ctrl_c_ends_all(toy_path: Path, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    begun.mkdir()
    write_file(toy_path / "scenarios" / "waiting.py", WAITING.format(folder=str(begun)))
    words = ("run", "scenario=waiting", "strategy=ann", "seed=0,1", "workers=2", "--out", tmp_path / "out")
    sweep = _start(*words, folder=tmp_path)
    first, _ = _there(begun, 2)
    os.kill(first, signal.SIGKILL)
    _there(begun, 4)  # both are started again
    children = psutil.Process(sweep.pid).children(recursive=True)
    os.killpg(sweep.pid, signal.SIGINT)
    said, complaints = sweep.communicate(timeout=60)  # two seconds on an idle machine
    assert sweep.returncode == 130, complaints
    assert "started again" in said and "Traceback" not in complaints
    psutil.wait_procs(children, timeout=5)
    assert not [one for one in children if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    assert list((tmp_path / "out").glob(".run-*")) == []


def test_workers_that_are_no_number_are_refused(hpbench: Callable, toy_path: Path, tmp_path: Path) -> None:
    for words in (["workers=0"], ["workers=-1"], ["workers=two"], ["workers=1.5"], ["workers=9999"]):
        ended = hpbench("run", "scenario=toy", "strategy=ann", *words, "--out", tmp_path / "out")
        assert ended.code == 2
        assert f"{words[0]}: expected a number from 1 to 1024, or auto" in ended.err
    ended = hpbench("run", "scenario=toy", "strategy=ann", "workers=1,2", "--out", tmp_path / "out")
    assert ended.code == 2 and "workers is a setting of the whole command" in ended.err
    ended = hpbench("run", "scenario=toy", "strategy=ann", "worker=2", "--out", tmp_path / "out")
    assert ended.code == 2 and "'workers'" in ended.err
