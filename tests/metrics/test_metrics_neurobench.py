"""Counts of synaptic operations and of silent neurons beside those of NeuroBench's own code.

NeuroBench is in the dependency group `benchmark`; without it these tests are skipped. Its sparsity includes
neurons of the last layer, which networks here do not have.
"""

from typing import Any

import pytest
import torch
from stepped import STEPS, ByHand, spikes_in
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from hpbench.metrics.cost import measure
from hpbench.operations.neurons import Spikes

pytest.importorskip("snntorch", reason="of the dependency group benchmark")
pytest.importorskip("neurobench", reason="of the dependency group benchmark")


class Convolutional(torch.nn.Module):
    """Inputs (B, T, 2, 6, 6): a spiking convolution and a linear output, a call of each per step."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first = torch.nn.Conv2d(2, 3, 3, stride=2, padding=1)
        self.spikes = Spikes()
        self.output = torch.nn.Linear(27, 3)
        torch.nn.init.normal_(self.first.weight, std=0.6)

    def forward(self, inputs: Tensor) -> Tensor:
        membrane = torch.zeros(len(inputs), 3, 3, 3)
        scores = torch.zeros(len(inputs), 3)
        for now in inputs.unbind(1):
            membrane = 0.9 * membrane + self.first(now)
            fired = self.spikes((membrane > 1).float())
            membrane = membrane - fired
            scores = scores + self.output(fired.flatten(1))
        return scores


def of_neurobench(network: torch.nn.Module, inputs: Tensor, neurons: type) -> dict[str, Any]:
    """The figures of NeuroBench, in batches of 3 and 1."""
    from neurobench.benchmarks import Benchmark
    from neurobench.metrics.workload import ActivationSparsity, SynapticOperations
    from neurobench.models import TorchModel

    model = TorchModel(network)
    model.add_activation_module(neurons)
    data = DataLoader(TensorDataset(inputs, torch.zeros(len(inputs))), batch_size=3)
    workload = [ActivationSparsity, SynapticOperations]
    with torch.no_grad():
        return Benchmark(model, data, [], [], [[], workload]).run(quiet=True)


@pytest.mark.parametrize("gain", [1.0, 0.5, -1.0, 3.0])
@pytest.mark.parametrize(("kind", "shape"), [(ByHand, (10,)), (Convolutional, (2, 6, 6))])
def test_a_stepped_network_costs_what_neurobench_counts(
    kind: type[torch.nn.Module], shape: tuple[int, ...], gain: float
) -> None:
    """With gain 0.5 inputs are values, and with 3 numbers of events, which multiply; spikes accumulate."""
    network, inputs = kind().eval(), gain * spikes_in((4, STEPS, *shape), 0.5)
    theirs = of_neurobench(network, inputs, Spikes)
    ours = measure(network, lambda: [network(one) for one in inputs.split(3)]).columns()
    counts = theirs["SynapticOperations"]
    assert counts["Effective_ACs"] > 0
    assert (counts["Effective_MACs"] > 0) == (abs(gain) != 1)
    assert ours["synops_acs"] == pytest.approx(counts["Effective_ACs"])
    assert ours["synops_macs"] == pytest.approx(counts["Effective_MACs"])
    assert ours["synops_dense"] == pytest.approx(counts["Dense"])
    # NeuroBench averages batches by their size.
    assert ours["activation_sparsity"] == pytest.approx(theirs["ActivationSparsity"])
    assert 0.1 < theirs["ActivationSparsity"] < 0.99
