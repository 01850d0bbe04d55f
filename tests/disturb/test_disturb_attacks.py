"""Attacks: each against its definition, and signs that gradients are not merely masked."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from toy_noise import noisy_task, strategy

from hpbench.disturb.attacked import Attacked
from hpbench.disturb.attacks import ATTACKS
from hpbench.disturb.fgsm import fgsm
from hpbench.learning.losses import mean_squared_error
from hpbench.learning.scores import Scores
from hpbench.learning.train_once import trained

KINDS = ["hp", "gp", "ann"]


def linear() -> torch.nn.Module:
    torch.manual_seed(0)
    return torch.nn.Linear(16, 3)


def test_fgsm_is_the_sign_of_the_gradient_pixel_by_pixel() -> None:
    network, images, targets = (
        linear().double(),
        torch.rand(4, 16, dtype=torch.double),
        torch.tensor([0, 1, 2, 1]),
    )
    moved = fgsm(network, mean_squared_error, images, targets, 0.1)
    step = 1e-6
    for sample in range(4):
        for pixel in range(16):
            losses = []
            for sign in (1, -1):
                nudged = images.clone()
                nudged[sample, pixel] += sign * step
                losses.append(mean_squared_error(network(nudged), targets).item())
            slope = np.sign(losses[0] - losses[1])
            assert float(moved[sample, pixel] - images[sample, pixel]) == pytest.approx(0.1 * slope)


def against(kind: str, **changes: Any) -> tuple[Attacked, Scores]:
    """A trained strategy on its clean test samples."""
    builder, settings = strategy(kind, hidden=[32])
    task = noisy_task(f"attacks {kind}", passes=10)
    found = trained(builder, settings, task, lambda progress: None)
    scores = Scores(found.strategy)
    attacked = Attacked(
        scores=scores,
        loss=cross_entropy,
        images=task.tested.inputs,
        targets=task.tested.targets,
        outputs=4,
        batch=10,
        random=np.random.default_rng(0),
        steps=20,
        queries=60,
    )
    return Attacked(**{**vars(attacked), **changes}), scores


def accuracy(attacked: Attacked, images: Tensor) -> float:
    with torch.no_grad():
        found = torch.cat([attacked.scores(some).argmax(1) for some in images.split(attacked.batch)])
    return float((found == attacked.targets).double().mean())


@pytest.mark.parametrize("name", sorted(ATTACKS))
@pytest.mark.parametrize("kind", KINDS)
def test_no_pixel_moves_further_than_epsilon_or_out_of_range(name: str, kind: str) -> None:
    attacked, scores = against(kind)
    with scores.asked():
        moved = ATTACKS[name].apply(attacked, 0.1)
    assert moved.shape == attacked.images.shape
    assert float((moved - attacked.images).abs().max()) <= 0.1 + 1e-6
    assert float(moved.min()) >= 0 and float(moved.max()) <= 1


@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_an_attack_is_the_same_again_and_leaves_global_generators_alone(name: str) -> None:
    found = []
    for _ in range(2):
        attacked, scores = against("hp", random=np.random.default_rng(3))
        torch.manual_seed(5)
        np.random.seed(5)
        with scores.asked():
            found.append(ATTACKS[name].apply(attacked, 0.1))
        assert (torch.rand(1).item(), np.random.rand()) == (
            pytest.approx(0.8303, abs=1e-4),
            pytest.approx(0.2220, abs=1e-4),
        )
    assert torch.equal(*found)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_not_merely_masked(kind: str) -> None:
    """Stronger attacks, larger ε and more steps lower the accuracy; chance alone does not."""
    attacked, scores = against(kind)
    with scores.asked():
        clean = accuracy(attacked, attacked.images)

        def under(name: str, epsilon: float, **changes: Any) -> float:
            changed = Attacked(**{**vars(attacked), **changes})
            return accuracy(attacked, ATTACKS[name].apply(changed, epsilon))

        by_chance, single, several = (under(name, 0.15) for name in ("random_sign", "fgsm", "pgd"))
        assert clean > 0.9
        assert several <= single < by_chance - 0.1
        assert under("fgsm", 0.3) < single
        assert several <= under("pgd", 0.15, steps=1)
        assert under("pgd", 0.5) < 0.1  # an attack that may do anything succeeds
        asked_little, asked_much = (under("square", 0.2, queries=queries) for queries in (2, 60))
        assert asked_much < asked_little <= clean
        assert under("pgd", 0.2) <= asked_much + 0.05  # where gradients are hidden, asking scores does better


def test_the_gradient_of_a_spiking_network_is_that_of_its_cells_step_by_step() -> None:
    from hpbench.spiking.encoder import Encoder
    from hpbench.spiking.network import SpikingNetwork

    torch.manual_seed(0)
    made = SpikingNetwork([16, 12, 4], Encoder("direct", 5, 100.0), trace_at_test="batch").double().eval()
    for layer in made.layers:
        layer.trace = torch.randn_like(layer.trace) * 0.1
    images, targets = torch.rand(6, 16, dtype=torch.double), torch.randint(4, (6,))

    def literal(inputs: Tensor) -> Tensor:
        window = [inputs] * 5
        for layer in made.layers:
            state = layer.cell.initial_state(window[0])._replace(trace=layer.trace)
            spikes = []
            for values in window:
                fired, state = layer.cell(values, state)
                spikes.append(fired)
            window = spikes
        return (state.membrane / made.p.threshold).clamp(max=1.1)

    torch.testing.assert_close(made(images), literal(images))
    ours, theirs = (fgsm(one, cross_entropy, images, targets, 0.1) for one in (made, literal))
    torch.testing.assert_close(ours, theirs)
