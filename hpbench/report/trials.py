"""The trials of a search as text: a line for each, and a table of the best."""

from collections.abc import Mapping, Sequence

from rich.table import Table

from hpbench.core.trial import Trial
from hpbench.report.percent import percent

_SHOWN = 10
"""Trials in the table."""


def trial_line(trial: Trial, trials: int, *, best: bool) -> str:
    """A trial that has ended, in a line; `best`: it is the best so far."""
    settings = settings_text(trial.words)
    start = f"[{trial.number + 1}/{trials}]"
    if trial.value is None:
        return f"{start} {settings}: {trial.reason}"
    return f"{start} {trial.value:.2%} {settings}{' (best so far)' if best else ''}"


def settings_text(words: Mapping[str, str]) -> str:
    """Settings as typed."""
    return " ".join(f"{key}={value}" for key, value in words.items())


def best_of(trials: Sequence[Trial]) -> Trial | None:
    """The trial with the highest value, the first of equals; None if none has one."""
    ranked = ranked_trials(trials)
    return ranked[0] if ranked else None


def ranked_trials(trials: Sequence[Trial]) -> list[Trial]:
    """The trials that have a value, best first."""
    having = [one for one in trials if one.value is not None]
    return sorted(having, key=lambda one: (-(one.value or 0.0), one.number))


def best_table(trials: Sequence[Trial], title: str) -> Table:
    """The best trials: mean accuracy, those of the seeds, settings."""
    table = Table(title=title, title_justify="left")
    keys = list(dict.fromkeys(key for one in trials for key in one.words))
    for heading in ("trial", "accuracy %", "of each seed"):
        table.add_column(heading, justify="right")
    for key in keys:
        table.add_column(key.partition(".")[2], justify="right")
    for one in ranked_trials(trials)[:_SHOWN]:
        seeds = " ".join(percent(accuracy) for accuracy in one.accuracies)
        settings = (one.words.get(key, "") for key in keys)
        table.add_row(str(one.number + 1), percent(one.value), seeds, *settings)
    return table
