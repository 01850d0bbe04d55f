"""How pixels in a row are read as an image, and what is refused rather than misread."""

import numpy as np
import pytest

from hpbench.core.errors import InputError
from hpbench.data.images.image_data import ImageData
from hpbench.tasks.image_shape import image_shape


@pytest.mark.parametrize(
    ("sample", "image"),
    [((784,), (1, 28, 28)), ((6, 4), (1, 6, 4)), ((3, 6, 4), (3, 6, 4)), ((1,), (1, 1, 1))],
)
def test_images(sample: tuple[int, ...], image: tuple[int, int, int]) -> None:
    assert image_shape(sample, "strategy.kernels") == image


@pytest.mark.parametrize("pixels", [80, 3 * 32 * 32, 0x7FFFFFFF])
def test_a_row_that_is_no_square_is_refused(pixels: int) -> None:
    with pytest.raises(
        InputError, match=f"strategy.kernels: {pixels} values in a row are no square image of one"
    ):
        image_shape((pixels,), "strategy.kernels")


@pytest.mark.parametrize("shape", [(16, 4), (4, 4, 3), (3, 4, 5), (1, 4, 4), (4, 4, 4), (64,)])
def test_data_whose_row_would_be_misread_are_refused(shape: tuple[int, ...]) -> None:
    images, labels = np.zeros((2, *shape), np.uint8), np.arange(2)
    with pytest.raises(
        InputError,
        match=r"data set odd, train part: images of .* are no square image of one channel or three",
    ):
        ImageData("odd", images, labels, images, labels, "made here")


def test_channels_in_the_last_place_are_pointed_out() -> None:
    images, labels = np.zeros((2, 4, 4, 3), np.uint8), np.arange(2)
    with pytest.raises(InputError, match="the channels come before height and width"):
        ImageData("last", images, labels, images, labels, "made here")
