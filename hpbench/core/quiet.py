"""Keeps warnings of the libraries below from users of the Python interface."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_LIBRARIES = ("avalanche", "hydra", "learn2learn", "norse", "omegaconf", "tonic", "torch", "torchvision")


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Within it, warnings from modules of these libraries are not shown; those of other code are.

    Where warnings go to a log, as on the command line, they still do.
    """
    if logging._warnings_showwarning is not None:  # type: ignore[attr-defined]
        yield
        return
    with warnings.catch_warnings():
        for name in _LIBRARIES:
            warnings.filterwarnings("ignore", module=rf"{name}(\.|$)")
        yield
