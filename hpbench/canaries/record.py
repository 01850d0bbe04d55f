"""Records figures of canaries that have none, and replaces those of files whose VERSION was raised."""

from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

from hpbench.canaries.canary import Canary
from hpbench.canaries.compare import NOTE, moved, rounded
from hpbench.canaries.files import read, write
from hpbench.core.errors import InputError

NUDGE = 1e-4
"""Change of initial weights that figures must withstand, relative to a canary's tolerance."""


def record(of_subject: Iterable[Canary], folder: Path, say: Callable[[str], None]) -> list[str]:
    """Record those of a subject's canaries that may be recorded; returns their names.

    `say` gets a line for each. Figures without a canary are removed. Raises InputError for a VERSION below
    the recorded one, and for figures that are sensitive to rounding; the file is then unchanged.
    """
    together = list(of_subject)
    path = folder / together[0].file
    before = read(path)
    sheets, done = {}, []
    for protocol, group in groupby(together, lambda one: one.protocol):
        sheets[protocol], names = _sheet(list(group), before.get(protocol, {}), say)
        done += [f"{protocol}, {name}" for name in names]
    if sheets != before:
        write(path, sheets)
    return done


def _sheet(
    group: list[Canary], recorded: dict[str, Any], say: Callable[[str], None]
) -> tuple[dict[str, Any], list[str]]:
    """The canaries of one subject and protocol, and the names of those recorded now."""
    versions = group[0].versions()
    old = {} if _raised(group[0], versions, recorded.get("versions")) else recorded["canaries"]
    figures, done = {}, []
    for one in group:
        before = old.get(one.name)
        if before is None:
            say(str(one))
            figures[one.name] = _steady(one)
        elif one.grows:
            figures[one.name] = {
                name: before.get(name, now) for name, now in rounded(one.measure(0.0)).items()
            }
        else:
            figures[one.name] = before
        if figures[one.name] != before:
            done.append(one.name)
    return {"versions": versions, "canaries": figures}, done


def _raised(canary: Canary, versions: dict[str, str], recorded: dict[str, str] | None) -> bool:
    """Whether there is no record or a VERSION has been raised since."""
    if recorded is None:
        return True
    for role, source in canary.sources:
        if int(versions[role]) < int(recorded[role]):
            raise InputError(
                f"{source} has VERSION {versions[role]}, but figures of {recorded[role]} are recorded: a "
                f"version is only ever raised, to {int(recorded[role]) + 1} next"
            )
    return versions != recorded


def _steady(canary: Canary) -> dict[str, Any]:
    """The figures. Raises InputError if they change with a tiny change of the initial weights."""
    figures: dict[str, Any] = rounded(canary.measure(0.0))
    nudge = NUDGE * canary.tolerance
    found = list(moved(figures, rounded(canary.measure(nudge)), canary.tolerance))
    if found:
        raise InputError(
            f"{canary}: not steady, {found[0].words('as is')} if initial weights change by {nudge:g} "
            "(relative); change the variant's settings or task, so that no value is close to a threshold"
        )
    return {**figures, NOTE: canary.note} if canary.note else figures
