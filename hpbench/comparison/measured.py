"""What a run's network has learned, measured over its training."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from hpbench.comparison.settings import CompareSettings
from hpbench.kept.model import load_model
from hpbench.learning.fisher import fisher_traces
from hpbench.learning.layers import outputs_by_layer, weights_by_layer
from hpbench.learning.snapshot_file import snapshots_in
from hpbench.metrics.kernel_alignment import kernel_alignment

BATCH = 100


@dataclass(frozen=True)
class Moment:
    """A network before step `step` of training; lists are by layer, the last is the output layer.

    `outputs` are what the layers pass on, (N, n_l); `fisher` the traces of Fisher information of their
    weights, `angles` those between the rule's gradient of their weights and that of backpropagation, in
    degrees; None where a layer has none.
    """

    step: int
    samples: int
    outputs: list[Tensor]
    fisher: list[float]
    angles: list[float | None]


@dataclass(frozen=True)
class Measured:
    """A run: its row and record, what its layers pass on when training has ended, and the moments before."""

    row: dict[str, Any]
    details: dict[str, Any]
    final: list[Tensor]
    moments: list[Moment]

    @property
    def layers(self) -> list[str]:
        """Names of the layers: hidden 1, hidden 2, …, output."""
        return layer_names(len(self.final))


def layer_names(count: int) -> list[str]:
    """Names of this many layers."""
    return [*(f"hidden {number}" for number in range(1, count)), "output"]


def alignment(one: list[Tensor], other: list[Tensor]) -> dict[str, float]:
    """Kernel alignment of the layers of the same name, of those that both networks have."""
    mine, others = (dict(zip(layer_names(len(some)), some, strict=True)) for some in (one, other))
    return {name: kernel_alignment([mine[name]], [others[name]])[0][0] for name in mine if name in others}


def measured(
    row: dict[str, Any],
    details: dict[str, Any],
    model: Path,
    folder: Path,
    inputs: Tensor,
    asked: CompareSettings,
) -> Measured:
    """Measure the network in the file `model` and its snapshots in `folder` on `inputs` (N, …)."""
    module = load_model(model, str(inputs.device)).module
    whole: Any = module
    network = getattr(whole.model, "network", whole.model)
    prefix = next(name for name, one in module.named_modules() if one is network)
    by_layer = [[f"{prefix}.{name}" for name in names] for names in weights_by_layer(network)]
    last = {name: one.clone() for name, one in module.state_dict().items()}
    batches = inputs.split(BATCH)
    final = outputs_by_layer(module, network, batches)
    moments = []
    for snapshot in snapshots_in(folder):
        module.load_state_dict(snapshot.state())
        traces = fisher_traces(
            module,
            [name for some in by_layer for name in some],
            inputs[: asked.fisher_samples],
            snapshot.step,
        )
        moments.append(
            Moment(
                snapshot.step,
                snapshot.samples,
                outputs_by_layer(module, network, batches),
                [sum(traces[name] for name in some) for some in by_layer],
                [_first(snapshot.angles, some) for some in by_layer],
            )
        )
    module.load_state_dict(last)
    return Measured(row, details, final, moments)


def _first(angles: dict[str, float], names: list[str]) -> float | None:
    """The angle of a layer's feed-forward weights, which it has before any others."""
    bare = [name.removeprefix("model.") for name in names]
    return next((angles[name] for name in bare if name in angles), None)
