"""CPU settings for speed, made once per process before it computes."""

import ctypes
import sys

import torch

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of glibc's mallopt(3)."""

_LARGEST_KEPT = 32 * 2**20
"""The largest M_MMAP_THRESHOLD that glibc accepts, in bytes."""


def prepare_processor(threads: int) -> None:
    """Set the number of torch's threads, flush denormal numbers to zero, and keep freed memory for reuse.

    Hebbian traces, and Adam's moments of gradients that have become zero, decay geometrically into the
    denormal numbers (below 1.2e-38), on which CPUs are much slower: after some hundred batches of MNIST a
    training step of HP takes 1.5 times as long. Numbers this small do not affect any figure.
    """
    torch.set_flush_denormal(True)  # before set_num_threads: new threads inherit it
    torch.set_num_threads(threads)
    _keep_freed_memory()


def _keep_freed_memory() -> None:
    """Make glibc keep freed memory; with other C libraries nothing happens.

    Each training step allocates and frees the same tens of megabytes. If they are returned to the system
    every time, they are mapped and zeroed again, which costs up to a fifth of a step.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGEST_KEPT)
        mallopt(_TRIM_THRESHOLD, 2**31 - 1)
