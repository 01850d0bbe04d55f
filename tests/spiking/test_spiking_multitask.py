"""The authors' multitask network against its equations, written out with whole traces and whole matrices."""

import math
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from hpbench.spiking.encoder import Encoder
from hpbench.spiking.multitask.layer import MultitaskLayer
from hpbench.spiking.multitask.mask import draw_masks, mask_of
from hpbench.spiking.multitask.network import MultitaskNetwork
from hpbench.spiking.multitask.products import gathered, spread
from hpbench.spiking.parameters import RELEASE
from hpbench.spiking.surrogate import SURROGATES
from hpbench.spiking.window import Window

P = RELEASE._replace(
    threshold=0.5, membrane_decay=0.8, trace_decay=0.8, weight_time_constant=50.0, trace_bound=math.inf
)
SIZES = st.integers(1, 5)


def literal(layer: MultitaskLayer, inputs: Tensor, chosen: Tensor | None) -> tuple[Tensor, Tensor]:
    """Spikes (T, B, m) and the last membranes, one step, sample and synapse after another."""
    p, (steps, batch, _) = layer.p, inputs.shape
    ones = torch.ones_like(layer.weight)
    own, rest = (ones, ones) if chosen is None else (chosen.to(ones), 1 - chosen.to(ones))
    trace = torch.zeros_like(ones)
    membrane = spikes = inputs.new_zeros(batch, len(ones))
    fired = []
    for step in range(steps):
        seen = math.exp(-step / p.weight_time_constant) * inputs[step]
        current = torch.zeros_like(membrane)
        for i, j in torch.cartesian_prod(*map(torch.arange, ones.shape)).tolist():
            whole = layer.weight[i, j] * own[i, j]
            if layer.local:
                whole = whole + layer.alpha * trace[i, j] * rest[i, j]
            current = current + torch.nn.functional.one_hot(torch.tensor(i), len(ones)) * (
                whole * seen[:, j, None]
            )
        membrane = p.membrane_decay * (membrane - p.threshold * spikes) + current
        spikes = SURROGATES[p.surrogate](membrane - p.threshold)
        fired.append(spikes)
        if layer.local:
            post = torch.tanh(membrane / p.threshold - layer.offset)
            outer = [torch.outer(post[b], layer.rate * seen[b]) for b in range(batch)]
            trace = p.trace_decay * trace + torch.stack(outer).mean(0)
    return torch.stack(fired), membrane


def layer_of(inputs: int, neurons: int, local: bool) -> MultitaskLayer:
    layer = MultitaskLayer(inputs, neurons, P, local=local).double()
    with torch.no_grad():
        layer.weight.mul_(3)
        for parameter in layer.theta():
            parameter.copy_(torch.rand_like(parameter))
    return layer


@given(
    SIZES, SIZES, SIZES, st.integers(1, 4), st.sampled_from([None, 0.3, 0.8]), st.booleans(), st.booleans()
)
def test_a_layer_is_its_equations_and_so_are_its_gradients(
    batch: int, inputs: int, neurons: int, steps: int, share: float | None, local: bool, static: bool
) -> None:
    layer = layer_of(inputs, neurons, local)
    chosen = None if share is None else torch.rand(neurons, inputs) < share
    values = torch.rand(batch, inputs, dtype=torch.float64)
    if not static:
        values = (torch.rand(steps, batch, inputs) < 0.5).double() * values
    values.requires_grad_()
    shown = values.expand(steps, -1, -1) if static else values
    mask = None if chosen is None else mask_of(chosen)
    response = layer(Window(values, steps if static else 0), mask)
    spikes, membrane = literal(layer, shown, chosen)
    assert torch.allclose(response.membranes[-1], membrane, atol=1e-12)
    assert torch.equal(response.spikes, spikes)
    weight = torch.rand_like(spikes), torch.rand_like(membrane)
    wanted = [values, *layer.parameters()]
    got, expected = (
        torch.autograd.grad(
            (fired * weight[0]).sum() + (last * weight[1]).sum(),
            wanted,
            allow_unused=True,
            materialize_grads=True,
        )
        for fired, last in ((response.spikes, response.membranes[-1]), (spikes, membrane))
    )
    for one, other in zip(got, expected, strict=True):
        assert torch.allclose(one, other, atol=1e-10)


@given(SIZES, SIZES, SIZES, st.floats(0, 1))
def test_masked_products_are_those_of_masked_matrices(batch: int, high: int, wide: int, share: float) -> None:
    chosen = torch.rand(high, wide) < share
    mask, matrix = mask_of(chosen), torch.rand(high, wide).double()
    inputs, outputs = torch.rand(batch, wide).double(), torch.rand(batch, high).double()
    assert torch.equal(mask.of(matrix), matrix[chosen])
    assert torch.allclose(spread(inputs, matrix[chosen], mask), inputs @ (matrix * chosen).T)
    assert torch.allclose(gathered(outputs, inputs, mask), (outputs.T @ inputs)[chosen])
    assert torch.equal(mask.turned.of(matrix.T.contiguous()), matrix.T[chosen.T])
    assert torch.equal(mask.of(matrix)[mask.order], matrix.T[chosen.T])


