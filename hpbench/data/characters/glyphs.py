"""glyphs: characters of many scripts in 20 generated handwritings, for use without Omniglot and network.

The characters are those of the fonts that matplotlib ships. Every handwriting has its own slant, proportion
and stroke width; every drawing is also rotated, shifted and distorted. Accuracies are not comparable with
those on Omniglot, though the nearest class mean on pixels does not reach more than there.
"""

import contextlib
import functools
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from hpbench.core.errors import InputError
from hpbench.data.characters.characters import Characters, read_characters, save_characters
from hpbench.data.places import cache_folder

DRAWERS = 20

_SANS, _STIX = "DejaVuSans.ttf", "STIXGeneral.ttf"
_LATIN = [*range(0x41, 0x5B), *range(0x61, 0x7B)]
BACKGROUND: dict[str, tuple[str, Iterable[int]]] = {
    "armenian": (_SANS, [*range(0x531, 0x557), *range(0x561, 0x587)]),
    "canadian_aboriginal": (_SANS, range(0x1401, 0x14C1, 2)),
    "cyrillic": (_SANS, range(0x410, 0x450)),
    "georgian": (_SANS, range(0x10D0, 0x10F1)),
    "greek": (_SANS, [*range(0x391, 0x3AA), *range(0x3B1, 0x3CA)]),
    "latin": (_SANS, _LATIN),
    "phonetic": (_SANS, range(0x250, 0x2A9)),
}
"""Scripts for training: font file and code points."""

EVALUATION: dict[str, tuple[str, Iterable[int]]] = {
    "arabic": (_SANS, range(0x621, 0x64B)),
    "asomtavruli": (_SANS, range(0x10A0, 0x10C6)),
    "double_struck": (_STIX, range(0x1D538, 0x1D56C)),
    "fraktur": (_STIX, range(0x1D504, 0x1D538)),
    "hebrew": (_SANS, range(0x5D0, 0x5EB)),
    "lao": (_SANS, range(0xE81, 0xEAF)),
    "lisu": (_SANS, range(0xA4D0, 0xA4F8)),
    "nko": (_SANS, range(0x7CA, 0x7EB)),
    "operators": (_STIX, range(0x2200, 0x2240)),
    "script": (_STIX, range(0x1D49C, 0x1D4D0)),
    "tifinagh": (_SANS, range(0x2D30, 0x2D66)),
}
"""Scripts for evaluation."""

_SIDE = 56  # drawn at twice the size, then averaged
_ALIKE = 0.90
"""Intersection over union above which two characters count as the same, such as A, Α and А."""


def load_glyphs() -> Characters:
    """All glyphs, drawn once and stored in the cache folder if that is writable."""
    path = cache_folder() / "glyphs_v2.npz"
    return _load(path)


@functools.cache
def _load(path: Path) -> Characters:
    known = read_characters(path, "glyphs", None)
    if known is not None:
        return known
    data = draw_glyphs()
    with contextlib.suppress(InputError):  # drawn again next time
        save_characters(data, path)
    return data


def draw_glyphs() -> Characters:
    """The set, always the same: 20 drawings of every character, without characters of the same shape."""
    outlines: list[NDArray[np.bool_]] = []
    labels: list[tuple[str, str, bool]] = []
    for background, scripts in ((True, BACKGROUND), (False, EVALUATION)):
        for script in sorted(scripts):
            for code in scripts[script][1]:
                outline = _outline(chr(code), scripts[script][0])
                if outline is not None and not _known(outline, outlines):
                    outlines.append(outline)
                    labels.append((script, f"U+{code:05X}", background))
    hands = [_Hand(number) for number in range(DRAWERS)]
    images = np.stack([[hand.draw(outline) for hand in hands] for outline in map(_distance, outlines)])
    scripts_of, names, parts = zip(*labels, strict=True)
    return Characters(
        "glyphs",
        images,
        np.array(scripts_of),
        np.array(names),
        np.array(parts),
        "drawn from matplotlib's fonts",
    )


@functools.cache
def _font(file: str) -> tuple[ImageFont.FreeTypeFont, frozenset[int]]:
    import matplotlib
    from matplotlib.ft2font import FT2Font

    path = str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / file)
    return ImageFont.truetype(path, 64, layout_engine=ImageFont.Layout.BASIC), frozenset(
        FT2Font(path).get_charmap()
    )


def _outline(character: str, file: str) -> NDArray[np.bool_] | None:
    """The printed character (side, side), scaled to two thirds of the side; None if the font lacks it."""
    font, available = _font(file)
    if ord(character) not in available:
        return None
    canvas = Image.new("L", (160, 160))
    ImageDraw.Draw(canvas).text((40, 30), character, fill=255, font=font)
    box = canvas.getbbox()
    if box is None or max(box[2] - box[0], box[3] - box[1]) < 12:
        return None
    printed = canvas.crop(box)
    scale = 0.66 * _SIDE / max(printed.size)
    width, height = (max(1, round(scale * length)) for length in printed.size)
    made = Image.new("L", (_SIDE, _SIDE))
    made.paste(printed.resize((width, height)), ((_SIDE - width) // 2, (_SIDE - height) // 2))
    return np.asarray(made) > 127


def _known(outline: NDArray[np.bool_], others: list[NDArray[np.bool_]]) -> bool:
    if not others:
        return False
    common = (np.stack(others) & outline).sum((1, 2))
    either = (np.stack(others) | outline).sum((1, 2))
    return bool((common > _ALIKE * either).any())


def _distance(outline: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Signed distance to the outline in pixels, negative inside; a threshold sets the stroke width."""
    outside = ndimage.distance_transform_edt(~outline)
    inside = ndimage.distance_transform_edt(outline)
    return outside - inside


class _Hand:
    """A handwriting: parameters shared by all its drawings, and a generator for their differences."""

    def __init__(self, number: int) -> None:
        self.random = random = np.random.RandomState(number)  # unlike default_rng, the same in all versions
        self.slant = random.normal(0, 0.15)
        self.aspect = np.exp(random.normal(0, 0.12))
        self.stroke = random.uniform(-1.3, 0.3)
        self.bend = random.uniform(1.2, 2.9)
        steps = np.linspace(0, 4, _SIDE)[:, None] - np.arange(5)
        self.smooth = np.exp(-(steps**2) / 0.8)
        self.smooth /= self.smooth.sum(1, keepdims=True)
        self.grid = np.indices((_SIDE, _SIDE)).reshape(2, -1) - (_SIDE - 1) / 2

    def draw(self, distance: NDArray[np.float64]) -> NDArray[np.uint8]:
        """One drawing (28, 28) of a character given by its signed distances."""
        random = self.random
        turn, size = random.normal(0, 0.15), np.exp(random.normal(0, 0.12))
        rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        slanted = np.array([[self.aspect, 0], [self.slant, 1 / self.aspect]])
        move = random.normal(0, 2.3, (2, 1)) + (_SIDE - 1) / 2
        bent = np.stack([self.smooth @ random.standard_normal((5, 5)) @ self.smooth.T for _ in range(2)])
        places = size * (rotation @ slanted @ self.grid) + move + 2 * self.bend * bent.reshape(2, -1)
        sampled = ndimage.map_coordinates(distance, places, order=1, mode="nearest").reshape(_SIDE, _SIDE)
        ink = np.clip(0.5 - (sampled - self.stroke + random.normal(0, 0.2)), 0, 1)
        return np.round(255 * ink.reshape(28, 2, 28, 2).mean((1, 3))).astype(np.uint8)
