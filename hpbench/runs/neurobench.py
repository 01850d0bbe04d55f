"""The figures of a kept model under the names and by the definitions of NeuroBench.

Yik et al., Nat. Commun. 16:1545 (2025); NeuroBench 2.3. Two definitions differ from a row's: activation
sparsity includes the spiking neurons of the last layer, and all tested samples are counted, not the first
100.
"""

from typing import Any

import torch

from hpbench.few_shot.showing import showing
from hpbench.kept.blank_task import Task, learned_of
from hpbench.kept.model import KeptClassifier, KeptLearner, KeptModel
from hpbench.learning.benchmark import Benchmark
from hpbench.learning.strategy import adopt, learner, looking, network_of, prototypes_of
from hpbench.metrics.cost import Cost, footprint, measure
from hpbench.runs.evaluated import check_kind, on_task
from hpbench.runs.few_shot import COUNTED_EPISODES, test_episodes
from hpbench.spiking.network import SpikingNetwork
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.few_shot import FewShotTask

_WEIGHTED = (torch.nn.Linear, torch.nn.Conv1d, torch.nn.Conv2d, torch.nn.Conv3d)
"""Layers whose weights connection sparsity is counted on."""


def neurobench_results(kept: KeptModel, task: Task) -> dict[str, Any]:
    """Results as NeuroBench's own `Benchmark` returns them, with the run they are of under "hpbench".

    Figures that the network does not declare, such as its spikes, are left out. A robustness scenario is
    tested on its clean samples.
    """
    learned = learned_of(task)
    check_kind(kept, "few_shot" if isinstance(learned, FewShotTask) else "continual")
    found = on_task(kept, learned)
    if isinstance(learned, FewShotTask):
        cost, spikes_last = _of_episodes(kept, learned), False
        right, samples = found.columns["accuracy"], found.columns["episodes"]
    else:
        assert isinstance(kept, KeptClassifier)
        cost, spikes_last = _of_stream(kept, learned), isinstance(network_of(kept.strategy), SpikingNetwork)
        counts = [torch.tensor(one) for one in found.details["confusion_by_experience"]]
        samples = sum(int(one.sum()) for one in counts)
        right = sum(int(one.diag().sum()) for one in counts) / samples
    figures = {
        "Footprint": footprint(kept.module),
        "ParameterCount": sum(one.numel() for one in kept.module.parameters()),
        "ConnectionSparsity": _connection_sparsity(kept.module),
        "ClassificationAccuracy": right,
        "ActivationSparsity": _activation_sparsity(cost, spikes_last),
        "SynapticOperations": {
            "Effective_MACs": cost.per_sample("multiply_accumulates"),
            "Effective_ACs": cost.per_sample("accumulates"),
            "Dense": cost.per_sample("dense"),
        },
    }
    own = {
        "run_id": kept.run_id,
        "strategy": kept.described["strategy"],
        "scenario": kept.described["scenario"],
        "dataset": learned.dataset,
        "dataset_sha256": learned.dataset_sha256,
        "tested": samples,
        "versions": kept.described["versions"],
    }
    return {name: one for name, one in figures.items() if one is not None} | {"hpbench": own}


def _of_stream(kept: KeptClassifier, task: ContinualTask) -> Cost:
    strategy = kept.strategy
    benchmark = Benchmark(task, with_rows=prototypes_of(strategy) is not None)
    adopt(strategy, benchmark.store)
    batches = (
        batch
        for one in benchmark.evaluated
        for batch in benchmark.store.batches(one.dataset, strategy.eval_mb_size, shuffle=False)
    )
    return measure(learner(strategy), looking(strategy, batches))


def _of_episodes(kept: KeptModel, task: FewShotTask) -> Cost:
    """As in a row: on some of the test episodes."""
    assert isinstance(kept, KeptLearner)
    module: Any = kept.module
    counted = next(test_episodes(task).pieces(COUNTED_EPISODES))
    return measure(module, showing(module, task.evaluated, counted), module.parts())


def _activation_sparsity(cost: Cost, spikes_last: bool) -> float | None:
    layers = list(cost.layers.values())
    if cost.undeclared or not layers:
        return None
    counted = layers if spikes_last else layers[:-1]
    steps = sum(layer.neuron_steps for layer in counted)
    return sum(layer.silent for layer in counted) / steps if steps else None


def _connection_sparsity(module: torch.nn.Module) -> float | None:
    """Share of weights that are 0, to four digits as NeuroBench has it."""
    weights = [one.weight for one in module.modules() if isinstance(one, _WEIGHTED)]
    total = sum(one.numel() for one in weights)
    return round(sum(int((one == 0).sum()) for one in weights) / total, 4) if total else None
