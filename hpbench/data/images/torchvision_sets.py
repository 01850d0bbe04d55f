"""Complete image data sets on disk, in torchvision's layout: `<root>/MNIST/raw/train-images-idx3-ubyte` …"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from numpy.typing import NDArray

from hpbench.core.errors import InputError
from hpbench.core.paths import check_file
from hpbench.data.images.image_data import ImageData

FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
"""The files of a set in MNIST's format."""

Arrays = tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]
"""Training images and labels, test images and labels."""


@dataclass(frozen=True)
class TorchvisionSet:
    """A data set of torchvision in MNIST's format."""

    name: str
    class_name: str
    """Name of torchvision's class, and of the set's folder."""
    md5: tuple[str, ...]
    """MD5 of the uncompressed `files`, in their order."""
    train: int
    """Samples in the training part."""
    test: int
    """Samples in the test part."""
    sha256: str | None
    """ImageData.sha256 of the complete set; None: to be computed from the files."""

    files: ClassVar[tuple[str, ...]] = FILES
    place: ClassVar[str] = "{class_name}/raw"
    """Where the files are under the folder of all data."""
    archive: ClassVar[str] = ""
    """The file that has all of them, as it is downloaded; "": each is compressed by itself."""

    def folder(self, root: Path) -> Path:
        """Where its files are under `root`."""
        return root / self.place.format(class_name=self.class_name)

    def read(self, folder: Path) -> Arrays:
        """The arrays in its files, which are known to be complete."""
        # Torchvision's class is not used: it prefers a `processed` folder of old versions, without checksums.
        from torchvision.datasets.mnist import read_image_file, read_label_file

        train_images, train_labels, test_images, test_labels = (str(folder / file) for file in FILES)
        return (
            read_image_file(train_images).numpy(),
            read_label_file(train_labels).numpy(),
            read_image_file(test_images).numpy(),
            read_label_file(test_labels).numpy(),
        )


MNIST = TorchvisionSet(
    name="mnist",
    class_name="MNIST",
    md5=(
        "6bbc9ace898e44ae57da46a324031adb",
        "a25bea736e30d166cdddb491f175f624",
        "2646ac647ad5339dbf082846283269ea",
        "27ae3e4e09519cfbb04c329615203637",
    ),
    train=60_000,
    test=10_000,
    sha256="25c98f992c005963b7428e1f38418b233c9b286cc403519287eb8063f0bcfe07",
)

FASHION_MNIST = TorchvisionSet(
    name="fashion_mnist",
    class_name="FashionMNIST",
    md5=(
        "f4a8712d7a061bf5bd6d2ca38dc4d50a",
        "9018921c3c673c538a1fc5bad174d6f9",
        "8181f5470baa50b63fa0f6fddb340f0a",
        "15d484375f8d13e6eb1aabb0c3f46965",
    ),
    train=60_000,
    test=10_000,
    sha256="eee656c63c1c7a3b7c885d28c97fd74dc039264ce75eae7cb8d991df379ef736",
)


def is_complete(entry: TorchvisionSet, root: Path) -> bool:
    """Whether all its files are under `root`, bit for bit; False if none of them is.

    Raises InputError that names the file if one is missing beside others, damaged, unreadable or packed.
    """
    paths = [entry.folder(root) / file for file in entry.files]
    try:
        if not any(path.exists() or _compressed(path).exists() for path in paths):
            _refuse_packed(entry, root)
            return False
        for path, md5 in zip(paths, entry.md5, strict=True):
            _check(path, md5, entry)
    except OSError as error:
        raise InputError(
            f"cannot read {entry.class_name} in {entry.folder(root)} ({error}). "
            "Fix its permissions or choose another data_root"
        ) from error
    return True


def find(entry: TorchvisionSet, root: Path) -> ImageData | None:
    """The set under `root`, or None if none of its files is there.

    Raises InputError as `is_complete` does.
    """
    if not is_complete(entry, root):
        return None
    folder = entry.folder(root)
    return ImageData(entry.name, *entry.read(folder), source=f"complete {entry.class_name} in {folder}")


def how_to_get(entry: TorchvisionSet, root: Path) -> str:
    """Instructions for the user: how to place the set under `root` or elsewhere."""
    return (
        f"put its files into {entry.folder(root)} "
        f"(torchvision.datasets.{entry.class_name}({str(root)!r}, download=True) does so), "
        f"or name the folder that holds {entry.folder(Path())} with data_root= or HPBENCH_DATA"
    )


def _compressed(path: Path) -> Path:
    return path.with_name(f"{path.name}.gz")


def _refuse_packed(entry: TorchvisionSet, root: Path) -> None:
    packed = root / entry.archive
    if entry.archive and packed.is_file():
        raise InputError(f"{packed} is there, but its files are not: run tar -xzf {packed} -C {root}")


def _check(path: Path, md5: str, entry: TorchvisionSet) -> None:
    if not path.exists():
        if _compressed(path).exists():
            raise InputError(f"{path} is there only compressed: run gunzip --keep {_compressed(path)}")
        raise InputError(
            f"{path} is missing, while other files of {entry.class_name} are there: "
            "add it, or choose another data_root"
        )
    check_file(path)
    content = path.read_bytes()
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if found != md5:
        raise InputError(
            f"{path} is not complete {entry.class_name}'s file: {len(content):,} bytes with MD5 {found}, "
            f"expected {md5}; delete it or choose another data_root"
        )
