"""Executes a search, and prints its progress and what it found."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from hpbench.cli.terminal import once, open_console
from hpbench.core.errors import InputError
from hpbench.core.files import write_atomically
from hpbench.core.stages import PrunedError
from hpbench.core.trial import Trial
from hpbench.plan.command import CommandSettings
from hpbench.report.progress import RunsDisplay
from hpbench.report.trials import best_of, best_table, settings_text, trial_line
from hpbench.report.tuning import curve_picture, importance_picture
from hpbench.runs.execute import Record
from hpbench.sweeps.driver import drive_source
from hpbench.sweeps.executor import Task
from hpbench.sweeps.executors import executor_for
from hpbench.sweeps.folder import prepare_folder
from hpbench.sweeps.lease import Leases
from hpbench.tuning.names import command_on_test_part, search_name
from hpbench.tuning.search import Search
from hpbench.tuning.settings import TuneSettings
from hpbench.tuning.space import Space
from hpbench.tuning.study import Study

Standing = Callable[[], tuple[int, int | None, float]]
"""Of a study: how many trials have ended; number and value of the best."""

log = logging.getLogger(__name__)


def search_all(
    space: Space, search: TuneSettings, settings: CommandSettings, folder: Path, *, quiet: bool
) -> None:
    """Search until all trials have ended, then print and draw what was found.

    Raises InputError for what a run needs and lacks, and if no trial has a value at the end.
    """
    console = open_console(quiet=quiet)
    name = search_name(space, search.seeds)
    journal = folder / f"{name}.journal"
    prepare_folder(folder, [space.run.scenario])
    leases = Leases(folder)
    try:
        study = Study(journal, space, leases)
        ended, best, value = study.standing()
        if ended:
            so_far = "" if best is None else f", the best {value:.2%}"
            console.print(f"Goes on with {journal}: {ended} trials have ended{so_far}")
        with RunsDisplay(console, search.trials, quiet=quiet) as display:
            watch = ShownTrials(console, search.trials, display, study.standing)
            at_most = [space.run] * (search.trials * search.seeds)
            executor = executor_for(settings, at_most, watch)
            source = Search(study, search, watch.ended)
            drive_source(
                source,
                folder,
                executor,
                watch,
                force=False,
                checkpoint_minutes=settings.checkpoint_minutes,
            )
        _found(study, space, search, folder / name, console)
    finally:
        leases.give_back_all()


def _found(study: Study, space: Space, search: TuneSettings, path: Path, console: Console) -> None:
    """Print and draw what was found."""
    trials = study.trials()
    best = best_of(trials)
    if best is None:
        reasons = "; ".join(dict.fromkeys(one.reason for one in trials[:3]))
        raise InputError(f"none of {len(trials)} trials has a value: {reasons}")
    run = space.run
    title = f"{run.strategy} on {run.scenario}, validation part, mean over {search.seeds} seeds"
    console.print(best_table(trials, title))
    having = sum(one.value is not None for one in trials)
    console.print(f"{len(trials)} trials, {len(trials) - having} of them given up or failed")
    importance = study.importance()
    if importance:
        shares = (f"{key} {share:.0%}" for key, share in importance.items())
        console.print(f"Importance: {', '.join(shares)}")
    logarithmic = {one.key: one.log for one in space.searched}
    pictures = {
        "curve": curve_picture(trials, title),
        "importance": importance_picture(trials, importance, logarithmic, title),
    }
    for kind, picture in pictures.items():
        write_atomically(path.with_name(f"{path.name}-{kind}.png"), picture)
    names = " and ".join(f"{path.name}-{kind}.png" for kind in pictures)
    console.print(f"Rows, journal ({path.name}.journal) and pictures ({names}) in {path.parent}")
    click.echo(f"Best settings: {best.value:.2%} with {settings_text(best.words)}. On the test part:")
    click.echo(command_on_test_part(space, best.words, search.seeds))


class ShownTrials:
    """What a user sees of a search: a line for each trial, the runs that go on, and the best so far."""

    def __init__(self, console: Console, trials: int, display: RunsDisplay, standing: Standing) -> None:
        self.console, self.trials, self.display = console, trials, display
        self.said = once(console.print)
        self._standing = standing
        self._show()

    def begun(self, task: Task) -> None:
        """A line of progress for it."""
        self.display.begin(task.number, f"{task.run.strategy} seed {task.run.seed}")

    def moved(self, number: int, progress: Any) -> None:
        """The line as it is now."""
        self.display.update(number, progress)

    def filed(self, task: Task, record: Record) -> None:
        """It is done."""
        self.display.remove(task.number)

    def failed(self, task: Task, error: Exception) -> None:
        """It was given up, or failed; a mistake of ours goes to the log."""
        self.display.remove(task.number)
        if not isinstance(error, (InputError, PrunedError)):
            log.error("%s", task.run, exc_info=error)

    def ended(self, trial: Trial) -> None:
        """A line for a trial that has ended."""
        best = self._show()
        self.console.print(trial_line(trial, self.trials, best=best == trial.number), highlight=False)

    def _show(self) -> int | None:
        """How far all of it is; returns the number of the best trial."""
        ended, best, value = self._standing()
        so_far = "" if best is None else f", best {value:.2%} (trial {best + 1})"
        self.display.whole(ended, f"{ended} of {self.trials} trials{so_far}")
        return best
