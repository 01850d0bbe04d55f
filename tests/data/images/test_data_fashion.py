"""Where garments come from: Fashion-MNIST on disk, or drawings that are called otherwise."""

import numpy as np
import pytest

from hpbench.core.errors import InputError
from hpbench.data.images import fashion
from hpbench.data.images.fashion import load_fashion
from hpbench.data.images.garments import KINDS, draw_garments


def test_fashion_mnist_on_disk_is_taken(fake, tmp_path, monkeypatch):
    """Through the same loader as MNIST; the tiny set stands in for it."""
    monkeypatch.setattr(fashion, "FASHION_MNIST", fake.entry)
    fake.write(tmp_path)
    lines = []
    assert load_fashion("auto", tmp_path, lines.append).sha256 == fake.data.sha256
    assert lines == []


def test_it_is_downloaded_if_that_is_allowed(fake, mirror, monkeypatch, isolated):
    monkeypatch.setattr(fashion, "FASHION_MNIST", fake.entry)
    lines = []
    assert load_fashion("auto", None, lines.append).sha256 == fake.data.sha256
    assert lines == [f"Downloaded complete MNIST into {fake.entry.folder(isolated)}."]


def test_without_it_drawings_are_used_and_said_so(tmp_path):
    lines = []
    assert load_fashion("auto", tmp_path, lines.append).name == "garments"
    [line] = lines
    for part in ("Complete FashionMNIST is not in", "HPBENCH_OFFLINE", "garments", "not Fashion-MNIST"):
        assert part in line


def test_fashion_mnist_or_an_error(tmp_path):
    with pytest.raises(InputError, match=r"complete FashionMNIST is not in .*To get it, put its files"):
        load_fashion("fashion_mnist", tmp_path, print)
    with pytest.raises(InputError, match="'fashion' is unknown"):
        load_fashion("fashion", tmp_path, print)


def test_drawings_are_ten_kinds_that_can_be_told_apart_and_no_two_alike():
    data = draw_garments()
    assert np.bincount(data.train_labels).tolist() == [400] * len(KINDS)
    assert np.bincount(data.test_labels).tolist() == [100] * len(KINDS)
    assert len({image.tobytes() for image in data.train_images}) > 3990
    means = np.stack([data.train_images[data.train_labels == kind].mean(0) for kind in range(10)])
    means = means.reshape(10, -1)
    scores = data.test_images.reshape(1000, -1) @ means.T - 0.5 * (means**2).sum(1)
    assert 0.7 < (scores.argmax(1) == data.test_labels).mean() < 0.95
