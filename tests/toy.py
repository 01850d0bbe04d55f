"""A scenario that a strategy learns in a moment, as a file that a folder named by HPBENCH_PATH can hold."""

from pathlib import Path

PATTERNS = """    generator = np.random.RandomState(0)
    patterns = generator.rand(4, 8, 8) < 0.3

    def part(per_class: int) -> tuple[np.ndarray, np.ndarray]:
        labels = generator.permutation(np.repeat(np.arange(4), per_class))
        ink = 0.8 * patterns[labels] + 0.2 * generator.rand(len(labels), 8, 8)
        return (255 * ink).astype(np.uint8), labels"""
"""Lines that make four classes of patterns, the same ones every time; `part(n)` has n of each."""

SCENARIO = f'''"""Toy: four classes of noisy 8x8 patterns, two experiences."""

from dataclasses import dataclass

import numpy as np

from hpbench.data.images.image_data import ImageData
from hpbench.learning.settings import StreamSettings
from hpbench.streams.split import split_by_class
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.resources import Resources
from hpbench.core.settings import with_default
from hpbench.tasks.resources import Resources

VERSION = "1"
PROTOCOL = "continual"


@dataclass
class Settings(StreamSettings):
    """The stream."""

    time_steps: int = with_default(StreamSettings, "time_steps", 8)


def build(settings: Settings, resources: Resources) -> ContinualTask:
    """Make the patterns, the same ones every time."""
{PATTERNS}

    return split_by_class(ImageData("toy", *part(100), *part(20), source="made up"), 2, settings, resources)
'''

QUICK = (
    "strategy.hidden=[128]",
    "strategy.batch=10",
    "strategy.lr=0.002",
    "strategy.loss=cross_entropy",
)
"""Overrides under which a run of the toy scenario takes a fraction of a second."""

QUICK_BY_STRATEGY = {
    "gdumb": (*QUICK, "strategy.memory_passes=6"),
    **dict.fromkeys(("ncm", "slda"), ("strategy.batch=10",)),  # of pixels, which know nothing of a network
}
"""The same for strategies that need others."""

STRATEGY = '''"""{summary}"""

from dataclasses import dataclass

from hpbench.learning.settings import TrainingSettings
from hpbench.learning.supervised import supervised
from hpbench.networks.settings import DenseSettings


@dataclass
class Settings(TrainingSettings, DenseSettings):
    """Those of the real-valued network."""


def continual(settings, task):
    {body}
    return supervised(settings, task, "ann")
'''


LIGHT_STRATEGY = '''"""{summary}"""

from dataclasses import dataclass

from hpbench.core.settings import setting


@dataclass
class Settings:
    """Settings of a strategy that imports no library."""

    {settings}


def continual(settings, task):
    """Never called by the tests that only plan or list."""
'''


def write_toy(folder: Path) -> Path:
    """The folder, made to hold the scenario `toy`."""
    return write_file(folder / "scenarios" / "toy.py", SCENARIO).parents[1]


def strategy_text(body: str = "pass") -> str:
    """A strategy around the real-valued network whose builder first does `body`."""
    return STRATEGY.format(body=body, summary="A strategy for a test.")


def light_strategy_text(*settings: str, summary: str = "A light strategy.") -> str:
    """A strategy that costs nothing to import, with these lines of settings."""
    return LIGHT_STRATEGY.format(settings="\n    ".join(settings) or "pass", summary=summary)


def write_file(path: Path, text: str) -> Path:
    """The path, with its folders and this text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def files(folder: Path) -> dict[str, bytes]:
    """All files below a folder with their content, but for locks."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".lock"
    }
