"""Online rules against eligibilities of every synapse, step by step; their blocks; their memory."""

import gc
import math
from collections.abc import Callable
from typing import Any

import literal_credit as literal
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from hpbench.spiking.credit import online_network
from hpbench.spiking.credit.adaptive_eligibility import adaptive_post
from hpbench.spiking.credit.locality import OnlineRule
from hpbench.spiking.credit.online_layer import OnlineLayer
from hpbench.spiking.credit.online_network import OnlineNetwork
from hpbench.spiking.encoder import Encoder
from hpbench.spiking.neurons.adaptive import Adaptive
from hpbench.spiking.neurons.lif import Lif
from hpbench.spiking.parameters import PAPER, RELEASE, HybridParameters

KAPPA = 0.8
EPROP = OnlineRule(filter="read_out", feedback="random")
SUPERSPIKE = OnlineRule(filter="double", feedback="random")
OTTT, SLTT = OnlineRule(), OnlineRule(trace=False)
SHAPES = st.tuples(
    st.lists(st.integers(1, 4), min_size=3, max_size=4), st.integers(1, 6), st.integers(1, 3), st.booleans()
)
"""Widths from inputs to outputs, time steps, samples, whether the input is constant."""


def made(rule: OnlineRule, widths: list[int], steps: int, *, frames: bool = False, **others: Any) -> Any:
    torch.manual_seed(0)
    encoder = Encoder("frames" if frames else "direct", steps, 500.0)
    others = {"p": RELEASE, "output_decay": KAPPA, **others}
    network = OnlineNetwork(widths, encoder, "gp", rule=rule, **others).double()
    for layer in list(network.layers)[:-1]:
        layer.cell.weight.data.mul_(3)  # type: ignore[union-attr, operator]
    return network


def learned(network: Any, inputs: Tensor, weights: Tensor) -> list[Tensor]:
    """The gradients of all weights, for the loss Σ_k w_k y_k(t)² at every step, mean over the steps."""
    network.zero_grad()
    network.learn(inputs, judging(weights))
    return [layer.cell.weight.grad for layer in network.layers]


def judging(weights: Tensor) -> Callable[[Tensor], Tensor]:
    def judged(scores: Tensor) -> Tensor:
        steps = len(scores) // len(weights)
        return (weights.repeat(steps, 1) * scores.square()).sum() / steps

    return judged


def read(network: Any, spikes: list[literal.Times]) -> list[literal.Times]:
    """y by sample, step and output."""
    p, cell = network.p, network.layers[-1].cell
    weight, bias, found = cell.weight.tolist(), cell.linear.bias.tolist(), []
    for sample in spikes:
        y, steps = [0.0] * len(bias), []
        for t, x in enumerate(sample):
            for k in range(len(bias)):
                current = bias[k] + sum(
                    p.weight_scale(t) * w * one for w, one in zip(weight[k], x, strict=True)
                )
                y[k] = KAPPA * y[k] + p.current_gain * current
            steps.append(list(y))
        found.append(steps)
    return found


def eligible(
    network: Any, layer: literal.Layer, signal: list[literal.Times], scale: Any, rule: OnlineRule
) -> literal.Rows:
    """Σ_b Σ_t L_j(t) F(e_ji)(t), from the eligibility of every synapse."""
    p = network.p
    total = [[0.0] * len(layer.weight[0]) for _ in layer.bias]
    for b, sample in enumerate(layer.inputs):
        for j in range(len(layer.bias)):
            for i in range(len(layer.weight[0])):
                z, parts = 0.0, [0.0] * len(network.filter)
                for t, x in enumerate(sample):
                    z = (p.membrane_decay * z if rule.trace else 0.0) + p.weight_scale(t) * x[i]
                    surrogate = float(abs(layer.membranes[b][t][j] - p.threshold) < 0.5)
                    e = surrogate * p.current_gain * z * scale(t)
                    filtered = 0.0 if network.filter else e
                    for r, (weight, decay) in enumerate(network.filter):
                        parts[r] = decay * parts[r] + e
                        filtered += weight * parts[r]
                    total[j][i] += signal[b][t][j] * filtered
    return total


