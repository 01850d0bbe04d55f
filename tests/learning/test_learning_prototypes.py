"""The plugin on a small stream: what it counts, when it reads, what it survives."""

import copy
from typing import Any

import pytest
import torch
from avalanche.core import SupervisedPlugin
from avalanche.training.plugins import EWCPlugin, GDumbPlugin, ReplayPlugin, SynapticIntelligencePlugin
from avalanche.training.templates import SupervisedTemplate
from stream import small_task

from hpbench.core.errors import InputError
from hpbench.core.outcome import Outcome
from hpbench.core.settings import check_settings
from hpbench.learning.benchmark import Benchmark
from hpbench.learning.prototypes.plugin import HebbianPrototypes
from hpbench.learning.settings import ContinualSettings
from hpbench.learning.strategy import adopt, prototypes_of
from hpbench.learning.supervised import supervised
from hpbench.runs.continual import run
from hpbench.runs.seeding import seed_everything
from hpbench.spiking.random.columns import SpikingColumns
from hpbench.tasks.continual import ContinualTask


def settings(**changes: Any) -> ContinualSettings:
    """Prototypes of pixels by the distance to their means, unless the changes say something else."""
    chosen = {
        "network": "ann",
        "hidden": [16],
        "batch": 10,
        "lr": 0.01,
        "prototypes": True,
        "prototype_of": "input",
        "prototype_read_out": "nearest",
    }
    made = ContinualSettings(**{**chosen, **changes})
    check_settings(made, "strategy")
    return made


def started(
    task: ContinualTask, chosen: ContinualSettings, *plugins: SupervisedPlugin, joint: bool = False
) -> tuple[Any, HebbianPrototypes, Benchmark]:
    seed_everything(0)
    strategy = supervised(chosen, task, plugins=plugins, joint=joint)
    benchmark = Benchmark(task, with_rows=True)
    prototypes = prototypes_of(adopt(strategy, benchmark.store))
    assert prototypes is not None
    return strategy, prototypes, benchmark


def trained(task: ContinualTask, chosen: ContinualSettings, *plugins: SupervisedPlugin) -> Any:
    strategy, prototypes, benchmark = started(task, chosen, *plugins)
    for experience in benchmark.train:
        strategy.train(experience, eval_streams=[])
    return strategy, prototypes, benchmark


def means(inputs: torch.Tensor, targets: torch.Tensor, classes: int) -> torch.Tensor:
    return torch.stack([inputs[targets == label].double().mean(0) for label in range(classes)])


def outcome(chosen: ContinualSettings, **stream: Any) -> Outcome:
    seed_everything(0)
    return run(supervised, chosen, small_task(**stream), lambda progress: None)


@pytest.mark.parametrize(
    "plugin", [None, ReplayPlugin(mem_size=30), EWCPlugin(1.0), SynapticIntelligencePlugin(1.0)]
)
@pytest.mark.parametrize(("batch", "passes"), [(10, 1), (7, 3), (1000, 1)])
def test_every_sample_counts_once(plugin: SupervisedPlugin | None, batch: int, passes: int) -> None:
    task = small_task(passes=passes)
    plugins = [] if plugin is None else [copy.deepcopy(plugin)]
    _, prototypes, _ = trained(task, settings(batch=batch), *plugins)
    inputs = torch.cat([part.inputs for part in task.train])
    targets = torch.cat([part.targets for part in task.train])
    memory = prototypes.memory.memory
    assert memory.counts.tolist() == targets.bincount().tolist()
    assert torch.allclose(memory.means.double(), means(inputs, targets, 4), atol=1e-5)


def test_joint_training_counts_the_whole_stream_once() -> None:
    task = small_task(passes=2)
    strategy, prototypes, benchmark = started(task, settings(), joint=True)
    strategy.train(benchmark.train, eval_streams=[])
    assert prototypes.memory.counts.sum() == sum(len(part.targets) for part in task.train)


