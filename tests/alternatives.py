"""Other values of settings, to find out whether they act."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from hpbench.core.acting import without_effect
from hpbench.core.errors import InputError
from hpbench.core.settings import Setting, check_settings, settings_of

OTHERS: dict[str, list[Any]] = {
    "prototype_of": ["input"],
    "learning_experiences": [0],
    "trace_decay": [0.5],
    "trace_bound": [1e-4],
    "current_gain": [0.5],
    "test_steps": [7],
    "patience": [1],
}
"""Values for what has no default to start from, or no use for one that lies near it."""

ECHOED = {"trace_form"}
"""Settings that by their meaning change nothing but time."""


def alternatives(one: Setting, value: Any) -> list[Any]:
    """Values other than this that the setting may have."""
    if one.name in OTHERS:
        found = OTHERS[one.name]
    elif one.choices:
        found = [*one.choices]
    elif isinstance(value, bool):
        found = [not value]
    elif isinstance(value, list) or "list" in one.type:
        found = [[4], [6, 4], [3]]
    elif isinstance(value, (int, float)):
        kind = type(value)
        found = [kind(value * 2), kind(value + 1), kind(value / 2), kind(0), kind(1), kind(3)]
    else:
        found = [0.5, 2, [2.0], [4]]
    low = -float("inf") if one.low is None else one.low
    high = float("inf") if one.high is None else one.high
    return [
        other
        for other in found
        if other != value and not (isinstance(other, (int, float)) and not low <= other <= high)
    ]


def idle(settings: Any, prefix: str, beside: Any, made: Callable[[Any], Any]) -> Iterator[str]:
    """Settings of which no other value is refused, though none of them changes what `made` gives of them."""
    before = made(settings)
    for one in settings_of(type(settings)):
        tried = []
        for other in alternatives(one, getattr(settings, one.name)) if one.name not in ECHOED else ():
            changed = replace(settings, **{one.name: other})
            with contextlib.suppress(InputError):
                check_settings(changed, prefix)
                if without_effect(changed, prefix, beside):
                    continue
                if made(changed) != before:
                    break
                tried.append(other)
        else:
            if tried:
                yield f"{one.name}={tried}"
