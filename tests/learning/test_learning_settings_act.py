"""Every setting of a strategy or stream acts in a run, or is refused there: none is passed over."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from alternatives import idle
from stream import pictures
from test_learning_baselines import module_of

from hpbench.core.acting import without_effect
from hpbench.core.stream import refuse, stream_of
from hpbench.data.images.image_data import ImageData
from hpbench.learning.benchmark import Benchmark
from hpbench.learning.losses import LOSSES
from hpbench.learning.scores import Scores
from hpbench.learning.settings import StreamSettings
from hpbench.learning.strategy import adopt, is_joint, learner, prototypes_of
from hpbench.learning.watch import LearningCurve
from hpbench.runs.seeding import seed_everything
from hpbench.streams.split import split_by_class
from hpbench.tasks.resources import Resources

DATA = ImageData("small", *pictures(20, 0), *pictures(10, 1), "made here")
STREAM = StreamSettings()
ON = {"prototypes": True, "feature_drift": "ignored"}

QUICK = {
    "hidden": [8],
    "batch": 10,
    "lr": 0.01,
    "memory": 12,
    "memory_passes": 2,
}
BASES: dict[str, tuple[str, dict[str, Any]]] = {
    "hp": ("hp", {}),
    "hp with prototypes": ("hp", {**ON, "mix": 0.5, "mix_samples": 5.0}),
    "hp with what is in Eq. 10": ("hp", {"theta_gradient": "exact", "energy_weight": 0.1}),
    "gp of adaptive neurons": ("gp", {"neuron": "adaptive"}),
    "gp of izhikevich neurons": ("gp", {"neuron": "izhikevich", "read_out": "first_spike"}),
    "gp of spike_response neurons": ("gp", {"neuron": "spike_response"}),
    "ann with prototypes": ("ann", {**ON, "prototype_read_out": "cosine"}),
    "ncm": ("ncm", {}),
    "ncm of a network": ("ncm", {"features": "network", "network": "hp"}),
    "slda of a network that does not learn": (
        "slda",
        {"features": "network", "network": "gp", "learning_experiences": 0},
    ),
    "ewc on hp": ("ewc", {"network": "hp", "ewc_lambda": 1.0}),
    "decolle": ("decolle", {"hidden": [6, 5]}),
    "eventprop": ("eventprop", {}),
    "spikeprop": ("spikeprop", {}),
    "gdumb": ("gdumb", {}),
}

SLOW = {one for one in BASES if one.endswith("neurons")} | {
    "hp",
    "hp with prototypes",
    "hp with what is in Eq. 10",
    "ewc on hp",
    "ncm of a network",
}
UNSEEN = ("below", "trace_at_test")
"""What acts on silent layers, and what moves a hidden spike in larger networks: neither is met here."""


def base(name: str, changes: dict[str, Any]) -> Any:
    """Small settings of a strategy, as far as it has such and they act."""
    settings = module_of(name).Settings(**changes)
    for key, value in QUICK.items():
        if hasattr(settings, key) and key not in changes:
            changed = replace(settings, **{key: value})
            settings = settings if without_effect(changed, "strategy", None) else changed
    return settings


def trace(name: str, settings: Any, stream: StreamSettings) -> tuple[Any, ...]:
    """Everything that a tiny run leaves: parameters, statistics, losses and scores of the test part."""
    task = split_by_class(DATA, 2, stream, Resources(None, "cpu", print))
    refuse(module_of(name).continual, settings, task.stream())
    seed_everything(0)
    strategy: Any = module_of(name).continual(settings, task)
    benchmark = Benchmark(task, with_rows=prototypes_of(strategy) is not None)
    adopt(strategy, benchmark.store)
    curve = LearningCurve(lambda progress: None, [1] * len(benchmark.train), strategy.train_epochs)
    strategy.plugins.insert(0, curve)
    for some in [benchmark.train] if is_joint(strategy) else benchmark.train:
        strategy.train(some, eval_streams=[])
    seed_everything(1)
    left = [*learner(strategy).state_dict().values()]
    if not task.multi_head:
        with Scores(strategy).asked() as scores, torch.no_grad():
            some = task.test[0].inputs[torch.arange(10)], task.test[0].targets[:10]
            answers = scores(some[0])
            left += [answers, LOSSES[getattr(settings, "loss", "mse")](answers, some[1])]
    sizes = strategy.train_mb_size, strategy.eval_mb_size, len(task.train[0].targets)
    return (sizes, curve.points, *(one.detach().double().flatten().tolist() for one in left))


def marked(which: str) -> Any:
    """Spiking networks with all their settings take longer."""
    return pytest.param(which, marks=[pytest.mark.slow] if which in SLOW else [])


@pytest.mark.parametrize("which", map(marked, BASES))
def test_every_setting_of_a_strategy_acts_or_is_refused(which: str) -> None:
    name, changes = BASES[which]
    stream = stream_of(STREAM, "continual")
    found = idle(base(name, changes), "strategy", stream, lambda settings: trace(name, settings, STREAM))
    assert [one for one in found if not one.startswith(UNSEEN)] == []


@pytest.mark.parametrize(
    "which", ["hp", "ann with prototypes", "ncm", "ncm of a network", "gdumb", "decolle"]
)
def test_every_setting_of_a_stream_acts_or_is_refused(which: str) -> None:
    name, changes = BASES[which]
    settings = base(name, changes)
    found = idle(STREAM, "scenario", settings, lambda other: trace(name, settings, other))
    # These say which part is tested, and which pass is best: of one pass, the only one.
    assert [one for one in found if not one.startswith(("evaluate_on", "selection"))] == []
