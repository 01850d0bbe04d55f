"""MNIST from disk or network, or else the 5,000 digits that ship with hpbench, named `mnist5k`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from hpbench.core.settings import setting
from hpbench.data.images.complete import StandIn, load_or_stand_in
from hpbench.data.images.image_data import ImageData
from hpbench.data.images.mnist5k import load_mnist5k
from hpbench.data.images.torchvision_sets import MNIST


@dataclass
class MnistSettings:
    """Which set of digits to use."""

    dataset: str = setting(
        "auto",
        "mnist (complete), mnist5k (5,000 digits, no network needed), or the first available",
        choices=("auto", "mnist", "mnist5k"),
        shapes_run=False,  # the row names the data set that was found
    )

    classes: ClassVar[int] = 10


def load_mnist(which: str, data_root: Path | None, say: Callable[[str], None]) -> ImageData:
    """Complete MNIST or mnist5k, as `load_or_stand_in` chooses."""
    words = "the 5,000 real MNIST digits that ship with hpbench. Its rows are not ranked with MNIST's."
    return load_or_stand_in(MNIST, StandIn("mnist5k", load_mnist5k, words), which, data_root, say)
