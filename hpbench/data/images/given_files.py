"""Labelled images in a user's files: a folder for each class, folders of episodes, lists of image pairs."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hpbench.core.errors import InputError
from hpbench.core.paths import is_folder, not_a_file

KINDS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm")
"""Endings of the files that are read."""

SUPPORT, QUERY = "support", "query"
"""The folders of an episode; each has a folder for every class."""

_LISTS = (".csv", ".txt")


@dataclass(frozen=True)
class FileEpisode:
    """An episode in files: a support with labels, and queries with the labels that they should get."""

    name: str
    support: list[Path]
    labels: list[str]
    queries: list[Path]
    answers: list[str]


def class_folders(folder: Path) -> dict[str, list[Path]]:
    """The images of each class by the name of its folder, in the order of the numbers in names.

    Raises InputError if there is no such folder, if it has no folders of images, or if one of them has none.
    """
    if not is_folder(folder):
        raise InputError(
            f"{folder} is {not_a_file(folder)}: expected a folder with a folder of images for each class"
        )
    found = {one.name: _images(one) for one in _shown(folder) if one.is_dir()}
    if not found:
        loose = len(_images(folder))
        has = f"{loose} images, but no folders" if loose else "no folders"
        raise InputError(
            f"{folder} has {has}: expected a folder of images for each class, named by the class"
        )
    empty = [name for name, images in found.items() if not images]
    if empty:
        raise InputError(
            f"{folder / empty[0]} has no images ({', '.join(KINDS)}): add some, or remove the folder"
        )
    return found


def folder_episodes(folder: Path) -> list[FileEpisode]:
    """The episodes below a folder: each has folders `support` and `query`, with a folder for each class.

    The folder may be an episode itself. Raises InputError for parts that are missing, and for queries of a
    class that the support does not have.
    """
    if not is_folder(folder):
        raise InputError(f"{folder} is {not_a_file(folder)}: expected a folder of episodes")
    places = [folder] if (folder / SUPPORT).is_dir() else [one for one in _shown(folder) if one.is_dir()]
    if not places:
        raise InputError(
            f"{folder} has no episodes: expected folders that each have {SUPPORT}/CLASS/IMAGE and "
            f"{QUERY}/CLASS/IMAGE"
        )
    return [_episode(place) for place in places]


def pair_episodes(path: Path) -> list[FileEpisode]:
    """The episodes that a list of image pairs describes, or all lists (.csv, .txt) below a folder.

    A line has a query, and the image of the support that shows the same class: `query,support` or, with
    spaces, as in Omniglot's one-shot runs, `query support`; a third entry names the episode where a file has
    several. The supports of an episode are its classes, one image of each. Paths count from the list's
    folder, or from the one above it. Raises InputError for lines of another form, for missing images, and for
    less than two classes.
    """
    if is_folder(path):
        lists = [
            one for one in sorted(path.rglob("*")) if one.suffix in _LISTS and not one.name.startswith(".")
        ]
        if not lists:
            raise InputError(f"{path} has no lists of pairs ({' or '.join(_LISTS)})")
        return [episode for one in lists for episode in _listed(one)]
    return _listed(path)


def _episode(place: Path) -> FileEpisode:
    for part in (SUPPORT, QUERY):
        if not (place / part).is_dir():
            raise InputError(
                f"episode {place} has no folder {part!r}: expected {SUPPORT}/CLASS/IMAGE and "
                f"{QUERY}/CLASS/IMAGE"
            )
    support, query = class_folders(place / SUPPORT), class_folders(place / QUERY)
    strange = sorted(set(query) - set(support))
    if strange:
        raise InputError(
            f"episode {place} has queries of class {strange[0]!r}, of which its support has no image"
        )
    if len(support) < 2:
        raise InputError(f"episode {place} has one class: expected two or more")
    # One image of each class after another, as in the drawn episodes: a trace may depend on the order.
    most = max(map(len, support.values()))
    shown = [(images[k], name) for k in range(most) for name, images in support.items() if k < len(images)]
    asked = [(image, name) for name, images in query.items() for image in images]
    return FileEpisode(
        place.name,
        [image for image, _ in shown],
        [name for _, name in shown],
        [image for image, _ in asked],
        [name for _, name in asked],
    )


def _listed(path: Path) -> list[FileEpisode]:
    if not path.is_file():
        raise InputError(f"cannot read {path}: it is {not_a_file(path)}, expected a list of image pairs")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path} as a list of image pairs: {error}") from error
    episodes: dict[str, list[tuple[Path, Path]]] = {}
    for number, words in enumerate(_lines(text), 1):
        if not words or (number == 1 and words[0].lower() == "query"):
            continue
        if len(words) not in (2, 3):
            raise InputError(
                f"{path}, line {number}: {len(words)} entries, expected query,support or "
                "query,support,episode"
            )
        pair = (_found(words[0], path, number), _found(words[1], path, number))
        episodes.setdefault(words[2] if len(words) == 3 else "", []).append(pair)
    if not episodes:
        raise InputError(f"{path} has no pairs: expected lines query,support")
    return [_of_pairs(f"{path}{' ' + name if name else ''}", pairs) for name, pairs in episodes.items()]


def _lines(text: str) -> Iterable[list[str]]:
    rows = text.splitlines()
    if any("," in row for row in rows):
        return ([word.strip() for word in row if word.strip()] for row in csv.reader(rows))
    return (row.split() for row in rows)


def _found(name: str, path: Path, number: int) -> Path:
    for base in (path.parent, path.parent.parent):
        if (base / name).is_file():
            return base / name
    raise InputError(f"{path}, line {number}: there is no image {name} in {path.parent}")


def _of_pairs(name: str, pairs: list[tuple[Path, Path]]) -> FileEpisode:
    support = list(dict.fromkeys(shown for _, shown in pairs))
    if len(support) < 2:
        raise InputError(f"{name}: all queries have the same support image, expected two classes or more")
    return FileEpisode(
        name,
        support,
        [str(one) for one in support],
        [query for query, _ in pairs],
        [str(shown) for _, shown in pairs],
    )


def _images(folder: Path) -> list[Path]:
    return [one for one in _shown(folder) if one.suffix.lower() in KINDS and one.is_file()]


def _shown(folder: Path) -> list[Path]:
    """What is in a folder and not hidden; 2 comes before 10."""
    try:
        found = [one for one in folder.iterdir() if not one.name.startswith(".")]
    except OSError as error:
        raise InputError(f"cannot read {folder} ({error.strerror})") from error
    return sorted(found, key=lambda one: [int(w) if w.isdigit() else w for w in re.split(r"(\d+)", one.name)])
