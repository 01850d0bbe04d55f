"""Layers of one's own: `operations` is all that a measurement asks of them."""

import torch
from torch import Tensor

from hpbench.few_shot.episodes import Episodes
from hpbench.few_shot.learner import FeatureLearner
from hpbench.few_shot.showing import showing
from hpbench.metrics.cost import measure
from hpbench.operations.layer import Operations
from hpbench.tasks.few_shot import Classes


class Halves(torch.nn.Module):
    """Adds both halves of its input (B, 2n), through an inner layer that does not count for itself."""

    def __init__(self, neurons: int) -> None:
        super().__init__()
        self.inner = torch.nn.Linear(2 * neurons, neurons, bias=False)

    def forward(self, values: Tensor, gain: float = 1.0) -> Tensor:
        return gain * self.inner(values)

    def operations(self, result: Tensor, values: Tensor, gain: float = 1.0) -> Operations:
        return Operations(
            samples=len(values),
            dense=values.numel(),
            accumulates=int(values.count_nonzero()),
            silent=int(gain == 0) * result.numel(),
            neuron_steps=result.numel(),
            ahead=(1.0,),
            held_bytes=len(values),
        )


def test_a_layer_is_asked_at_every_pass_and_answers_for_what_is_inside() -> None:
    network = torch.nn.Sequential(Halves(3), torch.nn.Linear(3, 2))
    shown = [torch.ones(1, 6), torch.tensor([[1.0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]])]
    cost = measure(network, lambda: [network(one) for one in shown])
    assert list(cost.layers) == ["0", "1"]
    layer = cost.layers["0"]
    assert (layer.samples, layer.dense, layer.accumulates, layer.neuron_steps) == (3, 18, 7, 9)
    assert layer.counts()["ahead_size"] == 2.0
    weights = 4 * (18 + 6 + 2)
    assert cost.footprint_bytes == weights + 2, "state is held in one pass at a time"


def test_nothing_is_counted_after_a_measurement_nor_where_nothing_is_shown() -> None:
    layer = Halves(3)
    cost = measure(layer, lambda: layer(torch.ones(1, 6), 0.0))
    layer(torch.ones(1, 6))
    assert cost.layers[""].silent == cost.layers[""].neuron_steps == 3
    assert measure(layer, lambda: None).columns()["synops_dense"] is None


def test_a_read_out_that_does_not_count_leaves_the_footprint() -> None:
    class First(torch.nn.Module):
        def forward(self, support: Tensor, labels: Tensor, query: Tensor, ways: int) -> Tensor:
            return query[..., :ways]

    learner = FeatureLearner(torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 3)), First(), {})
    classes = Classes(torch.ones(3, 1, 1, 2, 2, dtype=torch.uint8))
    episodes = Episodes(torch.tensor([[0, 1]]), torch.tensor([[2]]), 2)
    cost = measure(learner, showing(learner, classes, episodes), learner.parts())
    assert cost.layers == {}
    assert cost.footprint_bytes == 4 * (12 + 3)
