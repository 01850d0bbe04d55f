"""The streaming discriminant against Avalanche's loop over samples, and nearest class mean by hand."""

import pytest
import torch
from avalanche.training import StreamingLDA

from hpbench.learning.rules.discriminant import StreamingDiscriminant


def samples(count: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    classes = torch.randint(0, 3, (count,), generator=generator)
    features = torch.randn(count, 5, generator=generator) + 2 * torch.eye(5)[classes]
    return features, classes


def avalanches(features: torch.Tensor, classes: torch.Tensor, shrinkage: float) -> StreamingLDA:
    theirs = StreamingLDA(
        slda_model=torch.nn.Identity(),
        criterion=torch.nn.CrossEntropyLoss(),
        input_size=5,
        num_classes=3,
        shrinkage_param=shrinkage,
        evaluator=None,
    )
    for sample, number in zip(features, classes, strict=True):
        theirs.fit(sample[None], number[None])
    return theirs


@pytest.mark.parametrize("batch", [1, 7, 60])
def test_batches_give_what_avalanches_loop_over_samples_gives(batch: int) -> None:
    features, classes = samples(60)
    ours = StreamingDiscriminant(5, 3, shrinkage=0.01)
    for one, numbers in zip(features.split(batch), classes.split(batch), strict=True):
        ours.update(one, numbers)
    theirs = avalanches(features, classes, 0.01)
    torch.testing.assert_close(ours.means, theirs.muK)
    torch.testing.assert_close(ours.scatter / 60, theirs.Sigma)
    new, _ = samples(20, seed=1)
    torch.testing.assert_close(ours(new), theirs.predict(new), rtol=1e-4, atol=1e-4)


def test_a_covariance_worked_out_by_hand() -> None:
    ours = StreamingDiscriminant(1, 2, shrinkage=0.5)
    ours.update(torch.tensor([[1.0], [3.0], [5.0]]), torch.tensor([0, 0, 1]))
    # d: 1, 3 − 1 = 2, 5; N/(N+1): 0, 1/2, 2/3.
    assert float(ours.scatter) == pytest.approx(0 + 4 / 2 + 25 * 2 / 3)
    assert ours.means.flatten().tolist() == [2, 5]
    precision = 1 / (0.5 * float(ours.scatter) / 3 + 0.5)
    expected = [precision * (1 * mean - mean**2 / 2) for mean in (2, 5)]
    assert ours(torch.tensor([[1.0]])).flatten().tolist() == pytest.approx(expected)


def test_without_covariance_the_nearest_mean_wins() -> None:
    features, classes = samples(60)
    ours = StreamingDiscriminant(5, 3)
    ours.update(features[:30], classes[:30])
    ours.update(features[30:], classes[30:])
    means = [features[classes == number].mean(0) for number in range(3)]
    new, _ = samples(40, seed=1)
    for sample, scores in zip(new, ours(new), strict=True):
        distances = [float((sample - mean).norm()) for mean in means]
        assert int(scores.argmax()) == distances.index(min(distances))


def test_a_class_that_has_not_come_is_never_the_answer() -> None:
    ours = StreamingDiscriminant(2, 3)
    assert ours(torch.ones(1, 2)).isneginf().all()
    ours.update(torch.tensor([[5.0, 5.0]]), torch.tensor([1]))
    assert ours(torch.zeros(1, 2)).argmax() == 1, "0 is nearer to a mean of 0, which nobody has"
    assert ours(torch.zeros(1, 2))[0, [0, 2]].isneginf().all()
