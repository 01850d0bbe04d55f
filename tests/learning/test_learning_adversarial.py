"""Adversarial training: what is learned in place of a batch, and what the attack leaves behind."""

from typing import Any

import pytest
import torch
from stream import small_task
from test_learning_baselines import outcome, settings_of, trained

from hpbench.core.errors import InputError
from hpbench.disturb.fgsm import fgsm
from hpbench.learning.losses import mean_squared_error
from hpbench.learning.rules.adversarial import AdversarialTraining


class Heard:
    """What a model was asked in training."""

    def __init__(self, model: torch.nn.Module) -> None:
        self.inputs: list[torch.Tensor] = []
        model.register_forward_pre_hook(
            lambda module, arguments: self.inputs.append(arguments[0].detach().clone())
        )


@pytest.mark.parametrize("kind", ["ann", "hp"])
def test_a_batch_is_replaced_by_the_one_that_fgsm_makes_of_it(kind: str) -> None:
    from hpbench.learning.supervised import supervised

    class Asked:
        mb_task_id = torch.zeros(4, dtype=torch.long)

    torch.manual_seed(0)
    task = small_task()
    settings = settings_of("replay", network=kind, batch=4)
    strategy: Any = supervised(settings, task, kind)
    strategy.model.train()
    part = task.train[0]
    asked: Any = Asked()
    asked.model, asked.mb_x, asked.mb_y = strategy.model, part.inputs[:4], part.targets[:4]
    asked.mbatch = [asked.mb_x, asked.mb_y]
    before = {name: one.clone() for name, one in strategy.model.state_dict().items()}
    AdversarialTraining(0.1, mean_squared_error).before_forward(asked)
    for name, one in strategy.model.state_dict().items():
        assert torch.equal(one, before[name]), name
    assert all(one.grad is None for one in strategy.model.parameters())
    expected = fgsm(strategy.model, mean_squared_error, part.inputs[:4], part.targets[:4], 0.1)
    torch.testing.assert_close(asked.mbatch[0], expected)
    moved = (asked.mbatch[0] - part.inputs[:4]).abs()
    assert float(moved.max()) == pytest.approx(0.1)


@pytest.mark.parametrize(
    "name", ["ann", "hp", "ewc", "replay", "der", "lwf", "slda", "icarl", "gem", "decolle"]
)
def test_any_strategy_learns_against_attacks(name: str) -> None:
    task = small_task(passes=2)
    strategy, benchmark = trained(name, task, settings_of(name, adversarial_epsilon=0.02))
    strategy.eval(benchmark.evaluated)
    plain, _ = trained(name, task, settings_of(name))
    one, other = (dict(each.model.named_parameters()) for each in (strategy, plain))
    buffers = zip(strategy.model.buffers(), plain.model.buffers(), strict=True)
    assert any(not torch.equal(one[key], other[key]) for key in one) or any(
        not torch.equal(a, b) for a, b in buffers
    )
    assert all(torch.isfinite(value).all() for value in one.values())


def test_random_spikes_can_be_learned_against_attacks_and_times_of_first_ones_cannot() -> None:
    for name in ("hp", "decolle"):
        strategy, _ = trained(
            name, small_task(encoding="poisson"), settings_of(name, adversarial_epsilon=0.1)
        )
        assert all(torch.isfinite(value).all() for value in strategy.model.parameters())
        with pytest.raises(InputError, match="times of first spikes pass no gradient"):
            outcome(name, settings_of(name, adversarial_epsilon=0.1), encoding="latency")
