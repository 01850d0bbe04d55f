"""A tiny set in MNIST's format, a web server for it, and no way to the user's cache or the network."""

import dataclasses
import gzip
import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from file_server import FileServer, serving

from hpbench.data import download, inventory
from hpbench.data.characters import omniglot
from hpbench.data.images import complete, mnist
from hpbench.data.images.image_data import ImageData
from hpbench.data.images.torchvision_sets import FILES, TorchvisionSet


@dataclasses.dataclass(frozen=True)
class Fake:
    """A set of 40 + 20 random images, with its catalogue entry and the content of its files."""

    entry: TorchvisionSet
    data: ImageData
    content: dict[str, bytes]

    def write(self, root: Path) -> Path:
        """Write the raw files under `root`; returns their folder."""
        folder = self.entry.folder(root)
        folder.mkdir(parents=True)
        for file, content in self.content.items():
            (folder / file).write_bytes(content)
        return folder


def idx(array: np.ndarray) -> bytes:
    """An array of unsigned bytes in the IDX format."""
    header = bytes([0, 0, 8, array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
    return header + array.astype(np.uint8).tobytes()


@pytest.fixture(autouse=True)
def nothing_loaded(isolated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No set is in memory, and no download has failed."""
    monkeypatch.setattr(complete, "_loaded", {})
    monkeypatch.setattr(omniglot, "_loaded", {})
    monkeypatch.setattr(download, "_failed", {})


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    """A tiny MNIST, in the catalogue in place of the real one."""
    random = np.random.RandomState(1)
    arrays = []
    for samples in (40, 20):
        arrays.append(random.randint(0, 256, (samples, 28, 28)).astype(np.uint8))
        arrays.append(np.arange(samples) % 10)
    data = ImageData("mnist", *arrays, source="made up")
    content = dict(zip(FILES, map(idx, arrays), strict=True))
    entry = TorchvisionSet(
        name="mnist",
        class_name="MNIST",
        md5=tuple(hashlib.md5(one).hexdigest() for one in content.values()),
        train=40,
        test=20,
        sha256=data.sha256,
    )
    monkeypatch.setattr(mnist, "MNIST", entry)
    monkeypatch.setattr(inventory, "MNIST", entry)
    return Fake(entry, data, content)


@pytest.fixture
def mirror(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    """A server of the tiny MNIST, known to torchvision's class as its only mirror."""
    from torchvision.datasets import MNIST

    files = {f"{name}.gz": gzip.compress(content) for name, content in fake.content.items()}
    digests = [(name, hashlib.md5(content).hexdigest()) for name, content in files.items()]
    monkeypatch.setattr(MNIST, "resources", digests)
    monkeypatch.delenv("HPBENCH_OFFLINE")
    with serving(files) as server:
        monkeypatch.setattr(MNIST, "mirrors", [server.url])
        yield server
