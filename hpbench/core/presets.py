"""Presets of a strategy: values for some of its settings under a name, with a description."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hpbench.core.errors import InputError, nearest
from hpbench.core.settings import typed


@dataclass(frozen=True)
class Preset:
    """A name, a sentence that describes it, and values of settings by name."""

    name: str
    sentence: str
    settings: Mapping[str, Any]

    @property
    def words(self) -> frozenset[str]:
        """The settings as typed on the command line."""
        return frozenset(f"strategy.{name}={typed(value)}" for name, value in self.settings.items())


def read_presets(tree: ast.Module) -> dict[str, Preset]:
    """The presets in a file's `PRESETS`, a dictionary from names to (sentence, {setting: value}).

    A preset that changes an earlier one, or adds to it, names that first: (name, sentence, {setting: value}).
    The file is parsed, not run. Raises InputError if `PRESETS` is not such a dictionary of literals.
    """
    for value in assigned(tree, "PRESETS"):
        try:
            declared: Any = ast.literal_eval(value) if value else None
            found: dict[str, Preset] = {}
            for name, parts in declared.items():
                base, sentence, settings = parts if len(parts) == 3 else (None, *parts)
                earlier = {} if base is None else found[base].settings
                found[name] = _preset(name, sentence, {**earlier, **settings})
            return found
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise InputError(
                "PRESETS must be a dictionary from names to (sentence, {setting: value}), all written out, "
                "or to (name of an earlier preset, sentence, {setting: value})"
            ) from error
    return {}


def preset_named(name: str, strategy: str, presets: Mapping[str, Preset]) -> Preset:
    """The preset of this name. Raises InputError if the strategy has none of it."""
    if name not in presets:
        raise InputError(f"strategy {strategy!r} has no preset {name!r}: {nearest(name, presets)}")
    return presets[name]


def assigned(tree: ast.Module, name: str) -> Iterator[ast.expr | None]:
    """What a file assigns to a name at its top level, in order; None for an annotation without a value."""
    for node in tree.body:
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign):
            targets = [node.target]
        else:
            continue
        if any(getattr(one, "id", "") == name for one in targets):
            yield node.value


def _preset(name: str, sentence: str, settings: Mapping[str, Any]) -> Preset:
    if not (name.isascii() and name.isidentifier()) or not isinstance(sentence, str) or not settings:
        raise ValueError(name)
    return Preset(name, sentence, dict(settings))


def shortest_name(strategy: str, overrides: Iterable[str], presets: Iterable[Preset]) -> str:
    """The strategy with its overrides, in as few words as possible: a preset stands for those it contains.

    `overrides` are settings of the strategy as typed on the command line: strategy.lr=0.001.
    """
    words = sorted(overrides)
    fitting = [one for one in presets if one.words <= set(words)]
    if not fitting:
        return " ".join([strategy, *words])
    best = max(fitting, key=lambda one: (len(one.words), one.name))
    return " ".join([f"{strategy}:{best.name}", *(word for word in words if word not in best.words)])
