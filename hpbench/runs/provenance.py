"""Provenance of a run: commit and hash of the code, versions of libraries, hardware."""

import functools
import hashlib
import importlib.metadata
import importlib.util
import os
import platform
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hpbench.boards.formats import LONGEST_MODEL

_PACKAGES = ("avalanche-lib", "learn2learn", "norse", "numpy", "tonic", "torch", "torchvision")

_ROOMS = ("hpbench", "strategies", "scenarios")
"""Folders of a checkout that hold the package's sources."""


@dataclass(frozen=True)
class Checkout:
    """The git checkout that the package itself lies in.

    `state`: "clean" if the package's sources are those of the commit, "changed" if a source file differs or
    is not in it, "unknown" if git failed, "none" without a checkout (`root` is then None). `reason`: why the
    state is unknown.
    """

    root: Path | None
    commit: str
    state: str
    reason: str = ""


class GitRefusedError(Exception):
    """Git failed, for the reason given; the state of the sources is then unknown."""


def checkout_root() -> Path | None:
    """The top folder of the package's own checkout, not that of the current folder; None without one."""
    root = Path(__file__).resolve().parents[2]
    return root if (root / ".git").exists() else None


def checkout() -> Checkout:
    """The package's own checkout, independent of git's environment variables and configuration.

    Sources are compared with the commit by content, so that ignored, untracked or assume-unchanged files do
    not pass for committed ones.
    """
    root = checkout_root()
    if root is None:
        return Checkout(None, "", "none")
    try:
        commit = head(root)
        committed = committed_blobs(root, _ROOMS)
    except GitRefusedError as refusal:
        return Checkout(root, "", "unknown", str(refusal))
    same = all(is_blob(root / path, blob) for path, blob in committed.items())
    there = {path.relative_to(root).as_posix() for room in _ROOMS for path in (root / room).rglob("*.py")}
    return Checkout(root, commit, "clean" if same and there <= committed.keys() else "changed")


def head(root: Path) -> str:
    """The commit that is checked out in a repository. Raises GitRefusedError."""
    return _git(root, "rev-parse", "HEAD")


def committed_blobs(root: Path, paths: Iterable[str]) -> dict[str, str]:
    """The hashes of the files at or below these paths in that commit, by path. Raises GitRefusedError."""
    listed = _git(root, "ls-tree", "-r", "-z", "HEAD", "--", *paths)
    found = {}
    for entry in filter(None, listed.split("\0")):
        facts, _, path = entry.partition("\t")
        found[path] = facts.split()[2]
    return found


def is_blob(path: Path, blob: str) -> bool:
    """Whether a file has the content of the git blob with this hash; Windows line ends are ignored."""
    try:
        data = path.read_bytes()
    except OSError:
        return False
    algorithm = hashlib.sha1 if len(blob) == 40 else hashlib.sha256
    return any(
        algorithm(b"blob %d\0" % len(one) + one).hexdigest() == blob
        for one in (data, data.replace(b"\r\n", b"\n"))
    )


def _git(root: Path, *arguments: str) -> str:
    """The output of a git command. Raises GitRefusedError with the reason if it fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments],
            capture_output=True,
            text=True,
            check=True,
            env=environment | {"LC_ALL": "C"},
        )
    except OSError as error:
        raise GitRefusedError(f"git cannot be run: {error.strerror}") from error
    except subprocess.CalledProcessError as error:
        reason = next(iter(error.stderr.strip().splitlines()), f"exit code {error.returncode}")
        raise GitRefusedError(f"git refuses: {reason.removeprefix('fatal: ')}") from error
    return done.stdout.strip("\n")


@functools.cache
def sources_hash() -> str:
    """The first 16 hex digits of the SHA-256 of all Python files of the package, with their names."""
    digest = hashlib.sha256()
    for name, path in _sources():
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _sources() -> Iterator[tuple[str, Path]]:
    """Names and paths of the package's Python files, sorted by name, wherever they are installed."""
    found: dict[str, Path] = {}
    for module in ("hpbench", "hpbench.strategies", "hpbench.scenarios"):
        spec = importlib.util.find_spec(module)
        for folder in (spec and spec.submodule_search_locations) or ():
            for path in Path(folder).rglob("*.py"):
                found[f"{module}/{path.relative_to(folder).as_posix()}"] = path
    return iter(sorted(found.items()))


def versions() -> dict[str, str]:
    """Versions of Python, of this package and of the libraries that figures depend on."""
    found = {"python": platform.python_version(), "hpbench": package_version()}
    for name in _PACKAGES:
        found[name] = importlib.metadata.version(name)
    return found


def package_version() -> str:
    """This package's version."""
    return importlib.metadata.version("hpbench")


def hardware(threads: int) -> dict[str, str | int | None]:
    """Processor, number of cores, number of threads used, system and GPU."""
    import torch

    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "threads": threads,
        "system": f"{platform.system()} {platform.machine()}",
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
    }


def processor() -> str:
    """The model name of the CPU; on Linux with family, model and stepping, as names can be ambiguous."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        entries = dict(line.split("\t", 1) for line in lines[: lines.index("")] if "\t" in line)
        fields = {name.strip(): value.strip(": \t") for name, value in entries.items()}
        numbers = [f"{fields[one]}" for one in ("cpu family", "model", "stepping") if one in fields]
        return fitting(" ".join([fields["model name"], *([f"({'/'.join(numbers)})"] if numbers else [])]))
    except (OSError, KeyError, ValueError):
        return fitting(platform.processor() or platform.machine())


def fitting(model: str) -> str:
    """The model of a processor without characters that its column may not hold."""
    return re.sub(r"^\W+|[^\w ()@.,/+:;-]|:(?=//)", "", model, flags=re.ASCII)[:LONGEST_MODEL]


def columns_of_checkout(say: Callable[[str], None]) -> dict[str, object]:
    """The columns of a row on the package's checkout; asks git. `say` is told why its state is unknown."""
    here = checkout()
    if here.state == "unknown":
        say(f"Whether the package's sources are those of a commit is unknown: {here.reason}")
    return {"commit": here.commit, "checkout": here.state}


def columns_of_run(threads: int, device: str) -> dict[str, object]:
    """The columns of a row on sources, libraries and machine, which its figures depend on."""
    known = versions()
    return {
        "device": fitting(device),
        "processor": processor(),
        "threads": threads,
        "hpbench_version": known["hpbench"],
        "sources_hash": sources_hash(),
        "python_version": known["python"],
        "torch_version": known["torch"],
        "numpy_version": known["numpy"],
        "norse_version": known["norse"],
        "avalanche_version": known["avalanche-lib"],
    }
