"""The image behind a sample: the one place that says how pixels in a row are read."""

from math import isqrt

from hpbench.core.errors import InputError

NO_SQUARE = "are no square image of one channel"
COLOURS = 3
"""Channels of a colour image: red, green and blue."""


def image_shape(sample: tuple[int, ...], user: str) -> tuple[int, int, int]:
    """(C, H, W) of a sample of shape (C, H, W), (H, W), or (D,): a square image of one channel, row by row.

    Raises InputError, which begins with what the image is wanted for, where D pixels are no square. Only
    grey squares are put in a row (`check_square`); the values of a colour image (3, S, S) in a row are no
    square number, and refused.
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
    """Raise InputError for images that are no squares, neither grey (N, S, S) nor colour (N, 3, S, S).

    `name` is what the message begins with.
    """
    fits = len(images) == 3 or (len(images) == 4 and images[1] == COLOURS)
    if not fits or images[-1] != images[-2]:
        last = " (the channels come before height and width)" if images[-1:] == (COLOURS,) else ""
        raise InputError(
            f"{name}: images of {' x '.join(map(str, images[1:])) or 'no size'} are no square image of one "
            f"channel or three: expected (N, S, S) or (N, 3, S, S){last}; crop or pad to a square"
        )
