"""Feedback alignment, direct feedback and target projection against loops over steps and synapses."""

from typing import Any

import literal_credit as literal
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from hpbench.spiking.credit.networks import DirectFeedback, FeedbackAlignment, TargetProjection
from hpbench.spiking.encoder import Encoder
from hpbench.spiking.network import Convolution, SpikingNetwork

SHAPES = st.tuples(st.lists(st.integers(1, 5), min_size=3, max_size=4), st.integers(1, 4), st.integers(1, 3))
"""Widths from inputs to outputs, time steps, samples."""


def made(kind: type[SpikingNetwork], widths: list[int], steps: int, **others: Any) -> Any:
    torch.manual_seed(0)
    network = kind(widths, Encoder("direct", steps, 500.0), "gp", read_out="membrane_mean", **others).double()
    for layer in network.layers:
        layer.cell.weight.data.mul_(3)  # so that many neurons fire
    return network


def trained(network: Any, inputs: Tensor, weights: Tensor, targets: Tensor) -> list[Tensor]:
    """The gradients of all layers' weights for L = Σ weights · scores."""
    loss = (weights * network(inputs)).sum()
    if hasattr(network, "local_loss"):
        loss = loss + network.local_loss(loss, targets)
    loss.backward()
    return [layer.cell.weight.grad for layer in network.layers]


def by_loops(network: Any, inputs: Tensor, weights: Tensor, targets: Tensor, steps: int) -> list[Tensor]:
    """The same, number by number."""
    p, seen, layers = network.p, [[one] * steps for one in inputs.tolist()], []
    for layer in network.layers:
        layers.append(literal.run(layer.cell.weight.tolist(), layer.cell.linear.bias.tolist(), seen, p))
        seen = layers[-1].spikes
    above = literal.errors(layers[-1], p, literal.nothing, lambda b, t, i: float(weights[b, i]) / steps)
    output, found = above, [literal.gradient(layers[-1], above, p)]
    for number in reversed(range(len(layers) - 1)):
        if isinstance(network, TargetProjection):
            matrix = network.matrices[number].tolist()

            def error(b: int, t: int, i: int, matrix: Any = matrix) -> float:
                aimed = sum(y * matrix[k][i] for k, y in enumerate(targets[b].tolist()))
                return -aimed / steps / len(inputs)
        else:
            if isinstance(network, DirectFeedback):
                sent, matrix = output, network.matrices[number].tolist()
            else:
                sent, matrix = above, network.layers[number + 1].feedback.tolist()

            def error(b: int, t: int, i: int, matrix: Any = matrix, sent: Any = sent) -> float:
                return sum(p.weight_scale(t) * one * matrix[k][i] for k, one in enumerate(sent[b][t]))

        above = literal.errors(layers[number], p, error, literal.nothing)
        found.insert(0, literal.gradient(layers[number], above, p))
    return [torch.tensor(one, dtype=torch.float64) for one in found]


@pytest.mark.parametrize("kind", [FeedbackAlignment, DirectFeedback, TargetProjection])
@settings(max_examples=12, deadline=None)
@given(shape=SHAPES)
def test_gradients_are_those_of_the_loops(
    kind: type[SpikingNetwork], shape: tuple[list[int], int, int]
) -> None:
    widths, steps, samples = shape
    network = made(kind, widths, steps)
    inputs, weights = torch.rand(samples, widths[0]).double(), torch.randn(samples, widths[-1]).double()
    targets = torch.eye(widths[-1]).double()[torch.randint(widths[-1], (samples,))]
    expected = by_loops(network, inputs, weights, targets, steps)
    for one, other in zip(trained(network, inputs, weights, targets), expected, strict=True):
        torch.testing.assert_close(one, other)


def image_networks(kind: type[SpikingNetwork]) -> Any:
    return made(kind, [1, 6, 3], 3, convolutions=[Convolution(4, 3, 1, 2)] * 2, image=(1, 8, 8))


@pytest.mark.parametrize("images", [False, True])
@pytest.mark.parametrize("recurrent", [False, True])
def test_feedback_alignment_by_the_weights_is_backpropagation(images: bool, recurrent: bool) -> None:
    """With B = W, for dense layers, recurrent ones and convolutions."""
    found = []
    for kind in (FeedbackAlignment, SpikingNetwork):
        network = image_networks(kind) if images else made(kind, [64, 7, 6, 3], 4, recurrent=recurrent)
        for layer in network.layers:
            if layer.feedback is not None:
                layer.feedback = layer.cell.weight.detach().clone()
        torch.manual_seed(1)
        inputs = torch.rand(5, *((1, 8, 8) if images else (64,))).double()
        found.append(trained(network, inputs, torch.ones(5, 3).double(), inputs))
    assert all(bool(one.any()) for one in found[0])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other)


def test_direct_feedback_with_one_hidden_layer_is_feedback_alignment() -> None:
    networks = made(FeedbackAlignment, [6, 5, 3], 4), made(DirectFeedback, [6, 5, 3], 4)
    networks[1].matrix_0 = networks[0].layers[1].feedback
    inputs, weights = torch.rand(4, 6).double(), torch.randn(4, 3).double()
    found = [trained(one, inputs, weights, weights) for one in networks]
    assert bool(found[0][0].any())
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other)


def test_target_projection_never_reads_the_output() -> None:
    """Other weights of the last layer, other scores, another loss: hidden layers learn the same."""
    inputs, targets = torch.rand(4, 6).double(), torch.eye(3).double()[[0, 2, 1, 1]]
    found = list[list[Tensor]]()
    for weights in (torch.randn(4, 3).double(), torch.zeros(4, 3).double()):
        network = made(TargetProjection, [6, 5, 4, 3], 4)
        network.layers[-1].cell.weight.data.copy_(torch.randn(3, 4))
        found.append(trained(network, inputs, weights, targets)[:-1])
    assert all(bool(one.any()) for one in found[0])
    assert all(torch.equal(one, other) for one, other in zip(*found, strict=True))


@pytest.mark.parametrize("kind", [FeedbackAlignment, DirectFeedback, TargetProjection])
@pytest.mark.parametrize("images", [False, True])
def test_in_evaluation_it_is_the_network_of_gp(kind: type[SpikingNetwork], images: bool) -> None:
    """Scores, and gradients of the input: what attacks see."""
    found = []
    for one in (kind, SpikingNetwork):
        network = (image_networks(one) if images else made(one, [64, 7, 6, 3], 4)).eval()
        torch.manual_seed(1)
        inputs = torch.rand(5, *((1, 8, 8) if images else (64,))).double().requires_grad_()
        scores = network(inputs)
        found.append((scores, *torch.autograd.grad(scores.square().sum(), inputs)))
    assert bool(found[0][1].any())
    assert all(torch.equal(one, other) for one, other in zip(*found, strict=True))
