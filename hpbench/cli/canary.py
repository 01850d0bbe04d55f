"""`hpbench canary`: regression tests by the recorded figures of tiny runs."""

import logging
from itertools import groupby
from typing import TYPE_CHECKING

import click

from hpbench.core.errors import InputError, nearest

if TYPE_CHECKING:
    from hpbench.canaries.canary import Canary

log = logging.getLogger(__name__)


@click.group()
def canary() -> None:
    """Compare tiny runs (canaries) with their recorded figures, or record them.

    \b
    hpbench canary check              run all canaries and compare their figures
    hpbench canary check gp           those of one strategy or scenario
    hpbench canary record gp          record new canaries, and all after VERSION was raised
    """


@canary.command()
@click.argument("names", nargs=-1)
def check(names: tuple[str, ...]) -> int:
    """Run the canaries of the strategies and scenarios NAMES (default: all) and compare their figures."""
    everything = _all()
    from hpbench.canaries.check import check as problem_of
    from hpbench.canaries.check import orphans
    from hpbench.canaries.files import recorded_folder

    folder = recorded_folder()
    chosen = _chosen(everything, names)
    problems = [] if names else orphans(everything, folder)
    for one in chosen:
        try:
            problem = problem_of(one, folder)
        except Exception as error:  # whatever the code makes of it: the other canaries are checked, too
            log.exception("%s", one)
            problem = f"{one}: no figures any more, but {type(error).__name__}: {error}"
        if problem is not None:
            click.echo(problem, err=True)
            problems.append(problem)
    if problems:
        click.echo(
            f"{len(problems)} of {len(chosen)} canaries differ from their figures or have none", err=True
        )
        return 2
    click.echo(f"{len(chosen)} canaries: all figures unchanged")
    return 0


@canary.command()
@click.argument("names", nargs=-1)
def record(names: tuple[str, ...]) -> None:
    """Record figures for NAMES (default: all): of new canaries, and of all after VERSION was raised.

    Recorded figures of the current VERSION are never replaced.
    """
    chosen = _chosen(_all(), names)
    from hpbench.canaries.files import recorded_folder
    from hpbench.canaries.record import record as record_subject

    folder = recorded_folder()
    for subject, group in groupby(chosen, lambda one: one.subject):
        of_subject = list(group)
        done = record_subject(of_subject, folder, click.echo)
        if names and not done:
            raise InputError(f"{subject}: {_refused(of_subject)}")
        if done:
            click.echo(f"{len(done)} canaries of {subject} recorded in {folder / of_subject[0].file}")


def _all() -> "list[Canary]":
    from hpbench.core.log import start_log

    start_log(verbose=False)  # catches the warnings of the libraries that strategies import
    from hpbench.canaries.canary import canaries

    return canaries()


def _chosen(everything: "list[Canary]", names: tuple[str, ...]) -> "list[Canary]":
    known = {one.subject for one in everything}
    for name in names:
        if name not in known:
            raise InputError(f"{name!r} has no canaries: {nearest(name, known)}")
    return [one for one in everything if not names or one.subject in names]


def _refused(of_subject: "list[Canary]") -> str:
    """Why no figures of a strategy or scenario can be recorded again."""
    versions = of_subject[0].versions()
    (role, source), *_ = of_subject[0].sources
    protocols = sorted({other for one in of_subject for _, other in one.sources[1:]})
    also = f" (or in {' or '.join(protocols)})" if protocols else ""
    return (
        f"figures of version {versions[role]} are recorded already. They are replaced only after VERSION is "
        f"raised: raise it in {source}{also} if the figures are meant to change"
    )
