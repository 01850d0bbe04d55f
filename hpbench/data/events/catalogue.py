"""The known sets of real event recordings, and the layout of their files below a data root (tonic's)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hpbench.core.errors import InputError, nearest
from hpbench.data.events.source import SensorSize

TRAIN, TEST = "train", "test"


class Archive(NamedTuple):
    """One file that tonic downloads for a set."""

    file: str
    md5: str
    url: str


@dataclass(frozen=True)
class EventSet:
    """A data set that tonic has; its files are in a folder below a data root, named after tonic's class."""

    name: str
    title: str
    class_name: str
    files: dict[str, str]
    """Pattern of the files of each part below the folder, or of all (TRAIN) if the set is not divided."""
    layout: str
    """File format: a key of `hpbench.data.events.recordings.LAYOUTS`."""
    sensor_size: SensorSize
    sizes: tuple[int, int]
    """Recordings in the training and the test part of the complete set."""
    class_names: tuple[str, ...] | None
    """Names of the classes in the order of their labels; None: all that are found, sorted."""
    class_is_stem: bool = False
    """Whether a file's stem names its class; otherwise its folder does."""
    test_every: int = 0
    """For a set without a test part: every `test_every`-th recording, in order, is held out for testing."""
    archives: tuple[Archive, ...] = ()
    """The archives that tonic's class downloads."""

    def folder(self, root: Path) -> Path:
        """Where its files are under `root`."""
        return root / self.class_name

    def parts(self, root: Path) -> tuple[list[Path], list[Path]]:
        """The files of the training and the test part under `root`, in the order of their numbers."""
        folder = self.folder(root)
        found = {
            part: sorted((path for path in folder.glob(one) if not _hidden(path, folder)), key=_numbered)
            for part, one in self.files.items()
        }
        if not self.test_every:
            return found[TRAIN], found[TEST]
        kept = [path for number, path in enumerate(found[TRAIN], 1) if number % self.test_every]
        return kept, found[TRAIN][self.test_every - 1 :: self.test_every]

    def labels(self, paths: Iterable[Path]) -> NDArray[np.int64]:
        """Classes of files. Raises InputError for a file whose name or folder is no class."""
        named = [(path.stem if self.class_is_stem else path.parent.name, path) for path in paths]
        names = self.class_names or sorted({name for name, _ in named})
        numbers = {name: number for number, name in enumerate(names)}
        for name, path in named:
            if name not in numbers:
                raise InputError(f"{path}: {name!r} is no class of {self.title}: {nearest(name, names)}")
        return np.array([numbers[name] for name, _ in named], dtype=np.int64)


def _hidden(path: Path, folder: Path) -> bool:
    """Whether a file or a folder above it, up to `folder`, is hidden, as those are that macOS adds."""
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _numbered(path: Path) -> list[tuple[int, str]]:
    """A sort key: by name, with numbers in names compared as numbers."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", str(path))]


_DIGITS = tuple(map(str, range(10)))

_CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

_MENDELEY = "https://data.mendeley.com/public-files/datasets"

_FIGSHARE = "https://figshare.com/ndownloader/files"

EVENT_SETS = {
    one.name: one
    for one in (
        EventSet(
            name="nmnist",
            title="N-MNIST",
            class_name="NMNIST",
            files={TRAIN: "Train/*/*.bin", TEST: "Test/*/*.bin"},
            layout="bin",
            sensor_size=(34, 34, 2),
            sizes=(60_000, 10_000),
            class_names=_DIGITS,
            archives=(
                Archive(
                    "train.zip",
                    "20959b8e626244a1b502305a9e6e2031",
                    f"{_MENDELEY}/468j46mzdv/files/39c25547-014b-4137-a934-9d29fa53c7a0/file_downloaded",
                ),
                Archive(
                    "test.zip",
                    "69ca8762b2fe404d9b9bad1103e97832",
                    f"{_MENDELEY}/468j46mzdv/files/05a4d654-7e03-4c15-bdfa-9bb2bcbea494/file_downloaded",
                ),
            ),
        ),
        EventSet(
            name="dvs_gesture",
            title="DVS Gesture",
            class_name="DVSGesture",
            files={TRAIN: "ibmGestureTrain/*/*.npy", TEST: "ibmGestureTest/*/*.npy"},
            layout="npy",
            sensor_size=(128, 128, 2),
            sizes=(1_077, 264),
            class_names=(*_DIGITS, "10"),
            class_is_stem=True,
            archives=(
                Archive(
                    "ibmGestureTrain.tar.gz", "3a8f0d4120a166bac7591f77409cb105", f"{_FIGSHARE}/38022171"
                ),
                Archive("ibmGestureTest.tar.gz", "56070e45dadaa85fff82e0fbfbc06de5", f"{_FIGSHARE}/38020584"),
            ),
        ),
        EventSet(
            name="cifar10_dvs",
            title="CIFAR10-DVS",
            class_name="CIFAR10DVS",
            files={TRAIN: "*/*.aedat4"},
            layout="aedat4",
            sensor_size=(128, 128, 2),
            sizes=(9_000, 1_000),
            class_names=_CIFAR10,
            test_every=10,
            archives=(
                Archive("CIFAR10DVS.zip", "ce3a4a0682dc0943703bd8f749a7701c", f"{_FIGSHARE}/38023437"),
            ),
        ),
        EventSet(
            name="ncaltech101",
            title="N-Caltech101",
            class_name="NCALTECH101",
            files={TRAIN: "Caltech101/*/*.bin"},
            layout="shifted_bin",
            sensor_size=(240, 180, 2),
            sizes=(6_968, 1_741),
            class_names=None,
            test_every=5,
            archives=(
                Archive(
                    "N-Caltech101-archive.zip",
                    "66201824eabb0239c7ab992480b50ba3",
                    f"{_MENDELEY}/cy6cvx3ryv/files/36b5c52a-b49d-4853-addb-a836a8883e49/file_downloaded",
                ),
            ),
        ),
    )
}
"""By name. N-MNIST and N-Caltech101: Orchard et al., Front. Neurosci. 9:437 (2015); DVS Gesture: Amir et al.,
CVPR 2017; CIFAR10-DVS: Li et al., Front. Neurosci. 11:309 (2017)."""
