"""The study of a search: its trials in a journal file, by Optuna, which several processes may share."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import filelock
import optuna
from optuna.storages.journal import JournalFileBackend, JournalStorage
from optuna.trial import FrozenTrial, TrialState

from hpbench.core.errors import InputError
from hpbench.core.trial import Trial
from hpbench.sweeps.lease import Leases
from hpbench.tuning.space import Space

_ACCURACIES, _STAGES, _REASON, _DATA = "accuracies", "stages", "reason", "data"


class Study:
    """The trials of a search. Raises InputError if the journal cannot be read or written.

    A trial is at most one process's: it holds a lease, which the system releases when the process dies, and
    the trial is then taken up by another, or by the next start of the command.
    """

    def __init__(self, path: Path, space: Space, leases: Leases) -> None:
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.path, self.space, self._leases = path, space, leases
        self._lock = filelock.FileLock(path.with_name(f".{path.name}.lock"))
        with self.alone(), _told(path):
            _mend(path)
            storage = JournalStorage(JournalFileBackend(str(path), lock_obj=_Lock(path)))  # type: ignore[arg-type]
            self.optuna = optuna.create_study(
                storage=storage,
                sampler=Sampler(),
                pruner=optuna.pruners.NopPruner(),
                study_name=path.stem,
                direction="maximize",
                load_if_exists=True,
            )
            if space.first and not self.optuna.get_trials(deepcopy=False):
                self.optuna.enqueue_trial(dict(space.first))
        self._distributions = {one.key: _distribution(one) for one in space.searched}

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Within it, no other process begins a trial."""
        with self._lock:
            yield

    def begin(self, most: int) -> "Begun | None":
        """A trial whose process has died, or a new one if there are fewer than `most`; None if neither."""
        with self.alone(), _told(self.path):
            trials = self.optuna.get_trials(deepcopy=False)
            for one in trials:
                if one.state == TrialState.RUNNING and self._leases.take(self._name(one.number)):
                    return Begun(self, optuna.Trial(self.optuna, one._trial_id), one.params)
            if sum(one.state != TrialState.WAITING for one in trials) >= most:
                return None
            trial = self.optuna.ask(self._distributions)
            self._leases.take(self._name(trial.number))
            return Begun(self, trial, trial.params)

    def running(self) -> bool:
        """Whether any process is at a trial."""
        return bool(self.optuna.get_trials(deepcopy=False, states=(TrialState.RUNNING,)))

    def standing(self) -> tuple[int, int | None, float]:
        """How many trials have ended, and the number and the value of the best, the first of equals."""
        ended = [one for one in self.optuna.get_trials(deepcopy=False) if one.state.is_finished()]
        having = [one for one in ended if one.value is not None and one.state == TrialState.COMPLETE]
        best = max(having, key=lambda one: (one.value, -one.number), default=None)
        if best is None:
            return len(ended), None, 0.0
        return len(ended), best.number, best.value or 0.0

    def finished(self) -> list[FrozenTrial]:
        """The trials that have a value."""
        return self.optuna.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))

    def accuracies(self) -> list[list[float]]:
        """The accuracies of the seeds of each finished trial."""
        return [one.user_attrs[_ACCURACIES] for one in self.finished()]

    def stages(self, seed: int) -> list[list[float]]:
        """What the runs with this seed had reached after their stages, of each finished trial."""
        return [one.user_attrs[_STAGES][seed] for one in self.finished()]

    def trials(self) -> list[Trial]:
        """The trials that have ended."""
        return [
            Trial(
                one.number,
                one.params,
                self.space.planned(one.params)[0],
                one.value if one.state == TrialState.COMPLETE else None,
                one.user_attrs.get(_REASON, ""),
                tuple(one.user_attrs.get(_ACCURACIES, ())),
            )
            for one in self.optuna.get_trials(deepcopy=False)
            if one.state.is_finished()
        ]

    def importance(self) -> dict[str, float]:
        """The share of each setting in what good trials differ in (PED-ANOVA); empty if too few have ended.

        Watanabe, Bansal and Hutter, IJCAI 2023.
        """
        values = {one.value for one in self.finished()}
        if len(values) < 2 or len(self.space.searched) < 2:
            return {}
        evaluator = optuna.importance.PedAnovaImportanceEvaluator()
        try:
            return optuna.importance.get_param_importances(self.optuna, evaluator=evaluator)
        except (RuntimeError, ValueError):  # too few trials
            return {}

    def check_data(self, row: Mapping[str, Any]) -> None:
        """Raise InputError if the trials so far were measured on other data than this row."""
        own = f"{row['dataset']} {row['dataset_sha256'][:16]}"
        first = self.optuna.user_attrs.get(_DATA)
        if first is None:
            self.optuna.set_user_attr(_DATA, own)
        elif first != own:
            raise InputError(
                f"this search was begun on the data {first}, and now there are {own}: bring back the "
                f"data, or remove {self.path} to begin anew"
            )

    def _name(self, number: int) -> str:
        return f"{self.path.name} trial {number}"

    def let_go(self, number: int) -> None:
        """The trial has ended."""
        self._leases.give_back(self._name(number))


