"""The layers of networks of every kind, and what they pass on."""

from typing import Any

import pytest
import torch
from stream import small_task
from test_learning_baselines import module_of, settings_of

from hpbench.learning.layers import outputs_by_layer, weighted_layers, weights_by_layer
from hpbench.learning.settings import ContinualSettings
from hpbench.networks.family import build_network
from hpbench.runs.seeding import seed_everything
from hpbench.spiking.window import Window


def network(kind: str, **changes: Any) -> Any:
    torch.manual_seed(0)
    return build_network(kind, ContinualSettings(hidden=[60, 12], **changes), small_task()).eval()


def test_spikes_are_rates_and_scores_come_last() -> None:
    spiking, inputs = network("gp"), small_task().test[0].inputs[torch.arange(30)]
    window, expected = spiking.encoder(inputs), []
    for layer in spiking.layers:
        window = Window(layer(window).spikes)
        expected.append(window.values.mean(0))
    found = outputs_by_layer(spiking, spiking, inputs.split(7))
    for mine, theirs in zip(found[:2], expected, strict=False):
        assert torch.equal(mine, theirs)
    assert torch.allclose(found[-1], spiking(inputs))
    assert not any(layer._forward_pre_hooks for layer in weighted_layers(spiking).values())


def test_of_the_real_valued_twin_they_are_values() -> None:
    dense, inputs = network("ann"), small_task().test[0].inputs[torch.arange(30)]
    first = torch.relu(dense[1](inputs))
    second = torch.relu(dense[3](first))
    for mine, theirs in zip(
        outputs_by_layer(dense, dense, [inputs]), (first, second, dense[5](second)), strict=True
    ):
        assert torch.allclose(mine, theirs)


@pytest.mark.parametrize(
    ("name", "changes", "layers"),
    [
        ("gp", {}, 2),
        ("hp", {"recurrent": True}, 2),
        ("gp", {"kernels": [4], "hidden": [6]}, 3),
        ("decolle", {"hidden": [6, 5]}, 2),
        ("eprop", {"hidden": [6, 5]}, 3),
        ("eventprop", {"hidden": [6]}, 2),
        ("ann", {}, 2),
    ],
)
def test_every_kind_of_network_has_its_layers_weights_and_outputs(
    name: str, changes: dict[str, Any], layers: int
) -> None:
    seed_everything(0)
    task = small_task()
    strategy = module_of(name).continual(settings_of(name, **changes), task)
    model = strategy.model.eval()
    inputs = task.test[0].inputs[torch.arange(20)]
    assert [len(one) for one in outputs_by_layer(model, model, [inputs[:8], inputs[8:]])] == [20] * layers
    weights, parameters = weights_by_layer(model), dict(model.named_parameters())
    assert len(weights) == layers
    assert all(parameters[name].ndim > 1 for some in weights for name in some)
    assert [len(some) for some in weights] == [1 + bool(changes.get("recurrent")), *[1] * (layers - 1)]
