"""The kernels are compiled once, into the cache, and never get in the way where that cannot be done."""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hpbench.spiking.fused import compiler

RUN = """
import sys
from pathlib import Path
from unittest.mock import patch
cache = sys.argv[1]
patch("platformdirs.user_cache_dir", lambda *_, **__: cache).start()
import torch
from hpbench.spiking.fired_window import fired
from hpbench.spiking.fused import library
from hpbench.spiking.parameters import RELEASE
library.ENTRIES_BEFORE_COMPILING = int(sys.argv[2])
currents = torch.ones(1, 1000)
for _ in range(2):
    fired(currents, 10, RELEASE)
print(library.library.cache_info().currsize, end=" ")
print(library.library() is not None, fired(currents, 10, RELEASE).sum().item())
"""

needs_a_compiler = pytest.mark.skipif(compiler.compiler() is None, reason="no C++ compiler")


def _run(cache: Path, patience: int = 0, **environment: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(cache), str(patience)],
        capture_output=True,
        text=True,
        env=None if not environment else {**_environment(), **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def _environment() -> dict[str, str]:
    import os

    return dict(os.environ)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[list[str]]]:
    """A cache that two processes filled at once, and what they said."""
    cache = tmp_path_factory.mktemp("compiled")
    with ThreadPoolExecutor(2) as pool:
        return cache, list(pool.map(lambda _: _run(cache), range(2)))


@needs_a_compiler
def test_processes_that_start_together_share_one_library(compiled: tuple[Path, list[list[str]]]) -> None:
    cache, results = compiled
    assert {line[1] for line in results} == {"True"}
    assert len({line[2] for line in results}) == 1
    assert len(list((cache / "kernels").iterdir())) == 1


@needs_a_compiler
def test_without_a_compiler_the_plain_form_has_the_same_results(
    compiled: tuple[Path, list[list[str]]], tmp_path: Path
) -> None:
    found = _run(tmp_path, PATH=str(tmp_path), CXX="")
    assert found[1] == "False"
    assert found[2] == compiled[1][0][2]


@needs_a_compiler
def test_a_cache_that_cannot_be_written_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file in the way")
    assert _run(tmp_path / "cache")[1] == "True"


@needs_a_compiler
def test_a_damaged_library_is_compiled_anew(compiled: tuple[Path, list[list[str]]], tmp_path: Path) -> None:
    shutil.copytree(compiled[0], tmp_path, dirs_exist_ok=True)
    [stored] = (tmp_path / "kernels").rglob("*.so")
    whole = stored.stat().st_size
    stored.unlink()
    stored.write_bytes(b"\x7fELF of another machine")
    assert _run(tmp_path)[1] == "True"
    assert stored.stat().st_size == whole


def test_a_process_with_little_to_compute_does_not_wait_for_the_compiler(tmp_path: Path) -> None:
    assert _run(tmp_path, patience=1_000_000)[0] == "0"


@needs_a_compiler
def test_the_compiler_takes_the_source_as_it_is(tmp_path: Path) -> None:
    assert shutil.which(str(compiler.compiler()))
    made = compiler.compile_to(tmp_path)
    assert made is not None
    assert made.stat().st_size > 0
