"""The samples that networks are compared on."""

import torch
from torch import Tensor

from hpbench.tasks.continual import ContinualTask, Part
from hpbench.tasks.robustness import RobustnessTask


def probe(task: ContinualTask | RobustnessTask, count: int) -> Tensor:
    """About `count` evaluated samples (N, …), the first ones of every experience; undisturbed ones."""
    parts = [task.tested] if isinstance(task, RobustnessTask) else list(getattr(task, task.evaluate_on))
    each = max(1, count // len(parts))
    return torch.cat([_first(part, each) for part in parts])


def _first(part: Part, count: int) -> Tensor:
    rows = torch.arange(min(count, len(part.targets)), device=part.targets.device)
    values = part.inputs[rows]
    return values if part.permutation is None else values[:, part.permutation]
