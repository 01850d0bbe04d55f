"""Presets of a strategy: groups of its settings under a name, with a sentence on what they are."""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hpbench.core.errors import InputError
from hpbench.core.settings import typed


@dataclass(frozen=True)
class Preset:
    """A name, what it is in a sentence, and values of settings by name."""

    name: str
    sentence: str
    settings: Mapping[str, Any]

    @property
    def words(self) -> frozenset[str]:
        """The settings as one would type them."""
        return frozenset(f"strategy.{name}={typed(value)}" for name, value in self.settings.items())


def read_presets(tree: ast.Module) -> dict[str, Preset]:
    """The presets that a file's `PRESETS` declares: a dictionary from names to (sentence, {setting: value}).

    Read without running the file. Raises InputError if it is no such dictionary of plain values.
    """
    for node in tree.body:
        target = node.target if isinstance(node, ast.AnnAssign) else None
        targets = node.targets if isinstance(node, ast.Assign) else [target]
        if any(getattr(one, "id", "") == "PRESETS" for one in targets):
            try:
                declared = ast.literal_eval(node.value)  # type: ignore[attr-defined]
                return {name: _preset(name, *told) for name, told in declared.items()}
            except (ValueError, TypeError, AttributeError) as error:
                raise InputError(
                    "PRESETS must be a dictionary from names to (sentence, {setting: value}), all written out"
                ) from error
    return {}


def _preset(name: str, sentence: str, settings: Mapping[str, Any]) -> Preset:
    if not name.isidentifier() or not isinstance(sentence, str) or not settings:
        raise ValueError(name)
    return Preset(name, sentence, dict(settings))


def shortest_name(strategy: str, overrides: Iterable[str], presets: Iterable[Preset]) -> str:
    """The strategy with its overrides, of which a preset may say some: as few words as tell the same.

    `overrides` are the words of the strategy's settings, as in strategy.lr=0.001.
    """
    words = sorted(overrides)
    fitting = [one for one in presets if one.words <= set(words)]
    if not fitting:
        return " ".join([strategy, *words])
    best = max(fitting, key=lambda one: (len(one.words), one.name))
    return " ".join([f"{strategy}:{best.name}", *(word for word in words if word not in best.words)])
