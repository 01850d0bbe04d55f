"""Online streams: every sample is seen once, in small batches, with known or hidden task boundaries."""

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

from hpbench.core.errors import InputError
from hpbench.core.settings import setting
from hpbench.tasks.continual import ContinualTask

ARRIVAL = 10
"""Samples that arrive at a time."""


@dataclass
class OnlineSettings:
    """Settings that an online stream fixes, and whether strategies know its boundaries."""

    boundaries: str = setting(
        "hidden",
        "hidden: every batch is presented as an experience of its own (task-free); told: the strategy is "
        "notified when an experience begins and ends",
        choices=("hidden", "told"),
    )
    passes: int = setting(1, "an online stream is seen once", unit="passes", low=1, high=1)
    selection: str = setting("last", "an online stream has no passes to select from", choices=("last",))

    arrival: ClassVar[int] = ARRIVAL

    def check(self) -> None:
        """Raise InputError for hidden boundaries if the task label is given."""
        following = getattr(super(), "check", None)
        if following is not None:
            following()
        _check_labels(self.boundaries, getattr(self, "regime", ""))


def _check_labels(boundaries: str, regime: str) -> None:
    if boundaries == "hidden" and regime == "task":
        raise InputError(
            "scenario.boundaries=hidden excludes scenario.regime=task, whose labels reveal the boundaries: "
            "set scenario.boundaries=told"
        )


def online(task: ContinualTask, settings: OnlineSettings) -> ContinualTask:
    """The task as an online stream. Raises InputError for hidden boundaries if the task label is given."""
    _check_labels(settings.boundaries, task.regime)
    return dataclasses.replace(task, arrival=ARRIVAL, boundaries=settings.boundaries == "told")
