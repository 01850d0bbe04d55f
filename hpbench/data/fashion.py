"""Fashion-MNIST from disk or network, or, without either, drawn garments that are called so."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hpbench.core.errors import InputError, nearest
from hpbench.core.settings import setting
from hpbench.data.complete import MissingError, load_complete
from hpbench.data.garments import draw_garments
from hpbench.data.images import ImageData
from hpbench.data.places import places
from hpbench.data.torchvision_images import FASHION_MNIST

WHICH = ("auto", "fashion_mnist", "garments")


@dataclass
class FashionSettings:
    """Which garments."""

    dataset: str = setting(
        "auto",
        "fashion_mnist (complete), garments (generated drawings, no network needed), or the first to be had",
        choices=WHICH,
        shapes_run=False,  # the row names the data set that was found
    )


def load_fashion(which: str, data_root: Path | None, say: Callable[[str], None]) -> ImageData:
    """Complete Fashion-MNIST or `garments`; the name of what is returned says which.

    which: "fashion_mnist" (complete or an error), "garments", or "auto": Fashion-MNIST if it is on disk or
    can be downloaded, else the drawings, with one line to `say`. No package ships any of Fashion-MNIST.

    Raises InputError if `data_root` does not exist, if files are damaged, or if there is no Fashion-MNIST.
    """
    if which not in WHICH:
        raise InputError(f"data set {which!r} is unknown: {nearest(which, WHICH)}")
    if which == "garments":
        places(data_root)
        return draw_garments()
    try:
        return load_complete(FASHION_MNIST, data_root, say)
    except MissingError as missing:
        if which == "fashion_mnist":
            raise
        say(
            f"{missing.reason[0].upper()}{missing.reason[1:]}: using garments, generated drawings of ten "
            "kinds. They are not Fashion-MNIST, and their rows are not ranked with its rows."
        )
        return draw_garments()
