"""The runs of a comparison, by strategy and settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hpbench import registry
from hpbench.comparison.measured import Measured, alignment
from hpbench.core.presets import Preset, shortest_name


@dataclass(frozen=True)
class Group:
    """Runs that differ in their seed alone; `label` names what tells them from the other groups."""

    label: str
    runs: Sequence[Measured]


def grouped(runs: Sequence[Measured]) -> list[Group]:
    """The groups, in the order of their first runs."""
    found: dict[tuple[str, str], list[Measured]] = {}
    for run in runs:
        found.setdefault((run.row["strategy"], run.row["overrides"]), []).append(run)
    words = [set(overrides.split()) for _, overrides in found]
    common = set.intersection(*words)
    return [
        Group(_label(strategy, set(overrides.split()), common), some)
        for (strategy, overrides), some in found.items()
    ]


def _label(strategy: str, words: set[str], common: set[str]) -> str:
    presets: Mapping[str, Preset] = registry.find("strategies", strategy).presets
    own = {word for word in words - common if word.startswith("strategy.")}
    return " ".join([shortest_name(strategy, own, presets.values()), *sorted(words - common - own)])


def between(one: Group, other: Group) -> dict[str, list[float]]:
    """Kernel alignment of trained layers, by layer.

    Of the runs of two groups that have the same seed; within one group, of those of any two seeds.
    """
    found: dict[str, list[float]] = {}
    for number, first in enumerate(one.runs):
        for second in one.runs[number + 1 :] if one is other else other.runs:
            if one is other or first.row["seed"] == second.row["seed"]:
                for layer, value in alignment(first.final, second.final).items():
                    found.setdefault(layer, []).append(value)
    return found


def counterpart(run: Measured, reference: Group) -> Measured:
    """The run of the reference that has the same seed, or else its first."""
    return next((one for one in reference.runs if one.row["seed"] == run.row["seed"]), reference.runs[0])
