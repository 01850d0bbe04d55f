"""Images as a user has them, brought into the form of the images that a network was trained on.

Grey, of the trained size, and with ink where the training images have ink. PIL images, arrays and tensors are
taken alike: (H, W), with channels first or last, uint8 from 0 to 255 or floats from 0 to 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpbench.core.errors import InputError

POLARITIES = ("auto", "as_given", "inverted")
"""How dark and bright are treated: see `prepared`."""

_GREY = np.array([0.299, 0.587, 0.114])
"""Weights of red, green and blue in a grey value (ITU-R BT.601)."""

_CHANNELS = (1, 3, 4)

_CLEAR = 0.25
"""Largest distance of a mean border from black or white at which images count as having that background."""

Grey = NDArray[np.float64]
"""An image (H, W) from 0 (black) to 1 (white)."""


@dataclass(frozen=True)
class ImageForm:
    """The form of training images: height and width in pixels, and the grey of their background.

    `background` is 0 for black, 1 for white, None for images whose borders have no common grey.
    """

    height: int
    width: int
    background: int | None


def form_of(images: NDArray[np.floating]) -> ImageForm:
    """The form of training images (N, H, W) from 0 to 1."""
    border = _border(images)
    clear = {grey for grey in (0, 1) if abs(border - grey) <= _CLEAR}
    _, height, width = images.shape
    return ImageForm(height, width, clear.pop() if clear else None)


def prepared(images: Sequence[Any], form: ImageForm, polarity: str = "auto") -> NDArray[np.float32]:
    """The images (N, H, W) from 0 to 1 in this form.

    An image that is not of the form's shape is padded at its sides with the grey of its border; pixels then
    are means over the area that they cover, in 256 greys, or between the nearest ones of a smaller image.
    With the polarity `auto` all are inverted if the training images have a background, black or white, and
    the borders of these are the opposite; `as_given` never inverts, `inverted` always. Raises InputError,
    which names its number, for anything that is no image.
    """
    if polarity not in POLARITIES:
        raise InputError(f"polarity={polarity}: expected one of {', '.join(POLARITIES)}")
    found = [_named(number, one) for number, one in enumerate(images, 1)]
    if not found:
        raise InputError("there are no images: give at least one")
    scaled = np.stack([resized(one, form.height, form.width) for one in found])
    opposite = form.background is not None and abs(_border(scaled) - form.background) > 0.5
    if polarity == "inverted" or (polarity == "auto" and opposite):
        scaled = 1 - scaled
    return scaled.astype(np.float32)


def grey(image: Any) -> Grey:
    """One image as grey values from 0 to 1. Raises InputError for anything else."""
    from PIL import Image

    if isinstance(image, (str, Path)):
        return read_grey(Path(image))
    if isinstance(image, Image.Image):
        return _of_pillow(image)
    if hasattr(image, "detach"):  # a tensor
        image = image.detach().cpu().numpy()
    array = np.asarray(image)
    values = _values(array)
    if values.ndim == 3:
        values = _one_channel(values)
    if values.ndim != 2 or not values.size:
        raise InputError(f"an array of shape {array.shape}: expected (H, W), (H, W, 3) or (3, H, W)")
    return values


def read_grey(path: Path) -> Grey:
    """The image in a file. Raises InputError if it cannot be read."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as opened:
            opened.load()
            return _of_pillow(opened)
    except (OSError, UnidentifiedImageError, ValueError, Image.DecompressionBombError) as error:
        reason = "there is no such file" if not path.exists() else " ".join(str(error).split())
        raise InputError(f"{path} cannot be read as an image: {reason}") from error


def resized(image: Grey, height: int, width: int) -> Grey:
    """The image in another size; as it is if it has that size."""
    if image.shape == (height, width):
        return image
    image = _padded(image, height, width)
    changed = _weights(image.shape[0], height) @ image @ _weights(image.shape[1], width).T
    return np.rint(changed * 255) / 255


def _weights(before: int, after: int) -> NDArray[np.float64]:
    """(after, before): the means of a line of pixels that make one of another length.

    A longer line is averaged over the part that each new pixel covers, a shorter one interpolated.
    """
    if after > before:
        places = ((np.arange(after) + 0.5) * before / after - 0.5).clip(0, before - 1)
        return np.maximum(0, 1 - np.abs(places[:, None] - np.arange(before)))
    edges = np.arange(after + 1) * before / after
    old = np.arange(before)
    covered = np.minimum(edges[1:, None], old + 1) - np.maximum(edges[:-1, None], old)
    return np.maximum(0, covered) * after / before


def _padded(image: Grey, height: int, width: int) -> Grey:
    """The image with margins, so that its sides are in the ratio of height and width."""
    high, wide = image.shape
    missing_rows = max(0, round(wide * height / width) - high)
    missing_columns = max(0, round(high * width / height) - wide)
    margins = [(one // 2, one - one // 2) for one in (missing_rows, missing_columns)]
    return np.pad(image, margins, constant_values=float(_border(image[None])))


def _border(images: NDArray[Any]) -> float:
    """Mean over images (N, H, W) of the median grey of the outermost pixels."""
    ring = np.concatenate([images[:, 0], images[:, -1], images[:, 1:-1, 0], images[:, 1:-1, -1]], axis=1)
    return float(np.median(ring, axis=1).mean())


def _named(number: int, image: Any) -> Grey:
    try:
        return grey(image)
    except InputError as error:
        raise InputError(f"image {number}: {error}") from error


def _of_pillow(image: Any) -> Grey:
    from PIL import Image

    if image.mode.startswith("I"):
        return np.asarray(image, dtype=np.float64) / 65535
    if image.mode == "F":
        return _values(np.asarray(image))
    if image.has_transparency_data:
        seen = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen)
    return np.asarray(image.convert("L"), dtype=np.float64) / 255


def _values(array: NDArray[Any]) -> Grey:
    """Numbers from 0 to 1. Raises InputError for other types and ranges."""
    if array.dtype == np.uint8:
        return array.astype(np.float64) / 255
    if array.dtype == np.bool_:
        return array.astype(np.float64)
    if not np.issubdtype(array.dtype, np.floating):
        raise InputError(f"values are {array.dtype}: expected uint8 from 0 to 255, or floats from 0 to 1")
    if array.size and not (array.min() >= 0 and array.max() <= 1):  # NaN is refused too
        raise InputError(
            f"values are from {array.min():g} to {array.max():g}: expected floats from 0 to 1, or uint8"
        )
    return array.astype(np.float64)


def _one_channel(values: Grey) -> Grey:
    """(H, W) from channels in the first or the last place; the last if both could be it."""
    if values.shape[-1] not in _CHANNELS and values.shape[0] in _CHANNELS:
        values = np.moveaxis(values, 0, -1)
    channels = values.shape[-1]
    if channels not in _CHANNELS:
        return values
    if channels == 1:
        return values[..., 0]
    colours = values[..., :3] @ _GREY
    return colours if channels == 3 else colours * values[..., 3] + 1 - values[..., 3]