def by_loops(network: Any, inputs: Tensor, weights: Tensor) -> list[Tensor]:
    """What `learned` finds, number by number."""
    p, rule, steps = network.p, network.rule, network.encoder.steps
    seen = inputs.tolist() if inputs.ndim == 3 else [[one] * steps for one in inputs.tolist()]
    layers = []
    for layer in network.layers[:-1]:
        layers.append(literal.run(layer.cell.weight.tolist(), layer.cell.linear.bias.tolist(), seen, p))
        seen = layers[-1].spikes
    y = read(network, seen)
    error = [
        [[2 * float(weights[b, k]) * one / steps for k, one in enumerate(now)] for now in sample]
        for b, sample in enumerate(y)
    ]
    output = literal.Layer(network.layers[-1].cell.weight.tolist(), [0.0] * len(error[0][0]), seen, [], [])
    found = [[[0.0] * len(seen[0][0]) for _ in output.bias]]
    for b, sample in enumerate(seen):
        for k in range(len(output.bias)):
            for i in range(len(sample[0])):
                z = 0.0
                for t, x in enumerate(sample):
                    z = (KAPPA * z if rule.trace else 0.0) + p.weight_scale(t) * x[i]
                    found[0][k][i] += error[b][t][k] * p.current_gain * z
    above, weight = error, output.weight
    for number in reversed(range(len(layers))):
        layer = layers[number]
        if rule.feedback == "layers":
            signal = [
                [
                    [
                        sum(
                            p.current_gain * p.weight_scale(t) * one * weight[k][j]
                            for k, one in enumerate(now)
                        )
                        for j in range(len(layer.bias))
                    ]
                    for t, now in enumerate(sample)
                ]
                for sample in above
            ]
            found.insert(0, eligible(network, layer, signal, lambda t: 1.0, rule))
            above = [
                [
                    [g * float(abs(u - p.threshold) < 0.5) for g, u in zip(now, us, strict=True)]
                    for now, us in zip(sample, membranes, strict=True)
                ]
                for sample, membranes in zip(signal, layer.membranes, strict=True)
            ]
            weight = layer.weight
        else:
            matrix = network.matrices[number].tolist()
            signal = [
                [
                    [sum(e * matrix[k][j] for k, e in enumerate(now)) for j in range(len(layer.bias))]
                    for now in sample
                ]
                for sample in error
            ]
            found.insert(
                0, eligible(network, layer, signal, lambda t: p.current_gain * p.weight_scale(t), rule)
            )
    return [torch.tensor(one, dtype=torch.float64) for one in found]


