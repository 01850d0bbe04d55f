"""Herding against the paper's algorithm, and what iCaRL keeps."""

import torch
from stream import small_task

from hpbench import registry
from hpbench.learning.benchmark import Benchmark
from hpbench.learning.rules.exemplars import Exemplars, herding
from hpbench.learning.strategy import adopt, stored_samples


def literal_herding(features: torch.Tensor, count: int) -> list[int]:
    """Algorithm 4: the k-th exemplar is argmin ‖μ − (φ + Σ chosen)/k‖ over the samples not chosen yet."""
    mean, rows = features.mean(0), []
    for number in range(1, count + 1):
        chosen = sum((features[row] for row in rows), torch.zeros_like(mean))
        distances = {
            row: float((mean - (features[row] + chosen) / number).norm())
            for row in range(len(features))
            if row not in rows
        }
        rows.append(min(distances, key=distances.__getitem__))
    return rows


def test_herding_picks_what_the_algorithm_picks() -> None:
    features = torch.nn.functional.normalize(torch.randn(30, 6, generator=torch.manual_seed(0))).double()
    assert herding(features, 12) == literal_herding(features, 12)


def test_herding_worked_out_by_hand() -> None:
    # μ = 2: first 2.1; then of 0, 1.8 and 4.1 the one whose sum with 2.1 is nearest to 4; and so on.
    assert herding(torch.tensor([[0.0], [2.1], [4.1], [1.8]]), 3) == [1, 3, 2]
    assert sorted(herding(torch.tensor([[0.0], [1.0]]), 5)) == [0, 1]


def test_lists_are_cut_at_their_end_and_the_means_are_those_of_what_is_left() -> None:
    task = small_task()
    benchmark = Benchmark(task)
    module = registry.load(registry.find("strategies", "icarl"))
    settings = module.Settings(network="ann", hidden=[16], batch=10, memory=18)
    strategy = adopt(module.continual(settings, task), benchmark.store)
    [plugin] = [one for one in strategy.plugins if isinstance(one, Exemplars)]
    strategy.train(benchmark.train[0], eval_streams=[])
    first = {number: list(samples.row) for number, samples in plugin.kept.items()}
    assert {number: len(rows) for number, rows in first.items()} == {0: 9, 1: 9}
    strategy.train(benchmark.train[1], eval_streams=[])
    assert stored_samples(strategy, task) == 16, "18 samples are 4 for each of 4 classes"
    for number in (0, 1):
        assert list(plugin.kept[number].row) == first[number][:4]
    strategy.model.eval()
    for number, samples in plugin.kept.items():
        inputs = benchmark.store.inputs[list(samples.row)]
        mean = strategy.model.features(inputs).mean(0)
        torch.testing.assert_close(strategy.model.discriminant.means[number], mean / mean.norm())
