"""A task's description without its data, and a task of that description that holds none."""

import dataclasses
from pathlib import Path
from typing import Any

import torch

from hpbench.tasks.continual import ContinualTask, Part
from hpbench.tasks.few_shot import Classes, FewShotTask, Shape
from hpbench.tasks.robustness import RobustnessTask

_PARTS = ("train", "validation", "test")
_OF_A_MACHINE = ("device", "learners", "training_key", "train_anew")
"""Fields that say where and how a run was made, not what it learned."""

Task = ContinualTask | FewShotTask | RobustnessTask


def learned_of(task: Task) -> ContinualTask | FewShotTask:
    """The task that the strategy's function is called with: of a robustness task, the stream it learns."""
    return task.learned if isinstance(task, RobustnessTask) else task


def describe(task: ContinualTask | FewShotTask) -> dict[str, Any]:
    """Plain values from which `blank` makes a task of the same shapes."""
    fields = {
        one.name: getattr(task, one.name)
        for one in dataclasses.fields(task)
        if one.name not in (*_PARTS, *_OF_A_MACHINE)
    }
    if isinstance(task, FewShotTask):
        parts: dict[str, Any] = {name: list(getattr(task, name).shape) for name in _PARTS}
        fields["tested"] = dataclasses.asdict(task.tested)
    else:
        parts = {name: [len(one.targets) for one in getattr(task, name)] for name in _PARTS}
    return {**fields, "input_shape": list(task.input_shape), "parts": parts}


def blank(described: dict[str, Any], device: str = "cpu") -> ContinualTask | FewShotTask:
    """A task as described whose samples are all zero and take no memory.

    Raises KeyError or TypeError for a description of something else.
    """
    fields = dict(described)
    shape, parts = tuple(fields.pop("input_shape")), fields.pop("parts")
    if "tested" in fields:
        zeros = torch.zeros((), dtype=torch.uint8, device=device)
        classes: dict[str, Any] = {name: Classes(zeros.expand(parts[name])) for name in _PARTS}
        fields["tested"] = Shape(**fields["tested"])
        return FewShotTask(**fields, **classes, device=device, training_key="", learners=Path())

    def part(samples: int) -> Part:
        targets = torch.zeros((), dtype=torch.long, device=device).expand(samples)
        return Part(torch.zeros((), device=device).expand(samples, *shape), targets)

    streams: dict[str, Any] = {name: [part(samples) for samples in parts[name]] for name in _PARTS}
    return ContinualTask(**fields, **streams, device=device)
