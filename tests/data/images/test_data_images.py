"""Fingerprint, immutability and the held-out part."""

import dataclasses

import numpy as np
import pytest

from hpbench.core.errors import InputError
from hpbench.data.holdout import stratified_holdout
from hpbench.data.images.torchvision_sets import find


def test_fingerprint_depends_on_content_only(fake, tmp_path):
    fake.write(tmp_path / "a")
    assert find(fake.entry, tmp_path / "a").sha256 == fake.data.sha256
    renamed = dataclasses.replace(fake.data, source="elsewhere", name="other")
    assert renamed.sha256 == fake.data.sha256


@pytest.mark.parametrize("field", ["train_images", "train_labels", "test_images", "test_labels"])
def test_fingerprint_sees_every_array(fake, field):
    changed = getattr(fake.data, field).copy()
    changed[3] = 9 - changed[3]
    assert dataclasses.replace(fake.data, **{field: changed}).sha256 != fake.data.sha256


def test_fingerprint_sees_the_shape(fake):
    other = fake.data.train_images.reshape(160, 14, 14)
    assert dataclasses.replace(fake.data, train_images=other).sha256 != fake.data.sha256


def test_arrays_are_read_only(fake):
    with pytest.raises(ValueError, match="read-only"):
        fake.data.train_images[0] = 0


@pytest.mark.parametrize("share", [0.1, 0.25, 1 / 3, 0.5])
def test_holdout_is_stratified_disjoint_and_sorted(share):
    labels = np.random.RandomState(0).permutation(np.repeat(np.arange(10), np.arange(20, 120, 10)))
    train, validation = stratified_holdout(labels, share)
    assert sorted([*train, *validation]) == list(range(len(labels)))
    assert (np.diff(train) > 0).all() and (np.diff(validation) > 0).all()
    expected = [round(share * size) for size in range(20, 120, 10)]
    assert np.bincount(labels[validation], minlength=10).tolist() == expected


def test_holdout_depends_on_its_seed_only():
    labels = np.repeat(np.arange(10), 50)
    np.random.seed(5)
    _, first = stratified_holdout(labels, 0.2, seed=1)
    state = np.random.get_state()[1].copy()
    _, again = stratified_holdout(labels, 0.2, seed=1)
    _, other = stratified_holdout(labels, 0.2, seed=2)
    assert (first == again).all()
    assert (first != other).any()
    assert (np.random.get_state()[1] == state).all()


def test_holdout_of_nothing_and_of_tiny_classes():
    labels = np.array([0, 0, 0, 1])
    train, validation = stratified_holdout(labels, 0)
    assert (train == np.arange(4)).all()
    assert validation.size == 0
    train, _ = stratified_holdout(labels, 0.9)
    assert set(labels[train]) == {0, 1}


@pytest.mark.parametrize("share", [-0.1, 1, 1.5, float("nan")])
def test_holdout_refuses_a_share_out_of_range(share):
    with pytest.raises(InputError, match="validation share"):
        stratified_holdout(np.array([0, 1]), share)
