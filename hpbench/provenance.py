"""Where a run's code came from and what it ran on."""

import importlib.metadata
import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path

_PACKAGES = ("avalanche-lib", "learn2learn", "norse", "numpy", "tonic", "torch", "torchvision")


@dataclass(frozen=True)
class Checkout:
    """The git checkout that the package itself lies in; empty if it is installed without one.

    `dirty`: anything but the leaderboards differs from the commit.
    """

    root: Path | None
    commit: str
    dirty: bool


def checkout() -> Checkout:
    """The package's own checkout, not that of the current folder."""
    root = Path(__file__).resolve().parents[1]
    if not (root / ".git").exists():
        return Checkout(None, "", False)
    commit = _git(root, "rev-parse", "HEAD")
    changes = _git(root, "status", "--porcelain", "--", ".", ":(exclude)leaderboards")
    return Checkout(root, commit or "", changes is None or bool(changes))


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def versions() -> dict[str, str]:
    """Versions of Python, of this package and of the libraries that shape figures."""
    found = {"python": platform.python_version(), "hpbench": package_version()}
    for name in _PACKAGES:
        found[name] = importlib.metadata.version(name)
    return found


def package_version() -> str:
    """This package's version."""
    return importlib.metadata.version("hpbench")


def hardware(threads: int) -> dict[str, str | int | None]:
    """Processor, cores, threads used and GPU."""
    import torch

    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": threads,
        "system": f"{platform.system()} {platform.machine()}",
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(": ", 1)[1] for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()
