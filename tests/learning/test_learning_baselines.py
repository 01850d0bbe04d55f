"""The baselines on a small stream: networks, memory, refusals, and what was changed in Avalanche's."""

from itertools import pairwise
from types import ModuleType
from typing import Any

import pytest
import torch
from stream import small_task

from hpbench import registry
from hpbench.core.errors import InputError
from hpbench.core.outcome import Outcome
from hpbench.learning.benchmark import Benchmark
from hpbench.learning.heads import TaskHeads
from hpbench.learning.strategy import adopt
from hpbench.runs.continual import run
from hpbench.runs.seeding import seed_everything
from hpbench.tasks.continual import ContinualTask

# Samples stored at the end when 26 are allowed: of 2 experiences, or of 4 classes, equally many.
STORED = {
    "agem": 26,
    "der": 26,
    "gdumb": 26,
    "gem": 26,
    "icarl": 24,
    "replay": 26,
    "ewc": 0,
    "lwf": 0,
    "ncm": 0,
    "si": 0,
    "slda": 0,
}


def module_of(name: str) -> ModuleType:
    return registry.load(registry.find("strategies", name))


def settings_of(name: str, **changes: Any) -> Any:
    """Small settings; the memory holds 26 samples and features are a network's, where there are such."""
    settings = module_of(name).Settings
    wished = {"network": "ann", "hidden": [16], "batch": 10, "lr": 0.01, "memory": 26, "features": "network"}
    known = {one for one in wished if hasattr(settings(), one)}
    return settings(**{key: wished[key] for key in known} | changes)


def outcome(name: str, settings: Any = None, **stream: Any) -> Outcome:
    seed_everything(0)
    return run(
        module_of(name).continual,
        settings or settings_of(name),
        small_task(**{"passes": 2} | stream),
        lambda progress: None,
    )


def trained(name: str, task: ContinualTask, settings: Any = None) -> tuple[Any, Benchmark]:
    benchmark = Benchmark(task)
    seed_everything(0)
    built = module_of(name).continual(settings or settings_of(name), task)
    strategy: Any = adopt(built, benchmark.store)
    for experience in benchmark.train:
        strategy.train(experience, eval_streams=[])
    return strategy, benchmark


@pytest.mark.parametrize("name", sorted(STORED))
@pytest.mark.parametrize("network", ["ann", "hp"])
def test_a_row_says_how_many_samples_are_stored(name: str, network: str) -> None:
    row = outcome(name, settings_of(name, network=network)).row
    assert (row["network"], row["memory_samples"]) == (network, STORED[name])


@pytest.mark.parametrize("name", ["gdumb", "der", "ncm", "slda", "icarl"])
def test_what_holds_statistics_or_samples_of_all_classes_does_not_forget(name: str) -> None:
    assert outcome(name, passes=10).row["accuracy"] > 0.9


@pytest.mark.parametrize("name", ["ncm", "slda"])
def test_statistics_of_pixels_count_every_sample_once_and_need_no_network(name: str) -> None:
    task = small_task(regime="task", passes=3)
    strategy, _ = trained(name, task, settings_of(name, features="pixels"))
    model = strategy.model.network
    assert model.discriminant.counts.tolist() == [len(part.targets) / 2 for part in task.train for _ in "ab"]
    for number, part in enumerate(task.train):
        for target in (0, 1):
            mean = part.inputs[part.targets == target].mean(0)
            torch.testing.assert_close(model.discriminant.means[2 * number + target], mean)
    row = outcome(name, settings_of(name, features="pixels"), passes=3).row
    assert (row["network"], row["epochs"], row["dialect"]) == ("none", 1, None)
    assert row["synops_dense"] == 9 * 4, "the discriminant is counted"


def test_a_network_that_makes_features_is_fixed_after_its_experiences() -> None:
    task = small_task()
    benchmark = Benchmark(task)
    states = {}
    for learning in (0, 1, 2):
        seed_everything(0)
        settings = settings_of("ncm", learning_experiences=learning)
        strategy: Any = adopt(module_of("ncm").continual(settings, task), benchmark.store)
        weight = strategy.model.extractor.network[1].weight
        states[learning] = [weight.detach().clone()]
        for experience in benchmark.train:
            strategy.train(experience, eval_streams=[])
            states[learning].append(weight.detach().clone())
    moved = {key: [not torch.equal(*pair) for pair in pairwise(one)] for key, one in states.items()}
    assert moved == {0: [False, False], 1: [True, False], 2: [True, True]}


def test_gdumb_makes_its_passes_over_the_memory_alone_from_the_same_start() -> None:
    row = outcome("gdumb", settings_of("gdumb", memory_passes=7)).row
    assert (row["passes"], row["epochs"]) == (2, 7)
    strategy, _ = trained("gdumb", small_task(), settings_of("gdumb", memory_passes=1, lr=0.0))
    seed_everything(0)
    fresh = module_of("gdumb").continual(settings_of("gdumb"), small_task()).model
    for mine, theirs in zip(strategy.model.parameters(), fresh.parameters(), strict=True):
        assert torch.equal(mine, theirs)


def test_lwf_teaches_the_classes_of_earlier_experiences_by_a_network_that_stands_still() -> None:
    strategy, _ = trained("lwf", small_task(), settings_of("lwf", network="hp"))
    [plugin] = [one for one in strategy.plugins if hasattr(one, "lwf")]
    assert dict(plugin.lwf.prev_classes_by_task) == {0: {0, 1, 2, 3}}
    assert not any(module.training for module in plugin.lwf.prev_model.modules())
    by_task, _ = trained("lwf", small_task(regime="task"))
    [plugin] = [one for one in by_task.plugins if hasattr(one, "lwf")]
    assert dict(plugin.lwf.prev_classes_by_task) == {0: {0, 1}, 1: {0, 1}}


def test_der_stores_the_scores_of_the_samples_own_head() -> None:
    strategy, _ = trained("der", small_task(regime="task"))
    strategy.model.eval()
    last = [item for item in strategy.storage_policy.buffer if int(item[2]) == 1]
    assert last
    for inputs, _, label, scores in last:
        expected = strategy.model(inputs[None], torch.tensor([int(label)]))[0]
        torch.testing.assert_close(scores, expected.detach())


def test_all_heads_are_read_at_once() -> None:
    heads = TaskHeads(torch.nn.Identity(), 2)
    scores = torch.arange(8.0).reshape(2, 4)
    read = heads(scores, None)
    assert {label: one.tolist() for label, one in read.items()} == {0: [[0, 1], [4, 5]], 1: [[2, 3], [6, 7]]}
    for label in (0, 1):
        assert torch.equal(read[label], heads.forward_single_task(scores, label))


@pytest.mark.parametrize("regime", ["task", "domain"])
def test_icarl_is_refused_where_targets_come_again(regime: str) -> None:
    with pytest.raises(InputError, match=rf"icarl .* in the {regime} regime .* scenario\.regime=class"):
        outcome("icarl", regime=regime)


def test_icarl_needs_an_exemplar_of_each_class() -> None:
    with pytest.raises(InputError, match=r"strategy\.memory=3 .* at least 4"):
        outcome("icarl", settings_of("icarl", memory=3))


@pytest.mark.parametrize("name", ["icarl", "ncm", "slda"])
def test_statistics_know_no_best_pass(name: str) -> None:
    with pytest.raises(InputError, match=r"scenario\.selection=last"):
        outcome(name, selection="validation")
