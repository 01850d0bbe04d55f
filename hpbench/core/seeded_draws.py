"""A context with its own seeds for the global random generators of Python, NumPy and torch."""

import contextlib
import random
from collections.abc import Iterator


@contextlib.contextmanager
def seeded_draws(
    *, python: int | None = None, numpy: int | None = None, torch: int | None = None
) -> Iterator[None]:
    """A context in which the generators with a seed start from it; afterwards they have their state before.

    Generators without a seed are left alone. Torch has one for the CPU and one for each GPU: all are seeded.
    """
    with contextlib.ExitStack() as stack:
        if python is not None:
            stack.callback(random.setstate, random.getstate())
            random.seed(python)
        if numpy is not None:
            import numpy as np

            stack.callback(np.random.set_state, np.random.get_state())
            np.random.seed(numpy)
        if torch is not None:
            from torch.random import fork_rng, manual_seed

            stack.enter_context(fork_rng())
            manual_seed(torch)
        yield
