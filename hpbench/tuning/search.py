"""The runs of a search, one after another: asks for trials, and tells what has become of them."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from hpbench.core.errors import InputError, RunError
from hpbench.core.run import Run
from hpbench.core.stages import PrunedError
from hpbench.core.trial import Trial
from hpbench.runs.execute import Record
from hpbench.sweeps.driver import Result
from hpbench.sweeps.executor import Task
from hpbench.sweeps.processes import WorkerDiedError
from hpbench.tuning.bars import seed_bar, stage_bars
from hpbench.tuning.settings import TuneSettings
from hpbench.tuning.study import Begun, Study

_FAILURES = 3
"""When the first trials, this many, have all failed, the search ends: something else is wrong."""

_SEED_PLACE = 1_000_000
"""Places of a trial, for Optuna: this many for each seed, the stages of its run among them."""


@dataclass
class _Open:
    """A trial that this process is at: its runs by seed, which of them have begun, and what they gave."""

    begun: Begun
    runs: list[Run]
    next: int = 0
    going: int = 0
    records: dict[int, Record] = field(default_factory=dict)

    @property
    def accuracies(self) -> list[float]:
        """Those of the first seeds, up to one that has not ended."""
        found: list[float] = []
        while len(found) in self.records:
            found.append(self.records[len(found)].row["accuracy"])
        return found


class Search:
    """Gives the runs of a search to the driver of a sweep.

    The seeds of a trial are run one after another, so that it can be given up after each; a further trial
    is begun for every run that can be performed beside it. Only when no further trial is left, seeds of one
    trial are run side by side.
    """

    def __init__(self, study: Study, settings: TuneSettings, tell: Callable[[Trial], None]) -> None:
        self._study, self._settings, self._tell = study, settings, tell
        self._open: list[_Open] = []
        self._of: dict[int, tuple[_Open, int]] = {}
        self._count = self._failed = 0

    def next(self) -> Task | None:
        """The next seed of a trial, or the first of a new one."""
        for one in self._open:
            if not one.going and one.next < len(one.runs):
                return self._task(one)
        while (begun := self._study.begin(self._settings.trials)) is not None:
            runs, reason = self._study.space.runs(begun.point, self._settings.seeds)
            one = _Open(begun, runs)
            self._open.append(one)
            if runs:
                return self._task(one)
            self._give_up(one, f"cannot be run: {reason}")
        return next((self._task(one) for one in self._open if one.next < len(one.runs)), None)

    def ended(self, task: Task, result: Result) -> None:
        """Note what a run gave, and tell what that means for its trial.

        Raises the failure of a run that is not its settings' fault; the trial is then left as it is, and the
        next start of the command goes on with it.
        """
        one, seed = self._of.pop(task.number)
        one.going -= 1
        if one not in self._open:  # given up meanwhile
            return
        if isinstance(result, Record):
            self._study.check_data(result.row)
            if result.row["diverged"]:
                self._give_up(one, f"diverged: {result.row['diverged']} (seed {seed})")
            else:
                one.records[seed] = result
                self._judge(one)
        elif isinstance(result, PrunedError):
            place = seed * _SEED_PLACE + len(result.reached)
            self._give_up(one, f"given up: {result} (seed {seed})", result.reached[-1], place)
        elif isinstance(result, (RunError, WorkerDiedError)):
            self._failed += 1
            self._give_up(one, f"failed: {result}")
            if self._failed >= _FAILURES and not self._study.finished():
                raise InputError(f"the first {self._failed} trials have all failed: {result}") from result
        else:
            raise result

    def over(self) -> bool:
        """Whether all trials have ended, those of other processes included."""
        return not self._open and not self._study.running()

    def _task(self, one: _Open) -> Task:
        seed, one.next = one.next, one.next + 1
        one.going += 1
        self._count += 1
        self._of[self._count] = one, seed
        bars = stage_bars(self._study.stages(seed)) if self._settings.prune == "on" else []
        return Task(self._count, one.runs[seed], bars=bars)

    def _judge(self, one: _Open) -> None:
        """After a seed has ended: the trial is finished, given up, or goes on."""
        accuracies = one.accuracies
        if len(accuracies) == len(one.runs):
            value = float(np.mean(accuracies))
            stages = [list(one.records[seed].details.get("stages", ())) for seed in range(len(one.runs))]
            one.begun.finish(value, accuracies, stages)
            self._close(one, value=value)
            return
        bar = seed_bar(self._study.accuracies(), len(accuracies)) if accuracies else None
        if bar is not None and self._settings.prune == "on" and np.mean(accuracies) < bar:
            mean, seeds = float(np.mean(accuracies)), len(accuracies)
            reason = f"given up: {mean:.2%} after {seeds} seed{'s' * (seeds > 1)}, below {bar:.2%}"
            self._give_up(one, reason, mean, seeds * _SEED_PLACE)

    def _give_up(self, one: _Open, reason: str, last: float | None = None, place: int = 0) -> None:
        one.begun.give_up(reason, one.accuracies, last, place)
        self._close(one, reason=reason)

    def _close(self, one: _Open, value: float | None = None, reason: str = "") -> None:
        self._open.remove(one)
        words, _ = self._study.space.planned(one.begun.point)
        self._tell(Trial(one.begun.number, one.begun.point, words, value, reason, tuple(one.accuracies)))
