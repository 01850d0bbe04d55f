"""Settings that have an effect only in some combinations, and the error message for one that has none.

A setting "acts" if changing it can change a figure. One made with `acts_with={"prototypes": True}` acts only
where the setting `prototypes` is True and itself acts. A class attribute `ACTS_WITH` adds conditions to
several inherited settings at once: its keys are names of settings, or a class, for all settings that the
class defines. What follows from several settings at once is said by an optional method of the dataclass,
`idle(counterpart)`: a mapping from settings that cannot act to a phrase on what they need.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from hpbench.core.settings import filled, typed


class Needed(NamedTuple):
    """A condition that is a predicate on the setting's value; `words` describe it, {key} is the setting."""

    words: str
    holds: Callable[[Any], bool]


SET = Needed("{key}", bool)
"""The other setting is a non-empty list or a number other than 0."""

SEVERAL = Needed("several {key}", lambda number: number > 1)
"""The other setting is a number above 1."""


LATER_EXPERIENCES = {"stream.experiences": Needed("several experiences", lambda number: number > 1)}
"""For settings that act only from the second experience on."""


def other_than(value: Any) -> Needed:
    """The condition that a setting has any value but this one."""
    return Needed(f"{{key}} other than {value}", lambda found: bool(found != value))


Conditions = Mapping[str, Any]
"""Maps another setting of the same dataclass to the value that it must have, a tuple of values, or a Needed.

If that setting is a list, one of its items must be such a value. Names that the dataclass lacks are ignored.
A dotted name is an attribute of the counterpart: `strategy.spiking` in a scenario's settings,
`stream.experiences` in a strategy's. Its condition is a Needed; where the attribute is missing or None, the
condition counts as met.
"""


def conditions_of(settings_class: type) -> Mapping[str, Conditions]:
    """The conditions of every setting of the dataclass, including those that `ACTS_WITH` adds."""
    found = {
        field.name: dict(field.metadata.get("acts_with", {})) for field in dataclasses.fields(settings_class)
    }
    for one in settings_class.__mro__:
        for group, more in vars(one).get("ACTS_WITH", {}).items():
            for name in vars(group).get("__annotations__", ()) if isinstance(group, type) else (group,):
                if name in found:
                    found[name].update(more)
    return found


def words_of(conditions: Conditions) -> str:
    """The conditions of one setting as text; empty if there are none."""
    return _joined(_words(key, wanted) for key, wanted in conditions.items())


def without_effect(settings: Any, prefix: str, beside: Any) -> str:
    """An error message for the first changed setting that has no effect here; empty if all of them act.

    `prefix` is "strategy" or "scenario"; `beside` is the counterpart whose attributes dotted names are: a
    Stream for a strategy's settings, the strategy's settings for a scenario's.
    """
    conditions, defaults = conditions_of(type(settings)), type(settings)()
    effective = filled(settings)
    for name in conditions:
        if getattr(settings, name) != getattr(defaults, name):
            unmet = dict.fromkeys(_unmet(name, effective, conditions, beside))
            if unmet:
                words = _joined(_words(key, wanted, prefix) for key, wanted in unmet)
                here = all("." not in key for key, _ in unmet)
                return no_effect(f"{prefix}.{name}", getattr(settings, name), words, here=here)
    idle = settings.idle(beside) if hasattr(settings, "idle") else {}
    for name, needs in idle.items():
        if getattr(settings, name) != getattr(defaults, name):
            return no_effect(f"{prefix}.{name}", getattr(settings, name), needs)
    return ""


def no_effect(key: str, value: Any, needs: str, *, here: bool = True) -> str:
    """The error message. `here`: what the setting needs can be set in the same group."""
    return (
        f"{key}={_typed(value)} has no effect without {needs}: {'set that, or ' if here else ''}leave it out"
    )


def can_act(settings_class: type, name: str, beside: Any) -> bool:
    """Whether the counterpart `beside` allows the setting to act, whatever the other settings are."""
    conditions = conditions_of(settings_class)
    dotted = {key: wanted for key, wanted in conditions[name].items() if "." in key}
    return all(_holds(_beside(key, beside), wanted) for key, wanted in dotted.items())


def _unmet(
    name: str, effective: Any, conditions: Mapping[str, Conditions], beside: Any
) -> Iterator[tuple[str, Any]]:
    """The conditions of a setting that do not hold; those of the settings that it depends on come first."""
    for key, wanted in conditions[name].items():
        if "." in key:
            if not _holds(_beside(key, beside), wanted):
                yield key, wanted
        elif key in conditions:
            yield from _unmet(key, effective, conditions, beside)
            if not _holds(getattr(effective, key), wanted):
                yield key, wanted


def _beside(key: str, beside: Any) -> Any:
    return getattr(beside, key.partition(".")[2], None)


def _holds(value: Any, wanted: Any) -> bool:
    if value is None:
        return True
    if isinstance(wanted, Needed):
        return wanted.holds(value)
    values = wanted if isinstance(wanted, tuple) else (wanted,)
    return any(one in values for one in value) if isinstance(value, list) else value in values


def _words(key: str, wanted: Any, prefix: str = "") -> str:
    full = f"{prefix}.{key}" if prefix else key
    if isinstance(wanted, Needed):
        return wanted.words.format(key=full)
    values = wanted if isinstance(wanted, tuple) else (wanted,)
    return f"{full}={_joined(map(_typed, values), 'or')}"


def _typed(value: Any) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else typed(value)


def _joined(words: Any, last: str = "and") -> str:
    *first, end = list(words) or [""]
    return f"{', '.join(first)} {last} {end}" if first else end
