"""Where a strategy or scenario comes from that is not the package's own."""

import importlib.metadata
from collections.abc import Iterable
from pathlib import Path

from hpbench.entry import Entry
from hpbench.made import ORIGIN
from hpbench.own_code import code_files
from hpbench.runs.provenance import GitRefusedError, committed_blobs, head, is_blob


def own_code(entries: Iterable[Entry]) -> str:
    """The origins of those entries that are not the package's own; empty if all of them are.

    An origin is a package and its version; or the commit of the repository that the file lies in, and
    whether the file and what it imports from beside it are as in that commit (clean, changed, unknown); or
    "none" outside any repository, and for what was made in Python.
    """
    foreign = [entry for entry in entries if entry.origin != "hpbench"]
    return ", ".join(f"{entry.singular} {_origin(entry)}" for entry in foreign)


def _origin(entry: Entry) -> str:
    if entry.origin == ORIGIN:
        return "none"
    if entry.origin != "HPBENCH_PATH":
        try:
            return f"package {entry.origin} {importlib.metadata.version(entry.origin)}"
        except importlib.metadata.PackageNotFoundError:
            pass
    root = next((one for one in entry.path.resolve().parents if (one / ".git").exists()), None)
    if root is None:
        return "none"
    try:
        commit = head(root)
        state = "clean" if _are_committed(root, code_files(entry.path.resolve(), entry.module)) else "changed"
    except (GitRefusedError, OSError):
        return "unknown"
    return f"commit {commit[:12]} {state}"


def _are_committed(root: Path, files: list[Path]) -> bool:
    names = [file.relative_to(root).as_posix() for file in files]
    blobs = committed_blobs(root, names)
    return all(name in blobs and is_blob(root / name, blobs[name]) for name in names)
