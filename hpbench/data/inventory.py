"""The data sets on this machine, where they are, and how to get the others: for `hpbench data`."""

from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

from hpbench.core.errors import InputError
from hpbench.data.characters.omniglot import BACKGROUND_CLASSES, CLASSES, cached_file, kept
from hpbench.data.characters.omniglot import how_to_get as how_to_get_omniglot
from hpbench.data.characters.omniglot_files import DRAWERS, FOLDER, has_drawings
from hpbench.data.images.cifar10_files import CIFAR10
from hpbench.data.images.image_data import ImageData
from hpbench.data.images.mnist5k import load_mnist5k, shipped_file
from hpbench.data.images.torchvision_sets import (
    FASHION_MNIST,
    MNIST,
    TorchvisionSet,
    find,
    how_to_get,
    is_complete,
)
from hpbench.data.places import places
from hpbench.data.sequences.japanese_vowels import load_japanese_vowels
from hpbench.data.sequences.japanese_vowels import shipped_file as japanese_vowels_file
from hpbench.data.sequences.sequence_data import SequenceData


@dataclass(frozen=True)
class Found:
    """One data set, available or not."""

    name: str
    status: str
    """`complete`, `missing`, `damaged: …`, `shipped with hpbench`, or `not read yet`."""
    path: Path
    """Where it is, or the first place that was searched."""
    train: int
    """Samples in the training part."""
    test: int
    """Samples in the test part."""
    sha256: str | None
    """SHA-256 of the data, None if they are not available or not read yet."""
    how_to_get: str


def inventory(data_root: Path | None) -> list[Found]:
    """All known data sets. Reads and checks the files, downloads nothing, does not import torch.

    Raises InputError if `data_root` does not exist; damaged files are reported in the status.
    """
    folders = places(data_root)
    return [
        _look_up(MNIST, folders),
        _shipped(load_mnist5k(), shipped_file()),
        _look_up(FASHION_MNIST, folders),
        _look_up(CIFAR10, folders),
        _omniglot(folders),
        _shipped(load_japanese_vowels(), japanese_vowels_file()),
    ]


def _look_up(entry: TorchvisionSet, folders: list[Path]) -> Found:
    status, root, sha256 = "missing", folders[0], None
    for folder in folders:
        try:
            if not is_complete(entry, folder):
                continue
            status, root, sha256 = "complete", folder, entry.sha256 or _computed(entry, folder)
        except InputError as error:
            status, root = f"damaged: {error}", folder
        break
    return Found(
        name=entry.name,
        status=status,
        path=entry.folder(root),
        train=entry.train,
        test=entry.test,
        sha256=sha256,
        how_to_get=how_to_get(entry, root),
    )


def _computed(entry: TorchvisionSet, folder: Path) -> str | None:
    found = find(entry, folder)
    return None if found is None else found.sha256


def _omniglot(folders: list[Path]) -> Found:
    """Omniglot at 28x28 in the cache, else its original files, which the first run will read."""
    path, status, sha256 = folders[0] / FOLDER, "missing", None
    found = kept()
    if found is not None:
        path, status, sha256 = cached_file(), "complete", found.sha256
    else:
        for folder in (place for root in folders for place in (root / FOLDER, root)):
            if has_drawings(folder):
                path, status = folder, "not read yet"
                break
    return Found(
        name="omniglot",
        status=status,
        path=path,
        train=BACKGROUND_CLASSES * DRAWERS,
        test=(CLASSES - BACKGROUND_CLASSES) * DRAWERS,
        sha256=sha256,
        how_to_get="nothing to do: the first run reads it"
        if status != "missing"
        else how_to_get_omniglot(folders[0]),
    )


def _shipped(data: ImageData | SequenceData, file: Traversable) -> Found:
    return Found(
        name=data.name,
        status="shipped with hpbench",
        path=Path(str(file)),
        train=len(data.train_labels),
        test=len(data.test_labels),
        sha256=data.sha256,
        how_to_get="nothing to do: it is part of hpbench",
    )