def test_gradients_of_masked_products_can_be_differentiated_again() -> None:
    mask = mask_of(torch.rand(4, 3) < 0.6)
    inputs, outputs, entries = (
        torch.rand(*shape, dtype=torch.float64, requires_grad=True)
        for shape in ((2, 3), (2, 4), (len(mask.places),))
    )
    for check in (torch.autograd.gradcheck, torch.autograd.gradgradcheck):
        assert check(lambda x, v: spread(x, v, mask), (inputs, entries))
        assert check(lambda g, x: gathered(g, x, mask), (outputs, inputs))


def network(learner: str = "hp", share: float = 0.3, **changes: Any) -> MultitaskNetwork:
    torch.manual_seed(0)
    return MultitaskNetwork(
        [9, 12, 11, 4], Encoder("direct", 3, 500.0), learner, P, mask_share=share, **changes
    )


def test_a_task_has_the_same_masks_whenever_they_are_asked_for() -> None:
    one, again = network(), network()
    again.load_state_dict(one.state_dict())
    for first, second in zip(one.masks(5), again.masks(5), strict=True):
        assert torch.equal(first.places, second.places)
    assert not torch.equal(one.masks(0)[0].places, one.masks(1)[0].places)
    inputs = torch.rand(6, 9)
    assert not torch.equal(one(inputs, 0), one(inputs, 1))


def test_masks_have_the_share_of_weights_that_is_asked_for() -> None:
    [mask] = draw_masks([(300, 400)], 0.03, seed=1, device=torch.device("cpu"))
    assert abs(len(mask.places) / 120_000 - 0.03) < 0.002


def test_scores_are_linear_in_the_membranes_of_the_last_hidden_layer() -> None:
    net = network(share=0.0)
    heard: list[Tensor] = []
    net.layers[-1].register_forward_hook(lambda module, shown, response: heard.append(response.membranes[-1]))
    scores = net(torch.rand(6, 9) * 3)
    assert torch.allclose(scores, heard[0] @ net.output.weight.T)
    assert not any("bias" in name for name, _ in net.named_parameters())


def test_the_trace_begins_empty_so_that_a_batch_leaves_nothing_behind() -> None:
    net, inputs = network(), torch.rand(6, 9) * 3
    with torch.no_grad():
        for parameter in net.theta():
            parameter.fill_(0.5)
    first = net(inputs, 0)
    net(torch.rand(6, 9), 1)
    assert torch.equal(net(inputs, 0), first)
    assert torch.equal(net.eval()(inputs, 0), first)
    alone = torch.cat([net(one[None], 0) for one in inputs])
    assert not torch.allclose(alone, first)  # it adapts to the batch, at test too
    off = network(trace_at_test="zero")
    off.load_state_dict(net.state_dict())
    parts = torch.cat([off.eval()(one[None], 0) for one in inputs])
    assert torch.allclose(parts, off(inputs, 0), atol=1e-6)


def test_weights_outside_of_a_task_s_mask_do_not_learn_from_it() -> None:
    net = network("gp")
    net(torch.rand(6, 9) * 3, 2).square().sum().backward()
    for layer, mask in zip([*net.layers, net.output], net.masks(2), strict=True):
        outside = torch.ones(layer.weight.numel(), dtype=torch.bool)
        outside[mask.places] = False
        assert layer.weight.grad is not None
        assert not layer.weight.grad.flatten()[outside].any()


@pytest.mark.parametrize(("learner", "synapses"), [("gp", "own"), ("hp", "all")])
def test_operations_count_the_synapses_that_exist(learner: str, synapses: str) -> None:
    net = network(learner)
    [mask, *_], layer = net.masks(0), net.layers[0]
    values = torch.tensor([[0.0, 0.5, 0, 0, 1, 0, 0, 0, 0.2]] * 2)
    window = Window(values, 3)
    count = layer.operations(layer(window, mask), window, mask)
    chosen = (
        torch.ones(12, 9) if synapses == "all" else torch.zeros(108).index_fill(0, mask.places, 1).view(12, 9)
    )
    reached = sum(int(chosen[:, j].sum()) for sample in values for j in range(9) if sample[j] != 0)
    assert (count.accumulates, count.multiply_accumulates) == (0, 3 * reached)
    assert count.dense == 3 * 2 * int(chosen.sum())
    assert count.trace_writes == (3 * reached if learner == "hp" else 0)
