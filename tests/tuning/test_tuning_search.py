"""A search over an executor whose runs take no training: what is begun, told, given up, and gone on with."""

import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from board_rows import make_row
from toy import light_strategy_text, write_file
from watching import Quiet

from hpbench.boards.table import read
from hpbench.core.errors import InputError, RunError
from hpbench.core.stages import PrunedError, Stages
from hpbench.core.trial import Trial
from hpbench.runs.perform import Performed
from hpbench.sweeps.driver import drive_source
from hpbench.sweeps.executor import Task
from hpbench.sweeps.lease import Leases
from hpbench.tuning.search import Search
from hpbench.tuning.settings import TuneSettings
from hpbench.tuning.space import Space, space_of
from hpbench.tuning.study import Study

SETTINGS = (
    'lr: float = setting(0.1, "rate", low=0, high=1)',
    'decay: float = setting(0.5, "decay", low=0, high=1)',
)


def peak(task: Task) -> dict[str, Any]:
    """Best at lr 0.3, decay 0.6; a seed changes a little. Two stages lead to it."""
    settings = task.run.strategy_settings
    value = 0.9 - (settings.lr - 0.3) ** 2 - 0.2 * (settings.decay - 0.6) ** 2 - 0.001 * task.run.seed
    return {"accuracy": value, "stages": [0.9, value]}


class Fake:
    """Performs runs by a function of their task: columns of the row and "stages", or an exception."""

    def __init__(
        self, perform: Callable[[Task], Any] = peak, slots: int = 1, dies_after: int = 10**9
    ) -> None:
        self.slots, self.perform, self.dies_after = slots, perform, dies_after
        self.performed: list[tuple[str, int]] = []
        self.beside: list[int] = []
        self._going: list[Task] = []

    def start(self, task: Task) -> None:
        self._going.append(task)
        assert len(self._going) <= self.slots
        self.beside.append(len(self._going))

    def ended(self, seconds: float) -> Iterator[tuple[Task, Performed | Exception]]:
        if len(self.performed) >= self.dies_after:
            raise KeyboardInterrupt
        if self._going:
            task = self._going.pop(0)
            yield task, self._result(task)

    def close(self) -> None: ...

    def _result(self, task: Task) -> Performed | Exception:
        run = task.run
        identity = {"scenario": run.scenario, "strategy": run.strategy, "overrides": run.overrides}
        row = make_row(**identity, seed=run.seed, evaluated_on="validation")
        if row["run_id"] in task.known:
            return Performed(row, {}, fresh=False)
        found = self.perform(task)
        self.performed.append((run.overrides, run.seed))
        if isinstance(found, Exception):
            return found
        stages = Stages(task.bars or ())
        try:
            for accuracy in found.pop("stages", []):
                stages.add(accuracy)
        except PrunedError as error:
            return pickle.loads(pickle.dumps(error))  # as from another process
        return Performed(row | found, {"stages": stages.reached})


@pytest.fixture
def space(toy_path: Path, monkeypatch: pytest.MonkeyPatch) -> Space:
    monkeypatch.setattr("hpbench.sweeps.driver._draw", lambda record: None)
    write_file(toy_path / "strategies" / "light.py", light_strategy_text(*SETTINGS))
    words = ("strategy.lr=log(0.001,1)", "strategy.decay=uniform(0,1)")
    return space_of(["scenario=toy", "strategy=light", *words])


def searched(
    space: Space, out: Path, fake: Fake, told: list[Trial] | None = None, **settings: Any
) -> list[Trial]:
    """Search, and return the trials of the study."""
    leases = Leases(out)
    out.mkdir(exist_ok=True)
    chosen = TuneSettings(**{"trials": 12, "seeds": 2, **settings})
    try:
        study = Study(out / "search.journal", space, leases)
        watch = Quiet()
        drive_source(
            Search(study, chosen, (told if told is not None else []).append), out, fake, watch, force=False
        )
        return study.trials()
    finally:
        leases.give_back_all()


def test_trials_end_with_the_mean_over_seeds_and_rows_on_the_board(space: Space, tmp_path: Path) -> None:
    told: list[Trial] = []
    trials = searched(space, tmp_path / "out", Fake(), told, prune="off")
    assert [one.number for one in trials] == list(range(12))
    assert told == trials
    assert all(one.value == pytest.approx(sum(one.accuracies) / 2) for one in trials)
    board = read(tmp_path / "out" / "toy.csv")
    assert len(board) == 24 and set(board["evaluated_on"]) == {"validation"}
    assert trials[0].words == {"strategy.lr": "0.1", "strategy.decay": "0.5"}, "the defaults come first"


