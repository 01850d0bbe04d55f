"""Levels of disturbances as they are named in rows, and seeds within what NumPy takes."""

import numpy as np
import pytest

from hpbench import registry
from hpbench.core.errors import InputError
from hpbench.core.levels import as_text
from hpbench.core.settings import settings_of
from hpbench.disturb.images import IMAGE_DISTURBANCES
from hpbench.plan.compose import plan
from hpbench.streams.disturbed_settings import levels_of
from hpbench.streams.permuted import permutation


def test_a_negative_zero_is_level_zero() -> None:
    [levels] = levels_of(["gaussian"], [0.01, -0.0], IMAGE_DISTURBANCES).values()
    assert as_text({"gaussian": dict.fromkeys(levels, 0.5)}) == "gaussian:0:0.500000 gaussian:0.01:0.500000"


def test_a_negative_zero_makes_no_other_run() -> None:
    words = ("scenario=noisy_mnist", "strategy=ann")
    [first], [second] = (
        plan([*words, f"scenario.levels=[{zero},0.01]", f"scenario.validation_share={zero}"])
        for zero in ("0", "-0.0")
    )
    assert first.overrides == second.overrides
    assert first.settings == second.settings and first.training_settings == second.training_settings


@pytest.mark.parametrize("levels", [[0.01, 0.01], [0.0, -0.0]])
def test_a_level_that_is_named_twice_is_refused(levels: list[float]) -> None:
    with pytest.raises(InputError, match="name each level once"):
        levels_of(["gaussian"], levels, IMAGE_DISTURBANCES)


KINDS: tuple[registry.Kind, ...] = ("scenarios", "strategies")


def test_every_seed_has_a_range_that_numpy_takes() -> None:
    seeds = {
        (entry.name, one.name): one
        for kind in KINDS
        for entry in registry.shipped(kind)
        for protocol in entry.protocols
        for one in settings_of(registry.settings_class(entry, protocol))
        if one.name.endswith("seed")
    }
    assert {name for _, name in seeds} >= {"order_seed", "permutation_seed", "noise_seed", "episode_seed"}
    for one in seeds.values():
        assert one.low in (-1, 0) and one.high is not None
        np.random.RandomState(int(one.high))
    [last] = {int(one.high or 0) for (_, name), one in seeds.items() if name == "permutation_seed"}
    assert sorted(permutation(9_999, 4, last).tolist()) == [0, 1, 2, 3]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("scenario", "seed"),
    [
        ("split_mnist", "order_seed"),
        ("split_omniglot", "order_seed"),
        ("permuted_mnist", "permutation_seed"),
        ("noisy_mnist", "noise_seed"),
    ],
)
def test_a_seed_beyond_its_range_is_refused_when_the_run_is_planned(scenario: str, seed: str) -> None:
    for value in (2**32, -2, 10**30):
        with pytest.raises(InputError, match=rf"scenario.{seed}={value}: "):
            plan([f"scenario={scenario}", "strategy=ann", f"scenario.{seed}={value}"])
