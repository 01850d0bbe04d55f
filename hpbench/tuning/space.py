"""The searched settings: their grammar, what they may be, and from a point of the space to runs."""

import dataclasses
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hpbench import registry
from hpbench.core.errors import InputError, nearest
from hpbench.core.run import Run
from hpbench.core.settings import Setting, settings_of, typed
from hpbench.plan.compose import Planned, RunSettings, sweep
from hpbench.plan.sweep import combinations
from hpbench.protocols.table import PROTOCOLS
from hpbench.tuning.settings import TuneSettings

_SEARCH = re.compile(r"(?P<key>[^=]*)=(?P<kind>\w+)\((?P<values>.*)\)", re.DOTALL)

KINDS = {
    "log": "log(1e-4,1e-1): a number on a logarithmic scale",
    "uniform": "uniform(0,1): a number",
    "int": "int(1,10): a whole number",
    "choice": "choice(a,b,c): one of these values",
}
"""What can be written for a value, each with an example."""

_NO_KIND = ("range", "interval", "glob", "tag", "sort", "shuffle", "float", "str", "bool")
"""Functions of Hydra's grammar that people may take for searches."""

_DIGITS = 4
"""Significant digits of sampled numbers: what is searched is known no better, and commands stay short."""

_OF_SEARCH = tuple(one.name for one in dataclasses.fields(TuneSettings))
_WHOLE = ("scenario", "strategy", *(one.name for one in dataclasses.fields(RunSettings)))
"""Settings without a group: of the search, and of all runs."""

VALIDATION = "scenario.evaluate_on=validation"


@dataclass(frozen=True)
class Searched:
    """A searched setting, and its values: whole or other numbers from low to high, or `choices` as typed.

    `values` are the choices as the setting has them.
    """

    key: str
    text: str
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    whole: bool = False
    choices: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()

    def typed(self, value: Any) -> str:
        """A sampled value as typed on the command line."""
        if self.choices or self.whole:
            return str(value)
        rounded = float(f"{value:.{_DIGITS}g}")
        return typed(min(max(rounded, self.low), self.high))

    def point(self, value: Any) -> Any:
        """A value of the setting as it is sampled; None if it is not among those that are searched."""
        if self.choices:
            return next(
                (one for one, same in zip(self.choices, self.values, strict=True) if same == value), None
            )
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return value if number and self.low <= value <= self.high else None


@dataclass(frozen=True)
class Space:
    """What is searched: the searched settings, and the fixed words of every run.

    `first`: a point of the space that has the default of every setting; empty if some default is outside.
    `run`: the run with the fixed words alone, on the validation part.
    """

    searched: tuple[Searched, ...]
    fixed: tuple[str, ...]
    run: Run
    first: Mapping[str, Any]

    def words(self, point: Mapping[str, Any]) -> dict[str, str]:
        """The values of a point of the space as typed, by setting, in the order of the command."""
        return {one.key: one.typed(point[one.key]) for one in self.searched}

    def planned(self, point: Mapping[str, Any]) -> tuple[dict[str, str], Planned]:
        """The settings of a point, without those that have no effect beside the others, and a run.

        Its `reason` says why it cannot be run, if so.
        """
        words = self.words(point)
        while True:
            [planned] = sweep([*self.fixed, VALIDATION, *(f"{key}={value}" for key, value in words.items())])
            idle = _idle(planned.reason, words)
            if not idle:
                return words, planned
            del words[idle]

    def runs(self, point: Mapping[str, Any], seeds: int) -> tuple[list[Run], str]:
        """The runs of a point, one for each seed, or the reason why it cannot be run."""
        _, planned = self.planned(point)
        if planned.reason or planned.run is None:
            return [], planned.reason
        return [replace(planned.run, seed=seed) for seed in range(seeds)], ""


def space_of(overrides: Sequence[str]) -> Space:
    """The space that a command names.

    Raises InputError for what is wrong: a setting that is none or cannot be searched, values outside its
    range, a scenario without a validation part, nothing to search.
    """
    searches = [match for one in overrides if (match := _SEARCH.fullmatch(one)) and match["kind"] in KINDS]
    others = [one for one in overrides if not any(match.string == one for match in searches)]
    keys = [match["key"] for match in searches]
    _refuse_words(others, keys)
    fixed = [one for one in others if one != VALIDATION]
    if not searches:
        raise InputError(f"there is nothing to search: write a setting as {', '.join(KINDS.values())}")
    run = _base(fixed)
    found = tuple(_searched(match, run, fixed) for match in searches)
    first = {one.key: one.point(_value(run, one.key)) for one in found}
    return Space(found, tuple(fixed), run, {} if None in first.values() else first)


def _refuse_words(others: Sequence[str], keys: Sequence[str]) -> None:
    """Raise InputError for what can be neither fixed nor searched."""
    for one in others:
        key, _, value = one.partition("=")
        if "." not in key and key not in _WHOLE:
            offer = nearest(key, _OF_SEARCH)
            if offer.startswith("did you mean"):
                raise InputError(f"unknown setting {key!r}: {offer}")
        function = re.match(r"(\w+)\(.*\)$", value)
        if function and (function[1] in _NO_KIND or nearest(function[1], KINDS).startswith("did you mean")):
            raise InputError(f"{one}: no such search. Write {', '.join(KINDS.values())}")
        if key == "scenario.evaluate_on" and value != "validation":
            raise InputError(
                f"{one}: settings are chosen on the validation part, never on the test part: leave it out "
                "(the command that is shown at the end runs the best settings on the test part)"
            )
        if key == "seed":
            raise InputError(f"{one}: every trial has the same seeds; seeds=3 says how many")
    for chosen in [one for one in others if "=" in one]:
        if len(combinations([chosen])) > 1:
            key, _, value = chosen.partition("=")
            if key in ("scenario", "strategy"):
                raise InputError(f"{chosen}: one {key} is tuned at a time: write a command for each")
            raise InputError(f"{chosen}: write {key}=choice({value}) to search, or one value")
    for key in keys:
        if keys.count(key) > 1 or any(one.startswith(f"{key}=") for one in others):
            raise InputError(f"{key} is given twice")
        if key == "seed":
            raise InputError("seed is not searched: every trial has the same seeds; seeds=3 says how many")
        if key in ("scenario", "strategy"):
            raise InputError(f"{key} is not searched: one is tuned at a time, write a command for each")


