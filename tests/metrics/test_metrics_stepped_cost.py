"""Costs of networks that call their layers once a time step, against loops over samples and steps."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import norse.torch as norse
import pytest
import torch
from stepped import STEPS, ByHand, counted, in_batches, spikes_in
from torch import Tensor
from toy import QUICK

from hpbench.metrics.cost import Cost, measure
from hpbench.operations.layer import Operations

CONTRIBUTING = (Path(__file__).resolve().parents[2] / "CONTRIBUTING.md").read_text()


def shown(network: torch.nn.Module, inputs: Tensor) -> Cost:
    return measure(network.eval(), lambda: network(inputs))


def test_a_layer_called_at_every_step_is_counted_per_sample_and_not_per_call() -> None:
    network, inputs = ByHand(), spikes_in((4, STEPS, 10))
    cost = measure(network, in_batches(network, inputs, (3, 1)))
    assert list(cost.layers) == ["first", "second", "output"], "in the order of calls, not of registration"
    assert [layer.samples for layer in cost.layers.values()] == [4, 4, 4]
    columns = cost.columns()
    expected = counted(network, inputs)
    assert 0.1 < expected["activation_sparsity"] < 0.9
    assert {name: columns[name] for name in expected} == pytest.approx(expected)


def test_without_a_declaration_currents_are_not_taken_for_spikes() -> None:
    network, inputs = ByHand(torch.nn.Identity()), spikes_in((4, STEPS, 10))
    cost = shown(network, inputs)
    assert cost.activation_sparsity is None
    assert cost.undeclared == ("first", "second")
    assert cost.columns()["synops_acs"] == pytest.approx(counted(network, inputs)["synops_acs"])


def test_neurons_of_ones_own_are_a_module_with_a_method_activity() -> None:
    class Named(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = torch.nn.ReLU()

        def forward(self, fired: Tensor) -> Tensor:
            return self.inner(fired)

        def activity(self, result: Tensor, fired: Tensor) -> Operations:
            return Operations(silent=int((result == 0).sum()), neuron_steps=result.numel())

    network, inputs = ByHand(Named()), spikes_in((4, STEPS, 10))
    sparsity = shown(network, inputs).activation_sparsity
    assert sparsity == pytest.approx(counted(network, inputs)["activation_sparsity"])


def test_the_first_current_may_be_computed_once_for_all_steps() -> None:
    class Once(ByHand):
        def forward(self, inputs: Tensor) -> Tensor:
            current, membrane = self.first(inputs[:, 0]), torch.zeros(len(inputs), 7)
            for _ in range(STEPS):
                membrane = membrane + current
                scores = self.second(self.mark((membrane > 1).float()))
            return scores

    inputs = spikes_in((4, 1, 10))
    first, second = shown(Once(), inputs).layers.values()
    assert (first.dense, second.dense) == (4 * 70, 4 * STEPS * 35)
    assert first.neuron_steps == 4 * STEPS * 7
    undeclared = shown(Once(torch.nn.Identity()), inputs)
    assert (undeclared.undeclared, undeclared.activation_sparsity) == (("first",), None)


@pytest.mark.parametrize("time_first", [True, False])
def test_all_steps_may_be_one_call_with_time_among_the_samples(time_first: bool) -> None:
    class Flattened(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(10, 7)

        def forward(self, inputs: Tensor) -> Tensor:
            return self.layer(inputs.transpose(0, 1) if time_first else inputs.flatten(0, 1))

    inputs = spikes_in((4, STEPS, 10))
    [layer] = shown(Flattened(), inputs).layers.values()
    assert (layer.samples, layer.dense) == (4, 4 * STEPS * 70)
    assert layer.accumulates == 7 * inputs.sum()


def test_norses_neurons_are_known_and_its_integrators_have_no_spikes() -> None:
    class Norse(torch.nn.Module):
        def __init__(self, readout: torch.nn.Module) -> None:
            super().__init__()
            torch.manual_seed(0)
            first, second = torch.nn.Linear(10, 7), torch.nn.Linear(7, 3)
            torch.nn.init.constant_(first.weight, 3.0)
            self.stack = norse.SequentialState(first, norse.LIFCell(), second, readout)

        def forward(self, inputs: Tensor) -> Tensor:
            state = None
            for now in inputs.unbind(1):
                out, state = self.stack(now, state)
            return out

    inputs = spikes_in((4, 40, 10))
    network = Norse(norse.LICell())
    spikes: list[Tensor] = []
    network.stack[1].register_forward_hook(lambda module, args, result: spikes.append(result[0]))
    cost = shown(network, inputs)
    hidden, output = cost.layers.values()
    fired = torch.stack(spikes)
    assert 0 < fired.sum() < fired.numel()
    assert (hidden.neuron_steps, hidden.silent) == (fired.numel(), (fired == 0).sum())
    assert cost.activation_sparsity == pytest.approx(1 - float(fired.mean()))
    assert output.accumulates == 3 * fired.sum()
    assert output.neuron_steps == 0
    assert shown(Norse(norse.LIFCell()), inputs).activation_sparsity == cost.activation_sparsity


@pytest.mark.parametrize("stepwise", [True, False])
@pytest.mark.parametrize("autapses", [True, False])
def test_norses_recurrent_neurons_count_inputs_and_spikes_that_come_back(
    stepwise: bool, autapses: bool
) -> None:
    class Recurrent(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(0)
            kind = norse.LIFRecurrentCell if stepwise else norse.LIFRecurrent
            weights = {"input_weights": torch.nn.Parameter(torch.full((7, 10), 3.0))}
            self.hidden = kind(10, 7, autapses=autapses, **weights)
            self.output = torch.nn.Linear(7, 3)
            self.trains: list[Tensor] = []

        def forward(self, inputs: Tensor) -> Tensor:
            if stepwise:
                state, trains = None, []
                for now in inputs.unbind(1):
                    fired, state = self.hidden(now, state)
                    trains.append(fired)
                window = torch.stack(trains)
            else:
                window, _ = self.hidden(inputs.transpose(0, 1))
            self.trains = [window]
            return torch.stack([self.output(one) for one in window]).mean(0)

    network, inputs = Recurrent(), spikes_in((4, 40, 10))
    cost = shown(network, inputs)
    [fired] = network.trains
    reach = 7 if autapses else 6
    hidden = cost.layers["hidden"]
    assert 0 < fired[:-1].sum() < fired.numel()
    assert hidden.samples == 4
    assert hidden.accumulates == 7 * inputs.sum() + reach * fired[:-1].sum()
    assert hidden.dense == 4 * 40 * (10 * 7 + 7 * reach)
    assert cost.activation_sparsity == pytest.approx(1 - float(fired.mean()))
    assert cost.uncounted == ()


def test_snntorchs_neurons_are_known() -> None:
    snntorch = pytest.importorskip("snntorch", reason="of the dependency group benchmark")

    class Leaky(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(0)
            self.first, self.second = torch.nn.Linear(10, 7), torch.nn.Linear(7, 3)
            torch.nn.init.normal_(self.first.weight, std=0.6)
            self.plain, self.recurrent = (
                snntorch.Leaky(beta=0.9),
                snntorch.RLeaky(beta=0.9, linear_features=3),
            )
            self.trains: list[Tensor] = []

        def forward(self, inputs: Tensor) -> Tensor:
            membrane, (spikes, again) = self.plain.init_leaky(), self.recurrent.init_rleaky()
            for now in inputs.unbind(1):
                fired, membrane = self.plain(self.first(now), membrane)
                self.trains.append(fired)
                spikes, again = self.recurrent(self.second(fired), spikes, again)
            return spikes

    network, inputs = Leaky(), spikes_in((4, STEPS, 10))
    cost = shown(network, inputs)
    fired = torch.stack(network.trains)
    assert 0 < fired.sum() < fired.numel()
    assert list(cost.layers) == ["first", "second", "recurrent.recurrent"]
    assert cost.layers["second"].accumulates == 3 * fired.sum()
    assert cost.activation_sparsity == pytest.approx(1 - float(fired.mean()))


def test_weights_that_no_layer_answers_for_are_named() -> None:
    class Product(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.matrix = torch.nn.Parameter(torch.ones(10, 3))
            self.gain = torch.nn.Parameter(torch.ones(3, 1))
            self.unused = torch.nn.LSTM(2, 2)

        def forward(self, inputs: Tensor) -> Tensor:
            return (inputs @ self.matrix) * self.gain.T

    network = torch.nn.Sequential(Product(), torch.nn.Linear(3, 2))
    assert shown(network, spikes_in((4, 10))).uncounted == ("0.matrix",)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_convolutions_of_any_kind_add_spikes_and_multiply_values(axes: int) -> None:
    """Against the convolution itself with all weights 1, whose outputs count the inputs that reach them."""
    kind = (torch.nn.Conv1d, torch.nn.Conv2d, torch.nn.Conv3d)[axes - 1]
    layer: Any = kind(4, 6, 3, stride=2, padding=2, dilation=2, groups=2, bias=False)
    ones: Any = kind(4, 6, 3, stride=2, padding=2, dilation=2, groups=2, bias=False)
    torch.nn.init.ones_(ones.weight)
    spikes = spikes_in((3, 4, *(7, 6, 5)[:axes]))
    with torch.no_grad():
        needed, dense = int(ones(spikes).sum()), int(ones(torch.ones_like(spikes)).sum())
    [adding] = shown(torch.nn.Sequential(layer), spikes).layers.values()
    [scaling] = shown(torch.nn.Sequential(layer), spikes / 2).layers.values()
    assert (adding.dense, adding.accumulates, adding.multiply_accumulates) == (dense, needed, 0)
    assert (scaling.dense, scaling.accumulates, scaling.multiply_accumulates) == (dense, 0, needed)


def test_a_layer_may_be_called_by_keyword() -> None:
    class Named(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(10, 3)

        def forward(self, inputs: Tensor) -> Tensor:
            return self.layer(input=inputs)

    network, inputs = Named(), spikes_in((4, 10))
    cost = measure(network, lambda: network(inputs=inputs))
    assert cost.columns()["synops_dense"] == 30


def test_the_example_of_a_stepped_network_is_counted_as_its_record_counts_it(
    hpbench: Callable[..., Any], toy_path: Path, tmp_path: Path
) -> None:
    blocks = re.findall(r"```python\n(.*?)```", CONTRIBUTING, flags=re.DOTALL)
    [text] = [one for one in blocks if "SteppedNetwork" in one]
    strategies = toy_path / "strategies"
    strategies.mkdir(exist_ok=True)
    (strategies / "stepped.py").write_text(text)
    silenced = text.replace("self.spikes(", "(")
    (strategies / "undeclared.py").write_text(silenced)
    quick = [one for one in QUICK if "hidden" not in one]
    out = tmp_path / "board"
    ended = hpbench("run", "scenario=toy", "strategy=stepped,undeclared", *quick, "--out", out)
    assert (ended.code, ended.err) == (0, "")
    records = {
        one["row"]["strategy"]: one
        for one in (json.loads(path.read_text()) for path in out.glob("runs/*/record.json"))
    }
    row, (hidden, output) = records["stepped"]["row"], records["stepped"]["layers"]
    steps, samples = 8, hidden["samples"]
    assert samples == output["samples"] > 0
    assert row["synops_dense"] == steps * (64 * 50 + 50 * 4)
    fired = hidden["neuron_steps"] - hidden["silent"]
    assert hidden["neuron_steps"] == samples * steps * 50
    assert output["accumulates"] == fired * 4
    assert row["synops_acs"] == pytest.approx(output["accumulates"] / samples)
    assert row["activation_sparsity"] == pytest.approx(1 - fired / (samples * steps * 50))
    assert records["undeclared"]["row"]["activation_sparsity"] is None
    assert " ".join(ended.out.split()).count("does not declare its spikes") == 1
