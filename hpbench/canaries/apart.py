"""A canary's surroundings: precision, seeds and a cache folder of its own; all is put back after it."""

import functools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import torch

from hpbench.core.seeded_draws import seeded_draws
from hpbench.runs.execute import seed_everything

SEED = 0


@functools.cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="hpbench-canaries-")


def own_folder() -> Path:
    """An empty folder at first, kept until the process ends."""
    return Path(_folder().name)


@contextmanager
def apart(*, single: bool = False) -> Iterator[None]:
    """Within this, new tensors are double (or `single`), all generators are seeded, and the cache is empty.

    An earlier cache would hide a change of what is generated. Generators, precision, threads and torch's
    choice of algorithms are afterwards as they were.
    """
    precision, threads = torch.get_default_dtype(), torch.get_num_threads()
    strict = torch.are_deterministic_algorithms_enabled()
    only_warned = torch.is_deterministic_algorithms_warn_only_enabled()
    cache = str(own_folder() / "cache")
    with (
        seeded_draws(python=SEED, numpy=SEED, torch=SEED),
        patch("platformdirs.user_cache_dir", lambda *_, **__: cache),
    ):
        torch.set_default_dtype(torch.float32 if single else torch.float64)
        torch.set_num_threads(1)
        seed_everything(SEED)
        try:
            yield
        finally:
            torch.set_default_dtype(precision)
            torch.set_num_threads(threads)
            torch.use_deterministic_algorithms(strict, warn_only=only_warned)
