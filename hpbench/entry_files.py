"""Files that may hold a strategy or scenario: of the package, of HPBENCH_PATH, of installed packages."""

import functools
import importlib.machinery
import importlib.metadata
import importlib.util
import itertools
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from hpbench.core.errors import InputError
from hpbench.core.paths import is_folder
from hpbench.entry import Entry, Kind


def entry_files(kind: Kind) -> Iterable[Entry]:
    """Every file that may hold one of this kind, not read yet; a file that is found twice counts once."""
    found: dict[tuple[str, str], Entry] = {}
    for entry in itertools.chain(_shipped_files(kind), _installed(kind), _path_files(kind)):
        found.setdefault((os.path.realpath(entry.path), entry.name), entry)
    return found.values()


def _shipped_files(kind: Kind) -> Iterator[Entry]:
    spec = importlib.util.find_spec(f"hpbench.{kind}")
    for folder in (spec and spec.submodule_search_locations) or ():
        for path in _python_files(Path(folder)):
            yield Entry(path.stem, kind, path, f"hpbench.{kind}.{path.stem}", "hpbench")


def _installed(kind: Kind) -> Iterator[Entry]:
    for point in _entry_points(f"hpbench.{kind}", tuple(sys.path)):
        file = _module_file(point.module)
        origin = point.dist.name if point.dist else point.value
        entry = Entry(point.name, kind, file or Path(point.module), point.module, origin)
        yield entry if file else replace(entry, error=f"there is no module {point.module}")


@functools.cache  # each look reads a file of every installed package
def _entry_points(group: str, _: tuple[str, ...]) -> importlib.metadata.EntryPoints:
    """Of the packages installed on a path for imports."""
    return importlib.metadata.entry_points(group=group)


def _path_files(kind: Kind) -> Iterator[Entry]:
    for folder in map(Path, filter(None, os.environ.get("HPBENCH_PATH", "").split(os.pathsep))):
        if not is_folder(folder):
            raise InputError(f"HPBENCH_PATH names {folder}, which is not a folder")
        for path in itertools.chain(_python_files(folder), _python_files(folder / kind)):
            yield Entry(path.stem, kind, path, "", "HPBENCH_PATH")


def _python_files(folder: Path) -> Iterator[Path]:
    """What ends in .py, except hidden files, such as those that editors and macOS put beside others."""
    return (path for path in folder.glob("*.py") if not path.name.startswith("."))


def _module_file(name: str) -> Path | None:
    """The file of a module, found without importing its parent packages."""
    folders: list[str] | None = None
    for depth, part in enumerate(name.split(".")):
        full = ".".join(name.split(".")[: depth + 1])
        spec = importlib.machinery.PathFinder.find_spec(full, folders)
        if spec is None and depth == 0:
            spec = importlib.util.find_spec(part)  # editable installs have finders of their own
        if spec is None:
            return None
        folders = list(spec.submodule_search_locations or ())
        origin = spec.origin
    return Path(origin) if origin else None
