"""A few-shot task of recordings that is learned in a moment: noisy patterns, another at each step."""

from pathlib import Path
from typing import Any

import torch
from toy_characters import few_shot_task

from hpbench.few_shot.frame_classes import FrameClasses
from hpbench.tasks.few_shot import FewShotTask

STEPS, SIDE = 3, 12


def frames(classes: int, samples: int = 8, seed: int = 0) -> torch.Tensor:
    """Counts (C·D, T, 2, H, W) of events."""
    generator = torch.Generator().manual_seed(seed)
    patterns = torch.rand(classes, 1, STEPS, 2, SIDE, SIDE, generator=generator) < 0.2
    noise = torch.rand(classes, samples, STEPS, 2, SIDE, SIDE, generator=generator) < 0.05
    return (8.0 * patterns + noise).flatten(0, 1)


def recorded(classes: int, seed: int) -> FrameClasses:
    """All classes, none of them turned."""
    return FrameClasses(
        frames(classes, seed=seed), 8, torch.arange(classes), torch.zeros(classes, dtype=torch.long)
    )


def recorded_task(folder: Path, **changes: Any) -> FewShotTask:
    """The task of `few_shot_task`, with recordings."""
    parts = {name: recorded(number, seed) for seed, (name, number) in enumerate(_PARTS.items())}
    return few_shot_task(folder, **{**parts, **changes})


_PARTS = {"train": 40, "validation": 12, "test": 12}
