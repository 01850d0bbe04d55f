"""Fashion-MNIST from disk or network, or else generated drawings, named `garments`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from hpbench.core.settings import setting
from hpbench.data.images.complete import StandIn, load_or_stand_in
from hpbench.data.images.garments import draw_garments
from hpbench.data.images.image_data import ImageData
from hpbench.data.images.torchvision_sets import FASHION_MNIST


@dataclass
class FashionSettings:
    """Which set of garments to use."""

    dataset: str = setting(
        "auto",
        "fashion_mnist (complete), garments (generated drawings, no network needed), or the first available",
        choices=("auto", "fashion_mnist", "garments"),
        shapes_run=False,  # the row names the data set that was found
    )

    classes: ClassVar[int] = 10


def load_fashion(which: str, data_root: Path | None, say: Callable[[str], None]) -> ImageData:
    """Fashion-MNIST or `garments`, as `load_or_stand_in` chooses."""
    words = (
        "generated drawings of ten kinds. They are not Fashion-MNIST, and their rows are not ranked with its "
        "rows."
    )
    return load_or_stand_in(FASHION_MNIST, StandIn("garments", draw_garments, words), which, data_root, say)
