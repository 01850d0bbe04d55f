"""Operations of convolutions against a count weight by weight."""

import torch

from hpbench.metrics.conv_cost import measure_features
from hpbench.networks.conv import ConvFeatures
from hpbench.spiking.conv_features import SpikingConvFeatures
from hpbench.spiking.parameters import RELEASE


def counted(values: torch.Tensor, filters: int, stride: int) -> int:
    """Weights of 3x3 kernels (padding 1) that meet an input other than 0, over images (B, C, H, W)."""
    count = 0
    _, _, height, width = values.shape
    for y in range(0, height, stride):
        for x in range(0, width, stride):
            seen = values[:, :, max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2]
            count += int(seen.count_nonzero()) * filters
    return count


def images() -> torch.Tensor:
    torch.manual_seed(0)
    values = torch.rand(5, 2, 8, 8)
    return values * (values > 0.5)


def test_real_valued_layers_multiply() -> None:
    network = ConvFeatures(2, [3, 4], "pool")
    cost = measure_features(network, network, images())
    assert [layer.samples for layer in cost.layers] == [5, 5]
    assert cost.layers[0].multiply_accumulates == counted(images(), 3, 1)
    assert cost.layers[0].dense == counted(torch.ones(5, 2, 8, 8), 3, 1)
    assert cost.layers[0].accumulates == 0
    network.eval()
    hidden = network[3](network[2](network[1](network[0](images()))))
    assert cost.layers[1].multiply_accumulates == counted(hidden, 4, 1)


def test_spikes_accumulate_step_by_step() -> None:
    network = SpikingConvFeatures(2, [3, 4], 6, RELEASE)
    network(images())
    cost = measure_features(network, network, images())
    first, second = cost.layers
    assert first.multiply_accumulates == 6 * counted(images(), 3, 2)  # held for six steps
    assert first.dense == 6 * counted(torch.ones(5, 2, 8, 8), 3, 2)
    spikes = network.eval().layers[0](images().unsqueeze(0))
    assert second.accumulates == counted(spikes.flatten(0, 1), 4, 2)
    assert second.multiply_accumulates == 0
    assert first.silent == int((spikes == 0).sum())
    assert first.neuron_steps == spikes.numel()
    assert network.training is False
