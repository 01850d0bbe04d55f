"""Properties of a scenario known before its data are loaded, and whether a strategy can be run on it."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hpbench.core.errors import InputError


@dataclass(frozen=True)
class Stream:
    """Properties of a scenario that follow from its settings alone; None means not known yet.

    `boundaries`: whether the strategy is notified when an experience ends. `arrival`: samples that an online
    stream delivers at a time. `classes`: number of all classes. `experiences`: number of experiences.
    `ways`: classes of a few-shot test episode.
    """

    protocol: str
    regime: str | None = None
    boundaries: bool = True
    arrival: int | None = None
    selection: str | None = None
    encoding: str | None = None
    time_steps: int | None = None
    classes: int | None = None
    experiences: int | None = None
    ways: int | None = None


def stream_of(settings: Any, protocol: str) -> Stream:
    """The Stream of a scenario, from the settings with the same names; `n_way` becomes `ways`."""

    def value_of(name: str) -> Any:
        return getattr(settings, name, None)

    boundaries = value_of("boundaries") != "hidden"
    return Stream(
        protocol=protocol,
        regime=value_of("regime"),
        boundaries=boundaries,
        arrival=value_of("arrival"),
        selection=value_of("selection"),
        encoding=value_of("encoding"),
        time_steps=value_of("time_steps"),
        classes=value_of("classes"),
        experiences=value_of("experiences") if boundaries else None,
        ways=value_of("n_way"),
    )


def why_not(builder: Callable[..., Any], settings: Any, stream: Stream) -> str:
    """Why the strategy that `builder` makes with these settings cannot learn this stream; empty if it can.

    Calls two optional functions that return a reason or "": the method `skip(stream)` of the settings, for
    reasons that any strategy with such settings has, and `skip(settings, stream)` in the module of
    `builder`, for reasons of the strategy itself.
    """
    of_settings = getattr(settings, "skip", None)
    reason: str = of_settings(stream) if of_settings is not None else ""
    of_rule = getattr(sys.modules.get(builder.__module__), "skip", None)
    if not reason and of_rule is not None:
        reason = of_rule(settings, stream)
    return reason


def refuse(builder: Callable[..., Any], settings: Any, stream: Stream) -> None:
    """Raise InputError with the reason of `why_not`, if any; for protocols that are called directly."""
    reason = why_not(builder, settings, stream)
    if reason:
        raise InputError(reason)
