"""Fingerprint, immutability and the held-out part."""

import dataclasses

import numpy as np
import pytest
import torch

from hpbench.core.errors import InputError
from hpbench.data.holdout import stratified_holdout
from hpbench.data.images.garments import draw_garments
from hpbench.data.images.image_data import ImageData
from hpbench.data.images.mnist5k import load_mnist5k
from hpbench.data.images.torchvision_sets import find
from hpbench.learning.settings import StreamSettings
from hpbench.streams.disturbed_images import ImageRobustnessSettings, image_task
from hpbench.streams.permuted import PermutedSettings, permuted
from hpbench.streams.split import split_by_class
from hpbench.tasks.resources import Resources


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


def black(train: int, test: int, side: int) -> ImageData:
    arrays = [
        array for n in (train, test) for array in (np.zeros((n, side, side), np.uint8), np.zeros(n, int))
    ]
    return ImageData("black", *arrays, source="made up")


def test_fingerprint_sees_the_shape():
    assert len({black(1, 4, 1).sha256, black(4, 1, 1).sha256, black(1, 1, 2).sha256}) == 3  # ten zeros each


def floats(images: np.ndarray, labels: tuple[int, ...] = (0, 1)) -> ImageData:
    return ImageData("mine", images, np.array(labels), images[:1], np.array(labels[:1]), source="made up")


def test_two_sets_of_floats_have_two_fingerprints():
    images = np.random.RandomState(0).rand(2, 3, 3)
    first, second = floats(images), floats(images * 0.9)
    assert first.sha256 != second.sha256
    assert first.sha256 == floats(images.astype(np.float32)).sha256, "they are kept as float32"
    assert floats(np.zeros((2, 3, 3))).sha256 == floats(-np.zeros((2, 3, 3))).sha256
    assert floats(np.zeros((2, 3, 3))).sha256 != floats(np.zeros((2, 3, 3), np.uint8)).sha256


def test_labels_beyond_a_byte_have_their_own_fingerprint():
    images = np.zeros((2, 3, 3), np.uint8)
    assert floats(images, (0, 1)).sha256 != floats(images, (0, 257)).sha256
    assert floats(images, (0, 255)).sha256 != floats(images, (0, 511)).sha256


def test_fingerprints_of_the_sets_that_ship_are_what_rows_name():
    assert load_mnist5k().sha256 == "aef17b065693010acc99b64264320d9967279bfdea0e44fdf47dfc16c3b7f29e"
    assert draw_garments().sha256 == "d860d03a982f97af4717b9f7ddcee425292c868f173e2fabf55f83a051fed21f"


SAMPLE = np.zeros((2, 3, 3), np.uint8)


@pytest.mark.parametrize(
    ("images", "labels", "says"),
    [
        (SAMPLE.astype(np.int64), [0, 1], "images are int64, expected uint8 or floats in \\[0, 1\\]"),
        (SAMPLE + 255.0, [0, 1], "values of images are from 255 to 255, expected 0 to 1"),
        (SAMPLE - 0.5, [0, 1], "values of images are from -0.5 to -0.5, expected 0 to 1"),
        (SAMPLE + np.nan, [0, 1], "values of images are from nan to nan"),
        (
            np.zeros((2, 2, 8, 8), np.uint8),
            [0, 1],
            "images of 2 x 8 x 8 are no square image of one channel or three",
        ),
        (
            np.zeros((2, 8, 8, 3), np.uint8),
            [0, 1],
            "images of 8 x 8 x 3 are no square.*the channels come before height and width",
        ),
        (np.zeros((2, 8, 6), np.uint8), [0, 1], "images of 8 x 6 are no square.*crop or pad"),
        (np.zeros(2, np.uint8), [0, 1], "images of no size are no square"),
        (SAMPLE[:0], [], "there are no samples in it"),
        (SAMPLE, [0], "labels are int64 \\(1,\\), expected a whole number for each of 2 images"),
        (SAMPLE, [[0, 1]], "expected a whole number for each"),
        (SAMPLE, [0.0, 1.0], "labels are float64"),
        (SAMPLE, [True, False], "labels are bool"),
        (SAMPLE, ["a", "b"], "expected a whole number for each"),
        (SAMPLE, [-1, 0], "labels are from -1 on, expected from 0 on"),
    ],
)
@pytest.mark.parametrize("part", ["train", "test"])
def test_other_images_and_labels_are_refused_by_data_set_and_part(images, labels, says, part):
    good = (SAMPLE, np.arange(2))
    parts = [(images, np.array(labels)), good]
    (train, train_labels), (test, test_labels) = parts if part == "train" else parts[::-1]
    with pytest.raises(InputError, match=f"data set mine, {part} part: .*{says}"):
        ImageData("mine", train, train_labels, test, test_labels, "made up")


@pytest.mark.parametrize("test", [SAMPLE / 255, np.zeros((2, 4, 4), np.uint8)], ids=["floats", "size"])
def test_parts_that_differ_are_refused(test):
    with pytest.raises(InputError, match=r"data set mine: training images are uint8 .* expected both alike"):
        ImageData("mine", SAMPLE, np.arange(2), test, np.arange(2), "made up")


def test_images_of_any_size_and_floats_are_inputs_as_they_are():
    images = np.random.RandomState(0).rand(4, 5, 5).astype(np.float32)
    data = ImageData("mine", images, np.arange(4), images, np.arange(4, dtype=np.uint8), "made up")
    resources = Resources(None, "cpu", print)
    rows = torch.from_numpy(images).flatten(1)
    split = split_by_class(data, 2, StreamSettings(validation_share=0.0), resources)
    assert torch.equal(split.train[0].inputs, rows[:2])
    same = permuted(data, PermutedSettings(tasks=1, validation_share=0.0), resources)
    assert torch.equal(same.train[0].inputs, rows)
    noisy = image_task(data, ImageRobustnessSettings(), resources)
    assert torch.equal(noisy.learned.train[0].inputs, rows)
    assert torch.allclose(noisy.disturbed("gaussian", 1e-12), rows, atol=1e-4)


def test_a_test_class_that_is_not_learned_is_named():
    data = ImageData("mine", SAMPLE, np.arange(2), SAMPLE, np.array([1, 12]), "made up")
    resources = Resources(None, "cpu", print)
    says = r"training part has no samples of class 2, 3, 4, 5, 6 …, though labels go up to 12"
    with pytest.raises(InputError, match=says):
        split_by_class(data, 1, StreamSettings(), resources)
    with pytest.raises(InputError, match=says):
        permuted(data, PermutedSettings(), resources)
    with pytest.raises(InputError, match=says):
        image_task(data, ImageRobustnessSettings(), resources)


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
