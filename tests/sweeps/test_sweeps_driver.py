"""The driver of a sweep: what it does with the runs, whatever executes them."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from board_rows import exit_codes, make_row, processes
from watching import Quiet

from hpbench.boards.table import read
from hpbench.core.errors import InputError
from hpbench.core.run import Run
from hpbench.runs.execute import Record
from hpbench.runs.perform import Performed
from hpbench.sweeps.driver import drive
from hpbench.sweeps.executor import Task
from hpbench.sweeps.lease import Leases

DETAILS = {"R": [[0.5]], "curve": [{"experience": 0, "samples": 1, "accuracy": 0.5}]}


class Fake:
    """An executor whose runs take no training; a seed of 7 fails. Tasks end in the reverse order."""

    def __init__(self, slots: int = 2, seconds: float = 0.0) -> None:
        self.slots, self.seconds = slots, seconds
        self.started: list[Task] = []
        self.performed: list[int] = []
        self.closed = False
        self._going: list[Task] = []

    def start(self, task: Task) -> None:
        self.started.append(task)
        self._going.append(task)
        assert len(self._going) <= self.slots

    def ended(self, seconds: float) -> Iterator[tuple[Task, Performed | Exception]]:
        if not self._going:
            return
        time.sleep(self.seconds)
        task = self._going.pop()
        row = make_row(seed=task.run.seed)
        if task.run.seed == 7:
            yield task, InputError("seven")
        elif row["run_id"] in task.known:
            yield task, Performed(row, {}, fresh=False)
        else:
            self.performed.append(task.run.seed)
            yield task, Performed(row, DETAILS)

    def close(self) -> None:
        self.closed = True


def run(seed: int) -> Run:
    return Run("split_mnist", "hp", _Settings(), _Settings(), seed, "cpu", 1, None)


def _Settings() -> Any:  # noqa: N802
    from hpbench.learning.settings import LearningSettings

    return LearningSettings()


def test_results_are_in_the_order_of_the_runs_and_a_failure_stops_no_other(tmp_path: Path) -> None:
    fake = Fake()
    results = drive([run(seed) for seed in (3, 7, 5)], tmp_path, fake, Quiet(), force=False)
    assert [one.row["seed"] if isinstance(one, Record) else str(one) for one in results] == [3, "seven", 5]
    assert sorted(read(tmp_path / "split_mnist.csv")["seed"]) == [3, 5]
    assert fake.closed


def test_a_run_that_is_asked_for_twice_is_done_once(tmp_path: Path) -> None:
    fake = Fake()
    first, second = drive([run(1), run(1)], tmp_path, fake, Quiet(), force=False)
    assert isinstance(first, Record) and isinstance(second, Record)
    assert (first.fresh, second.fresh, fake.performed) == (True, False, [1])


def test_a_damaged_board_fails_its_runs_alone_and_is_not_touched(tmp_path: Path) -> None:
    board = tmp_path / "split_mnist.csv"
    board.write_text("nonsense\n")
    fake = Fake()
    results = drive([run(1), run(2)], tmp_path, fake, Quiet(), force=False)
    assert all(isinstance(one, InputError) for one in results)
    assert (fake.started, board.read_text()) == ([], "nonsense\n")


def test_the_executor_is_closed_and_leases_are_given_back_on_ctrl_c(tmp_path: Path) -> None:
    class Interrupted(Fake):
        def ended(self, seconds: float) -> Iterator[tuple[Task, Performed | Exception]]:
            raise KeyboardInterrupt

    fake = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        drive([run(1)], tmp_path, fake, Quiet(), force=False)
    assert fake.closed
    assert Leases(tmp_path).take(run(1))


def _sweep(out: Path, seeds: list[int], counts: Any) -> None:
    fake = Fake(seconds=0.02)
    drive([run(seed) for seed in seeds], out, fake, Quiet(), force=False)
    counts.put(len(fake.performed))


def test_sweeps_beside_each_other_share_the_work(tmp_path: Path) -> None:
    context = processes()
    counts = context.Queue()
    seeds = [seed for seed in range(30) if seed != 7]
    orders = (seeds, seeds[::-1], seeds)
    jobs = [context.Process(target=_sweep, args=(tmp_path, order, counts)) for order in orders]
    assert exit_codes(jobs) == [0, 0, 0]
    done = [counts.get(timeout=10) for _ in jobs]
    assert sum(done) == len(seeds), "every run once"
    assert sum(one > 0 for one in done) > 1, "by more than one process"
    assert sorted(read(tmp_path / "split_mnist.csv")["seed"]) == seeds
    assert list(tmp_path.glob(".run-*")) == []


def _die_with_a_lease(out: Path) -> None:
    import os

    assert Leases(out).take(run(1))
    os.kill(os.getpid(), 9)


def test_a_lease_is_released_when_its_holder_dies(tmp_path: Path) -> None:
    holder = Leases(tmp_path)
    assert holder.take(run(1)) and not holder.take(run(1))
    assert not Leases(tmp_path).take(run(1))
    holder.give_back(run(1))
    assert exit_codes([processes().Process(target=_die_with_a_lease, args=(tmp_path,))]) == [-9]
    assert Leases(tmp_path).take(run(1))
