"""What a process does once, before it computes, to be quick on a CPU."""

import ctypes
import sys

import torch

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Numbers of glibc's mallopt(3)."""

_LARGEST_KEPT = 32 * 2**20
"""The most that glibc lets the second be, in bytes."""


def prepare_processor(threads: int) -> None:
    """Set the number of threads, take denormal numbers for zero, and keep memory that tensors gave back.

    A trace, and Adam's mean of a gradient that is no longer there, fall off geometrically and end among the
    denormal numbers (below 1.2e-38), with which a CPU is much slower: after some hundred batches of MNIST an
    HP step takes half as long again. Nothing that small is ever seen in a figure.
    """
    torch.set_flush_denormal(True)  # first: the threads take it over from this one
    torch.set_num_threads(threads)
    _keep_freed_memory()


def _keep_freed_memory() -> None:
    """Tell the C library not to return freed memory, where it is glibc; elsewhere nothing happens.

    A training step takes and gives back the same tens of megabytes. Returned to the system each time, they
    are mapped and cleared again, which costs up to a fifth of a step.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGEST_KEPT)
        mallopt(_TRIM_THRESHOLD, 2**31 - 1)
