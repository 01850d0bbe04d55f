"""Hidden layers that are frozen, or learn slowly, after the first experience."""

from collections.abc import Iterable
from typing import Any

import torch


def fix(modules: Iterable[torch.nn.Module]) -> None:
    """Freeze these modules: no gradient, and `eval()`, in which a shared trace is as at test."""
    for module in modules:
        module.requires_grad_(False)
        module.training = False


def slow_down(optimizer: torch.optim.Optimizer, modules: Iterable[torch.nn.Module], factor: float) -> None:
    """Multiply the learning rates of these modules by `factor`, in parameter groups of their own.

    Modules slowed down before are left alone. The optimizer keeps its state of each parameter.
    """
    ids = {id(parameter) for module in modules for parameter in module.parameters()}
    for group in list(optimizer.param_groups):
        slow = [parameter for parameter in group["params"] if id(parameter) in ids]
        if not slow or group.get("slowed", False):
            continue
        group["params"] = [parameter for parameter in group["params"] if id(parameter) not in ids]
        copy: dict[str, Any] = {**group, "params": slow, "lr": group["lr"] * factor, "slowed": True}
        optimizer.param_groups.append(copy)
    optimizer.param_groups[:] = [group for group in optimizer.param_groups if group["params"]]
