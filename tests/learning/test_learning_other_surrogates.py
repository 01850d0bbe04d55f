"""Gradients through other surrogates: they are what they should be, and the network stays as it was."""

import math
from typing import Any

import pytest
import torch
from stream import small_task
from test_learning_baselines import module_of, settings_of

from hpbench.runs.seeding import seed_everything
from hpbench.spiking.other_surrogates import (
    AdaptiveSharpness,
    gradients_through,
    has_surrogates,
    widened,
)
from hpbench.spiking.surrogate import SURROGATES

NETWORKS: list[tuple[str, dict[str, Any]]] = [
    ("gp", {}),
    ("gp", {"kernels": [4]}),
    ("gp", {"recurrent": True}),
    ("gp", {"neuron": "adaptive"}),
    ("hp", {}),
    ("hp", {"dialect": "paper"}),
    ("eprop", {}),
    ("dfa", {}),
    ("decolle", {}),
]


def model_of(name: str, changes: dict[str, Any]) -> torch.nn.Module:
    seed_everything(0)
    return module_of(name).continual(settings_of(name, **changes), small_task()).model.eval()


def gradient(model: torch.nn.Module) -> torch.Tensor:
    inputs = small_task().test[0].inputs[torch.arange(8)].clone().requires_grad_()
    [found] = torch.autograd.grad(model(inputs)[:, 0].sum(), inputs)
    return found


@pytest.mark.parametrize(("name", "changes"), NETWORKS)
def test_gradients_change_scores_do_not_and_all_is_undone(name: str, changes: dict[str, Any]) -> None:
    model, inputs = model_of(name, changes), small_task().test[0].inputs[torch.arange(8)]
    own, scores, table = gradient(model), model(inputs), dict(SURROGATES)
    assert has_surrogates(model)
    for other in (widened(SURROGATES["arctan"], 0.3), AdaptiveSharpness().surrogate):
        with pytest.raises(RuntimeError, match="in between"), gradients_through(model, other):
            assert torch.equal(model(inputs), scores)
            assert not torch.allclose(gradient(model), own)
            raise RuntimeError("in between")
        assert torch.equal(gradient(model), own)
        assert table == SURROGATES


def test_its_own_surrogate_gives_the_same_gradient() -> None:
    model = model_of("gp", {"surrogate": "triangular"})
    own = gradient(model)
    with gradients_through(model, SURROGATES["triangular"]):
        assert torch.allclose(gradient(model), own, atol=1e-6)


def test_a_wider_surrogate_keeps_its_height() -> None:
    wide = widened(SURROGATES["triangular"], 4)
    assert wide.derivative(torch.tensor([0.0, 2.0, 4.0])).tolist() == [1, 0.5, 0]


def test_networks_without_surrogates() -> None:
    assert not has_surrogates(model_of("ann", {}))


def test_adaptive_sharpness_is_that_of_a_literal_loop() -> None:
    draws = torch.Generator().manual_seed(0)
    passes = torch.randn(
        4, 3, 2, 5, generator=draws, dtype=torch.double
    )  # of the attack, steps, samples, neurons
    adaptive = AdaptiveSharpness()
    surrogate = adaptive.surrogate
    for shown in passes:
        for potential in shown:
            surrogate.step(potential, 0.2, None)
        found = [surrogate.pull(torch.ones(2, 5, dtype=torch.double), one, 0.2) for one in shown]
    for step in range(3):
        for sample in range(2):
            for neuron in range(5):
                mean, deviation = 1.0, 0.0
                for shown in passes:
                    x = float(shown[step, sample, neuron]) - 0.2
                    mean = 0.9 * mean + 0.1 * abs(x)
                    deviation = 0.9 * deviation + 0.1 * abs(abs(x) - mean)
                alpha = 2 / math.pi * math.tan(0.4 * math.pi) / (mean + 1.5 * deviation + 1e-4)
                expected = alpha / 2 / (1 + (math.pi * alpha * x / 2) ** 2)
                assert float(found[step][sample, neuron]) == pytest.approx(expected, rel=1e-9)
