"""Running covariance within classes, and the whitened read-out against linear discriminant analysis."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from torch import Tensor

from hpbench.core.errors import InputError
from hpbench.plasticity import within_class
from hpbench.plasticity.class_memory import ClassMemory, empty_memory, remember
from hpbench.plasticity.within_class import add_gram, deviations, whitened


def samples(count: int, features: int, classes: int = 3, seed: int = 0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    targets = torch.arange(count) % classes
    mixing = torch.randn(features, features, generator=generator, dtype=torch.double)
    noise = torch.randn(count, features, generator=generator, dtype=torch.double) @ mixing
    return 100 + 2 * targets[:, None] + noise, targets


def streamed(features: Tensor, targets: Tensor, sizes: list[int]) -> tuple[ClassMemory, Tensor]:
    memory = empty_memory(3, features.shape[1], torch.double)
    scatter, first = torch.zeros(features.shape[1], features.shape[1], dtype=torch.double), 0
    for size in [*sizes, len(targets)]:
        part = slice(first, first + size)
        add_gram(scatter, deviations(memory, features[part], targets[part]))
        memory = remember(memory, features[part], targets[part])
        first += size
    return memory, scatter


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10**6), count=st.integers(1, 60), sizes=st.lists(st.integers(0, 20), max_size=5))
def test_the_scatter_is_exact_whatever_the_batches(seed: int, count: int, sizes: list[int]) -> None:
    features, targets = samples(count, 4, seed=seed)
    _, scatter = streamed(features, targets, sizes)
    literal = torch.zeros(4, 4, dtype=torch.double)
    for label in range(3):
        own = features[targets == label]
        for row in own:
            literal += torch.outer(row - own.mean(0), row - own.mean(0))
    assert torch.allclose(scatter.tril(), literal.tril(), atol=1e-8)


def test_blocks_of_columns_make_the_lower_triangle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(within_class, "_COLUMNS", 3)
    rows = torch.randn(5, 10, dtype=torch.double)
    scatter = torch.eye(10, dtype=torch.double)
    add_gram(scatter, rows)
    assert torch.allclose(scatter.tril(), (torch.eye(10) + rows.T @ rows).tril())


@pytest.mark.parametrize("shrinkage", [0.0, 0.1, 1.0])
def test_whitened_scores_are_those_of_a_literal_inverse(shrinkage: float) -> None:
    features, targets = samples(90, 5)
    memory, scatter = streamed(features, targets, [7, 30])
    weights, offsets = whitened(memory, scatter, shrinkage)
    whole = scatter.tril() + scatter.tril(-1).T
    covariance = (1 - shrinkage) * whole / 90 + shrinkage * torch.eye(5) * whole.trace() / 90 / 5
    inverse = torch.linalg.inv(covariance)
    x = features[:10]
    for q in range(3):
        c = memory.means[q]
        literal = x @ inverse @ c - 0.5 * c @ inverse @ c
        assert torch.allclose(x @ weights[q] + offsets[q], literal, rtol=1e-6)


@pytest.mark.parametrize("shrinkage", [0.0, 0.3])
def test_the_limit_is_linear_discriminant_analysis(shrinkage: float) -> None:
    features, targets = samples(300, 6)
    memory, scatter = streamed(features, targets, [50])
    weights, offsets = whitened(memory, scatter, shrinkage)
    theirs = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage or None, priors=[1 / 3] * 3)
    theirs.fit(features.numpy(), targets.numpy())
    x, _ = samples(200, 6, seed=1)
    assert torch.equal((x @ weights.T + offsets).argmax(1), torch.as_tensor(theirs.predict(x.numpy())))
    log_odds = torch.log_softmax(x @ weights.T + offsets, 1)
    assert torch.allclose(log_odds, torch.as_tensor(theirs.predict_log_proba(x.numpy())), atol=1e-6)


def test_a_covariance_that_cannot_be_inverted_says_what_to_do() -> None:
    features, targets = samples(4, 5)
    memory, scatter = streamed(features, targets, [])
    with pytest.raises(InputError, match="set a larger one"):
        whitened(memory, scatter, 0.0)
    assert whitened(memory, scatter, 0.1)[0].isfinite().all()
