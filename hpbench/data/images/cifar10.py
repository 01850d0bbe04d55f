"""CIFAR-10 from disk or network, or else generated colour pictures, named `tiles`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from hpbench.core.settings import setting
from hpbench.data.images.cifar10_files import CIFAR10
from hpbench.data.images.complete import StandIn, load_or_stand_in
from hpbench.data.images.image_data import ImageData
from hpbench.data.images.tiles import draw_tiles


@dataclass
class Cifar10Settings:
    """Which set of colour images to use."""

    dataset: str = setting(
        "auto",
        "cifar10 (complete), tiles (generated colour pictures, no network needed), or the first available",
        choices=("auto", "cifar10", "tiles"),
        shapes_run=False,  # the row names the data set that was found
    )

    classes: ClassVar[int] = 10


def load_cifar10(which: str, data_root: Path | None, say: Callable[[str], None]) -> ImageData:
    """CIFAR-10 or `tiles`, as `load_or_stand_in` chooses."""
    words = (
        "generated colour pictures of ten motifs. They are not CIFAR-10, and their rows are not ranked with "
        "its rows."
    )
    return load_or_stand_in(CIFAR10, StandIn("tiles", draw_tiles, words), which, data_root, say)
