"""Inner steps against gradient descent written out, and that episodes leave nothing behind."""

import pytest
import torch
from torch.nn.functional import cross_entropy
from toy_characters import classes

from hpbench.few_shot.inner_steps import InnerSteps, Output, normed_by_batch
from hpbench.few_shot.learner import FeatureLearner
from hpbench.few_shot.settings import InnerStepSettings
from hpbench.networks.conv import ConvFeatures
from hpbench.spiking.conv_features import SpikingConvFeatures
from hpbench.spiking.parameters import PAPER

LABELS = torch.arange(6) % 3


def features() -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    return torch.rand(2, 6, 7).double(), torch.rand(2, 4, 7).double()


@pytest.mark.parametrize("first_order", [False, True])
def test_steps_and_outer_gradient_are_those_written_out(first_order: bool) -> None:
    support, query = features()
    output = Output(7, 3).double()
    torch.nn.init.normal_(output.weight)
    settings = InnerStepSettings(inner_steps=2, inner_lr=0.3, first_order=first_order)
    ours = InnerSteps(output, settings)(support, LABELS, query, 3)
    theirs = []
    for shown, asked in zip(support, query, strict=True):
        weight, bias = output.weight, output.bias
        for _ in range(2):
            found = torch.autograd.grad(
                cross_entropy(shown @ weight.T + bias, LABELS), (weight, bias), create_graph=not first_order
            )
            weight, bias = weight - 0.3 * found[0], bias - 0.3 * found[1]
        theirs.append(asked @ weight.T + bias)
    torch.testing.assert_close(ours, torch.stack(theirs))
    labels = torch.arange(4) % 3
    pulled = [
        torch.autograd.grad(cross_entropy(one.flatten(0, 1), labels.repeat(2)), list(output.parameters()))
        for one in (ours, torch.stack(theirs))
    ]
    for one, other in zip(*pulled, strict=True):
        torch.testing.assert_close(one, other)


def episodes(dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Two 3-way episodes: support and query (2, 3, 1, 12, 12), labels (3,)."""
    images = classes(9).images[:6].to(dtype) / 255
    support, query = (images[:, sample].view(2, 3, 1, 12, 12) for sample in range(2))
    return support, query, torch.arange(3)


def learner(kind: str) -> InnerSteps:
    torch.manual_seed(0)
    network: torch.nn.Module = ConvFeatures(1, [4, 4], "stride")
    if kind == "spiking":
        network = SpikingConvFeatures(1, [4, 4], 3, PAPER._replace(surrogate="arctan"))
    adapted = FeatureLearner(normed_by_batch(network), Output(36, 5), {})
    return InnerSteps(adapted, InnerStepSettings(inner_steps=2, inner_lr=0.4))


@pytest.mark.parametrize("kind", ["ann", "spiking"])
def test_episodes_together_are_learn2learn_s_maml_one_by_one(kind: str) -> None:
    from learn2learn.algorithms import MAML

    support, query, labels = episodes(torch.double)
    ours = learner(kind).double()
    module = ours.maml.module
    theirs = []
    for shown, asked in zip(support.split(1), query.split(1), strict=True):
        clone = MAML(module, lr=0.4).clone()
        for _ in range(2):
            clone.adapt(cross_entropy(clone(shown, labels, shown, 3)[0], labels))
        theirs.append(clone(shown, labels, asked, 3))
    pairs = [ours(support, labels, query, 3), torch.cat(theirs)]
    torch.testing.assert_close(*pairs)
    pulled = [torch.autograd.grad(one.square().sum(), list(module.parameters())) for one in pairs]
    for one, other in zip(*pulled, strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("kind", ["ann", "spiking"])
def test_clones_leave_nothing_behind_and_do_not_see_each_other(kind: str) -> None:
    support, query, labels = episodes(torch.float)
    whole = learner(kind)
    before = {name: one.clone() for name, one in whole.state_dict().items()}
    together = whole(support, labels, query, 3)
    again = whole(support, labels, query, 3)
    assert torch.equal(together, again)
    for episode in range(2):
        alone = whole(support[episode : episode + 1], labels, query[episode : episode + 1], 3)
        torch.testing.assert_close(alone[0], together[episode])
    assert all(torch.equal(one, before[name]) for name, one in whole.state_dict().items())
    # Second derivatives reach the first layer, through the surrogate too.
    loss = cross_entropy(together.flatten(0, 1), labels.repeat(2))
    found = torch.autograd.grad(loss, list(whole.parameters()))
    assert bool((found[0] != 0).any())


def test_steps_are_taken_at_test_too() -> None:
    support, query = features()
    steps = InnerSteps(Output(7, 3).double(), InnerStepSettings(inner_steps=1)).eval()
    with torch.no_grad():
        scores = steps(support, LABELS, query, 3)
    assert bool((scores != 0).any())  # the output layer starts at 0
    assert not scores.requires_grad
