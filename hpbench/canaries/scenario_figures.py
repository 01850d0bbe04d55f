"""Figures of a scenario's task, without training: hashes of targets, permutations, episodes and inputs."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from types import ModuleType
from typing import Any
from unittest.mock import patch

import torch

from hpbench import registry
from hpbench.canaries.apart import apart, own_folder
from hpbench.canaries.fingerprint import of_inputs, of_whole_numbers
from hpbench.canaries.stand_ins import write_stand_ins
from hpbench.core.settings import check_settings
from hpbench.data.characters.characters import Characters
from hpbench.runs.few_shot import test_episodes
from hpbench.tasks.continual import ContinualTask, Inputs, Part
from hpbench.tasks.few_shot import Classes, ClassSet, FewShotTask
from hpbench.tasks.resources import Resources
from hpbench.tasks.robustness import RobustnessTask

_WITHOUT_DATA = ("mnist5k", "garments", "tiles", "glyphs", "recorded")
"""Data sets that are shipped or generated, and those that have stand-ins."""

FIRST = 3
"""Inputs of each part that are hashed."""

_EPISODES = 50
_DIGITS = (60, 30)
"""Numbers of training and test digits that events are generated from."""

_CHARACTERS = 9
"""Every such character is recorded."""

_OF_THE_MACHINE = {"device", "learners", "training_key", "train_anew", "kept"}


def scenario_figures(entry: registry.Entry, changes: dict[str, Any]) -> dict[str, Any]:
    """The figures of a scenario's task, with `changes` to its default settings."""
    module = registry.load(entry)
    settings_class = registry.settings_class(entry, entry.protocols[0])
    settings = settings_class(**{**_without_data(settings_class), **changes})
    check_settings(settings, "scenario")
    if entry.protocols[0] == "few_shot":
        settings = replace(settings, episodes=_EPISODES)  # fewer than for a leaderboard
    with apart(single=True), _few_digits(module):
        root = write_stand_ins(own_folder())
        task = module.build(settings, Resources(root, "cpu", lambda line: None))
        return _FIGURES[type(task)](task)


def _without_data(settings_class: type) -> dict[str, str]:
    """The setting for a data set that needs neither files nor network, if the scenario has one."""
    known = {one.name: one for one in fields(settings_class)}
    if "dataset" not in known:
        return {}
    return {"dataset": next(one for one in known["dataset"].metadata["choices"] if one in _WITHOUT_DATA)}


@contextmanager
def _few_digits(module: ModuleType) -> Iterator[None]:
    """A context in which events are generated from a few digits or characters only; all take a minute."""
    loads = next((one for one in ("load_glyphs", "load_omniglot") if hasattr(module, one)), None)
    if loads and hasattr(module, "saccade_characters"):
        drawings: Callable[..., Any] = getattr(module, loads)
        with patch.object(module, loads, lambda *arguments: _few_characters(drawings(*arguments))):
            yield
        return
    if not hasattr(module, "saccade_sources"):
        yield
        return
    whole: Callable[..., Any] = module.load_mnist

    def few(*arguments: Any) -> Any:
        data = whole(*arguments)
        train, test = (slice(None, number) for number in _DIGITS)
        return replace(
            data,
            train_images=data.train_images[train],
            train_labels=data.train_labels[train],
            test_images=data.test_images[test],
            test_labels=data.test_labels[test],
        )

    with patch.object(module, "load_mnist", few):
        yield


def _few_characters(data: Characters) -> Characters:
    """Every ninth character, which leaves some of each script."""
    chosen = slice(None, None, _CHARACTERS)
    return replace(
        data,
        images=data.images[chosen],
        alphabets=data.alphabets[chosen],
        names=data.names[chosen],
        background=data.background[chosen],
    )


def _plain(task: Any) -> dict[str, Any]:
    """Fields of a task that are numbers or texts, except those that depend on the machine."""
    found = {one.name: getattr(task, one.name) for one in fields(task) if one.name not in _OF_THE_MACHINE}
    return {name: one for name, one in found.items() if isinstance(one, (str, int, float)) or one is None}


def _first(inputs: Inputs) -> Any:
    return inputs[torch.arange(min(FIRST, len(inputs)))].numpy()


def _seen(part: Part) -> Any:
    inputs = _first(part.inputs)
    return inputs if part.permutation is None else inputs[:, part.permutation]


def _parts(parts: Sequence[Part]) -> dict[str, Any]:
    found = {
        "samples": [len(one.targets) for one in parts],
        "targets": of_whole_numbers(one.targets for one in parts),
        "inputs": of_inputs(_seen(one) for one in parts if len(one.targets)),
    }
    orders = [one.permutation for one in parts if one.permutation is not None]
    return {**found, "permutations": of_whole_numbers(orders)} if orders else found


def _continual(task: ContinualTask) -> dict[str, Any]:
    streams = {"train": task.train, "validation": task.validation, "test": task.test}
    return {
        "task": _plain(task),
        **{name: _parts(parts) for name, parts in streams.items()},
    }


def _robustness(task: RobustnessTask) -> dict[str, Any]:
    changed = {
        f"{name} {level:g}": of_inputs([_first(task.disturbed(name, level))])
        for name, levels in task.levels.items()
        for level in (levels[0], levels[-1])
        if level
    }
    return {
        "task": _plain(task),
        "levels": {name: list(levels) for name, levels in task.levels.items()},
        "learned": _continual(task.learned),
        "tested": _parts([task.tested]),
        "disturbed": changed,
    }


def _few_shot(task: FewShotTask) -> dict[str, Any]:
    episodes = test_episodes(task)
    parts = {"train": task.train, "validation": task.validation, "test": task.test}
    tested = task.tested
    return {
        "task": {**_plain(task), "tested": [tested.ways, tested.shots, tested.queries]},
        "episodes": of_whole_numbers([episodes.support, episodes.query]),
        **{name: _classes(classes) for name, classes in parts.items()},
    }


def _classes(classes: ClassSet) -> dict[str, Any]:
    if not isinstance(classes, Classes):
        last = len(classes) * classes.samples - 1
        shown = classes.at(torch.tensor([0, last // 2, last]))
        return {"shape": list(classes.shape), "inputs": of_inputs([shown.numpy()])}
    return {
        "shape": list(classes.images.shape),
        "inputs": of_whole_numbers(classes.images[place] for place in (0, len(classes) // 2, -1)),
    }


_FIGURES: dict[type, Callable[[Any], dict[str, Any]]] = {
    ContinualTask: _continual,
    RobustnessTask: _robustness,
    FewShotTask: _few_shot,
}
