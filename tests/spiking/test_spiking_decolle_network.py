"""DECOLLE's losses reach their own layer and step only; shapes of inputs, burn-in and scores."""

from typing import Any

import pytest
import torch
from torch import Tensor

from hpbench.core.errors import InputError
from hpbench.plasticity.decolle_loss import activity_penalty, smooth_l1
from hpbench.spiking.decolle.network import DecolleNetwork
from hpbench.spiking.decolle.parameters import DecolleParameters, DecolleShape
from hpbench.spiking.encoder import Encoder

P = DecolleParameters((3.0,), (2.0,), refractory_weight=0.5)
CONV = DecolleShape(kernels=(3, 4), pools=(2, 1), kernel_size=3, padding=1, hidden=(6,), amplitude=3.0)
DENSE = DecolleShape(kernels=(), pools=(), hidden=(7, 6), amplitude=3.0)
STEPS = 12
TARGETS = torch.tensor([0, 2, 1, 0])


def network(shape: DecolleShape = CONV, inputs: tuple[int, ...] = (36,), **options: Any) -> DecolleNetwork:
    torch.manual_seed(0)
    encoder = Encoder("frames", inputs[0], 0) if len(inputs) == 4 else Encoder("direct", STEPS, 1)
    return DecolleNetwork(inputs, 3, encoder, shape, P, **{"burn_in": 0.25, **options})


def images(*shape: int) -> Tensor:
    """The same four every time."""
    return 3 * torch.rand(4, 36, generator=torch.Generator().manual_seed(3)).reshape(4, *(shape or (36,)))


def judged(scores: Tensor) -> Tensor:
    return smooth_l1(scores, TARGETS)


def gradient(of: Tensor, on: Any) -> Any:
    return torch.autograd.grad(of, on, retain_graph=True, allow_unused=True)


@pytest.mark.parametrize("shape", [CONV, DENSE], ids=["convolutions", "dense"])
@pytest.mark.parametrize("reads", ["spikes", "sigmoid"])
def test_a_loss_reaches_its_own_layer_and_no_earlier_step(shape: DecolleShape, reads: str) -> None:
    trained = network(shape._replace(reads=reads))
    before = None
    for number, shown in enumerate(trained.steps(images())):
        if number < 6:
            continue
        membranes = [membrane for _, membrane in shown]
        for place, (layer, scores) in enumerate(zip(trained.layers, trained.read_outs(shown), strict=True)):
            loss = judged(scores) + activity_penalty(membranes[place], 1.0, 1.0)
            for other in trained.layers:
                found = gradient(loss, list(other.parameters()))
                assert (found[0] is None and found[1] is None) == (other is not layer)
                if other is layer:
                    assert all(float(one.abs().max()) > 0 for one in found)
            assert [one is None for one in gradient(loss, membranes)] == [
                other is not layer for other in trained.layers
            ]
            if before is not None:
                assert gradient(loss, before) == (None,) * len(before)
        before = membranes


def test_the_same_losses_would_reach_further_without_the_cut() -> None:
    """At test the gradient passes, for attacks: the test above would see a missing cut."""
    asked = network().eval()
    shown = list(asked.steps(images()))
    loss = judged(asked.read_outs(shown[-1])[-1])
    assert all(float(one.abs().max()) > 0 for one in gradient(loss, list(asked.layers[0].parameters())))
    assert float(gradient(loss, shown[-5][0][1])[0].abs().max()) > 0
    inputs = images().requires_grad_()
    for decision in ("mean", "vote"):
        asked.decision = decision
        judged(asked(inputs)).backward()
        assert float(inputs.grad.abs().max()) > 0


@pytest.mark.parametrize("shape", [CONV, DENSE], ids=["convolutions", "dense"])
def test_gradients_are_error_times_surrogate_times_trace(shape: DecolleShape) -> None:
    """The three factors of the rule written out for the last, dense layer, at each step."""
    trained = network(shape._replace(dropout=0.0)).double()
    layer = trained.layers[-1]
    traces: list[Tensor] = []
    layer.cell.register_forward_pre_hook(lambda module, given: traces.append(given[1] and given[1].trace))
    moved = 0
    for number, shown in enumerate(trained.steps(images().double())):
        if number < trained.burn_in:
            continue
        scores = trained.read_outs(shown)[-1]
        judged(scores).backward()
        error = (scores - torch.nn.functional.one_hot(TARGETS, 3)).clamp(-1, 1) / scores.numel()
        local = (error @ layer.random) * (shown[-1][1].abs() < 0.5)
        torch.testing.assert_close(layer.cell.synapse.weight.grad, local.T @ traces[-1])
        torch.testing.assert_close(layer.cell.synapse.bias.grad, local.sum(0))
        moved += bool((layer.cell.synapse.weight.grad != 0).any())
        trained.zero_grad()
    assert moved > 5


@pytest.mark.parametrize("gains", ["unit", "release"])
def test_an_input_takes_two_steps_a_layer_and_the_first_step_shows_the_biases_alone(gains: str) -> None:
    """Layers of a step are updated in their order: the spikes of one change the next two steps later."""
    torch.manual_seed(0)
    p = P._replace(gains=gains)
    asked = DecolleNetwork((36,), 3, Encoder("direct", STEPS, 1), DENSE, p, burn_in=0.25).eval()
    for layer in asked.layers:
        torch.nn.init.normal_(layer.cell.synapse.bias, std=0.1)
        torch.nn.init.normal_(layer.cell.synapse.weight)
    shown, others = list(asked.steps(images())), list(asked.steps(images().flip(0)))
    for place, layer in enumerate(asked.layers):
        membrane = shown[0][place][1]
        assert torch.equal(membrane, layer.cell.synapse.bias.expand_as(membrane))
        differ = [
            not torch.equal(one[place][1], other[place][1]) for one, other in zip(shown, others, strict=True)
        ]
        assert differ.index(True) == 2 * (place + 1)


