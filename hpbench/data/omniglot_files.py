"""Omniglot's drawings as they lie on disk: folders or zips of PNG files, or one `.npz`; reduced to 28x28."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from hpbench.core.errors import InputError
from hpbench.data.characters import Characters

FOLDER = "omniglot-py"
"""Torchvision's folder below a data root."""

SIZE, DRAWERS = 105, 20

_DRAWING = re.compile(r"images_(background|evaluation)/([^/]+)/(character\d+)/\d+_(\d+)\.png$")

Key = tuple[bool, str, str, int]
"""Not background, alphabet, character, drawer from 1: sorts into the order of the classes."""


def read_omniglot(folder: Path) -> Characters | None:
    """The drawings below `folder`, or None if there are none.

    A `*omniglot_105x105*.npz` (keys as `background_images`, packed (C, 20, 105, 105), 1 = paper) comes
    first, then folders, then zips `*images*.zip`, whose paths hold
    `images_background/<alphabet>/characterNN/NNNN_DD.png`.
    Raises InputError for files that cannot be read and for characters without 20 drawings of 105x105.
    """
    try:
        for archive in sorted(folder.glob("*omniglot_105x105*.npz")):
            return _characters(_from_npz(archive), archive)
        found = dict(_from_folder(folder))
        if not found:
            for archive in sorted(folder.glob("*images*.zip")):
                found.update(_from_zip(archive))
        return _characters(found, folder) if found else None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(
            f"cannot read Omniglot in {folder} ({error}): delete what is damaged, or choose another data_root"
        ) from error


def has_drawings(folder: Path) -> bool:
    """Whether there is something below `folder` that `read_omniglot` would look into."""
    patterns = ("*omniglot_105x105*.npz", "images_*/*/character*", "*/images_*/*/character*", "*images*.zip")
    return any(any(folder.glob(pattern)) for pattern in patterns)


def reduce(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Drawings (N, 105, 105), 1 = ink, to (N, 28, 28), 0 to 255: the share of each pixel's area, rounded.

    A pixel covers 3.75 drawn ones; in quarters of these, everything is a whole number, which float32 holds
    exactly, so that every machine gets the same bytes.
    """
    quarters = np.repeat(np.eye(SIZE, dtype=np.float32), 4, axis=1)  # (105, 420)
    weights = quarters.reshape(SIZE, 28, 15).sum(2).T  # (28, 105), rows sum to 15
    areas = (weights @ ink.astype(np.float32) @ weights.T).astype(np.int64)
    return ((areas * 255 + 112) // 225).astype(np.uint8)


def _from_folder(folder: Path) -> Iterator[tuple[Key, NDArray[np.uint8]]]:
    for path in folder.glob("**/images_*/*/character*/*.png"):
        if match := _DRAWING.search(path.as_posix()):
            yield _key(match), _ink(path.read_bytes(), path)


def _from_zip(archive: Path) -> Iterator[tuple[Key, NDArray[np.uint8]]]:
    with zipfile.ZipFile(archive) as opened:
        for name in opened.namelist():
            if match := _DRAWING.search(name):
                yield _key(match), _ink(opened.read(name), archive / name)


def _from_npz(archive: Path) -> dict[Key, NDArray[np.uint8]]:
    found = {}
    with np.load(archive, allow_pickle=False) as file:
        for part in ("background", "evaluation"):
            images = np.unpackbits(file[f"{part}_images"], axis=-1, count=SIZE)
            names = file[f"{part}_alphabet_names"]
            for drawings, alphabet, number in zip(
                images, file[f"{part}_alphabet"], file[f"{part}_character"], strict=True
            ):
                for drawer, paper in enumerate(drawings, 1):
                    key = (part == "evaluation", str(names[alphabet]), f"character{number:02d}", drawer)
                    found[key] = 1 - paper
    return found


def _key(match: re.Match[str]) -> Key:
    return match[1] == "evaluation", match[2], match[3], int(match[4])


def _ink(content: bytes, path: Path) -> NDArray[np.uint8]:
    try:
        with Image.open(io.BytesIO(content)) as image:
            drawn = 1 - np.asarray(image.convert("1")).astype(np.uint8)
    except UnidentifiedImageError as error:
        raise ValueError(f"{path} is no picture") from error
    if drawn.shape != (SIZE, SIZE):
        raise ValueError(f"{path} is a picture of {drawn.shape}, expected {SIZE} x {SIZE}")
    return drawn


def _characters(found: dict[Key, NDArray[np.uint8]], source: Path) -> Characters:
    keys = sorted(found)
    classes = list(dict.fromkeys(key[:3] for key in keys))
    if keys != [(*one, drawer) for one in classes for drawer in range(1, DRAWERS + 1)]:
        raise ValueError(f"not every character has the drawers 1 to {DRAWERS}")
    images = np.concatenate([reduce(piece) for piece in _pieces([found[key] for key in keys])])
    return Characters(
        name="omniglot",
        images=images.reshape(len(classes), DRAWERS, 28, 28),
        alphabets=np.array([alphabet for _, alphabet, _ in classes]),
        names=np.array([name for *_, name in classes]),
        background=np.array([not evaluation for evaluation, *_ in classes]),
        source=f"Omniglot in {source}",
    )


def _pieces(drawings: list[NDArray[np.uint8]]) -> Iterable[NDArray[np.uint8]]:
    for first in range(0, len(drawings), 1000):
        yield np.stack(drawings[first : first + 1000])
