"""A canary leaves nothing behind, and nothing of its surroundings reaches it."""

import random
from typing import Any

import numpy as np
import pytest
import torch

from hpbench.canaries.apart import apart
from hpbench.canaries.measure import measured
from hpbench.canaries.variants import variants_of
from hpbench.data.places import cache_folder

PLAIN = variants_of("gp", "continual")[0]


def surroundings() -> list[Any]:
    return [
        torch.get_default_dtype(),
        torch.get_num_threads(),
        torch.are_deterministic_algorithms_enabled(),
        torch.get_rng_state().tolist(),
        random.getstate(),
        np.random.get_state()[1].tolist(),  # type: ignore[index]
        cache_folder(),
    ]


@pytest.mark.parametrize("single", [False, True])
def test_everything_is_put_back(single: bool) -> None:
    before = surroundings()
    with pytest.raises(ValueError), apart(single=single):
        assert torch.zeros(1).dtype is (torch.float32 if single else torch.float64)
        assert cache_folder() != before[-1]
        torch.rand(3), random.random(), np.random.rand(3)
        raise ValueError
    assert surroundings() == before


def test_what_was_drawn_before_does_not_matter() -> None:
    first = measured(PLAIN)
    torch.rand(5), random.random(), np.random.rand(5)
    assert measured(PLAIN) == first


def test_nudged_weights_give_figures_that_differ_by_rounding() -> None:
    exact, nudged = measured(PLAIN), measured(PLAIN, 1e-10)
    assert nudged["loss"] != exact["loss"]
    assert nudged["loss"] == pytest.approx(exact["loss"], rel=1e-7)
    assert nudged["confusion"] == exact["confusion"]