@pytest.mark.parametrize("rule", [EPROP, SUPERSPIKE, OTTT, SLTT], ids=["eprop", "superspike", "ottt", "sltt"])
@settings(max_examples=10, deadline=None)
@given(shape=SHAPES)
def test_gradients_are_those_of_the_loops(rule: OnlineRule, shape: tuple[list[int], int, int, bool]) -> None:
    widths, steps, samples, constant = shape
    network = made(rule, widths, steps, frames=not constant)
    inputs = torch.rand(samples, *([] if constant else [steps]), widths[0]).double()
    weights = torch.randn(samples, widths[-1]).double()
    for one, other in zip(learned(network, inputs, weights), by_loops(network, inputs, weights), strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("recurrent", [False, True])
@pytest.mark.parametrize("rule", [EPROP, SUPERSPIKE, OTTT, SLTT], ids=["eprop", "superspike", "ottt", "sltt"])
@pytest.mark.parametrize("frames", [False, True])
@pytest.mark.parametrize("neuron", [Lif(), Adaptive(0.3, 0.8)], ids=["lif", "adaptive"])
def test_blocks_have_the_gradients_of_the_whole_window(
    rule: OnlineRule, recurrent: bool, frames: bool, neuron: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for block in (3, 64):
        monkeypatch.setattr(online_network, "BLOCK", block)
        p = RELEASE._replace(neuron=neuron)
        network = made(rule, [5, 6, 4, 3], 10, frames=frames, recurrent=recurrent, p=p)
        torch.manual_seed(1)
        inputs = torch.rand(4, *([10] if frames else []), 5).double()
        learned(network, inputs, torch.randn(4, 3).double())
        found.append({name: one.grad for name, one in network.named_parameters() if one.grad is not None})
    assert found[0].keys() == found[1].keys()
    assert sum(bool(one.any()) for one in found[0].values()) >= len(found[0]) - 1
    for name, one in found[0].items():
        torch.testing.assert_close(one, found[1][name])


def through_time(network: Any, inputs: Tensor, weights: Tensor, *, between: bool) -> list[Tensor]:
    """By autograd, resets left out of the gradient; `between`: errors pass through recurrent weights."""
    from hpbench.spiking.surrogate import SURROGATES

    p: HybridParameters = network.p
    hidden, output = (layer.cell for layer in network.layers)
    spike = SURROGATES[p.surrogate]
    recurrent = hidden.recurrent_weight()
    u = s = a = torch.zeros(len(inputs), hidden.linear.out_features).double()
    beta, rho = 0.0, 0.0
    if isinstance(p.neuron, Adaptive):
        beta, rho = p.neuron.adaptation, p.neuron.adaptation_decay
    y, loss = torch.zeros(len(inputs), output.linear.out_features).double(), 0.0
    for t in range(network.encoder.steps):
        current = p.weight_scale(t) * inputs @ hidden.weight.T + hidden.linear.bias
        if recurrent is not None:
            current = current + (s if between else s.detach()) @ recurrent.T
        left = u - p.threshold * s.detach() if p.reset == "subtract" else u * (1 - s.detach())
        u = p.membrane_decay * left + p.current_gain * current
        a = rho * a + s
        s = spike(u - p.threshold - beta * a)
        y = KAPPA * y + p.current_gain * (p.weight_scale(t) * s @ output.weight.T + output.linear.bias)
        loss = loss + (weights * y.square()).sum() / network.encoder.steps
    named = {name: one for name, one in network.named_parameters() if one.requires_grad}
    return dict(zip(named, torch.autograd.grad(loss, list(named.values())), strict=True))  # type: ignore[return-value, arg-type]


@pytest.mark.parametrize("recurrent", [False, True])
@pytest.mark.parametrize("neuron", [Lif(), Adaptive(0.3, 0.8)], ids=["lif", "adaptive"])
def test_symmetric_eprop_is_bptt_without_errors_between_neurons_and_through_resets(
    recurrent: bool, neuron: Any
) -> None:
    """Of adaptive neurons errors pass through the threshold: its dependence on spikes is no reset."""
    rule = OnlineRule(filter="read_out", feedback="symmetric")
    network = made(rule, [5, 6, 3], 8, recurrent=recurrent, p=RELEASE._replace(neuron=neuron))
    inputs, weights = torch.rand(4, 5).double(), torch.randn(4, 3).double()
    learned(network, inputs, weights)
    expected: Any = through_time(network, inputs, weights, between=False)
    for name, one in network.named_parameters():
        if "recurrent" in name:
            expected[name].fill_diagonal_(0)
        torch.testing.assert_close(one.grad, expected[name])
    whole: Any = through_time(network, inputs, weights, between=True)
    different = any(not torch.allclose(whole[name], expected[name]) for name in whole)
    assert different == recurrent  # one layer of LIF: exactly BPTT


def test_with_the_paper_s_reset_and_gain_too() -> None:
    rule = OnlineRule(filter="read_out", feedback="symmetric")
    p = PAPER._replace(membrane_decay=1.0)
    network = made(rule, [5, 6, 3], 8, p=p)
    inputs, weights = torch.rand(4, 5).double(), torch.randn(4, 3).double()
    hidden, _ = learned(network, inputs, weights)
    # A membrane that a spike sets to 0 keeps its trace: the rule leaves resets out.
    spikes = network.layers[0](network.encoder(inputs)).spikes
    assert bool(spikes[:-1].any()) and bool(hidden.any())
    network.p, calm = p, p._replace(threshold=50.0)
    network = made(rule, [5, 6, 3], 8, p=calm._replace(surrogate="arctan"))
    learned(network, inputs, weights)
    expected: Any = through_time(network, inputs, weights, between=False)
    torch.testing.assert_close(network.layers[0].cell.weight.grad, expected["layers.0.cell.linear.weight"])


def test_superspikes_filter_is_its_convolution() -> None:
    """α ∗ e for α(t) = Σ_{s≤t} ρ_r^s ρ_d^(t−s): two exponential filters one after the other."""
    network = made(SUPERSPIKE, [1, 1, 1], 1, filter_rise=2.0, filter_decay=6.0)
    rise, decay = math.exp(-1 / 2.0), math.exp(-1 / 6.0)
    for t in range(12):
        kernel = sum(rise**s * decay ** (t - s) for s in range(t + 1))
        assert sum(weight * one**t for weight, one in network.filter) == pytest.approx(kernel)


def test_adaptive_feedback_learns_what_the_outputs_weights_learn() -> None:
    rule = OnlineRule(filter="read_out", feedback="adaptive")
    network = made(rule, [5, 6, 3], 8, feedback_decay=0.1)
    learned(network, torch.rand(4, 5).double(), torch.randn(4, 3).double())
    weight, matrix = network.layers[-1].cell.linear.weight, network.matrices[0]
    assert bool(matrix.grad.any())
    torch.testing.assert_close(weight.grad - 0.1 * weight, matrix.grad - 0.1 * matrix)


@pytest.mark.parametrize("steps", [1, 7])
def test_adaptive_thresholds_have_the_gradient_of_their_two_eligibilities(steps: int) -> None:
    torch.manual_seed(0)
    signal, surrogate = torch.randn(steps, 3).double(), torch.rand(steps, 3).double()
    z, before, beta, rho = torch.rand(steps, 2).double(), torch.rand(3, 2).double(), 0.6, 0.9
    post = adaptive_post(signal.unsqueeze(1), surrogate.unsqueeze(1), beta, rho)
    found = post.factors.squeeze(1).T @ z + post.start.T * before
    for j in range(3):
        for i in range(2):
            total, slow = 0.0, float(before[j, i])
            for t in range(steps):
                psi = float(surrogate[t, j])
                total += float(signal[t, j]) * psi * (float(z[t, i]) - beta * slow)
                slow = psi * float(z[t, i]) + (rho - psi * beta) * slow
            assert float(found[j, i]) == pytest.approx(total)


@pytest.mark.parametrize("rule", [SUPERSPIKE, OTTT], ids=["superspike", "ottt"])
def test_memory_does_not_grow_with_a_window_of_a_thousand_steps(
    rule: OnlineRule, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is alive at the start of every block but the first two has one size; nothing has a graph."""
    alive: list[int] = []
    run = OnlineLayer.run

    def counted(layer: OnlineLayer, window: Any) -> Any:
        tensors = [one for one in gc.get_objects() if type(one) in (Tensor, torch.nn.Parameter)]
        alive.append(sum(one.nbytes for one in tensors))
        assert all(one.grad_fn is None for one in tensors)
        return run(layer, window)

    gc.collect()
    gc.freeze()  # what other tests have left is not looked at
    monkeypatch.setattr(OnlineLayer, "run", counted)
    try:
        network = made(rule, [20, 30, 3], 1000)
        learned(network, torch.rand(4, 20).double(), torch.randn(4, 3).double())
    finally:
        gc.unfreeze()
    assert len(alive) == 16
    assert len(set(alive[4:14:2])) == 1
