"""CIFAR-10 from files or a server, told where damaged; or generated pictures that are called otherwise."""

import hashlib
import io
import pickle
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from file_server import FileServer, serving

from hpbench.core.errors import InputError
from hpbench.data import inventory as inventory_module
from hpbench.data.download import DownloadError
from hpbench.data.images import cifar10
from hpbench.data.images.cifar10 import load_cifar10
from hpbench.data.images.cifar10_files import CIFAR10, TRAIN_FILES, BatchesSet
from hpbench.data.images.download import download
from hpbench.data.images.tiles import KINDS, SIDE, draw, draw_tiles
from hpbench.data.images.torchvision_sets import find
from hpbench.data.inventory import inventory

ARCHIVE = CIFAR10.archive


@dataclass(frozen=True)
class Made:
    """A set in CIFAR-10's layout: its entry, the content of its files, rows of pixels and labels by file."""

    entry: BatchesSet
    content: dict[str, bytes]
    rows: dict[str, tuple[np.ndarray, list[int]]]

    def write(self, root: Path) -> Path:
        folder = self.entry.folder(root)
        folder.mkdir(parents=True)
        for name, content in self.content.items():
            (folder / name).write_bytes(content)
        return folder

    def packed(self) -> bytes:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            for name, content in self.content.items():
                member = tarfile.TarInfo(f"{self.entry.place}/{name}")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        return packed.getvalue()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    """Ten images a file, in the catalogue and known to torchvision in place of the real set."""
    import torchvision

    theirs = torchvision.datasets.CIFAR10

    random = np.random.RandomState(3)
    rows = {
        name: (random.randint(0, 256, (10, 3072)).astype(np.uint8), random.permutation(10).tolist())
        for name in CIFAR10.files[:-1]
    }
    content = {name: pickle.dumps({"data": data, "labels": labels}) for name, (data, labels) in rows.items()}
    content["batches.meta"] = pickle.dumps({"label_names": [f"kind {one}" for one in range(10)]})
    md5 = {name: hashlib.md5(one).hexdigest() for name, one in content.items()}
    entry = BatchesSet("cifar10", "CIFAR10", tuple(md5.values()), train=50, test=10, sha256=None)
    monkeypatch.setattr(theirs, "train_list", [[name, md5[name]] for name in TRAIN_FILES])
    monkeypatch.setattr(theirs, "test_list", [["test_batch", md5["test_batch"]]])
    monkeypatch.setattr(theirs, "meta", {**theirs.meta, "md5": md5["batches.meta"]})
    monkeypatch.setattr(cifar10, "CIFAR10", entry)
    monkeypatch.setattr(inventory_module, "CIFAR10", entry)
    return Made(entry, content, rows)


