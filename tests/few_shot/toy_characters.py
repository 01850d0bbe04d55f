"""A few-shot task that is learned in a moment: classes of noisy 12x12 patterns."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import torch

from hpbench.tasks.few_shot import Classes, FewShotTask, Shape


def classes(number: int, samples: int = 8, seed: int = 0, ink: float = 0.7) -> Classes:
    """Patterns with noise."""
    generator = torch.Generator().manual_seed(seed)
    patterns = torch.rand(number, 1, 1, 12, 12, generator=generator) < 0.3
    noise = torch.rand(number, samples, 1, 12, 12, generator=generator)
    return Classes((255 * (ink * patterns + (1 - ink) * noise)).byte())


def few_shot_task(folder: Path, **changes: Any) -> FewShotTask:
    """Classes to train on, to select on, to test on; learners are kept in `folder`."""
    stated: dict[str, Any] = {
        "dataset": "toy",
        "dataset_sha256": "0" * 64,
        "split": "characters",
        "train": classes(40, seed=1),
        "validation": classes(12, seed=2),
        "test": classes(12, seed=3),
        "tested": Shape(4, 2, 3),
        "episodes": 20,
        "episode_seed": 1,
        "evaluate_on": "test",
        "device": "cpu",
        "training_key": "toy",
        "learners": folder,
    }
    return FewShotTask(**{**stated, **changes})


QUICK = {
    "filters": [4, 4],
    "meta_steps": 4,
    "train_ways": 5,
    "train_queries": 3,
    "validate_every": 2,
    "validation_ways": 4,
    "validation_shots": 1,
    "validation_queries": 3,
    "validation_episodes": 10,
}
"""Settings under which meta-training takes a fraction of a second."""


def quick(settings_class: type, **changes: Any) -> Any:
    """Settings of a strategy with those of QUICK that it has."""
    names = [one.name for one in fields(settings_class)]
    return settings_class(**{name: value for name, value in {**QUICK, **changes}.items() if name in names})
