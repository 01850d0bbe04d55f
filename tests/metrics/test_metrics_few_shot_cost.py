"""Operations of convolutions against a count weight by weight."""

import pytest
import torch

from hpbench.few_shot.episodes import Episodes
from hpbench.few_shot.learner import FeatureLearner
from hpbench.few_shot.read_outs import HebbianBinding, Matching, Prototypes
from hpbench.few_shot.settings import BindingSettings
from hpbench.few_shot.showing import showing
from hpbench.metrics.cost import Cost, measure
from hpbench.networks.conv import ConvFeatures
from hpbench.spiking.conv_features import SpikingConvFeatures
from hpbench.spiking.parameters import RELEASE
from hpbench.tasks.few_shot import Classes


def counted(values: torch.Tensor, filters: int, stride: int) -> int:
    """Weights of 3x3 kernels (padding 1) that meet an input other than 0, over images (B, C, H, W)."""
    count = 0
    _, _, height, width = values.shape
    for y in range(0, height, stride):
        for x in range(0, width, stride):
            seen = values[:, :, max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2]
            count += int(seen.count_nonzero()) * filters
    return count


def measured(learner: FeatureLearner) -> Cost:
    """One episode: a support of two, three queries."""
    classes = Classes((255 * images()).byte().unsqueeze(1))
    episodes = Episodes(torch.tensor([[0, 1]]), torch.tensor([[2, 3, 4]]), 2)
    return measure(learner, showing(learner, classes, episodes), learner.parts())


def images() -> torch.Tensor:
    """Values that a byte can hold."""
    torch.manual_seed(0)
    values = torch.randint(0, 256, (5, 2, 8, 8))
    return values * (values > 128) / 255


def test_real_valued_layers_multiply() -> None:
    torch.manual_seed(0)
    network = ConvFeatures(2, [3, 4], "pool")
    cost = measured(FeatureLearner(network, Prototypes(), {}))
    first, second, output = cost.layers.values()
    assert [layer.samples for layer in (first, second, output)] == [5, 5, 3]
    assert first.multiply_accumulates == counted(images(), 3, 1)
    assert first.dense == counted(torch.ones(5, 2, 8, 8), 3, 1)
    assert first.accumulates == 0
    network.eval()
    hidden = network[3](network[2](network[1](network[0](images()))))
    assert second.multiply_accumulates == counted(hidden, 4, 1)
    queries = network(images())[2:]
    assert output.dense == 3 * 16 * 2  # features by way for each query
    assert output.multiply_accumulates == int((queries != 0).sum()) * 2 < 3 * 16 * 2
    before_pool = [network[2](network[1](network[0](images()))), network[6](network[5](network[4](hidden)))]
    silent = sum(int((one == 0).sum()) for one in before_pool)
    assert cost.activation_sparsity == silent / sum(one.numel() for one in before_pool)
    assert cost.local_share is None


def test_spikes_accumulate_step_by_step() -> None:
    torch.manual_seed(1)
    network = SpikingConvFeatures(2, [3, 4], 6, RELEASE)
    network(images())
    read_out = HebbianBinding(16, 2, BindingSettings(alpha=1.0))
    torch.nn.init.normal_(read_out.connections.weight)
    learner = FeatureLearner(network, read_out, {})
    cost = measured(learner)
    first, second, output = cost.layers.values()
    assert first.multiply_accumulates == 6 * counted(images(), 3, 2)  # held for six steps
    assert first.dense == 6 * counted(torch.ones(5, 2, 8, 8), 3, 2)
    spikes = network.eval().layers[0](images().unsqueeze(0))
    assert second.accumulates == counted(spikes.flatten(0, 1), 4, 2)
    assert second.multiply_accumulates == 0
    assert first.silent == int((spikes == 0).sum())
    assert first.neuron_steps == spikes.numel()
    assert output.trace_writes / output.samples == 16 * 2
    state = [*learner.parameters(), *learner.buffers()]
    assert cost.footprint_bytes == sum(one.numel() * one.element_size() for one in state) + 4 * 16 * 2
    assert cost.activation_sparsity == (first.silent + second.silent) / (
        first.neuron_steps + second.neuron_steps
    )
    rates = network(images())
    ahead, local = read_out.currents(rates[None, :2], torch.tensor([0, 1]), rates[None, 2:], 2)
    size = [float(one.abs().sum()) for one in (ahead, local)]
    assert cost.local_share == pytest.approx(size[1] / sum(size))
    assert 0 < size[1] / sum(size) < 1
    assert network.training is False


def test_attention_reads_every_sample_of_the_support() -> None:
    network = ConvFeatures(2, [3, 4], "pool")
    classes = Classes((255 * images()).byte().unsqueeze(1))
    episodes = Episodes(torch.tensor([[0, 1, 2, 3]]), torch.tensor([[4]]), 2)
    learner = FeatureLearner(network, Matching(), {})
    cost = measure(learner, showing(learner, classes, episodes), learner.parts())
    assert cost.layers["output"].dense == 16 * 4