def test_before_the_burn_in_ends_nothing_is_recorded() -> None:
    trained = network()
    assert trained.burn_in == 3
    recorded = [[membrane.requires_grad for _, membrane in shown] for shown in trained.steps(images())]
    assert recorded == [[False] * 3] * 3 + [[True] * 3] * (STEPS - 3)
    assert len(list(trained.local_losses(images(), judged))) == STEPS - 3


def test_the_loss_is_the_sum_over_layers_with_their_penalties() -> None:
    trained = network(CONV._replace(dropout=0.0), above=0.2, below=0.3)
    found = [float(loss.detach()) for loss, _ in trained.local_losses(images(), judged)]
    expected = [
        sum(float(judged(one)) for one in trained.read_outs(shown))
        + sum(float(activity_penalty(membrane, 0.2, 0.3)) for _, membrane in shown)
        for shown in trained.steps(images())
    ]
    assert found == pytest.approx(expected[3:])


def test_one_sample_is_one_whatever_its_form() -> None:
    flat = network().eval()
    picture, channel, window = (
        network(inputs=shape).eval() for shape in ((6, 6), (1, 6, 6), (STEPS, 1, 6, 6))
    )
    expected = flat(images())
    torch.testing.assert_close(picture(images(6, 6)), expected)
    torch.testing.assert_close(channel(images(1, 6, 6)), expected)
    torch.testing.assert_close(window(images(1, 1, 6, 6).expand(4, STEPS, 1, 6, 6)), expected)
    assert window.facts()["encoding"] == "frames" and window.facts()["time_steps"] == STEPS
    dense = network(DENSE, (STEPS, 1, 6, 6)).eval()
    torch.testing.assert_close(
        dense(images(1, 1, 6, 6).expand(4, STEPS, 1, 6, 6)), network(DENSE).eval()(images())
    )


def test_scores_are_means_or_votes_of_the_last_layer_or_of_all() -> None:
    asked = network().eval()
    reads = torch.stack([torch.stack(asked.read_outs(shown)) for shown in asked.steps(images())])[3:]
    torch.testing.assert_close(asked(images()), reads[:, -1].mean(0))
    asked.decided_by = "all"
    torch.testing.assert_close(asked(images()), reads.mean((0, 1)))
    asked.decided_by, asked.decision = "last", "vote"
    votes = torch.zeros(4, 3)
    for step in reads[:, -1]:
        for sample, scores in enumerate(step.tolist()):
            votes[sample, scores.index(max(scores))] += 1 / (STEPS - 3)
    torch.testing.assert_close(asked(images()), votes)


def test_outputs_of_a_head_vote_among_themselves() -> None:
    asked = network(decision="vote", width=2)
    reads = [torch.tensor([[3.0, 1, 0, 2]]), torch.tensor([[4.0, 1, 2, 0]]), torch.tensor([[3.0, 1, 0, 2]])]
    torch.testing.assert_close(asked.scores(reads), torch.tensor([[1, 0, 1 / 3, 2 / 3]]))


def test_a_window_at_test_may_be_longer() -> None:
    asked = network(test_encoder=Encoder("direct", 20, 1))
    assert len(list(asked.steps(images()))) == STEPS
    assert len(list(asked.eval().steps(images()))) == 20


def test_dropout_leaves_out_a_share_and_keeps_the_mean() -> None:
    layer = network(CONV._replace(dropout=0.25)).layers[0]
    ones = torch.ones(2000, *layer.cell.outputs)
    whole = layer.random.sum(1)
    reads = layer.read_out(ones, ones)
    assert not torch.equal(reads[0], reads[1])
    torch.testing.assert_close(reads.mean(0), whole, atol=0.05, rtol=0.05)
    torch.testing.assert_close(layer.eval().read_out(ones, ones)[0], whole)


@pytest.mark.parametrize(
    ("shape", "inputs", "options", "said"),
    [
        (CONV, (35,), {}, "no square"),
        (CONV, (3, 3), {"burn_in": 1.0}, "burn_in takes"),
        (CONV._replace(pools=(8, 1)), (36,), {}, "pool of 8"),
        (CONV._replace(kernel_size=9), (36,), {}, "kernel of 9"),
        (CONV._replace(pools=(2,)), (36,), {}, "as many"),
        (CONV._replace(reads="membrane"), (36,), {}, "reads=membrane"),
        (DENSE._replace(hidden=()), (36,), {}, "needs a layer"),
        (DENSE, (4, 1, 6, 6), {}, "set scenario.time_steps to 5"),
        (DENSE, (36,), {"decision": "majority"}, "decision=majority"),
        (DENSE, (36,), {"decided_by": "first"}, "decided_by=first"),
        (DENSE, (36,), {"test_encoder": Encoder("direct", 3, 1)}, "window of 3"),
    ],
)
def test_what_does_not_fit_is_refused(shape: Any, inputs: Any, options: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        network(shape, inputs, **options)
