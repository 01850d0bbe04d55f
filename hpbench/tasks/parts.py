"""Checks that the parts of a task have samples of all classes of their experience."""

from hpbench.core.errors import InputError
from hpbench.tasks.continual import ContinualTask, Part


def check_parts(task: ContinualTask) -> None:
    """Raise InputError if a part that is used has no samples of an experience, or lacks one of its classes.

    An experience's classes are those that occur in any of its parts. The training part needs them all, and so
    does the validation part if the best pass is selected or figures are measured on it. The test part may
    lack some: a part of a data set, named with its size, can be small.
    """
    used = {"training": task.train, task.evaluate_on: getattr(task, task.evaluate_on)}
    if task.selection == "validation":
        used["validation"] = task.validation
    parts = [task.train, task.validation, task.test]
    for number in range(len(task.train)):
        classes = set().union(*(_targets(some[number]) for some in parts if number < len(some)))
        for name, some in used.items():
            own = _targets(some[number]) if number < len(some) else set()
            if not own:
                raise InputError(
                    f"experience {number + 1} has no samples in its {name} part: {_ADVICE[name]}"
                )
            if name != "test" and own != classes:
                missing = ", ".join(map(str, sorted(classes - own)))
                raise InputError(
                    f"experience {number + 1} has no samples of class {missing} (as targets count) in "
                    f"its {name} part: {_ADVICE[name]}"
                )


_ADVICE = {
    "training": "the data must have samples of every class for it",
    "validation": "hold out more by scenario.validation_share, or use data with more samples of each class",
    "test": "the data must have samples of every class for it",
}


def _targets(part: Part) -> set[int]:
    found: list[int] = part.targets.unique().tolist()
    return set(found)
