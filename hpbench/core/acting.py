"""Settings that act only in some combinations, and the one message for a setting that has no effect.

A setting made with `acts_with={"prototypes": True}` acts only where the setting `prototypes` is True and
itself acts. A class attribute `ACTS_WITH` says so of several inherited settings at once: it maps names of
settings, or a class whose own settings are meant, to conditions that are added to theirs.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple


class Needed(NamedTuple):
    """A condition that is no choice of values: `words`, with {key} for the setting, say what it asks for."""

    words: str
    holds: Callable[[Any], bool]


SET = Needed("{key}", bool)
"""A list that is not empty, a number that is not 0."""

SEVERAL = Needed("several {key}", lambda number: number > 1)
"""A number above 1."""


LATER_EXPERIENCES = {"stream.experiences": Needed("several experiences", lambda number: number > 1)}
"""For what acts on a strategy's second experience and later ones only."""


def other_than(value: Any) -> Needed:
    """Any other value than this."""
    return Needed(f"{{key}} other than {value}", lambda found: bool(found != value))


Conditions = Mapping[str, Any]
"""By the name of a setting of the same dataclass: the value that it must have, a tuple of such, or a Needed.

Of a list, one item must be such a value. A name that the dataclass has not is passed over. A dotted name,
`strategy.spiking` in a scenario's settings or `stream.experiences` in a strategy's, is an attribute of the
other side, and its condition a Needed; where the attribute is missing or None, the setting is taken to act.
"""


def conditions_of(settings_class: type) -> Mapping[str, Conditions]:
    """The conditions of every setting of the dataclass, its own and those that `ACTS_WITH` adds."""
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
    """The conditions of one setting in words; empty if there are none."""
    return _joined(_words(key, wanted) for key, wanted in conditions.items())


def without_effect(settings: Any, prefix: str, beside: Any) -> str:
    """Why a value that differs from its default has no effect in this combination; empty if all act.

    `prefix` names the group, strategy or scenario; `beside` is what dotted names are attributes of: a Stream
    for a strategy's settings, the strategy's settings for a scenario's.
    """
    conditions, defaults = conditions_of(type(settings)), type(settings)()
    for name in conditions:
        if getattr(settings, name) != getattr(defaults, name):
            needs = dict.fromkeys(_unmet(name, settings, conditions, beside))
            if needs:
                words = _joined(_words(key, wanted, prefix) for key, wanted in needs)
                here = all("." not in key for key, _ in needs)
                return no_effect(f"{prefix}.{name}", getattr(settings, name), words, here=here)
    return ""


def no_effect(key: str, value: Any, needs: str, *, here: bool = True) -> str:
    """The message: what was set, what it needs, what to do. `here`: that can be set in the same group."""
    return (
        f"{key}={_typed(value)} has no effect without {needs}: {'set that, or ' if here else ''}leave it out"
    )


def can_act(settings_class: type, name: str, beside: Any) -> bool:
    """Whether the setting has an effect on this side's counterpart in any combination of its dataclass."""
    conditions = conditions_of(settings_class)
    dotted = {key: wanted for key, wanted in conditions[name].items() if "." in key}
    return all(_holds(_beside(key, beside), wanted) for key, wanted in dotted.items())


def _unmet(
    name: str, settings: Any, conditions: Mapping[str, Conditions], beside: Any
) -> Iterator[tuple[str, Any]]:
    """Conditions of a setting that do not hold, those of the settings that it depends on first."""
    effective = settings.filled() if hasattr(settings, "filled") else settings
    for key, wanted in conditions[name].items():
        if "." in key:
            if not _holds(_beside(key, beside), wanted):
                yield key, wanted
        elif key in conditions:
            yield from _unmet(key, settings, conditions, beside)
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
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value).replace(" ", "")


def _joined(words: Any, last: str = "and") -> str:
    *first, end = list(words) or [""]
    return f"{', '.join(first)} {last} {end}" if first else end
