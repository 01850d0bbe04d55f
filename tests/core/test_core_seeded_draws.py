"""Global generators seeded for a while: the same draws, nothing left behind, the others untouched."""

import random

import numpy as np
import pytest
import torch

from hpbench.core.seeded_draws import seeded_draws

DRAWS = {
    "python": random.random,
    "numpy": lambda: float(np.random.rand()),
    "torch": lambda: float(torch.rand(())),
}
SEED = {"python": random.seed, "numpy": np.random.seed, "torch": torch.manual_seed}


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize("fails", [False, True])
def test_a_seeded_generator_is_put_back_and_the_others_go_on(name: str, fails: bool) -> None:
    def drawn() -> dict[str, float]:
        return {one: draw() for one, draw in DRAWS.items()}

    for seed in SEED.values():
        seed(1)
    first, second = drawn(), drawn()
    SEED[name](7)
    seeded = DRAWS[name]()
    for seed in SEED.values():
        seed(1)
    try:
        with seeded_draws(**{name: 7}):
            within = drawn()
            if fails:
                raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    assert within == {**first, name: seeded}
    assert drawn() == {**second, name: first[name]}
