"""What a row and a record say of any trained Avalanche strategy, whatever it was tested on."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from torch import Tensor

from hpbench.learning.strategy import learner, looking, prototypes_of
from hpbench.learning.watch import LearningCurve
from hpbench.metrics.conv_cost import counted_convolutions
from hpbench.metrics.cost import measure
from hpbench.metrics.cost_columns import cost_columns
from hpbench.metrics.decolle_cost import counted_decolle
from hpbench.tasks.continual import ContinualTask

_OF_SPIKES = ("dialect", "surrogate", "trace_at_test", "encoding", "time_steps")


def described(
    strategy: Any, task: ContinualTask, curve: LearningCurve, batches: Iterable[list[Tensor]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Columns of a row and details of a record; costs are counted while the strategy looks at `batches`."""
    whole = learner(strategy)
    with counted_convolutions(whole) as convolutions, counted_decolle(whole) as local:
        cost = measure(whole, looking(strategy, batches))
    cost.layers[:0] = [layer for layer in (*convolutions, *local) if layer.samples]
    prototypes = prototypes_of(strategy)
    mixed = prototypes.details() if prototypes is not None else None
    network = getattr(strategy.model, "network", strategy.model)
    facts = network.facts() if hasattr(network, "facts") else {"network": type(network).__name__}
    row = {
        "passes": task.passes,
        "epochs": sum(curve.epochs) / len(curve.epochs),
        "selection": task.selection,
        "evaluated_on": task.evaluate_on,
        "prototype_share": mixed and mixed["local_share"],
        "batch": strategy.train_mb_size,
        **cost_columns(cost),
        **dict.fromkeys(_OF_SPIKES),
        **facts,
    }
    constants = getattr(network, "p", None)
    details = {
        "constants": {name: str(value) for name, value in constants._asdict().items()} if constants else None,
        "prototypes": mixed,
        "curve": [asdict(point) for point in curve.points],
        "layers": [{**asdict(layer), "local_share": layer.local_share} for layer in cost.layers],
    }
    return row, details