@pytest.fixture
def server(made: Made, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    """A server of the archive, known to torchvision's class."""
    import torchvision

    theirs = torchvision.datasets.CIFAR10

    monkeypatch.delenv("HPBENCH_OFFLINE")
    packed = made.packed()
    monkeypatch.setattr(theirs, "tgz_md5", hashlib.md5(packed).hexdigest())
    with serving({ARCHIVE: packed}) as running:
        monkeypatch.setattr(theirs, "url", f"{running.url}{ARCHIVE}")
        yield running


def test_files_and_checksums_are_those_that_torchvision_knows() -> None:
    import torchvision

    theirs = torchvision.datasets.CIFAR10

    known = [*theirs.train_list, *theirs.test_list, [theirs.meta["filename"], theirs.meta["md5"]]]
    assert [list(pair) for pair in zip(CIFAR10.files, CIFAR10.md5, strict=True)] == known
    assert (CIFAR10.place, CIFAR10.archive) == (theirs.base_folder, theirs.filename)


def test_finds_what_torchvision_would_load(made: Made, tmp_path: Path) -> None:
    import torchvision

    folder = made.write(tmp_path)
    found = find(made.entry, tmp_path)
    assert found is not None and str(folder) in found.source and found.name == "cifar10"
    for train, images, labels in (
        (True, found.train_images, found.train_labels),
        (False, found.test_images, found.test_labels),
    ):
        loaded = torchvision.datasets.CIFAR10(tmp_path, train=train)
        assert np.array_equal(images, loaded.data.transpose(0, 3, 1, 2))
        assert labels.tolist() == loaded.targets
    data, _ = made.rows["data_batch_2"]
    assert np.array_equal(
        found.train_images[10, 1].ravel(), data[0, 1024:2048]
    )  # green after red, row by row


@pytest.mark.parametrize("name", CIFAR10.files)
def test_damaged_and_missing_files_are_named(made: Made, tmp_path: Path, name: str) -> None:
    path = made.write(tmp_path) / name
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(InputError, match=f"{name} is not complete CIFAR10's file: .*delete it"):
        load_cifar10("auto", tmp_path, print)
    path.unlink()
    with pytest.raises(InputError, match=f"{name} is missing"):
        load_cifar10("auto", tmp_path, print)


def test_a_file_with_another_checksum_is_not_unpickled(made: Made, tmp_path: Path) -> None:
    class Touches:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (tmp_path / "touched",)

    (made.write(tmp_path) / "data_batch_1").write_bytes(pickle.dumps(Touches()))
    with pytest.raises(InputError, match="data_batch_1 is not complete"):
        find(made.entry, tmp_path)
    assert not (tmp_path / "touched").exists()


def test_an_archive_alone_is_told(made: Made, tmp_path: Path) -> None:
    (tmp_path / ARCHIVE).write_bytes(made.packed())
    with pytest.raises(InputError, match=f"{ARCHIVE} is there, but its files are not: run tar -xzf"):
        load_cifar10("cifar10", tmp_path, print)


def test_it_is_downloaded_if_that_is_allowed(made: Made, server: FileServer, isolated: Path) -> None:
    lines: list[str] = []
    data = load_cifar10("auto", None, lines.append)
    assert data.train_images.shape == (50, 3, 32, 32) and data.name == "cifar10"
    assert lines == [f"Downloaded complete CIFAR10 into {isolated / 'cifar-10-batches-py'}."]
    assert [one.name for one in isolated.iterdir() if one.suffix != ".lock"] == ["cifar-10-batches-py"]
    assert load_cifar10("cifar10", None, lines.append).sha256 == data.sha256
    assert (
        server.asked.count(ARCHIVE) == 3
    )  # whether it answers; redirections, which torchvision asks for; all


@pytest.mark.parametrize("fault", ["another archive", "cut short", "not there"])
def test_a_failed_download_leaves_nothing(made: Made, server: FileServer, isolated: Path, fault: str) -> None:
    if fault == "another archive":
        server.files[ARCHIVE] = made.packed() + b"\0"
    elif fault == "cut short":
        server.cut_short = True
    else:
        server.files.clear()
    with pytest.raises(DownloadError):
        download(made.entry, isolated)
    assert not isolated.exists() or not [one for one in isolated.iterdir() if one.suffix != ".lock"]


def test_without_it_tiles_are_used_and_said_so(tmp_path: Path) -> None:
    lines: list[str] = []
    assert load_cifar10("auto", tmp_path, lines.append).name == "tiles"
    [line] = lines
    for part in ("Complete CIFAR10 is not in", "HPBENCH_OFFLINE", "tiles", "They are not CIFAR-10"):
        assert part in line
    with pytest.raises(InputError, match=r"complete CIFAR10 is not in .*torchvision.datasets.CIFAR10"):
        load_cifar10("cifar10", tmp_path, print)


def test_the_inventory_computes_its_fingerprint(made: Made, tmp_path: Path) -> None:
    made.write(tmp_path)
    found = find(made.entry, tmp_path)
    [listed] = [one for one in inventory(tmp_path) if one.name == "cifar10"]
    assert found is not None and (listed.status, listed.sha256) == ("complete", found.sha256)


def test_tiles_are_ten_kinds_that_can_be_told_apart_and_no_two_alike() -> None:
    data = draw_tiles()
    assert data.train_images.shape == (5000, 3, 32, 32) and data.train_images.dtype == np.uint8
    assert np.bincount(data.train_labels).tolist() == [500] * len(KINDS)
    assert np.bincount(data.test_labels).tolist() == [100] * len(KINDS)
    assert len({image.tobytes() for image in data.train_images}) == 5000
    means = np.stack([data.train_images[data.train_labels == kind].mean(0) for kind in range(10)])
    means = means.reshape(10, -1)
    scores = data.test_images.reshape(1000, -1) @ means.T - 0.5 * (means**2).sum(1)
    assert 0.25 < (scores.argmax(1) == data.test_labels).mean() < 0.35


def test_tiles_are_the_same_for_ever() -> None:
    """Rows on leaderboards carry this fingerprint: another one is another data set."""
    assert draw_tiles().sha256 == "32a42d70e397d56e0cc91adf7730f00d6584a06ad2d6c9db3ee31c5f627561d7"


def test_a_motif_has_the_colours_of_its_tile_and_another_place_each_time() -> None:
    """Two draws of one kind differ; a tile's three channels are not the same picture."""
    tiles = draw(np.zeros(20, dtype=np.int64), np.random.RandomState(0))
    assert tiles.shape == (20, 3, SIDE, SIDE)
    assert all((one[0] != one[1]).mean() > 0.5 for one in tiles)