class Begun:
    """A trial that this process is at, and its point of the space."""

    def __init__(self, study: Study, trial: optuna.Trial, point: Mapping[str, Any]) -> None:
        self.number, self.point = trial.number, dict(point)
        self._study, self._trial = study, trial

    def finish(self, value: float, accuracies: list[float], stages: list[list[float]]) -> None:
        """It has a value."""
        self._note(accuracies, stages)
        self._study.optuna.tell(self._trial, value)
        self._study.let_go(self.number)

    def give_up(
        self, reason: str, accuracies: list[float], last: float | None = None, place: int = 0
    ) -> None:
        """It has none, for this reason; `last` is what it had reached, the greater `place` the later.

        Failures count as given up as well, with nothing reached: Optuna's sampler forgets failed trials, and
        would go there again.
        """
        self._note(accuracies, [])
        self._trial.set_user_attr(_REASON, reason)
        if last is not None:
            self._trial.report(last, place)
        self._study.optuna.tell(self._trial, state=TrialState.PRUNED)
        self._study.let_go(self.number)

    def _note(self, accuracies: list[float], stages: list[list[float]]) -> None:
        self._trial.set_user_attr(_ACCURACIES, accuracies)
        self._trial.set_user_attr(_STAGES, stages)


class Sampler(optuna.samplers.BaseSampler):
    """Optuna's TPE, whose draws follow from the number of a trial and the trials before it.

    So a search that goes on proposes what one that was not interrupted would, and processes that share a
    study propose different things.
    """

    def before_trial(self, study: Any, trial: FrozenTrial) -> None:
        """Seed by the number."""
        self._tpe = optuna.samplers.TPESampler(seed=trial.number)

    def infer_relative_search_space(self, study: Any, trial: FrozenTrial) -> dict[str, Any]:
        """As TPE has it."""
        return self._tpe.infer_relative_search_space(study, trial)

    def sample_relative(self, study: Any, trial: FrozenTrial, search_space: Any) -> dict[str, Any]:
        """As TPE has it."""
        return self._tpe.sample_relative(study, trial, search_space)

    def sample_independent(self, study: Any, trial: FrozenTrial, param_name: str, distribution: Any) -> Any:
        """As TPE has it."""
        return self._tpe.sample_independent(study, trial, param_name, distribution)


class _Lock:
    """The journal's lock, which the system releases when its holder dies."""

    def __init__(self, path: Path) -> None:
        self._lock = filelock.FileLock(path.with_name(f".{path.name}.write.lock"))

    def acquire(self) -> bool:
        self._lock.acquire()
        return True

    def release(self) -> None:
        self._lock.release()


def _distribution(one: Any) -> Any:
    if one.choices:
        return optuna.distributions.CategoricalDistribution(one.choices)
    if one.whole:
        return optuna.distributions.IntDistribution(int(one.low), int(one.high), log=one.log)
    return optuna.distributions.FloatDistribution(one.low, one.high, log=one.log)


def _mend(path: Path) -> None:
    """Remove the last line of the journal if its writer died within it."""
    lock = _Lock(path)
    lock.acquire()
    try:
        if path.exists():
            with path.open("rb+") as file:
                file.truncate(file.read().rfind(b"\n") + 1)
    finally:
        lock.release()


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except (json.JSONDecodeError, KeyError, ValueError) as error:
        raise InputError(
            f"{path} is no journal of a search ({type(error).__name__}: {error}): put it aside to begin anew "
            "(rows of runs stay on the board, and are used again)"
        ) from error
    except OSError as error:
        raise InputError(f"{path} cannot be read or written: {error.strerror}") from error