def _base(fixed: Sequence[str]) -> Run:
    """The run with the fixed words alone."""
    try:
        [planned] = sweep([*fixed, VALIDATION])
    except InputError as error:
        if "no setting 'evaluate_on'" in str(error):
            raise InputError(f"{error}: tuning needs a scenario with a validation part") from error
        raise
    # A fixed setting may need one that is searched to have an effect.
    if planned.run is None or (planned.reason and not _idle(planned.reason, [*map(_key, fixed)])):
        raise InputError(
            f"{planned.reason} (tuning measures on the validation part)"
            if "validation" in planned.reason
            else planned.reason
        )
    return planned.run


def _searched(match: re.Match[str], run: Run, fixed: Sequence[str]) -> Searched:
    key, kind, text = match["key"], match["kind"], match.string
    setting = _setting(key, run)
    if kind == "choice":
        choices = tuple(dict.fromkeys(one[key] for one in combinations([text])))
        if len(choices) < 2:
            raise InputError(f"{text}: name at least two different values")
        # Planning a run with a value checks its type and range.
        planned = [sweep([*fixed, VALIDATION, f"{key}={one}"])[0].run for one in choices]
        values = tuple(None if one is None else _value(one, key) for one in planned)
        return Searched(key, text, choices=choices, values=values)
    types = setting.type.replace(" ", "")
    if not re.fullmatch(r"(int|float)(\|None)?", types):
        written = "choice(on,off)" if types == "bool" else "choice(…)"
        raise InputError(f"{text}: {key} is no number but {setting.type}: write {key}={written}")
    whole = types.startswith("int")
    if kind == "uniform" and whole:
        raise InputError(f"{text}: {key} is a whole number: write {key}=int({match['values']})")
    if kind == "int" and not whole:
        raise InputError(f"{text}: {key} need not be whole: write {key}=uniform({match['values']})")
    low, high = _bounds(match, whole)
    if kind == "log" and low <= 0:
        raise InputError(f"{text}: a logarithmic scale begins above 0: write another bound, or uniform(…)")
    for bound in (low, high):
        sweep([*fixed, VALIDATION, f"{key}={typed(int(bound) if whole else bound)}"])
    return Searched(key, text, low, high, kind == "log", whole)


def _bounds(match: re.Match[str], whole: bool) -> tuple[float, float]:
    text = match.string
    written = [one.strip() for one in match["values"].split(",")]
    number = int if whole else float
    try:
        low, high = (number(one) for one in written)
    except ValueError as error:
        many = "two whole numbers" if whole else "two numbers"
        raise InputError(f"{text}: expected {many}, as in {KINDS[match['kind']]}") from error
    if not (math.isfinite(low) and math.isfinite(high)):
        raise InputError(f"{text}: expected finite bounds")
    if not low < high:
        raise InputError(f"{text}: expected the lower bound first, and another above it")
    return low, high


def _setting(key: str, run: Run) -> Setting:
    """The setting of this name. Raises InputError if there is none, or if it says what is measured."""
    group, _, name = key.partition(".")
    settings = {"scenario": run.scenario_settings, "strategy": run.strategy_settings}
    if group not in settings or "." not in key:
        names = [f"{of}.{one.name}" for of, some in settings.items() for one in settings_of(type(some))]
        full = [one for one in names if one.endswith(f".{key}")]
        offer = f"did you mean {' or '.join(full)}?" if full else nearest(key, names)
        raise InputError(f"{key!r} cannot be searched: {offer}")
    known = {one.name: one for one in settings_of(type(settings[group]))}
    if name not in known:
        owner = run.scenario if group == "scenario" else run.strategy
        raise InputError(
            f"{group} {owner!r} has no setting {name!r}: {nearest(name, known)}".replace("''", "'")
        )
    protocol = PROTOCOLS[registry.find("scenarios", run.scenario).protocols[0]]
    metadata = type(settings[group]).__dataclass_fields__[name].metadata
    measured = protocol.of_settings.get(key) in protocol.compared
    if group == "scenario" and (measured or metadata.get("at_test_only") or name in _OF_DATA):
        raise InputError(
            f"{key} says what the accuracy is measured on: a search over it would choose the easiest test. "
            "Give it one value"
        )
    return known[name]


_OF_DATA = ("dataset", "validation_share", "order_seed", "split", "evaluate_on")
"""Settings of scenarios that choose the samples."""


def _value(run: Run, key: str) -> Any:
    group, _, name = key.partition(".")
    return getattr(run.scenario_settings if group == "scenario" else run.strategy_settings, name)


def _key(word: str) -> str:
    return word.partition("=")[0]


def _idle(reason: str, keys: Any) -> str:
    """The one of these settings that has no effect for this reason; empty if the reason is another."""
    return next(
        (key for key in keys if reason.startswith(f"{key}=") and " has no effect without " in reason), ""
    )
