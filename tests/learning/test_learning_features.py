"""Features are what the last layer would have read."""

from typing import Any

import pytest
import torch
from stream import small_task

from hpbench.learning.features import NetworkFeatures
from hpbench.learning.settings import ContinualSettings
from hpbench.networks.family import build_network
from hpbench.spiking.window import Window


def network(kind: str, **stream: Any) -> torch.nn.Module:
    torch.manual_seed(0)
    return build_network(kind, ContinualSettings(hidden=[60, 12]), small_task(**stream)).eval()


@pytest.mark.parametrize("kind", ["gp", "hp"])
@pytest.mark.parametrize("encoding", ["direct", "latency"])
def test_of_spikes_the_share_of_steps_with_one(kind: str, encoding: str) -> None:
    spiking: Any = network(kind, encoding=encoding)
    inputs = small_task().test[0].inputs
    window = spiking.encoder(inputs)
    for layer in spiking.layers[:-1]:
        window = Window(layer(window).spikes)
    features = NetworkFeatures(spiking)
    assert features.width == 12
    assert torch.equal(features(inputs), sum(window.values.unbind()) / window.steps)
    assert 0 < float(features(inputs).detach().mean()) < 1


def test_of_the_real_valued_twin_the_last_hidden_layer() -> None:
    dense: Any = network("ann")
    inputs = small_task().test[0].inputs
    *hidden, last = dense
    expected = torch.nn.Sequential(*hidden)(inputs)
    assert torch.equal(NetworkFeatures(dense)(inputs), expected)
    assert torch.equal(dense(inputs), last(expected)), "the network itself is as it was"


def test_without_a_hidden_layer_the_pixels() -> None:
    task = small_task()
    bare = build_network("gp", ContinualSettings(hidden=[]), task)
    assert torch.equal(NetworkFeatures(bare)(task.test[0].inputs), task.test[0].inputs)
