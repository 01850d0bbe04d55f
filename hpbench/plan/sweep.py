"""From a list of overrides in Hydra's grammar to the combinations of a sweep."""

import itertools
import re
from collections.abc import Sequence

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException, OverrideParseException
from omegaconf.errors import OmegaConfBaseException

from hpbench.core.errors import InputError

_KEY = re.compile(r"[^\W\d]\w*(\.\w+)*")


def combinations(overrides: Sequence[str]) -> list[dict[str, str]]:
    """Every combination of a sweep as {key: value in Hydra's grammar}; the last override varies fastest.

    Raises InputError for text outside the grammar, for deletions and additions of keys, for a key given
    twice and for sweeps without a list of values.
    """
    parsed = [_parse(text) for text in overrides]
    keys = [override.key_or_group for override in parsed]
    for key in keys:
        if keys.count(key) > 1:
            raise InputError(f"{key} is given twice: write a comma list to sweep, as in {key}=a,b")
    values = [_values(override) for override in parsed]
    return [dict(zip(keys, combination, strict=True)) for combination in itertools.product(*values)]


def _parse(text: str) -> Override:
    if "\n" in text:
        raise InputError(f"{text!r} is not an override: write key=value in one line")
    key, equals, value = text.partition("=")
    if key == "data_root" and value:
        text = f"data_root={_quoted(value)}"  # a path may have special characters of the grammar
    if not equals or not _KEY.fullmatch(key):
        raise InputError(
            f"{text!r} is not an override: write key=value, as in strategy.lr=1e-3 "
            "(settings can be changed, not added or deleted)"
        )
    try:
        return OverridesParser.create().parse_overrides([text])[0]
    except OverrideParseException as error:
        reason = str(error).split("\n")[0]
        raise InputError(
            f"{text!r} is not in the override grammar ({reason}): put a value with special characters "
            f"in quotes, as in {key}=\"'{value}'\""
        ) from error


def _quoted(value: str) -> str:
    """`value` in the grammar's quotes, in which a backslash is special only before a quote."""
    escaped = re.sub(r"(\\*)('|$)", lambda match: 2 * match[1] + ("\\'" if match[2] else ""), value)
    return f"'{escaped}'"


def _values(override: Override) -> list[str]:
    values = _elements(override)
    if override.key_or_group in ("scenario", "strategy", "address"):
        return [value.replace("\\:", ":") for value in values]  # as typed
    return values


def _elements(override: Override) -> list[str]:
    if not override.is_sweep_override():
        if override.value() in (None, ""):
            raise InputError(f"{override.key_or_group}= has no value")
        return [override.get_value_element_as_str()]
    try:
        values = (
            [] if override.is_interval_sweep() else [str(one) for one in override.sweep_string_iterator()]
        )
    except (HydraException, OmegaConfBaseException, ValueError) as error:
        raise InputError(
            f"{override.input_line} names no values: write a comma list of values, or range() alone"
        ) from error
    if not values:
        raise InputError(f"{override.input_line} names no values: write a comma list, or range(5) for 0 to 4")
    return values
