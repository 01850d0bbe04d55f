"""Columns and record entries of a trained Avalanche strategy that all protocols on streams share."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from torch import Tensor

from hpbench.core.columns import OF_SPIKING
from hpbench.core.facts import checked_facts
from hpbench.learning.strategy import learner, looking, network_of, prototypes_of
from hpbench.learning.watch import LearningCurve
from hpbench.metrics.cost import measure
from hpbench.tasks.continual import ContinualTask


def described(
    strategy: Any, task: ContinualTask, curve: LearningCurve, batches: Iterable[list[Tensor]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Columns of a row and details of a record; costs are counted on forward passes with `batches`."""
    cost = measure(learner(strategy), looking(strategy, batches))
    prototypes = prototypes_of(strategy)
    mixed = prototypes.details() if prototypes is not None else None
    network = network_of(strategy)
    row = {
        "passes": task.passes,
        "epochs": sum(curve.epochs) / len(curve.epochs),
        "selection": task.selection,
        "evaluated_on": task.evaluate_on,
        "prototype_share": mixed and mixed["local_share"],
        "batch": strategy.train_mb_size,
        **cost.columns(),
        **dict.fromkeys(OF_SPIKING),
        **checked_facts(network),
    }
    constants = getattr(network, "p", None)
    details = {
        "constants": {name: str(value) for name, value in constants._asdict().items()} if constants else None,
        "prototypes": mixed,
        "curve": [asdict(point) for point in curve.points],
        "layers": [
            {"name": name, **layer.counts(), "local_share": layer.local_share}
            for name, layer in cost.layers.items()
        ],
        **cost.gaps(),
    }
    return row, details
