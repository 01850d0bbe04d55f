"""Scenarios of all protocols that are learned in a moment, as files of a folder that HPBENCH_PATH names."""

from pathlib import Path

from toy import PATTERNS, SCENARIO, write_file

_ONLINE = (
    SCENARIO.replace("class Settings(StreamSettings)", "class Settings(OnlineSettings, StreamSettings)")
    .replace("    return split_by_class(", "    return online(split_by_class(")
    .replace("settings, resources)\n", "settings, resources), settings)\n")
    .replace('PROTOCOL = "continual"', 'PROTOCOL = "continual"\nSTRATEGY_PRESET = {"batch": 10}')
    .replace(
        "from hpbench.streams.split",
        "from hpbench.streams.online import OnlineSettings, online\nfrom hpbench.streams.split",
    )
)

_NOISY = f'''"""Four classes of noisy 8x8 patterns, under noise and attacks."""

from dataclasses import dataclass

import numpy as np

from hpbench.data.images.image_data import ImageData
from hpbench.streams.disturbed_images import ImageRobustnessSettings, image_task

VERSION = "1"
PROTOCOL = "robustness"


@dataclass
class Settings(ImageRobustnessSettings):
    """Those of images."""


def build(settings, resources):
    """Make the patterns, the same ones every time."""
{PATTERNS}

    return image_task(ImageData("toy", *part(100), *part(20), source="made up"), settings, resources)
'''

_CHARACTERS = '''"""Noisy 12x12 patterns, five ways."""

from dataclasses import dataclass

import torch

from hpbench.data.places import learners_folder
from hpbench.few_shot.settings import EpisodeSettings
from hpbench.tasks.few_shot import Classes, FewShotTask

VERSION = "1"
PROTOCOL = "few_shot"


@dataclass
class Settings(EpisodeSettings):
    """The episodes."""


def classes(number, seed):
    generator = torch.Generator().manual_seed(seed)
    patterns = torch.rand(number, 1, 1, 12, 12, generator=generator) < 0.3
    noise = torch.rand(number, 16, 1, 12, 12, generator=generator)
    return Classes((255 * (0.7 * patterns + 0.3 * noise)).byte())


def build(settings, resources):
    """Make the patterns, the same ones every time."""
    return FewShotTask(
        dataset="toy",
        dataset_sha256="0" * 64,
        split="characters",
        train=classes(40, 1),
        validation=classes(12, 2),
        test=classes(12, 3),
        tested=settings.tested,
        episodes=settings.episodes,
        episode_seed=settings.episode_seed,
        evaluate_on=settings.evaluate_on,
        device=resources.device,
        training_key=resources.training_key,
        learners=learners_folder(),
        train_anew=resources.train_anew,
    )
'''

TOYS = {
    "toy": SCENARIO,
    "toy_online": _ONLINE,
    "toy_noisy": _NOISY,
    "toy_characters": _CHARACTERS,
}
"""The text of each scenario, by its name."""


def write_toys(folder: Path) -> Path:
    """The folder, made to hold all scenarios."""
    for name, text in TOYS.items():
        write_file(folder / "scenarios" / f"{name}.py", text)
    return folder
