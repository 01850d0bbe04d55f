"""The image behind a sample: the one place that says how pixels in a row are read."""

from math import isqrt

from hpbench.core.errors import InputError

NO_SQUARE = "are no square image of one channel"


def image_shape(sample: tuple[int, ...], user: str) -> tuple[int, int, int]:
    """(C, H, W) of a sample of shape (C, H, W), (H, W), or (D,): a square image of one channel, row by row.

    Raises InputError, which begins with what the image is wanted for, where D pixels are no square. Data
    whose images are not squares of one channel are refused before they are put in a row (`check_square`).
    """
    if len(sample) == 3:
        channels, height, width = sample
        return channels, height, width
    if len(sample) == 2:
        return 1, *sample
    [pixels] = sample
    side = isqrt(pixels)
    if side * side != pixels:
        raise InputError(f"{user}: {pixels} values in a row {NO_SQUARE}; do without")
    return 1, side, side


def check_square(images: tuple[int, ...], name: str) -> None:
    """Raise InputError for a set of images (N, …) that pixels in a row would not give back: not (N, S, S).

    `name` is what the message begins with.
    """
    if len(images) != 3 or images[1] != images[2]:
        raise InputError(
            f"{name}: images of {' x '.join(map(str, images[1:])) or 'no size'} {NO_SQUARE}: expected "
            "(N, S, S); convert colours to grey, and crop or pad to a square"
        )
