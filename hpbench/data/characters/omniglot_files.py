"""Reads Omniglot's drawings from folders or zips of PNG files, or from one `.npz`; reduces them to 28x28."""

import contextlib
import io
import itertools
import re
import tokenize
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hpbench.core.errors import InputError
from hpbench.data.characters.characters import Characters

FOLDER = "omniglot-py"
"""Torchvision's folder below a data root."""

SIZE, DRAWERS = 105, 20

_DRAWING = re.compile(r"images_(background|evaluation)/([^/]+)/(character\d+)/\d+_(\d+)\.png$")

_NPZ, _ZIP, _PNG = "*omniglot_105x105*.npz", "*images*.zip", "**/images_*/*/character*/*.png"

_DAMAGES = (
    OSError,
    ValueError,
    KeyError,
    EOFError,
    SyntaxError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
    tokenize.TokenError,
)
"""Exceptions of pillow, zipfile and NumPy for damaged files."""

Key = tuple[bool, str, str, int]
"""Whether for evaluation, alphabet, character, drawer from 1: sorts in the order of the classes."""


def read_omniglot(folder: Path) -> Characters | None:
    """The drawings below `folder`, or None if there are none.

    A `*omniglot_105x105*.npz` (keys such as `background_images`, packed (C, 20, 105, 105), 1 = paper) is read
    if there is one, else all folders and zips `*images*.zip` with paths such as
    `images_background/<alphabet>/characterNN/NNNN_DD.png`.
    Raises InputError, which names the file, for unreadable files, for two different drawings with the same
    path, and for characters without 20 drawings of 105x105.
    """
    try:
        for archive in sorted(folder.glob(_NPZ)):
            with _naming(archive):
                return _characters(_from_npz(archive), archive)
        found: dict[Key, tuple[NDArray[np.uint8], Path]] = {}
        sources = [_from_folder(folder), *map(_from_zip, sorted(folder.glob(_ZIP)))]
        for key, ink, path in itertools.chain.from_iterable(sources):
            known, before = found.setdefault(key, (ink, path))
            if known is not ink and not np.array_equal(known, ink):
                raise ValueError(f"{before} and {path} are one drawing and differ")
        return _characters({key: ink for key, (ink, _) in found.items()}, folder) if found else None
    except (OSError, ValueError) as error:
        raise InputError(
            f"cannot read Omniglot in {folder} ({error}): delete what is damaged, or choose another data_root"
        ) from error


def has_drawings(folder: Path) -> bool:
    """Whether there are files below `folder` that `read_omniglot` would read."""
    return any(any(folder.glob(pattern)) for pattern in (_NPZ, _ZIP, _PNG))


def reduce(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Drawings (N, 105, 105), 1 = ink, to (N, 28, 28), 0 to 255: the inked share of a pixel's area, rounded.

    A pixel covers 3.75 original ones. Computed in quarters of these, all numbers are integers, which float32
    represents exactly, so that every machine gets the same bytes.
    """
    quarters = np.repeat(np.eye(SIZE, dtype=np.float32), 4, axis=1)  # (105, 420)
    weights = quarters.reshape(SIZE, 28, 15).sum(2).T  # (28, 105), rows sum to 15
    areas = (weights @ ink.astype(np.float32) @ weights.T).astype(np.int64)
    return ((areas * 255 + 112) // 225).astype(np.uint8)


Drawing = tuple[Key, NDArray[np.uint8], Path]


def _from_folder(folder: Path) -> Iterator[Drawing]:
    for path in folder.glob(_PNG):
        if match := _DRAWING.search(path.as_posix()):
            with _naming(path):
                ink = _ink(path.read_bytes())
            yield _key(match), ink, path


def _from_zip(archive: Path) -> Iterator[Drawing]:
    with _naming(archive):
        opened = zipfile.ZipFile(archive)
    with opened:
        for name in opened.namelist():
            if match := _DRAWING.search(name):
                with _naming(archive / name):
                    ink = _ink(opened.read(name))
                yield _key(match), ink, archive / name


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


def _ink(content: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(content)) as image:
        drawn = 1 - np.asarray(image.convert("1")).astype(np.uint8)
    if drawn.shape != (SIZE, SIZE):
        raise ValueError(f"a picture of {drawn.shape}, expected {SIZE} x {SIZE}")
    return drawn


@contextlib.contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Turn exceptions for damaged files into ValueErrors that name the file."""
    try:
        yield
    except _DAMAGES as error:
        raise ValueError(f"{path}: {error}") from error


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