def test_the_sampler_learns_and_the_setting_that_decides_is_the_more_important(
    space: Space, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    trials = searched(space, out, Fake(), trials=25, seeds=1, prune="off")
    values = [one.value or 0.0 for one in trials]
    first, last = values[1:11], values[-10:]  # the first ten are drawn at random
    assert sum(last) > sum(first)
    importance = Study(out / "search.journal", space, Leases(out)).importance()
    assert importance["strategy.lr"] > importance["strategy.decay"]


def test_a_search_that_was_killed_ends_as_one_that_was_not(space: Space, tmp_path: Path) -> None:
    whole = searched(space, tmp_path / "whole", Fake(), trials=15)
    parts, performed = tmp_path / "parts", []
    for count in (0, 3, 8, 8):
        fake = Fake(dies_after=count)
        with pytest.raises(KeyboardInterrupt):
            searched(space, parts, fake, trials=15)
        performed += fake.performed
    fake = Fake()
    assert searched(space, parts, fake, trials=15) == whole
    performed += fake.performed
    finished = [(row.overrides, row.seed) for row in read(parts / "toy.csv").itertuples()]
    assert all(performed.count(one) == 1 for one in finished), "no finished run is repeated"
    again = Fake()
    assert searched(space, parts, again, trials=15) == whole and not again.performed
    assert len(searched(space, parts, again, trials=17)) == 17, "more trials go on with the same"


def test_a_line_that_its_writer_died_within_is_forgotten(space: Space, tmp_path: Path) -> None:
    before = searched(space, tmp_path / "out", Fake(), trials=3)
    journal = tmp_path / "out" / "search.journal"
    with journal.open("ab") as file:
        file.write(b'{"op_code":4,"wor')
    assert searched(space, tmp_path / "out", Fake(), trials=5)[:3] == before


def test_a_file_that_is_no_journal_is_refused_and_left_as_it_is(space: Space, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    journal = tmp_path / "out" / "search.journal"
    journal.write_text("nonsense\n\n")
    with pytest.raises(InputError, match="is no journal of a search"):
        searched(space, tmp_path / "out", Fake())
    assert journal.read_text() == "nonsense\n\n"


def test_a_bad_trial_is_given_up_after_its_first_seed(space: Space, tmp_path: Path) -> None:
    fake = Fake(lambda task: {"accuracy": peak(task)["accuracy"]})
    trials = searched(space, tmp_path / "out", fake, trials=14, seeds=3)
    given_up = [one for one in trials if one.value is None]
    finished = [one for one in trials if one.value is not None]
    assert given_up and all(
        "after 1 seed, below" in one.reason or "2 seeds" in one.reason for one in given_up
    )
    assert min(one.number for one in given_up) >= 5, "not before there are others to compare with"
    assert len(fake.performed) == 3 * len(finished) + sum(len(one.accuracies) for one in given_up)
    best = max(trials, key=lambda one: one.value or 0.0)
    assert all(best.accuracies[0] > one.accuracies[0] for one in given_up)


def test_a_bad_run_is_given_up_within_and_leaves_no_row(space: Space, tmp_path: Path) -> None:
    fake = Fake()
    trials = searched(space, tmp_path / "out", fake, trials=14, seeds=1)
    given_up = [one for one in trials if one.value is None]
    assert given_up and all("after stage 2" in one.reason for one in given_up)
    rows = read(tmp_path / "out" / "toy.csv")
    assert len(rows) + len(given_up) == len(fake.performed) == 14


def test_diverged_runs_and_failures_are_told_and_the_search_goes_on(space: Space, tmp_path: Path) -> None:
    def perform(task: Task) -> Any:
        lr = task.run.strategy_settings.lr
        if lr > 0.3:
            return {"accuracy": 0.25, "diverged": "loss in experience 1, by sample 10"}
        return RunError("no spikes") if lr < 0.01 else peak(task)

    trials = searched(space, tmp_path / "out", Fake(perform), trials=15)
    reasons = [one.reason for one in trials if one.value is None]
    assert any(one == "diverged: loss in experience 1, by sample 10 (seed 0)" for one in reasons)
    assert "failed: no spikes" in reasons
    assert len(trials) == 15 and any(one.value for one in trials)


def test_a_search_whose_first_trials_all_fail_ends(space: Space, tmp_path: Path) -> None:
    fake = Fake(lambda task: RunError("no spikes"))
    with pytest.raises(InputError, match="the first 3 trials have all failed: no spikes"):
        searched(space, tmp_path / "out", fake)
    assert len(fake.performed) == 3


def test_what_is_not_the_settings_fault_ends_the_search_and_spoils_no_trial(
    space: Space, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="no data"):
        searched(space, tmp_path / "out", Fake(lambda task: InputError("no data")))
    assert [one.value is not None for one in searched(space, tmp_path / "out", Fake(), trials=3)] == [
        True
    ] * 3


def test_other_data_are_not_mixed_in(space: Space, tmp_path: Path) -> None:
    searched(space, tmp_path / "out", Fake(), trials=2)
    with pytest.raises(InputError, match=r"begun on the data mnist5k .* and now there are mnist "):
        searched(space, tmp_path / "out", Fake(lambda task: peak(task) | {"dataset": "mnist"}), trials=4)


def test_workers_are_kept_busy_by_trials_beside_each_other_then_by_seeds(
    space: Space, tmp_path: Path
) -> None:
    fake = Fake(slots=3)
    searched(space, tmp_path / "out", fake, trials=4, seeds=3, prune="off")
    assert len(fake.performed) == 12
    assert fake.beside[2:] == [3] * 10, "three at a time, from the third start to the last"
    assert [seed for _, seed in fake.performed[:3]] == [0, 0, 0]


def test_searches_beside_each_other_share_the_trials(space: Space, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    leases = [Leases(out), Leases(out)]
    first, second = (Study(out / "search.journal", space, one) for one in leases)
    begun = [one.begin(3) for one in (first, second, first, second)]
    assert [one and one.number for one in begun] == [0, 1, 2, None]
    assert len({str(one.point) for one in begun if one}) == 3
    leases[0].give_back_all()  # as when its process dies
    assert [one and one.number for one in (second.begin(3), second.begin(3), second.begin(3))] == [0, 2, None]
