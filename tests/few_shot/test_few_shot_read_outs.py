"""Read-outs against loops, and against learn2learn where it has the same."""

import pytest
import torch
from learn2learn.nn import PrototypicalClassifier

from hpbench.core.errors import InputError
from hpbench.few_shot.read_outs import HebbianBinding, Matching, Prototypes, class_means
from hpbench.few_shot.settings import BindingSettings, InnerStepSettings
from hpbench.plasticity.binding import BindingTheta, binding_scores

LABELS = torch.arange(6) % 3


def features() -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    return torch.rand(2, 6, 7), torch.rand(2, 4, 7)


def test_prototypes_are_those_of_learn2learn() -> None:
    support, query = features()
    ours = Prototypes()(support, LABELS, query, 3)
    for episode in range(2):
        theirs = PrototypicalClassifier(support[episode], LABELS)(query[episode])
        torch.testing.assert_close(ours[episode], theirs)


def test_class_means_whatever_the_order() -> None:
    support, _ = features()
    labels = torch.tensor([2, 0, 0, 1, 2, 2])
    means = class_means(support, labels, 3)
    for label in range(3):
        torch.testing.assert_close(means[:, label], support[:, labels == label].mean(1))


def test_matching_adds_up_attention() -> None:
    support, query = features()
    read_out = Matching()
    probabilities = read_out(support, LABELS, query, 3).exp()
    torch.testing.assert_close(probabilities.sum(2), torch.ones(2, 4))
    for episode in range(2):
        for asked in range(4):
            cosines = torch.cosine_similarity(support[episode], query[episode, asked].expand(6, 7))
            attention = torch.softmax(10 * cosines, 0)
            for label in range(3):
                torch.testing.assert_close(
                    probabilities[episode, asked, label], attention[label == LABELS].sum()
                )


def test_binding_sees_features_of_unit_length() -> None:
    support, query = features()
    read_out = HebbianBinding(7, 5, BindingSettings())
    torch.nn.init.normal_(read_out.connections.weight)
    unit = [one / one.norm(dim=-1, keepdim=True) for one in (support, query)]
    theta = BindingTheta(
        read_out.connections.weight[:, :3], read_out.alpha, read_out.rate, read_out.offset[:3]
    )
    torch.testing.assert_close(
        read_out(support, LABELS, query, 3), 10 * binding_scores(unit[0], LABELS, unit[1], theta, read_out.p)
    )


def test_only_bound_scores_depend_on_the_order_of_the_support() -> None:
    """As the column `trace_at_test` says, and docs/few_shot.md."""
    support, query = features()
    order = torch.tensor([5, 3, 0, 1, 4, 2])
    for read_out in (HebbianBinding(7, 3, BindingSettings()), Prototypes(), Matching()):
        one = read_out(support, LABELS, query, 3)
        other = read_out(support[:, order], LABELS[order], query, 3)
        assert torch.allclose(one, other, atol=1e-5) != isinstance(read_out, HebbianBinding)


def test_binding_refuses_more_ways_than_outputs() -> None:
    support, query = features()
    read_out = HebbianBinding(7, 2, BindingSettings())
    with pytest.raises(InputError, match="3 ways need as many outputs, there are 2"):
        read_out(support, LABELS, query, 3)


def test_inner_steps_move_the_weights_alone() -> None:
    """With inner steps, W fits the support better; nothing of the read-out itself has changed after."""
    support, query = features()
    settings = BindingSettings(alpha=1.0)
    torch.manual_seed(1)
    still = HebbianBinding(7, 3, settings)
    torch.manual_seed(1)
    moved = HebbianBinding(7, 3, settings, InnerStepSettings(inner_steps=5, inner_lr=0.05))
    before = {name: one.clone() for name, one in moved.state_dict().items()}

    def loss(read_out: HebbianBinding) -> torch.Tensor:
        scores = read_out(support, LABELS, support, 3)
        return torch.nn.functional.cross_entropy(scores.flatten(0, 1), LABELS.repeat(2))

    assert loss(moved) < 0.9 * loss(still)
    assert all(torch.equal(one, before[name]) for name, one in moved.state_dict().items())
    found = torch.autograd.grad(moved(support, LABELS, query, 3).sum(), list(moved.parameters()))
    assert all(bool((one != 0).any()) for one in found)
