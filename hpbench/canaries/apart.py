"""The isolated state in which a canary runs: precision, seeds and cache folder; restored afterwards."""

import functools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import torch

from hpbench.core.seeded_draws import seeded_draws
from hpbench.runs.seeding import seed_everything

SEED = 0


@functools.cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="hpbench-canaries-")


def own_folder() -> Path:
    """A temporary folder of this process, removed when it ends."""
    return Path(_folder().name)


@contextmanager
def apart(*, single: bool = False) -> Iterator[None]:
    """A context in which new tensors are double (or `single`), generators are seeded, and the cache is empty.

    Files from an earlier cache would hide changes of the code that generates them. Generators, precision,
    threads and torch's choice of algorithms are restored afterwards.
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