def test_a_strategy_that_replaces_its_model_keeps_its_prototypes() -> None:
    task = small_task(passes=2)
    strategy, prototypes, _ = trained(task, settings(), GDumbPlugin(mem_size=40))
    inputs = torch.cat([part.inputs for part in task.train])
    targets = torch.cat([part.targets for part in task.train])
    counted = prototypes.counted
    assert [int(n) for n in prototypes.memory.counts] == targets[counted].bincount().tolist()
    assert int(prototypes.memory.counts[2:].min()) > 0  # of the second experience, learned by another model
    wanted = means(inputs[counted], targets[counted], 4)
    assert torch.allclose(prototypes.memory.means.double(), wanted, atol=1e-5)
    strategy.model.eval()
    with prototypes.reader.attached(strategy.model):
        scores = strategy.model(task.test[0].inputs)
    assert float((scores.argmax(1) == task.test[0].targets).float().mean()) > 0.9


def test_no_hook_is_left_when_an_experience_has_ended() -> None:
    strategy, _, benchmark = trained(small_task(), settings())
    strategy.eval(benchmark.evaluated)
    for module in strategy.model.modules():
        assert not module._forward_hooks and not module._forward_pre_hooks


class Seen(SupervisedPlugin):
    """The model's output on every training batch."""

    def __init__(self) -> None:
        super().__init__()
        self.outputs: list[torch.Tensor] = []

    def after_forward(self, strategy: Any, **kwargs: Any) -> None:
        self.outputs.append(strategy.mb_output)


def test_a_batch_is_read_out_before_it_is_added_and_means_are_constants_to_the_loss() -> None:
    seen = Seen()
    chosen = settings(prototype_of="last", prototype_read_out="dot", prototype_training="mix", mix=0.0)
    _, prototypes, _ = trained(small_task(), chosen, seen)
    assert not seen.outputs[0].any() and seen.outputs[1].any()
    assert seen.outputs[1].requires_grad  # by the features
    assert not prototypes.memory.means.requires_grad


def test_apart_the_loss_sees_the_network_alone() -> None:
    task = small_task()
    plain, _, _ = trained(task, settings(prototype_of="last", feature_drift="ignored"))
    seed_everything(0)
    alone = adopt(supervised(settings(prototypes=False), task), Benchmark(task).store)
    for experience in Benchmark(task).train:
        alone.train(experience, eval_streams=[])
    for mine, theirs in zip(plain.model.parameters(), alone.model.parameters(), strict=True):
        assert torch.equal(mine, theirs)


def test_prototypes_of_pixels_do_not_forget_and_the_row_says_what_they_hold() -> None:
    without, with_them = (outcome(settings(prototypes=on), passes=5) for on in (False, True))
    assert with_them.row["accuracy"] > 0.95
    assert with_them.row["forgetting"] < 0.05 < 0.3 < without.row["forgetting"]
    assert with_them.row["memory_samples"] == 0
    held = 4 * (4 * 9 + 4)  # bytes of the means and the counts
    assert with_them.row["footprint_bytes"] - without.row["footprint_bytes"] == held
    assert with_them.details["prototypes"]["local_share"] == with_them.row["prototype_share"] == 1
    assert without.details["prototypes"] is without.row["prototype_share"] is None
    assert outcome(settings(mix=1.0)).details["prototypes"]["local_share"] == 0
    assert 0 < outcome(settings(mix=0.5)).details["prototypes"]["local_share"] < 1


def test_mix_of_one_is_the_network_without_prototypes() -> None:
    assert outcome(settings(mix=1.0)).details["R"] == outcome(settings(prototypes=False)).details["R"]


@pytest.mark.parametrize("network", ["hp", "gp", "lp", "ann"])
@pytest.mark.parametrize("regime", ["class", "task", "domain"])
def test_every_network_in_every_regime(network: str, regime: str) -> None:
    chosen = settings(
        network=network, prototype_of="last", prototype_features="unit", mix=0.3, mix_samples=20.0
    )
    assert outcome(chosen, regime=regime).row["accuracy"] >= 0.25


def test_a_sample_reads_the_prototypes_of_its_own_head() -> None:
    task = small_task(regime="task")
    strategy, prototypes, _ = trained(task, settings())
    memory = prototypes.memory.memory
    for label, part in enumerate(task.train):
        own = means(part.inputs, part.targets, 2)
        assert torch.allclose(memory.means[2 * label : 2 * label + 2].double(), own, atol=1e-5)
    x, labels = torch.cat([task.test[0].inputs[:3], task.test[1].inputs[:3]]), torch.tensor([0] * 3 + [1] * 3)
    strategy.model.eval()
    with prototypes.reader.attached(strategy.model):
        scores = strategy.model(x, labels)
    for sample, label, read in zip(x, labels, scores, strict=True):
        for target in range(2):
            mean = memory.means[2 * int(label) + target]
            assert read[target].item() == pytest.approx((mean @ sample - 0.5 * mean @ mean).item(), abs=1e-4)


