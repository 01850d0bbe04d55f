"""Settings of the training of a network are refused where they cannot move a figure of prototypes."""

from typing import Any

import numpy as np
import pytest
from stream import pictures
from test_learning_baselines import module_of

from hpbench.core.acting import without_effect
from hpbench.core.stream import Stream, stream_of
from hpbench.data.images.image_data import ImageData
from hpbench.learning.settings import StreamSettings
from hpbench.runs.continual import run
from hpbench.runs.seeding import seed_everything
from hpbench.streams.split import split_by_class
from hpbench.tasks.resources import Resources


def noisy(per_class: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    images, labels = pictures(per_class, seed)
    noise = np.random.RandomState(seed + 7).randint(0, 256, images.shape)
    return (0.3 * images + 0.7 * noise).astype(np.uint8), labels


DATA = ImageData("small", *noisy(20, 0), *noisy(100, 1), "made here")
SETTINGS = StreamSettings()
STREAM = stream_of(SETTINGS, "continual")
BASE = {"prototypes": True, "hidden": [8], "batch": 10, "lr": 0.02}
OF_INPUT = {"prototype_of": "input"}

IDLE: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("hp", OF_INPUT, {"lr": 0.5}),
    ("hp", OF_INPUT, {"loss": "cross_entropy"}),
    ("hp", OF_INPUT, {"theta_lr": 0.1}),
    ("hp", OF_INPUT, {"theta_gradient": "exact"}),
    ("hp", OF_INPUT, {"energy_weight": 0.1}),
    ("hp", OF_INPUT, {"surrogate": "triangular"}),
    ("hp", OF_INPUT | {"prototype_read_out": "nearest"}, {"prototype_training": "mix"}),
    ("ann", OF_INPUT, {"lr": 0.5}),
    ("ewc", OF_INPUT, {"ewc_lambda": 3.0}),
    ("ewc", {}, {"ewc_lambda": 3.0}),
    ("si", {}, {"c": 5.0}),
    ("lwf", {}, {"alpha": 30.0}),
    ("replay", {}, {"memory": 12}),
    ("gem", {}, {"margin": 0.1}),
    ("agem", {}, {"drawn": 5}),
]
ACTING: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("hp", {}, {"lr": 0.5}),
    ("ann", OF_INPUT | {"mix": 0.9}, {"lr": 0.5}),
    ("ann", OF_INPUT | {"adversarial_epsilon": 0.3}, {"lr": 0.5}),
    ("lwf", {"feature_drift": "ignored"}, {"alpha": 0.0}),
    ("ewc", {"mix": 0.9}, {"ewc_lambda": 3.0}),
    ("gdumb", OF_INPUT, {"memory": 12}),
]


def settings_of(strategy: str, base: dict[str, Any], change: dict[str, Any]) -> Any:
    chosen = BASE | base | change
    if base.get("prototype_of") == "input" and not base.keys() & {"mix", "adversarial_epsilon"}:
        chosen = {name: value for name, value in chosen.items() if name != "lr" or name in change}
    return module_of(strategy).Settings(**chosen)


def figures(strategy: str, settings: Any) -> tuple[list[list[float]], list[Any]]:
    """Accuracies after each experience, and the counts of the last test."""
    task = split_by_class(DATA, 2, SETTINGS, Resources(None, "cpu", print))
    seed_everything(0)
    details = run(module_of(strategy).continual, settings, task, lambda _: None).details
    return details["R"], details["confusion_by_experience"]


@pytest.mark.parametrize(("strategy", "base", "change"), IDLE)
def test_a_setting_that_moves_no_figure_is_refused(
    strategy: str, base: dict[str, Any], change: dict[str, Any]
) -> None:
    changed = settings_of(strategy, base, change)
    assert figures(strategy, changed) == figures(strategy, settings_of(strategy, base, {}))
    message = without_effect(changed, "strategy", STREAM)
    [name] = change
    assert message.startswith(f"strategy.{name}=") and "has no effect without strategy.mix, or" in message


@pytest.mark.parametrize(("strategy", "base", "change"), ACTING)
def test_a_setting_that_moves_a_figure_is_taken(
    strategy: str, base: dict[str, Any], change: dict[str, Any]
) -> None:
    changed = settings_of(strategy, base, change)
    assert without_effect(changed, "strategy", STREAM) == ""
    assert figures(strategy, changed) != figures(strategy, settings_of(strategy, base, {}))


def test_the_loss_that_attacks_at_test_follow_is_taken() -> None:
    changed = settings_of("hp", OF_INPUT, {"loss": "cross_entropy"})
    assert without_effect(changed, "strategy", Stream("robustness")) == ""
