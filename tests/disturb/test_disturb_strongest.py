"""The strongest of many attacks: its parts, its choice, and the sign of masked gradients."""

from contextlib import nullcontext
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from test_disturb_attacks import against
from torch import Tensor
from torch.nn.functional import cross_entropy

from hpbench.disturb.attacked import Attacked
from hpbench.disturb.margins import margins
from hpbench.disturb.stable_adaptive import Moments, by_stable_adaptive_pgd, moments, step_of, step_sizes
from hpbench.disturb.strongest import parts, strongest
from hpbench.learning.attackers import OtherNetworks, adaptive_of, surrogates_of


class Linear(torch.nn.Module):
    """Scores W x; with `masked`, their gradient is 0."""

    def __init__(self, *, masked: bool = False) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.weight = torch.nn.Parameter(torch.randn(4, 64) / 2)
        self.masked = masked

    def forward(self, inputs: Tensor) -> Tensor:
        scores = inputs.flatten(1) @ self.weight.T
        return scores.detach() + 0 * scores if self.masked else scores


def linear(*, masked: bool = False, **changes: Any) -> Attacked:
    network = Linear(masked=masked)
    images = 0.3 + 0.4 * torch.rand(40, 64, generator=torch.Generator().manual_seed(1))
    chosen: dict[str, Any] = {
        "scores": network,
        "loss": cross_entropy,
        "images": images,
        "targets": network(images).argmax(1),
        "outputs": 4,
        "batch": 8,
        "random": np.random.default_rng(0),
        "steps": 10,
        "queries": 60,
    }
    return Attacked(**{**chosen, **changes})


def test_margins() -> None:
    scores = torch.tensor([[1.0, 3.0, 2.0], [5.0, -1.0, 5.0]])
    assert margins(scores, torch.tensor([1, 0])).tolist() == [1, 0]
    assert margins(scores, torch.tensor([0, 1])).tolist() == [-2, -6]


def test_steps_are_those_of_a_literal_loop() -> None:
    draws = torch.Generator().manual_seed(0)
    gradients = torch.randn(5, 2, 3, generator=draws, dtype=torch.double)
    state: Moments | None = None
    for gradient in gradients:
        state = moments(gradient, state)
    for sample in range(2):
        for pixel in range(3):
            m = v = 0.0
            for gradient in gradients:
                own = gradient[sample]
                m = 0.5 * m + float(own[pixel]) / (sum(abs(float(one)) for one in own) / 3)
                v = 0.8 * v + float(own[pixel]) ** 2 / (sum(float(one) ** 2 for one in own) / 3)
            expected = max(-0.1, min(0.1, 0.1 * m / v**0.5))
            assert state is not None
            assert float(step_of(state, 0.1)[sample, pixel]) == pytest.approx(expected)


def test_steps_become_shorter_ever_faster_and_end_nowhere_without_gradient() -> None:
    sizes = step_sizes(1.0, 100)
    lengths = [sizes.count(size) for size in dict.fromkeys(sizes)]
    assert lengths[:5] == [22, 19, 16, 13, 10]
    assert sizes[0] == 1 and all(later in (size, size / 2) for size, later in pairwise(sizes))
    nothing = moments(torch.zeros(2, 3), None)
    assert step_of(nothing, 0.1).abs().max() == 0


def test_of_a_linear_network_sa_pgd_finds_the_lowest_margin_there_is() -> None:
    attacked = linear(images=torch.full((6, 64), 0.5), targets=torch.full((6,), 2), outputs=2)
    network = attacked.scores
    with torch.no_grad():
        network.weight[0], network.weight[1] = -50.0, -50.0  # type: ignore[index]
        slope = network.weight[2] - network.weight[3]  # type: ignore[index]
        lowest = margins(network(attacked.images), attacked.targets) - 0.1 * slope.abs().sum()
        reached = margins(network(by_stable_adaptive_pgd(attacked, 0.1)), attacked.targets)
    assert torch.allclose(reached, lowest, atol=1e-4)


def test_every_sample_is_at_least_as_wrong_as_after_each_part() -> None:
    attacked, scores = against("gp", outputs=4, steps=5, queries=10)
    attacked = with_choices(attacked, scores)
    with scores.asked():
        reached = margins(scores(strongest(attacked, 0.1)).detach(), attacked.targets)
        clean = margins(scores(attacked.images).detach(), attacked.targets)
        names = [one.name for one in parts(attacked)]
        for part in parts(attacked):
            if part.name == "fgsm":  # the others draw random numbers
                own = margins(scores(part.apply(attacked, 0.1)).detach(), attacked.targets)
                assert (reached <= own + 1e-5).all(), part.name
    assert (reached <= clean + 1e-5).all()
    assert len(names) == len(set(names)) == 11
    assert {one.knows for one in parts(attacked)} == {"gradient", "scores", "other network"}
    assert set(attacked.found["broken"]) == set(names)
    lost = int(((clean > 0) & (reached <= 0)).sum())
    assert sum(attacked.found["won"].values()) == lost > max(attacked.found["broken"].values()) - 1


def with_choices(attacked: Attacked, scores: Any) -> Attacked:
    """With the surrogates, and with a network of others that is the attacked one."""
    [strategy] = scores._strategy
    choices: dict[str, Any] = {
        "surrogates": surrogates_of(strategy.model),
        "adaptive": adaptive_of(strategy.model),
        "others": lambda: {"itself": scores},
    }
    return Attacked(**{**vars(attacked), **choices})


def test_masked_gradients_are_seen_and_others_are_not() -> None:
    hidden, plain = linear(masked=True), linear()
    strongest(hidden, 0.1)
    strongest(plain, 0.1)
    assert hidden.found["masked"] is True
    assert plain.found["masked"] is False
    assert plain.found["broken"]["sa_pgd"] > 0


def test_the_same_generator_gives_the_same_images() -> None:
    found = [strongest(linear(), 0.05) for _ in range(2)]
    assert torch.equal(*found)
    assert float((found[0] - linear().images).abs().max()) <= 0.05 + 1e-6


def test_a_network_without_surrogates_has_fewer_parts() -> None:
    attacked, scores = against("ann")
    [strategy] = scores._strategy
    assert surrogates_of(strategy.model) == {}
    assert adaptive_of(strategy.model) is nullcontext
    assert sum(one.name.startswith("pgd") for one in parts(attacked)) == 1


def test_other_networks_learn_once_and_change_no_random_numbers() -> None:
    from toy_noise import noisy_task, strategy

    task = noisy_task("others", passes=10).learned
    others = OtherNetworks(task, lambda: {"ann": strategy("ann", hidden=[32])})
    torch.manual_seed(3)
    first = others()
    drawn = torch.rand(1)
    torch.manual_seed(3)
    assert torch.equal(drawn, torch.rand(1))
    assert others() is first
    with torch.no_grad():
        right = first["ann"](task.test[0].inputs).argmax(1) == task.test[0].targets
    assert float(right.double().mean()) > 0.5