@pytest.mark.parametrize("read_out", ["nearest", "lda"])
def test_training_goes_on_from_a_checkpoint_as_if_it_had_not_stopped(read_out: str) -> None:
    task = small_task()
    chosen = settings(network="hp", prototype_read_out=read_out, expansion=20, feature_drift="ignored")
    strategy, prototypes, benchmark = started(task, chosen)
    strategy.train(benchmark.train[0], eval_streams=[])
    saved = copy.deepcopy(
        (strategy.model.state_dict(), strategy.optimizer.state_dict(), prototypes.state_dict())
    )
    other, fresh, again = started(task, chosen)
    other.make_optimizer(reset_optimizer_state=True)  # as Avalanche does before the first experience
    for holder, state in zip((other.model, other.optimizer, fresh), saved, strict=True):
        holder.load_state_dict(state)
    for one, data in ((strategy, benchmark), (other, again)):
        torch.manual_seed(1)
        one.train(data.train[1], eval_streams=[])
    x = torch.cat([part.inputs for part in task.test])
    scores = []
    for one, plugin in ((strategy, prototypes), (other, fresh)):
        one.model.eval()
        with plugin.reader.attached(one.model):
            scores.append(one.model(x))
    assert torch.equal(*scores)
    assert fresh.experiences == 2 and torch.equal(fresh.counted, prototypes.counted)


def test_columns_make_the_features_of_the_image() -> None:
    task = small_task()
    _, prototypes, _ = trained(task, settings(columns=4, column_field=2, column_pool=1))
    columns = prototypes.reader.expansion
    assert isinstance(columns, SpikingColumns)
    inputs, targets = (
        torch.cat([getattr(part, name) for part in task.train]) for name in ("inputs", "targets")
    )
    features = columns(inputs)
    assert features.shape[1] == 4 * 4
    assert torch.allclose(prototypes.memory.means.double(), means(features, targets, 4), atol=1e-5)


def test_selection_of_a_pass_sees_the_mix() -> None:
    chosen = settings(lr=0.0)  # the network learns nothing
    assert outcome(chosen, selection="validation", passes=2).row["accuracy"] > 0.95


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"prototype_read_out": "lda", "prototype_training": "mix"}, "solved at evaluation only"),
        ({"prototype_read_out": "lda", "prototype_decay": 0.9}, "no exact covariance"),
        ({"prototype_features": "counts"}, "values, not spikes"),
        ({"prototype_of": "layer9"}, "prototype_of=layer9"),
        ({"prototype_read_out": "lda", "expansion": 20_000}, "use fewer"),
        ({"columns": 4, "prototype_of": "last"}, "need the image as input"),
        ({"columns": 4, "expansion": 4}, "need the image as input"),
        ({"columns": 4}, "do not fit into images of 3 x 3"),
    ],
)
def test_what_cannot_work_is_refused_with_the_reason(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        supervised(settings(**changes), small_task())


def test_a_loop_of_its_own_is_refused() -> None:
    class Own(SupervisedTemplate):
        def training_epoch(self, **kwargs: Any) -> None:
            raise AssertionError

    task = small_task()
    model = torch.nn.Linear(9, 4)
    plugin = HebbianPrototypes(settings(), model, task)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    strategy = Own(model=model, optimizer=optimizer, plugins=[plugin], evaluator=None)
    with pytest.raises(InputError, match="loop of its own"):
        strategy.train(Benchmark(task, with_rows=True).train[0], eval_streams=[])


def test_settings_that_a_strategy_leaves_unused_are_refused() -> None:
    def plain(settings: Any, task: Any) -> SupervisedTemplate:
        model = torch.nn.Linear(9, task.outputs)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        return SupervisedTemplate(model=model, optimizer=optimizer, evaluator=None)

    with pytest.raises(InputError, match="has no prototypes"):
        run(plain, settings(), small_task(), lambda progress: None)
