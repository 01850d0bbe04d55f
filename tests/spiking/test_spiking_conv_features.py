"""The spiking convolutional network against its layers shown step by step."""

import pytest
import torch

from hpbench.core.errors import InputError
from hpbench.spiking.conv_features import SpikingConvFeatures
from hpbench.spiking.neuron import fire
from hpbench.spiking.parameters import PAPER, RELEASE


@pytest.mark.parametrize("down", ["stride", "pool"])
@pytest.mark.parametrize("p", [RELEASE, PAPER])
@pytest.mark.parametrize("steps", [(), (4,)])
def test_rates_are_those_of_the_literal_loop(down: str, p: object, steps: tuple[int, ...]) -> None:
    """An image for all four steps, or frames, another one at every step."""
    torch.manual_seed(0)
    network = SpikingConvFeatures(1, [3, 5], 4, p, down).double()  # type: ignore[arg-type]
    images = torch.rand(6, *steps, 1, 12, 12, dtype=torch.float64)
    for _ in range(20):
        network(images)  # norms learn running statistics
    network.eval()
    spikes = list(images.unbind(1)) if steps else [images] * 4
    for layer in network.layers:
        state = None
        fired_at = []
        for shown in spikes:
            current = layer.pool(layer.norm(layer.conv(shown)))
            state = state or (torch.zeros_like(current), torch.zeros_like(current))
            state = fire(current, *state, p)
            fired_at.append(state[1])
        spikes = fired_at
    rates = torch.stack(spikes).mean(0).flatten(1)
    assert rates.shape == (6, 5 * 3 * 3)
    assert 0 < float(rates.detach().mean()) < 1
    torch.testing.assert_close(network(images), rates)


@pytest.mark.parametrize("steps", [(), (4,)])
def test_neurons_that_integrate_are_read_by_their_mean_currents(steps: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    network = SpikingConvFeatures(1, [3, 5], 4, RELEASE, integrates=True).double()
    images = torch.rand(6, *steps, 1, 12, 12, dtype=torch.float64)
    for _ in range(20):
        network(images)
    first, last = network.eval().layers
    spikes = first(images.transpose(0, 1) if steps else images.unsqueeze(0))
    membrane = sum(last.norm(last.conv(one)) for one in spikes)  # perfect integrators without threshold
    features = torch.relu(membrane / 4).flatten(1)
    assert len(features.unique()) > 50
    torch.testing.assert_close(network(images), features)


@pytest.mark.parametrize("integrates", [False, True])
def test_gradients_reach_every_weight(integrates: bool) -> None:
    torch.manual_seed(0)
    network = SpikingConvFeatures(1, [3, 5], 4, RELEASE, integrates=integrates)
    network(torch.rand(6, 1, 12, 12)).square().sum().backward()
    assert all(bool((one.grad != 0).any()) for one in network.parameters() if one.grad is not None)
    assert all(one.grad is not None for one in network.parameters())


def test_constants_are_checked() -> None:
    with pytest.raises(InputError, match="surrogate=square"):
        SpikingConvFeatures(1, [3], 4, RELEASE._replace(surrogate="square"))
