"""Images as a user has them, in the form of training images."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from hpbench.core.errors import InputError
from hpbench.data.characters.omniglot_files import reduce
from hpbench.data.images.as_given import ImageForm, form_of, grey, prepared, resized

RANDOM = np.random.default_rng(0)
SMALL = RANDOM.integers(0, 256, (6, 8), dtype=np.uint8)
DARK, BRIGHT, NEITHER = (ImageForm(6, 8, background) for background in (0, 1, None))


def framed(value: float, side: int = 12) -> np.ndarray:
    """A grey square in a border of this grey."""
    image = np.full((side, side), value)
    image[3:-3, 3:-3] = 0.5
    return image


@pytest.mark.parametrize(
    "same",
    [
        SMALL,
        SMALL[None],
        SMALL[..., None],
        np.stack([SMALL] * 3),
        np.stack([SMALL] * 3, -1),
        SMALL / 255,
        (SMALL / 255).astype(np.float32),
        torch.from_numpy(SMALL),
        torch.from_numpy(SMALL / 255).unsqueeze(0),
        Image.fromarray(SMALL),
        Image.fromarray(SMALL).convert("RGB"),
        Image.fromarray(np.dstack([SMALL] * 3 + [np.full_like(SMALL, 255)])),
    ],
    ids=lambda one: f"{type(one).__name__}-{getattr(one, 'shape', getattr(one, 'mode', ''))}",
)
def test_every_kind_of_image_has_the_same_greys(same: object) -> None:
    assert np.allclose(grey(same), SMALL / 255, atol=1e-6)


def test_files_are_read_and_transparent_paper_is_white(tmp_path: Path) -> None:
    ink = np.zeros((5, 6, 4), dtype=np.uint8)
    ink[1, 1, 3] = 255
    Image.fromarray(ink).save(tmp_path / "ink.png")
    expected = np.ones((5, 6))
    expected[1, 1] = 0
    assert np.array_equal(grey(tmp_path / "ink.png"), expected)
    Image.fromarray(expected > 0).save(tmp_path / "bits.png")
    assert np.array_equal(grey(str(tmp_path / "bits.png")), expected)
    assert np.allclose(grey(np.moveaxis(ink / 255, -1, 0)), expected)


def test_drawings_as_published_become_the_training_images() -> None:
    """Omniglot's drawings of 105 x 105, 1 = paper, become what the data set is reduced to."""
    ink = (RANDOM.random((5, 105, 105)) < 0.1) & (np.abs(np.arange(105) - 52) < 40)
    ink[:, [0, -1]] = False
    trained = reduce(ink.astype(np.uint8))
    form = form_of(trained / 255)
    assert form == ImageForm(28, 28, 0)
    found = prepared([Image.fromarray(~one) for one in ink], form)
    assert np.array_equal(np.rint(found * 255).astype(np.uint8), trained)


@pytest.mark.parametrize(
    ("form", "border", "polarity", "inverted"),
    [
        (DARK, 1.0, "auto", True),
        (DARK, 0.0, "auto", False),
        (BRIGHT, 0.1, "auto", True),
        (BRIGHT, 0.9, "auto", False),
        (NEITHER, 1.0, "auto", False),
        (DARK, 1.0, "as_given", False),
        (DARK, 0.0, "inverted", True),
    ],
)
def test_ink_is_where_training_images_have_it(
    form: ImageForm, border: float, polarity: str, inverted: bool
) -> None:
    image = framed(border)
    square = ImageForm(12, 12, form.background)
    expected = 1 - image if inverted else image
    assert np.allclose(prepared([image, image], square, polarity), expected, atol=1e-6)


def test_sizes_change_by_area_and_by_interpolation() -> None:
    image = RANDOM.random((6, 6))
    assert np.array_equal(resized(image, 6, 6), image)
    assert np.allclose(resized(image, 2, 2), image.reshape(2, 3, 2, 3).mean((1, 3)), atol=1 / 255)
    ramp = np.tile(np.arange(4) / 3, (4, 1))
    larger = resized(ramp, 8, 8)
    assert larger.shape == (8, 8)
    assert (np.diff(larger, axis=1) >= 0).all()
    assert np.allclose(larger.mean(), 0.5, atol=0.01)


def test_other_shapes_are_padded_with_their_border() -> None:
    tall = np.ones((20, 10))
    tall[5:15, 3:7] = 0
    wide = resized(tall, 10, 10)
    assert (wide[:, :2] == 1).all()
    assert wide.min() == 0


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((5, 5, 7)), r"an array of shape \(5, 5, 7\): expected"),
        (np.zeros(9), "expected"),
        (np.full((3, 3), 7.0), "values are from 7 to 7"),
        (np.full((3, 3), np.nan), "floats from 0 to 1"),
        (np.zeros((3, 3), dtype=np.int64), "values are int64"),
        ("no such file.png", "there is no such file"),
        (np.zeros((0, 3)), "an array of shape"),
    ],
)
def test_what_is_no_image_is_named_by_its_number(image: object, message: str) -> None:
    with pytest.raises(InputError, match=f"image 2: .*{message}"):
        prepared([SMALL, image], DARK)


def test_a_file_that_is_no_image_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(InputError, match=r"text.png cannot be read as an image"):
        grey(tmp_path / "text.png")
    with pytest.raises(InputError, match="there are no images"):
        prepared([], DARK)
    with pytest.raises(InputError, match="polarity=up"):
        prepared([SMALL], DARK, "up")
