"""Checks, before training, that the parts of a task have samples of all classes of their experience."""

from collections.abc import Iterable, Sequence

from hpbench.core.errors import InputError
from hpbench.tasks.continual import ContinualTask, Part


def check_parts(task: ContinualTask) -> None:
    """Raise InputError if a part that is used has no samples of an experience, or lacks one of its classes.

    An experience's classes are those that occur in any of its parts. The training part needs them all, and so
    does the validation part if the best pass is selected or figures are measured on it. The test part may
    lack some: a part of a data set, named with its size, can be small. Inputs and targets must be equally
    many, targets below `task.outputs`, and experiences as many in each part.
    """
    if not task.train:
        raise InputError("the stream has no experiences: its training part is empty")
    used = {"training": task.train, task.evaluate_on: getattr(task, task.evaluate_on)}
    if task.selection == "validation":
        used["validation"] = task.validation
    for name, parts in used.items():
        if len(parts) != len(task.train):
            raise InputError(
                f"the {name} part has {len(parts)} experiences, the training part {len(task.train)}: "
                "expected as many"
            )
    parts_of_all = [task.train, task.validation, task.test]
    for number in range(len(task.train)):
        for name, parts in used.items():
            _check_targets(parts[number], f"experience {number + 1}, {name} part", task.outputs)
        classes = set().union(*(_targets(some[number]) for some in parts_of_all if number < len(some)))
        _check_classes(classes, number, {name: parts[number] for name, parts in used.items()})


def _check_targets(part: Part, where: str, outputs: int) -> None:
    if len(part.inputs) != len(part.targets):
        raise InputError(f"{where}: {len(part.inputs)} inputs, {len(part.targets)} targets; expected as many")
    outside = [one for one in sorted(_targets(part)) if not 0 <= one < outputs]
    if outside:
        raise InputError(
            f"{where}: targets {_named(outside)}, expected 0 to {outputs - 1}, as many as outputs"
        )


def _check_classes(classes: set[int], number: int, used: dict[str, Part]) -> None:
    for name, part in used.items():
        own = _targets(part)
        missing = sorted(classes - own)
        if not own:
            of = f", of classes {_named(missing)} (as targets count)" if missing else ""
            raise InputError(
                f"experience {number + 1} has no samples in its {name} part{of}: {_ADVICE[name]}"
            )
        if name != "test" and missing:
            raise InputError(
                f"experience {number + 1} has no samples of class {_named(missing)} (as targets count) in "
                f"its {name} part: {_ADVICE[name]}"
            )


_ADVICE = {
    "training": "the data must have samples of every class for it",
    "validation": "hold out more by scenario.validation_share, or use data with more samples of each class",
    "test": "the data must have samples of every class for it",
}


def _named(classes: Sequence[int]) -> str:
    return ", ".join(map(str, classes[:10])) + (" …" if len(classes) > 10 else "")


def _targets(part: Part) -> set[int]:
    found: Iterable[int] = part.targets.unique().tolist()
    return set(found)
