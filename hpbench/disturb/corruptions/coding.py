"""Few pixels and few bits. Results are in 256 steps."""

from collections.abc import Callable
from io import BytesIO

import numpy as np
from PIL import Image

from hpbench.disturb.corruptions.planes import Images


def pixelate(images: Images, random: np.random.Generator, share: float) -> Images:
    """Shrunk to this share of the side, by means over areas, and enlarged again."""
    side = images.shape[-1]
    small = int(side * share)

    def changed(image: Image.Image) -> Image.Image:
        box = Image.Resampling.BOX
        return image.resize((small, small), box).resize((side, side), box)

    return _each(images, changed)


def jpeg(images: Images, random: np.random.Generator, quality: int) -> Images:
    """Written as JPEG of this quality and read again, by Pillow."""

    def changed(image: Image.Image) -> Image.Image:
        written = BytesIO()
        image.save(written, "JPEG", quality=quality)
        return Image.open(written)

    return _each(images, changed)


def _each(images: Images, changed: Callable[[Image.Image], Image.Image]) -> Images:
    """Every image changed as Pillow sees it."""
    bytes_ = np.moveaxis(np.rint(255 * images).astype(np.uint8), 1, 3)
    grey = bytes_.shape[3] == 1
    found = [
        np.asarray(changed(Image.fromarray(np.ascontiguousarray(one[..., 0] if grey else one))))
        for one in bytes_
    ]
    stacked = np.stack(found)
    return (stacked[:, None] if grey else np.moveaxis(stacked, 3, 1)) / 255
