"""Typed settings: dataclass fields with a meaning, a unit and a range."""

import dataclasses
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from hpbench.core.errors import InputError, nearest

OVERRIDE = re.compile(r"(scenario|strategy)\.[^\W\d]\w*=[\w.,:;/~%*+()\[\]-]*")
"""One setting as a row has it: its group, its name, and a value as `typed` writes it."""


_MOST = 10**9
"""The largest whole number of a setting without a limit of its own; a larger one is a mistake."""


@dataclasses.dataclass(frozen=True)
class Setting:
    """One field of a settings dataclass, as `hpbench show` prints it."""

    name: str
    type: str
    default: Any
    unit: str
    meaning: str
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    elsewhere: Mapping[str, str]

    @property
    def range(self) -> str:
        """The values allowed, in words; empty without bounds."""
        if self.low is not None and self.high is not None:
            return f"between {self.low} and {self.high}"
        if self.low is not None:
            return f"at least {self.low}"
        return "" if self.high is None else f"at most {self.high}"


def setting(
    default: Any,
    meaning: str,
    *,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    choices: Sequence[str] = (),
    shapes_run: bool = True,
    at_test_only: bool = False,
    acts_with: Mapping[str, Any] | None = None,
    elsewhere: Mapping[str, str] | None = None,
) -> Any:
    """A dataclass field with its meaning, unit, inclusive range and allowed values.

    `shapes_run=False` leaves the setting out of a run's identity, because another column of the row has it or
    because it changes no figure. `at_test_only=True`: training does not depend on it. `acts_with` has the
    conditions under which it has an effect at all; see `hpbench.core.acting`. `elsewhere` has values that are
    none of the choices here but that a user may look for, each with the reason why.
    """
    metadata = {
        "meaning": meaning,
        "unit": unit,
        "low": low,
        "high": high,
        "choices": tuple(choices),
        "shapes_run": shapes_run,
        "at_test_only": at_test_only,
        "acts_with": dict(acts_with or {}),
        "elsewhere": dict(elsewhere or {}),
    }
    if isinstance(default, list):
        return dataclasses.field(default_factory=lambda: list(default), metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def with_default(settings_class: type, name: str, default: Any) -> Any:
    """A field of `settings_class` with another default, for use in a subclass."""
    [field] = [one for one in dataclasses.fields(settings_class) if one.name == name]
    return setting(default, **field.metadata)


def shapes_run(field: dataclasses.Field[Any]) -> bool:
    """Whether a field of a settings dataclass is part of a run's identity."""
    return bool(field.metadata.get("shapes_run", True))


def canonical(settings: Any) -> Any:
    """The settings in canonical form, so that equal settings compare equal however they were written.

    -0.0 becomes 0.0, and a whole number becomes a float in a float setting. A setting whose default is None
    becomes None if it has the value that None stands for; the optional method `implied()` returns these
    values by name.
    """
    implied = _implied(settings)
    changes = {}
    for field in dataclasses.fields(settings):
        value = _plain(getattr(settings, field.name), "float" in str(field.type))
        if field.default is None and field.name in implied and value == implied[field.name]:
            value = None
        changes[field.name] = value
    return dataclasses.replace(settings, **changes)


def filled(settings: Any) -> Any:
    """The settings with each None replaced by the value that it stands for, by their `implied()`."""
    implied = _implied(settings)
    names = [field.name for field in dataclasses.fields(settings) if field.name in implied]
    return dataclasses.replace(
        settings, **{name: implied[name] for name in names if getattr(settings, name) is None}
    )


def _implied(settings: Any) -> Mapping[str, Any]:
    return settings.implied() if hasattr(settings, "implied") else {}


def _plain(value: Any, is_float: bool) -> Any:
    if isinstance(value, list):
        return [_plain(item, is_float) for item in value]
    if isinstance(value, float) or (is_float and isinstance(value, int) and not isinstance(value, bool)):
        return float(value) + 0.0  # −0.0 + 0.0 is 0.0
    return value


def typed(value: Any) -> str:
    """A setting's value as typed on the command line, without spaces."""
    if isinstance(value, list):
        return "[" + ",".join(typed(item) for item in value) + "]"
    return str(value)


def settings_of(settings_class: type) -> list[Setting]:
    """The fields of a settings dataclass in the order of their definition."""
    defaults = settings_class()
    return [
        Setting(
            name=field.name,
            type=field.type.__name__ if isinstance(field.type, type) else str(field.type),
            default=getattr(defaults, field.name),
            unit=field.metadata.get("unit", ""),
            meaning=field.metadata.get("meaning", ""),
            low=field.metadata.get("low"),
            high=field.metadata.get("high"),
            choices=field.metadata.get("choices", ()),
            elsewhere=field.metadata.get("elsewhere", {}),
        )
        for field in dataclasses.fields(settings_class)
    ]


def with_defaults(settings_class: type, defaults: Mapping[str, Any]) -> type:
    """The dataclass with the defaults that `defaults` gives by name; names of no field are ignored.

    Returns the same class for the same arguments, so that instances can be equal.
    """
    fields = [one for one in dataclasses.fields(settings_class) if one.name in defaults]
    if not fields:
        return settings_class
    key = (settings_class, repr([(one.name, defaults[one.name]) for one in fields]))
    if key not in _derived:
        _derived[key] = dataclasses.make_dataclass(
            settings_class.__name__,
            [(one.name, one.type, setting(defaults[one.name], **one.metadata)) for one in fields],
            bases=(settings_class,),
            namespace={"__doc__": settings_class.__doc__, "__module__": settings_class.__module__},
        )
    return _derived[key]


_derived: dict[tuple[type, str], type] = {}


def check_settings(settings: Any, prefix: str) -> None:
    """Check each value with `check_values`, then all together with the optional `settings.check()`.

    Both raise InputError, the second for values that exclude each other.
    """
    check_values(settings, prefix)
    if hasattr(settings, "check"):
        settings.check()


def check_values(settings: Any, prefix: str) -> None:
    """Raise InputError for the first value outside its range or choices; None is always allowed.

    `prefix` is the group that the message names: "strategy" or "scenario".
    """
    for one in settings_of(type(settings)):
        value = getattr(settings, one.name)
        key = f"{prefix}.{one.name}".lstrip(".")
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, list):
                raise InputError(f"{key}={value}: expected a flat list ({one.meaning})")
            if item is None:
                continue
            if prefix and isinstance(item, str) and any(letter.isspace() for letter in item):
                raise InputError(f"{key}={item!r}: expected a word without spaces ({one.meaning})")
            if one.choices and item not in one.choices:
                why = one.elsewhere.get(item) if isinstance(item, str) else None
                raise InputError(f"{key}={item}: {why or nearest(str(item), one.choices)}")
            if isinstance(item, (int, float)) and not isinstance(item, bool):
                _check_range(key, item, one)


def _check_range(key: str, value: float, one: Setting) -> None:
    low = -float("inf") if one.low is None else one.low
    high = float("inf") if one.high is None else one.high
    if isinstance(value, int) and one.high is None and value > _MOST:
        raise InputError(f"{key}={value}: expected at most {_MOST} ({one.meaning})")
    if not (low <= value <= high and math.isfinite(value)):
        unit = f", in {one.unit}" if one.unit and one.unit not in one.meaning else ""
        expected = f"a value {one.range}" if one.range.startswith("between") else one.range
        raise InputError(f"{key}={value}: expected {expected or 'a finite value'} ({one.meaning}{unit})")
