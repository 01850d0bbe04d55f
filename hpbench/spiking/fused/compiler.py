"""The kernels' shared library: compiled once by the machine's C++ compiler and stored in the cache folder."""

import contextlib
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from hpbench.core.errors import InputError
from hpbench.core.private import make_own_folder, not_private, own_folder
from hpbench.core.user_folders import user_folder

SOURCE = Path(__file__).with_name("kernels.cpp")

FLAGS = (
    "-std=c++17",
    "-O3",
    "-mavx2",
    "-mfma",
    "-ffp-contract=off",
    "-fno-math-errno",
    "-fopenmp-simd",
    "-fPIC",
    "-shared",
)

_LONGEST_SECONDS = 120


@cache
def stored() -> Path | None:
    """Where the library of this source is or would be; None if the user has no cache folder."""
    key = hashlib.sha256("\0".join((*FLAGS, platform.machine())).encode() + SOURCE.read_bytes()).hexdigest()
    try:
        return own_folder(user_folder("cache") / "kernels") / f"{key[:32]}.so"
    except InputError:
        return None


@cache
def is_stored() -> bool:
    """Whether there is such a library, which nobody but this user can have made."""
    place = stored()
    if place is None:
        return False
    with contextlib.suppress(OSError):
        return not any(not_private(one, one.lstat()) for one in (place.parent, place))
    return False


def compiler() -> str | None:
    """The machine's C++ compiler: that of the environment variable CXX, or one of the usual names."""
    names = (os.environ.get("CXX", ""), "c++", "g++", "clang++")
    return next((found for name in names if name and (found := shutil.which(name))), None)


def compile_to(folder: Path) -> Path | None:
    """Compile the library into a folder; None if there is no compiler, or it fails."""
    command, made = compiler(), folder / "kernels.so"
    if command is None:
        return None
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        subprocess.run(
            [command, *FLAGS, str(SOURCE), "-o", str(made)],
            check=True,
            capture_output=True,
            timeout=_LONGEST_SECONDS,
        )
        return made
    return None


def store(made: Path) -> None:
    """Put a library into the cache folder, whole or not at all; without a folder that can be written, nothing
    happens."""
    place = stored()
    if place is None:
        return
    with contextlib.suppress(OSError):
        make_own_folder(place.parent.parent)
        with tempfile.NamedTemporaryFile(dir=place.parent, prefix=".", suffix=".tmp", delete=False) as copy:
            copy.write(made.read_bytes())
        Path(copy.name).replace(place)
