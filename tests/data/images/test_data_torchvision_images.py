"""Complete sets on disk: found, absent, damaged."""

import errno
import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from hpbench.core.errors import InputError
from hpbench.data.images.mnist5k import load_mnist5k
from hpbench.data.images.torchvision_sets import FASHION_MNIST, FILES, MNIST, find, is_complete

REAL = os.environ.get("HPBENCH_DATA", "")  # read before the fixtures hide it


def test_finds_what_torchvision_would_load(fake, tmp_path):
    import torchvision

    folder = fake.write(tmp_path)
    found = find(fake.entry, tmp_path)
    reference = torchvision.datasets.MNIST(tmp_path, train=True, download=False)
    assert (found.train_images == reference.data.numpy()).all()
    assert (found.train_labels == reference.targets.numpy()).all()
    assert (found.test_images == fake.data.test_images).all()
    assert (found.test_labels == fake.data.test_labels).all()
    assert found.train_images.dtype == np.uint8
    assert found.train_labels.dtype == np.int64
    assert found.name == "mnist"
    assert str(folder) in found.source


def test_nothing_there(fake, tmp_path):
    assert find(fake.entry, tmp_path) is None
    fake.entry.folder(tmp_path).mkdir(parents=True)
    assert find(fake.entry, tmp_path) is None


def test_unverified_leftovers_of_old_torchvision_are_not_read(fake, tmp_path):
    fake.write(tmp_path)
    processed = tmp_path / "MNIST" / "processed"
    processed.mkdir()
    for name in ("training.pt", "test.pt"):
        (processed / name).write_bytes(b"unverified")
    assert find(fake.entry, tmp_path).sha256 == fake.data.sha256


@pytest.mark.parametrize("file", FILES)
def test_a_damaged_file_is_named_and_kept(fake, tmp_path, file):
    path = fake.write(tmp_path) / file
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        find(fake.entry, tmp_path)
    message = str(caught.value)
    assert str(path) in message
    assert fake.entry.md5[FILES.index(file)] in message
    assert "delete it or choose another data_root" in message
    assert path.read_bytes() == content


@pytest.mark.parametrize("size", [0, 4, 20])
def test_a_truncated_file_is_named(fake, tmp_path, size):
    path = fake.write(tmp_path) / FILES[0]
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(InputError, match=f"{FILES[0]} is not complete MNIST's file: {size} bytes with MD5"):
        find(fake.entry, tmp_path)


def test_a_missing_file_is_named(fake, tmp_path):
    (fake.write(tmp_path) / FILES[2]).unlink()
    with pytest.raises(InputError, match=f"{FILES[2]} is missing"):
        find(fake.entry, tmp_path)


def test_compressed_files_alone(fake, tmp_path):
    folder = fake.write(tmp_path)
    for file in FILES:
        (folder / f"{file}.gz").write_bytes(gzip.compress((folder / file).read_bytes()))
    assert is_complete(fake.entry, tmp_path)
    for file in FILES:
        (folder / file).unlink()
    with pytest.raises(InputError, match=f"gunzip --keep .*{FILES[0]}.gz"):
        find(fake.entry, tmp_path)


def test_an_unreadable_file_is_named(fake, tmp_path, monkeypatch):
    path = fake.write(tmp_path) / FILES[1]
    refused = PermissionError(errno.EACCES, "Permission denied", str(path))
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda one: raising(refused) if one == path else read(one))
    with pytest.raises(InputError, match=f"cannot read MNIST.*{FILES[1]}.*Fix its permissions"):
        find(fake.entry, tmp_path)


def raising(error: Exception) -> bytes:
    raise error


@pytest.mark.parametrize(
    ("make", "what"),
    [(Path.mkdir, "a folder"), (os.mkfifo, "no regular file")],
    ids=["folder", "pipe"],
)
def test_what_is_no_file_is_named(fake, tmp_path, make, what):
    path = fake.write(tmp_path) / FILES[1]
    path.unlink()
    make(path)
    with pytest.raises(InputError, match=f"{FILES[1]} is {what}.*, expected a file: remove it"):
        find(fake.entry, tmp_path)


@pytest.mark.skipif(not MNIST.folder(Path(REAL)).is_dir(), reason="HPBENCH_DATA does not hold MNIST")
def test_real_mnist():
    data = find(MNIST, Path(REAL))
    assert data.sha256 == MNIST.sha256
    assert data.train_images.shape == (MNIST.train, 28, 28)
    assert data.test_images.shape == (MNIST.test, 28, 28)
    assert np.bincount(data.test_labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    in_training = {image.tobytes() for image in data.train_images}
    assert all(image.tobytes() in in_training for image in load_mnist5k().test_images)


@pytest.mark.skipif(
    not FASHION_MNIST.folder(Path(REAL)).is_dir(), reason="HPBENCH_DATA does not hold Fashion-MNIST"
)
def test_real_fashion_mnist():
    data = find(FASHION_MNIST, Path(REAL))
    assert data.name == "fashion_mnist"
    assert data.sha256 == FASHION_MNIST.sha256
    assert np.bincount(data.train_labels).tolist() == [6000] * 10
