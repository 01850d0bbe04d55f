"""Settings of a dataclass from words, in Hydra's grammar and types."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from hpbench.core.errors import InputError, nearest
from hpbench.core.quiet import quiet_libraries
from hpbench.core.settings import check_settings
from hpbench.plan.sweep import combinations

Root = TypeVar("Root")


def resolved(root: Root, values: Mapping[str, str]) -> Root:
    """The dataclass with other values for some of its settings, by key, typed as its fields are.

    Raises InputError for values of a wrong type.
    """
    words = [f"{key}={value}" for key, value in values.items()]
    try:
        config = OmegaConf.structured(root)
        OmegaConf.set_struct(config, True)
        for override in OverridesParser.create().parse_overrides(words):
            OmegaConf.update(config, override.key_or_group, override.value(), merge=True)
        return cast(Root, OmegaConf.to_object(config))
    except (HydraException, OmegaConfBaseException) as error:
        reason = str(error).splitlines()[0]
        key = (getattr(error, "full_key", "") or "").partition("[")[0]  # of a list, if it is an item's
        if "is not a ListConfig" in reason:
            value = values.get(key, "")
            raise InputError(f"{key}={value}: expected a list: write {key}=[{value}]") from error
        whole = "'float'" in reason and "Integer" in reason
        hint = " (write whole numbers without a point or an exponent)" if whole else ""
        raise InputError(f"{key}={values.get(key, '')}: {reason}{hint}") from error


@quiet_libraries()
def typed_settings(group: str, settings_class: type, words: Sequence[str]) -> Any:
    """Checked settings of one class from words such as neuron.threshold=1, `group` before the point.

    Raises InputError for a word that is no setting of the class, and for a wrong type or value.
    """
    values, *others = combinations(words)
    if others:
        raise InputError(f"{' '.join(words)}: several values of a setting; give one value")
    names = [one.name for one in dataclasses.fields(settings_class)]
    for key in values:
        prefix, _, name = key.partition(".")
        if prefix != group or name not in names:
            offer = nearest(name, names).replace("'", "") if prefix == group else f"write {group}.NAME=VALUE"
            raise InputError(f"{key}={values[key]}: no setting of this {group}: {offer}")
    root = dataclasses.make_dataclass("Root", [(group, Any, dataclasses.field(default=None))])
    found = getattr(resolved(root(**{group: settings_class()}), values), group)
    check_settings(found, group)
    return found
