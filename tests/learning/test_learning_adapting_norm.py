"""Norms through a test stream: re-estimated statistics and entropy minimisation, against literal loops."""

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from toy_noise import noisy_task, strategy

from hpbench.core.errors import InputError
from hpbench.core.settings import check_settings
from hpbench.core.stream import refuse
from hpbench.learning.adapting import adapting
from hpbench.learning.rules.entropy import mean_entropy
from hpbench.learning.scores import Scores
from hpbench.learning.train_once import trained
from hpbench.networks.dense import DenseNetwork
from hpbench.spiking.adaptive_norm import AdaptiveNorm
from hpbench.spiking.encoder import Encoder
from hpbench.spiking.hybrid.cell import HybridCell
from hpbench.spiking.network import SpikingNetwork

NETWORKS = ["ann", "gp"]


def network(name: str, **options: Any) -> torch.nn.Module:
    """A trained network with a norm in each of two hidden layers, in double precision."""
    torch.manual_seed(0)
    options = {"norm": True, **options}
    widths = [16, 12, 9, 4]
    made: torch.nn.Module
    if name == "ann":
        made = DenseNetwork(widths, **options)
    else:
        made = SpikingNetwork(widths, Encoder("direct", 5, 0.0), "gp", **options)
    made.double()
    for _ in range(20):  # running means
        made(torch.rand(30, 16, dtype=torch.double))
    return made.eval()


def by_hand(made: Any, inputs: torch.Tensor, of_batch: bool) -> torch.Tensor:
    """Scores, with norms written out: of a real-valued or of a spiking network, step by step."""
    if isinstance(made, DenseNetwork):
        values = inputs
        for layer in made:
            values = normed(layer, values, of_batch) if isinstance(layer, AdaptiveNorm) else layer(values)
        return values
    shown = [inputs] * 5
    for number, layer in enumerate(made.layers):
        cell: HybridCell = layer.cell
        ahead = torch.stack([one @ cell.linear.weight.T for one in shown])
        if layer.norm is not None:
            ahead = normed(layer.norm, ahead[:1] if number == 0 else ahead, of_batch).expand(5, -1, -1)
        state = cell.initial_state(shown[0])
        spikes = []
        for step, one in enumerate(ahead):
            current = cell.linear.bias + cell.p.weight_scale(step) * one
            state = cell.advance(current, shown[step], state, learn=False)
            spikes.append(state.spikes)
        shown = spikes
    return (state.membrane / cell.p.threshold).clamp(max=1.1)


def normed(norm: AdaptiveNorm, values: torch.Tensor, of_batch: bool) -> torch.Tensor:
    flat = values.reshape(-1, values.shape[-1])
    mean, variance = norm.running_mean, norm.running_var
    if of_batch:
        mean, variance = flat.mean(0), ((flat - flat.mean(0)) ** 2).mean(0)
    assert mean is not None and variance is not None
    return norm.weight * (values - mean) / (variance + norm.eps).sqrt() + norm.bias


@pytest.mark.parametrize("name", NETWORKS)
def test_norms_are_those_of_training_but_in_a_stream_those_of_the_batch(name: str) -> None:
    made, inputs = network(name, norm_adapts=True), torch.rand(30, 16, dtype=torch.double)
    before = {key: one.clone() for key, one in made.state_dict().items()}
    with torch.no_grad():
        assert torch.allclose(made(inputs), by_hand(made, inputs, of_batch=False))
        with adapting(made, made) as answers:
            for batch in inputs.split(10):
                assert torch.allclose(answers(batch), by_hand(made, batch, of_batch=True))
            assert not torch.allclose(answers(inputs), by_hand(made, inputs, of_batch=False))
        assert torch.allclose(made(inputs), by_hand(made, inputs, of_batch=False))
    assert all(torch.equal(one, before[key]) for key, one in made.state_dict().items())


