"""Draws from the global generators of Python, NumPy and torch, seeded for a while."""

import contextlib
import random
from collections.abc import Iterator


@contextlib.contextmanager
def seeded_draws(
    *, python: int | None = None, numpy: int | None = None, torch: int | None = None
) -> Iterator[None]:
    """Within this, each generator that is given a seed starts from it; its state is put back after it.

    The others are left alone. Torch's are those of the processor and of all GPUs.
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
