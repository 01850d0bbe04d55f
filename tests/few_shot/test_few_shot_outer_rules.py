"""Features that learn without backpropagation: each gradient against its equation, written out."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from hpbench.spiking.conv_features import SpikingConvFeatures
from hpbench.spiking.credit.conv_features import CreditConvFeatures, eligible
from hpbench.spiking.fired_window import fired
from hpbench.spiking.parameters import RELEASE
from hpbench.spiking.surrogate import SURROGATES

P = RELEASE._replace(threshold=1.0, membrane_decay=0.5, reset="subtract")
STEPS, SIZE = 3, (2, 9, 9)


def features(rule: str, **others: Any) -> CreditConvFeatures:
    torch.manual_seed(0)
    return CreditConvFeatures(rule, SIZE, [3, 4, 5], STEPS, P, **others).double()


def images(count: int = 6) -> Tensor:
    return torch.rand(count, *SIZE, generator=torch.Generator().manual_seed(1), dtype=torch.double)


def judged(rates: Tensor) -> Tensor:
    return cross_entropy(rates[:, :4] * 3, torch.arange(len(rates)) % 4)


@pytest.mark.parametrize("shown", [1, STEPS])
@pytest.mark.parametrize("reset", ["subtract", "zero"])
def test_eligibility_traces_are_sums_over_steps(shown: int, reset: str) -> None:
    p = P._replace(reset=reset, current_gain=0.7)
    draws = torch.Generator().manual_seed(0)
    currents = (1.5 * torch.randn(shown, 2, 5, generator=draws, dtype=torch.double)).requires_grad_()
    error = torch.randn(STEPS, 2, 5, generator=draws, dtype=torch.double)
    spikes = eligible(currents, STEPS, p)
    assert torch.equal(spikes, fired(currents.detach(), STEPS, p))
    [found] = torch.autograd.grad((spikes * error).sum(), currents)
    for sample in range(2):
        for neuron in range(5):
            membrane, fired_before, distances = 0.0, 0.0, []
            for step in range(STEPS):
                left = membrane - fired_before if reset == "subtract" else membrane * (1 - fired_before)
                membrane = 0.7 * float(currents[min(step, shown - 1), sample, neuron]) + 0.5 * left
                distances.append(membrane - 1.0)
                fired_before = float(membrane > 1.0)
            gradient = [0.0] * shown
            for step in range(STEPS):
                psi = float(SURROGATES[p.surrogate].derivative(torch.tensor(distances[step])))
                for earlier in range(step + 1):
                    share = 0.7 * 0.5 ** (step - earlier) * psi * float(error[step, sample, neuron])
                    gradient[min(earlier, shown - 1)] += share
            for step in range(shown):
                assert float(found[step, sample, neuron]) == pytest.approx(gradient[step], abs=1e-12)


@pytest.mark.parametrize("rule", ["dfa", "eprop"])
@pytest.mark.parametrize("integrates", [False, True])
@pytest.mark.parametrize("down", ["stride", "pool"])
def test_hidden_layers_learn_from_the_features_error_through_their_matrix(
    rule: str, integrates: bool, down: str
) -> None:
    network = features(rule, integrates=integrates, down=down)
    rates = network(images())
    [error] = torch.autograd.grad(judged(rates), rates, retain_graph=True)
    judged(rates).backward()
    *hidden, last = network.layers
    values, own = images().unsqueeze(0), []
    for number, layer in enumerate(hidden):  # each by itself, from inputs without a graph
        spikes = layer(values)
        sent = (error @ network.get_buffer(f"matrix_{number}")).view(spikes.shape[1:]) / STEPS
        own.append(torch.autograd.grad((spikes * sent).sum(), list(layer.parameters())))
        values = spikes.detach()
    own.append(torch.autograd.grad(judged(last(values).mean(0).flatten(1)), list(last.parameters())))
    for layer, expected in zip(network.layers, own, strict=True):
        for parameter, one in zip(layer.parameters(), expected, strict=True):
            assert parameter.grad is not None
            assert torch.allclose(parameter.grad, one, rtol=1e-10, atol=1e-14)
            assert parameter.grad.abs().sum() > 0


def test_the_output_layer_of_dfa_learns_as_in_backpropagation_and_hidden_ones_do_not() -> None:
    network, other = features("dfa"), plain()
    for one in (network, other):
        judged(one(images())).backward()
    (*hidden, last), (*others, other_last) = network.layers, other.layers
    assert torch.allclose(last.conv.weight.grad, other_last.conv.weight.grad)
    for one, another in zip(hidden, others, strict=True):
        assert not torch.allclose(one.conv.weight.grad, another.conv.weight.grad)


def plain() -> SpikingConvFeatures:
    """The same network, which learns by backpropagation."""
    other = SpikingConvFeatures(SIZE[0], [3, 4, 5], STEPS, P).double()
    state = {name: one for name, one in features("dfa").state_dict().items() if "matrix" not in name}
    other.load_state_dict(state)
    return other


@pytest.mark.parametrize("rule", ["dfa", "eprop"])
def test_in_evaluation_it_is_the_plain_network(rule: str) -> None:
    network, other = features(rule).eval(), plain().eval()
    assert torch.equal(network(images()), other(images()))
    frames = torch.rand(4, STEPS, *SIZE, dtype=torch.double)
    assert torch.equal(network(frames), other(frames))


def test_frames_of_events_are_learned_from_step_by_step() -> None:
    network = features("eprop")
    judged(network(torch.rand(8, STEPS, *SIZE, dtype=torch.double) * 2)).backward()
    assert all(one.grad is not None for one in network.parameters())
