"""A kept model's figures in NeuroBench's form, beside those that NeuroBench's own code measures."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset
from toy import QUICK

from hpbench import registry
from hpbench.kept.model import load_model
from hpbench.learning.strategy import network_of
from hpbench.operations.neurons import Spikes
from hpbench.plan.compose import plan
from hpbench.runs.evaluated import on_task
from hpbench.runs.execute import execute
from hpbench.runs.neurobench import neurobench_results
from hpbench.spiking.network import SpikingNetwork
from hpbench.spiking.readout import read_out
from hpbench.tasks.resources import Resources

Command = Callable[..., Any]


class Stepped(torch.nn.Module):
    """A dense spiking network as users of NeuroBench write them: a linear layer and a neuron per step."""

    def __init__(self, network: SpikingNetwork) -> None:
        super().__init__()
        self.p, self.steps, self.coding = network.p, network.encoder.steps, network.read_out
        self.linear, self.spikes = torch.nn.ModuleList(), torch.nn.ModuleList()
        for layer in network.layers:
            cell: Any = layer.cell
            weight = cell.linear.weight + (cell.alpha * layer.trace).T if cell.local else cell.linear.weight
            linear = torch.nn.Linear(*reversed(weight.shape))
            linear.load_state_dict({"weight": weight.detach(), "bias": cell.linear.bias.detach()})
            self.linear.append(linear)
            self.spikes.append(Spikes())

    def forward(self, inputs: Tensor) -> Tensor:
        p = self.p
        states = [torch.zeros(len(inputs), one.out_features) for one in self.linear]
        fired = [torch.zeros_like(one) for one in states]
        seen: list[tuple[Tensor, Tensor]] = []
        for step in range(self.steps):
            values = inputs
            for number, (linear, spikes) in enumerate(zip(self.linear, self.spikes, strict=True)):
                current = linear.bias + p.weight_scale(step) * (linear(values) - linear.bias)
                states[number] = p.membrane_decay * (states[number] - p.threshold * fired[number]) + current
                fired[number] = values = spikes((states[number] > p.threshold).float())
            seen.append((values, states[-1]))
        last, membranes = (torch.stack(one) for one in zip(*seen, strict=True))
        return read_out(self.coding, last, membranes, p.threshold)


def of_neurobench(network: torch.nn.Module, inputs: Tensor, targets: Tensor) -> dict[str, Any]:
    """The results of NeuroBench's own code."""
    from neurobench.benchmarks import Benchmark
    from neurobench.metrics.static import ConnectionSparsity, Footprint, ParameterCount
    from neurobench.metrics.workload import ActivationSparsity, ClassificationAccuracy, SynapticOperations
    from neurobench.models import TorchModel

    model = TorchModel(network)
    model.add_activation_module(Spikes)
    data = DataLoader(TensorDataset(inputs, targets), batch_size=20)
    static = [Footprint, ParameterCount, ConnectionSparsity]
    workload = [ClassificationAccuracy, ActivationSparsity, SynapticOperations]
    chosen = Benchmark(model, data, [], [lambda scores: scores.argmax(1)], [static, workload])
    with torch.no_grad():
        return chosen.run(quiet=True)


@pytest.mark.parametrize("strategy", ["gp", "hp"])
def test_neurobench_measures_the_same_figures(strategy: str, toy_path: Path, tmp_path: Path) -> None:
    """HP's trace is one more tensor beside the weights, so that only its operations are compared."""
    pytest.importorskip("snntorch", reason="of the dependency group benchmark")
    pytest.importorskip("neurobench", reason="of the dependency group benchmark")
    [run] = plan(["scenario=toy", f"strategy={strategy}", *QUICK, "strategy.read_out=rate", "save=model"])
    record = execute(run, tmp_path, force=False, say=print, report=lambda _: None)
    assert record.model is not None
    kept = load_model(record.model)
    module = registry.load(registry.find("scenarios", "toy"))
    task = module.build(run.scenario_settings, Resources(None, "cpu", print))
    ours = neurobench_results(kept, task)
    parts = task.test
    inputs, targets = (torch.cat([getattr(one, name) for one in parts]) for name in ("inputs", "targets"))
    stepped = Stepped(network_of(kept.strategy))  # type: ignore[arg-type]
    theirs = of_neurobench(stepped, inputs, targets)
    assert 0.4 < theirs["ActivationSparsity"] < 0.99
    assert theirs["SynapticOperations"]["Effective_ACs"] > 0
    names = ["ClassificationAccuracy", "ActivationSparsity", "ConnectionSparsity"]
    names += ["Footprint", "ParameterCount"] if strategy == "gp" else []
    for name in names:
        assert ours[name] == pytest.approx(theirs[name]), name
    assert ours["SynapticOperations"] == pytest.approx(theirs["SynapticOperations"])
    assert on_task(kept, task).columns["accuracy"] == record.row["accuracy"]  # counting changed nothing


def test_results_are_written_beside_the_record(
    hpbench: Command, kept: Callable[[str], Path], toy_path: Path, tmp_path: Path
) -> None:
    shutil.copytree(kept("gp"), tmp_path / "out")
    [folder] = (tmp_path / "out" / "runs").iterdir()
    ended = hpbench("export", folder.name, "neurobench", "--out", tmp_path / "out")
    assert ended.code == 0, ended.err
    assert str(folder / "neurobench.json") in ended.out
    found = json.loads((folder / "neurobench.json").read_text())
    row = json.loads((folder / "record.json").read_text())["row"]
    assert found["ClassificationAccuracy"] == pytest.approx(row["accuracy"])
    assert found["SynapticOperations"]["Dense"] == row["synops_dense"]
    assert found["Footprint"] == row["footprint_bytes"]
    assert found["hpbench"]["run_id"] == folder.name


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nir",), "strategy.weight_time_constant=1e9, which is exact"),
        (("neurobench", "--mean-decay"), "--mean-decay is for nir"),
        (("onnx",), "'onnx' is not one of"),
        (("nir", "--mean-decay", "--to", "FOLDER/record.json/x"), "record.json"),
    ],
)
def test_bad_input_is_one_message(
    words: tuple[str, ...], message: str, hpbench: Command, kept: Callable[[str], Path], toy_path: Path
) -> None:
    out = kept("gp")
    [folder] = (out / "runs").iterdir()
    before = sorted(folder.iterdir())
    chosen = [word.replace("FOLDER", str(folder)) for word in words]
    ended = hpbench("export", folder.name, *chosen, "--out", out)
    assert ended.code == 2
    assert message in ended.err
    assert sorted(folder.iterdir()) == before


def test_a_network_that_does_not_spike_is_no_nir_graph(
    hpbench: Command, kept: Callable[[str], Path], toy_path: Path
) -> None:
    [folder] = (kept("ann") / "runs").iterdir()
    ended = hpbench("export", folder, "nir")
    assert (ended.code, "DenseNetwork is no network of HP layers" in ended.err) == (2, True)
    assert hpbench("export", "abc", "nir", "--out", kept("ann")).code == 2