@pytest.mark.parametrize("name", NETWORKS)
def test_tent_is_an_answer_and_then_a_step_of_adam_for_each_batch(name: str) -> None:
    made, inputs = network(name, norm_adapts=True, entropy_lr=0.05), torch.rand(40, 16, dtype=torch.double)
    before = {key: one.clone() for key, one in made.state_dict().items()}
    with torch.no_grad(), adapting(made, made) as answers:
        found = [answers(batch) for batch in inputs.split(10)]
    assert all(torch.equal(one, before[key]) for key, one in made.state_dict().items())
    assert all(one.grad is None for norm in norms(made) for one in norm.parameters())
    literal = network(name, norm_adapts=True)
    moved = [one for norm in norms(literal) for one in (norm.weight, norm.bias)]
    means = [(torch.zeros_like(one), torch.zeros_like(one)) for one in moved]
    with adapting(literal, literal):
        for step, (batch, answered) in enumerate(zip(inputs.split(10), found, strict=True), 1):
            scores = literal(batch)
            assert torch.allclose(scores, answered), step
            chances = scores.exp() / scores.exp().sum(1, keepdim=True)
            entropy = -(chances * chances.log()).sum(1).mean()
            gradients = torch.autograd.grad(entropy, moved)
            with torch.no_grad():
                for one, gradient, (first, second) in zip(moved, gradients, means, strict=True):
                    first.mul_(0.9).add_(0.1 * gradient)
                    second.mul_(0.999).add_(0.001 * gradient**2)
                    unbiased = first / (1 - 0.9**step), second / (1 - 0.999**step)
                    one -= 0.05 * unbiased[0] / (unbiased[1].sqrt() + 1e-8)
    assert not torch.allclose(found[-1], network(name, norm_adapts=True)(inputs[30:]))


def norms(made: torch.nn.Module) -> list[AdaptiveNorm]:
    return [one for one in made.modules() if isinstance(one, AdaptiveNorm)]


@given(st.lists(st.floats(-30, 30), min_size=2, max_size=6))
def test_entropy_lies_between_none_and_that_of_chance(scores: list[float]) -> None:
    found = float(mean_entropy(torch.tensor([scores], dtype=torch.double)))
    assert -1e-9 <= found <= float(torch.tensor(len(scores)).double().log()) + 1e-9
    even = mean_entropy(torch.zeros(3, len(scores), dtype=torch.double))
    assert float(even) == pytest.approx(float(torch.tensor(len(scores)).double().log()))


@pytest.mark.parametrize("name", NETWORKS)
def test_a_batch_of_one_sample_is_answered(name: str) -> None:
    one = torch.rand(1, 16, dtype=torch.double)
    for made in (network(name, norm_adapts=True), network(name, norm_adapts=True, entropy_lr=0.05)):
        with torch.no_grad(), adapting(made, made) as answers:
            assert torch.isfinite(answers(one)).all()
    assert torch.isfinite(network(name).train()(one)).all()


@pytest.mark.parametrize("name", NETWORKS)
def test_all_are_tested_with_one_training(name: str) -> None:
    answers = []
    for adapt in ("none", "statistics", "tent"):
        builder, settings = strategy(name, norm="batch", adapt_at_test=adapt, hidden=[32])
        task = noisy_task(f"norm {name}")
        found = trained(builder, settings, task, lambda progress: None)
        with Scores(found.strategy).asked() as scores, torch.no_grad():
            with adapting(found.strategy.model, scores) as answering:
                answers.append(torch.cat([answering(some) for some in task.tested.inputs.split(20)]))
            answers[-1] = torch.stack([scores(task.tested.inputs), answers[-1]])
    assert torch.equal(answers[0][0], answers[1][0]) and torch.equal(answers[0][0], answers[2][0])
    assert torch.allclose(*answers[0])
    assert torch.equal(answers[1][1][:20], answers[2][1][:20]), "the first batch is answered before a step"
    assert not torch.equal(answers[1][1][20:], answers[2][1][20:])
    assert not torch.allclose(answers[0][1], answers[1][1])


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        ("gp", {"norm": "batch", "recurrent": True}, "recurrent connections are not normed"),
        ("gp", {"norm": "batch", "energy_weight": 0.1}, "weights without a norm"),
        ("ann", {"norm": "batch", "adapt_at_test": "tent", "prototypes": True}, "use statistics"),
    ],
)
def test_what_a_norm_cannot_be_combined_with_is_refused(
    name: str, changes: dict[str, Any], said: str
) -> None:
    _, settings = strategy(name, **changes)
    with pytest.raises(InputError, match=said):
        check_settings(settings, "strategy")


def test_the_continual_protocol_has_no_stream_for_a_norm() -> None:
    builder, settings = strategy("ann", norm="batch", adapt_at_test="tent")
    with pytest.raises(InputError, match="adapt_at_test=tent adapts a trained network"):
        refuse(builder, settings, noisy_task().learned.stream("continual"))
    builder, settings = strategy("ann", norm="batch")
    refuse(builder, settings, noisy_task().learned.stream("continual"))
