"""Finds the corruption behind a name on a board, where images and events may share one."""

from collections.abc import Iterable, Iterator

from hpbench.core.errors import InputError
from hpbench.disturb.disturbance import Disturbance


def known(name: str, levels: Iterable[float]) -> Disturbance | None:
    """The corruption or attack of this name that can have these levels; None if there is none."""
    tested = list(levels)
    return next((one for one in _named(name) if _fits(one, tested)), None)


def _named(name: str) -> Iterator[Disturbance]:
    from hpbench.disturb.attacks import ATTACKS  # NumPy, as the others
    from hpbench.disturb.corruptions.table import CORRUPTIONS
    from hpbench.disturb.drifts import DRIFTS
    from hpbench.disturb.events.disturbances import EVENT_DISTURBANCES
    from hpbench.disturb.images import IMAGE_DISTURBANCES

    for table in (IMAGE_DISTURBANCES, CORRUPTIONS, EVENT_DISTURBANCES, ATTACKS, DRIFTS):
        if name in table:
            yield table[name]


def _fits(one: Disturbance, levels: list[float]) -> bool:
    try:
        for level in levels:
            one.check(level)
    except InputError:
        return False
    return True
