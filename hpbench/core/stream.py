"""What is known of a scenario before its data are loaded, and whether a strategy can be run on it."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hpbench.core.errors import InputError


@dataclass(frozen=True)
class Stream:
    """What a strategy can know of a scenario from its settings alone; None is not known yet.

    `boundaries` says whether a strategy is told where an experience ends, `arrival` how many samples of an
    online stream come at a time; `classes` are all that compete in the class regime, `experiences` how many
    there are to learn, `ways` the classes of a few-shot test episode.
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
    """What a scenario's settings tell, by their attributes of these names; `n_way` is `ways`."""

    def told(name: str) -> Any:
        return getattr(settings, name, None)

    boundaries = told("boundaries") != "hidden"
    return Stream(
        protocol=protocol,
        regime=told("regime"),
        boundaries=boundaries,
        arrival=told("arrival"),
        selection=told("selection"),
        encoding=told("encoding"),
        time_steps=told("time_steps"),
        classes=told("classes"),
        experiences=told("experiences") if boundaries else None,
        ways=told("n_way"),
    )


def why_not(builder: Callable[..., Any], settings: Any, stream: Stream) -> str:
    """Why what `builder` makes of these settings cannot learn this stream; empty if it can.

    Two are asked: a method `skip(stream)` of the settings, for what these bring along whatever the rule, and
    a function `skip(settings, stream)` in the strategy's file, beside the builder, for the rule itself.
    """
    of_settings = getattr(settings, "skip", None)
    reason: str = of_settings(stream) if of_settings is not None else ""
    of_rule = getattr(sys.modules.get(builder.__module__), "skip", None)
    if not reason and of_rule is not None:
        reason = of_rule(settings, stream)
    return reason


def refuse(builder: Callable[..., Any], settings: Any, stream: Stream) -> None:
    """Raise InputError with the reason if there is one: for a protocol that is called directly."""
    reason = why_not(builder, settings, stream)
    if reason:
        raise InputError(reason)
