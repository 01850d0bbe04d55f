"""Reads Omniglot's drawings from folders or zips of PNG files, or from one `.npz`; reduces them to 28x28."""

import contextlib
import io
import itertools
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hpbench.core.errors import InputError
from hpbench.core.paths import check_file
from hpbench.data.archives import check_unpacked
from hpbench.data.characters.characters import Characters

FOLDER = "omniglot-py"
"""Torchvision's folder below a data root."""

SIZE, DRAWERS = 105, 20

_DRAWING = re.compile(r"images_(background|evaluation)/([^/]+)/(character\d+)/\d+_(\d+)\.png$")

_NPZ, _ZIP, _PNG = "*omniglot_105x105*.npz", "*images*.zip", "**/images_*/*/character*/*.png"

_LARGEST_NPZ, _LARGEST_PNG = 200_000_000, 100_000
"""Bytes that an .npz and a drawing may unpack to; those of Omniglot have 48 million and a few hundred."""

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
        for archive in _shown(folder, _NPZ):
            with _naming(archive):
                return _characters(_from_npz(archive), archive)
        found: dict[Key, tuple[NDArray[np.uint8], Path]] = {}
        sources = [_from_folder(folder), *map(_from_zip, _shown(folder, _ZIP))]
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
    return any(_shown(folder, pattern) for pattern in (_NPZ, _ZIP)) or any(folder.glob(_PNG))


def _shown(folder: Path, pattern: str) -> list[Path]:
    """Files that are not hidden, sorted."""
    return sorted(path for path in folder.glob(pattern) if not path.name.startswith("."))


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
                check_file(path)
                ink = _ink(path.read_bytes())
            yield _key(match), ink, path


def _from_zip(archive: Path) -> Iterator[Drawing]:
    with _naming(archive):
        check_file(archive)
        opened = zipfile.ZipFile(archive)
    with opened:
        for one in opened.infolist():
            name = one.filename
            if match := _DRAWING.search(name):
                with _naming(archive / name):
                    if one.file_size > _LARGEST_PNG:
                        raise ValueError(f"{one.file_size:,} bytes are no drawing of {SIZE} x {SIZE}")
                    ink = _ink(opened.read(one))
                yield _key(match), ink, archive / name


def _from_npz(archive: Path) -> dict[Key, NDArray[np.uint8]]:
    found = {}
    check_file(archive)
    check_unpacked(archive, _LARGEST_NPZ)
    with np.load(archive, allow_pickle=False) as file:
        for part in ("background", "evaluation"):
            packed, names = file[f"{part}_images"], file[f"{part}_alphabet_names"]
            if packed.dtype != np.uint8 or packed.shape[1:] != (DRAWERS, SIZE, -(-SIZE // 8)):
                raise ValueError(
                    f"{part}_images are {packed.dtype} {packed.shape}, expected uint8 (C, {DRAWERS}, {SIZE}, "
                    f"{-(-SIZE // 8)}): packed bits"
                )
            alphabets, numbers = file[f"{part}_alphabet"], file[f"{part}_character"]
            for name, array, high in (("alphabet", alphabets, len(names) - 1), ("character", numbers, 99)):
                whole = np.issubdtype(array.dtype, np.integer) and array.shape == (len(packed),)
                if not whole or ((array < 0) | (array > high)).any():
                    raise ValueError(
                        f"{part}_{name} must have a whole number from 0 to {high} for each of {len(packed)} "
                        "characters"
                    )
            images = np.unpackbits(packed, axis=-1, count=SIZE)
            for drawings, alphabet, number in zip(images, alphabets, numbers, strict=True):
                for drawer, paper in enumerate(drawings, 1):
                    key = (part == "evaluation", str(names[alphabet]), f"character{number:02d}", drawer)
                    found[key] = 1 - paper
    return found


def _key(match: re.Match[str]) -> Key:
    return match[1] == "evaluation", match[2], match[3], int(match[4])


def _ink(content: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(content)) as image:
        if image.size != (SIZE, SIZE):  # before it is unpacked
            raise ValueError(f"a picture of {image.size[::-1]}, expected {SIZE} x {SIZE}")
        return 1 - np.asarray(image.convert("1")).astype(np.uint8)


@contextlib.contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Turn exceptions for damaged files into ValueErrors that name the file."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # pillow, zipfile and NumPy raise many kinds
        raise ValueError(f"{path}: {' '.join(str(error).split()) or type(error).__name__}") from error


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
