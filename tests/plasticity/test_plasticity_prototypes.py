"""Class memory, read-outs, mix and loss (Eqs. 14-17) against their sums written out."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from hpbench.core.errors import InputError
from hpbench.plasticity.class_memory import ClassMemory, empty_memory, remember
from hpbench.plasticity.prototypes import local_scores, mixed, mixing_weight, squared_error

CLASSES, FEATURES = 4, 3


def samples(seed: int, count: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    features = 5 + torch.randn(count, FEATURES, generator=generator, dtype=torch.double)
    return features, torch.randint(0, CLASSES - 1, (count,), generator=generator)  # the last is never seen


def streamed(features: Tensor, targets: Tensor, sizes: list[int], decay: float = 1.0) -> ClassMemory:
    memory, first = empty_memory(CLASSES, FEATURES, torch.double), 0
    for size in [*sizes, len(targets)]:
        memory = remember(memory, features[first : first + size], targets[first : first + size], decay)
        first += size
    return memory


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 10**6), count=st.integers(1, 60), sizes=st.lists(st.integers(0, 20), max_size=6))
def test_class_means_are_exact_whatever_the_batches_and_their_order(
    seed: int, count: int, sizes: list[int]
) -> None:
    features, targets = samples(seed, count)
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    memory = streamed(features[order], targets[order], sizes)
    for label in range(CLASSES):
        own = [features[k] for k in range(count) if targets[k] == label]
        assert memory.counts[label] == len(own)
        mean = sum(own) / len(own) if own else torch.zeros(FEATURES, dtype=torch.double)
        assert torch.allclose(memory.means[label], mean, atol=1e-12)
    assert torch.allclose(memory.centre(), features.mean(0))


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6), sizes=st.lists(st.integers(0, 20), max_size=6))
def test_decay_is_a_factor_per_later_sample_of_the_class_whatever_the_batches(
    seed: int, sizes: list[int]
) -> None:
    features, targets = samples(seed, 40)
    memory = streamed(features, targets, sizes, decay=0.8)
    for label in range(CLASSES - 1):
        own = [features[k] for k in range(40) if targets[k] == label]
        weights = [0.8 ** (len(own) - 1 - k) for k in range(len(own))]
        mean = sum(w * x for w, x in zip(weights, own, strict=True)) / sum(weights)
        assert torch.allclose(memory.means[label], mean, atol=1e-12)
        assert float(memory.counts[label]) == pytest.approx(sum(weights))


def test_a_memory_refuses_samples_of_another_size() -> None:
    with pytest.raises(InputError, match="3 features"):
        remember(empty_memory(2, 3), torch.zeros(5, 4), torch.zeros(5, dtype=torch.long))


def test_read_outs_by_hand() -> None:
    x = torch.tensor([[3.0, 4.0]])
    means = torch.tensor([[1.0, 0.0], [0.0, 2.0]])
    seen = torch.tensor([True, True])
    assert local_scores("dot", x, means, seen).tolist() == [[3, 8]]
    assert local_scores("cosine", x, means, seen)[0].tolist() == pytest.approx([0.6, 0.8])
    assert local_scores("nearest", x, means, seen).tolist() == [[3 - 0.5, 8 - 2]]
    with pytest.raises(InputError, match="'farthest'"):
        local_scores("farthest", x, means, seen)


def test_nearest_orders_classes_by_distance() -> None:
    generator = torch.Generator().manual_seed(0)
    x, means = torch.randn(20, 5, generator=generator), torch.randn(4, 5, generator=generator)
    scores = local_scores("nearest", x, means, torch.ones(4, dtype=torch.bool))
    assert torch.equal(scores.argsort(1, descending=True), torch.cdist(x, means).argsort(1))


@pytest.mark.parametrize("dtype", [torch.float, torch.double])
@pytest.mark.parametrize("read_out", ["dot", "cosine", "nearest"])
def test_a_class_without_a_mean_is_strictly_below_those_that_have_one(
    read_out: str, dtype: torch.dtype
) -> None:
    """Whatever the sign and size of the scores; 0 is that of features that are all 0."""
    x = torch.tensor([[1.0, 1.0], [-1.0, -1.0], [0.0, 0.0], [1e-30, 0.0], [-3e8, 1e8]], dtype=dtype)
    means = torch.tensor([[0.0, 0.0], [1.0, 1.0], [0.0, 0.0]], dtype=dtype)
    seen = torch.tensor([False, True, False])
    scores = local_scores(read_out, x, means, seen)
    assert (scores[:, ~seen] < scores[:, seen]).all()
    assert torch.allclose(scores[:, ~seen], scores[:, seen].clamp(max=0), atol=1e-6)


def test_without_any_class_seen_all_scores_are_0() -> None:
    scores = local_scores("dot", torch.ones(2, 3), torch.zeros(4, 3), torch.zeros(4, dtype=torch.bool))
    assert torch.equal(scores, torch.zeros(2, 4))


def test_mix_by_hand_and_its_schedule() -> None:
    counts = torch.tensor([0.0, 10.0, 30.0])
    weight = mixing_weight(0.8, counts, 10)
    assert weight.tolist() == pytest.approx([0, 0.4, 0.6])
    assert mixing_weight(0.8, counts, 0).tolist() == pytest.approx([0.8] * 3)
    u = mixed(torch.tensor([[1.0, 2.0, 3.0]]), torch.tensor([[5.0, 5.0, 5.0]]), weight)
    assert u[0].tolist() == pytest.approx([5, 0.4 * 2 + 0.6 * 5, 0.6 * 3 + 0.4 * 5])


def test_the_loss_is_the_double_sum_of_equation_17() -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(6, FEATURES, generator=generator, dtype=torch.double)
    means = torch.randn(CLASSES, FEATURES, generator=generator, dtype=torch.double)
    own = torch.randn(6, CLASSES, generator=generator, dtype=torch.double)
    targets, mix = torch.tensor([0, 1, 2, 3, 3, 0]), 0.3
    total = 0.0
    for b, i in enumerate(targets.tolist()):
        for q in range(CLASSES):
            local = float(sum(means[q, j] * x[b, j] for j in range(FEATURES)))
            if q == i:
                total += (1 - mix * float(own[b, i]) - (1 - mix) * local) ** 2
            else:
                total += (mix * float(own[b, q]) + (1 - mix) * local) ** 2
    seen = torch.ones(CLASSES, dtype=torch.bool)
    loss = squared_error(mixed(own, local_scores("dot", x, means, seen), mix), targets)
    assert float(loss) == pytest.approx(total / 6)


def test_within_an_episode_the_loss_reaches_the_features_behind_the_means() -> None:
    features, targets = samples(0, 8)
    features.requires_grad_()

    def loss(support: Tensor) -> Tensor:
        memory = remember(empty_memory(CLASSES, FEATURES, torch.double), support, targets)
        query = torch.ones(2, FEATURES, dtype=torch.double)
        scores = local_scores("nearest", query, memory.means, torch.ones(CLASSES, dtype=torch.bool))
        return squared_error(scores, torch.tensor([0, 1]))

    assert torch.autograd.gradcheck(loss, features)
