"""The known sets of spoken digits as spikes, and their HDF5 files below a data root (tonic's layout)."""

from dataclasses import dataclass
from pathlib import Path

from hpbench.data.events.catalogue import Archive


@dataclass(frozen=True)
class SpokenSet:
    """A data set that tonic has; its files are in a folder below a data root, named after tonic's class."""

    name: str
    title: str
    class_name: str
    layout: str
    """Arrangement within the files: a key of `hpbench.data.events.spoken.hdf5_files.LAYOUTS`."""
    files: tuple[str, str]
    """The files of the training and the test part; the same one if it has both."""
    units: int
    """Channels of the cochlea."""
    words: tuple[str, ...]
    """What is said, in the order of the labels."""
    sizes: tuple[int, int]
    """Recordings of single words in the training and the test part of the complete set; 0 if not known."""
    link: str
    """Where it can be found."""
    archives: tuple[Archive, ...] = ()
    """The archives that tonic's class downloads and unpacks."""
    test_every: int = 0
    """There is a test part, as `EventSet` says it."""

    def folder(self, root: Path) -> Path:
        """Where its files are under `root`."""
        return root / self.class_name

    def parts(self, root: Path) -> tuple[list[Path], list[Path]]:
        """The file of the training and of the test part under `root`, each in a list that may be empty."""
        train, test = (
            [path] if path.is_file() else [] for path in map(self.folder(root).joinpath, self.files)
        )
        return train, test


_ENGLISH = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_GERMAN = ("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
_ZENKE = "https://zenkelab.org/datasets/"

SHD = SpokenSet(
    name="shd",
    title="Spiking Heidelberg Digits",
    class_name="SHD",
    layout="shd",
    files=("shd_train.h5", "shd_test.h5"),
    units=700,
    words=(*_ENGLISH, *_GERMAN),
    sizes=(8_156, 2_264),
    link="https://zenkelab.org/resources/spiking-heidelberg-datasets-shd/",
    archives=(
        Archive("shd_train.h5.zip", "f3252aeb598ac776c1b526422d90eecb", f"{_ZENKE}shd_train.h5.zip"),
        Archive("shd_test.h5.zip", "1503a5064faa34311c398fb0a1ed0a6f", f"{_ZENKE}shd_test.h5.zip"),
    ),
)
"""Cramer, Stradmann, Schemmel and Zenke, IEEE Trans. Neural Netw. Learn. Syst. 33:2744 (2022)."""

NTIDIGITS = SpokenSet(
    name="ntidigits",
    title="N-TIDIGITS18",
    class_name="NTIDIGITS18",
    layout="ntidigits",
    files=("n-tidigits.hdf5", "n-tidigits.hdf5"),
    units=64,
    words=("o", "1", "2", "3", "4", "5", "6", "7", "8", "9", "z"),
    sizes=(0, 0),
    link="the link in tonic.datasets.NTIDIGITS18 (MD5 360a2d11e5429555c9197381cf6b58e0)",
)
"""Anumula, Neil, Delbruck and Liu, Front. Neurosci. 12:23 (2018): a silicon cochlea listens to TIDIGITS."""

SPOKEN_SETS = {one.name: one for one in (SHD, NTIDIGITS)}
"""By name."""
