"""Spiking networks as NIR graphs: the same spikes in other tools, shapes, and what NIR cannot express."""

from pathlib import Path
from typing import Any

import nir
import nirtorch
import numpy as np
import pytest
import torch
from torch import Tensor

from hpbench.core.errors import InputError
from hpbench.export.nir_file import write_nir
from hpbench.export.nir_graph import DT, nir_graph
from hpbench.networks.dense import DenseNetwork
from hpbench.spiking.encoder import Encoder
from hpbench.spiking.network import Convolution, SpikingNetwork
from hpbench.spiking.parameters import PAPER, RELEASE, HybridParameters

STEPS = 12
CONSTANT = RELEASE._replace(weight_time_constant=1e9, current_gain=0.8)


def network(
    p: HybridParameters, learner: str = "hp", *, image: bool = False, pool: int = 1, **more: Any
) -> SpikingNetwork:
    """A network with large weights and a trace, in evaluation mode."""
    torch.manual_seed(0)
    convolution = Convolution(4, 3, 2 // pool, pool)
    shape: dict[str, Any] = {"convolutions": [convolution], "image": (1, 8, 8)} if image else {}
    made = SpikingNetwork([64, 20, 5], Encoder("direct", STEPS, 500), learner, p, **shape, **more)
    for layer in made.layers:
        cell: Any = layer.cell
        (cell.conv if hasattr(cell, "conv") else cell.linear).weight.data.mul_(3)
        if cell.local and p.trace_scope == "batch":
            layer.trace.normal_()
            cell.alpha.data.fill_(0.05)
        if getattr(cell, "recurrent", None) is not None:
            cell.recurrent.weight.data.normal_(0, 0.2)
    return made.eval()


@torch.no_grad()
def spikes_of(made: SpikingNetwork, inputs: Tensor) -> Tensor:
    """Spikes (T, B, K) of the last layer."""
    return made.unrolled(inputs).spikes


class Euler(torch.nn.Module):
    """NIR's LIF and IF as it documents them, by forward Euler; spikes set the membrane to v_reset."""

    def __init__(self, node: Any) -> None:
        super().__init__()
        for name in ("r", "v_threshold", "v_reset"):
            self.register_buffer(name, torch.tensor(getattr(node, name)))
        leaks = isinstance(node, nir.LIF)
        self.register_buffer("share", DT / torch.tensor(node.tau) if leaks else torch.tensor(DT))
        self.leaks = leaks

    def forward(self, current: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        v = torch.zeros_like(current) if state is None else state
        v = v + self.share * ((-v if self.leaks else 0) + self.r * current)
        spikes = (v > self.v_threshold).to(v)
        return spikes, torch.where(spikes > 0, self.v_reset, v)


def affine(node: Any) -> torch.nn.Linear:
    made = torch.nn.Linear(*reversed(node.weight.shape), bias=hasattr(node, "bias"))
    made.load_state_dict(
        {name: torch.tensor(getattr(node, name)) for name in ("weight", "bias") if hasattr(node, name)}
    )
    return made


def by_definition(path: Path) -> Any:
    nodes = {nir.LIF: Euler, nir.IF: Euler, nir.Affine: affine, nir.Linear: affine}
    return nirtorch.nir_to_torch(nir.read(path), nodes)


def by_snntorch(path: Path) -> Any:
    pytest.importorskip("snntorch", reason="of the dependency group benchmark")
    from snntorch.import_nir import import_from_nir

    return import_from_nir(nir.read(path))


def by_spikingjelly(path: Path) -> Any:
    pytest.importorskip("spikingjelly", reason="of the dependency group benchmark")
    from spikingjelly.activation_based.nir_exchange import import_from_nir

    return import_from_nir(path, dt=DT)


@torch.no_grad()
def run_graph(read: Any, inputs: Tensor) -> Tensor:
    """Spikes (T, B, K) of a graph that was read by a tool, the input held for all steps."""
    state, found = None, []
    for _ in range(STEPS):
        spikes, state = read(inputs, state)
        found.append(spikes)
    return torch.stack(found)


@pytest.mark.parametrize("reset", ["zero", "subtract"])
@pytest.mark.parametrize("image", [False, True], ids=["dense", "convolutional"])
@pytest.mark.parametrize("learner", ["gp", "hp"])
@pytest.mark.parametrize("reader", [by_definition, by_snntorch, by_spikingjelly])
def test_a_graph_read_back_has_the_same_spikes(
    reader: Any, learner: str, image: bool, reset: str, tmp_path: Path
) -> None:
    """SpikingJelly has no neuron without memory, which stands for the reset by subtraction."""
    made = network(CONSTANT._replace(reset=reset), learner, image=image)
    write_nir(tmp_path / "network.nir", nir_graph(made))
    if reader is by_spikingjelly and reset == "subtract":
        pytest.importorskip("spikingjelly", reason="of the dependency group benchmark")
        with pytest.raises(ValueError, match="tau"):
            reader(tmp_path / "network.nir")
        return
    inputs = torch.rand(6, 64)
    expected = spikes_of(made, inputs)
    assert 0.05 < expected.mean() < 0.8
    found = run_graph(reader(tmp_path / "network.nir"), inputs.view(6, 1, 8, 8) if image else inputs)
    assert torch.equal(found.to(expected), expected)


@pytest.mark.parametrize("reader", [by_definition, by_snntorch, by_spikingjelly])
def test_means_over_places_are_passed_on(reader: Any, tmp_path: Path) -> None:
    made = network(CONSTANT._replace(reset="zero"), image=True, pool=2)
    write_nir(tmp_path / "network.nir", nir_graph(made))
    inputs = torch.rand(6, 64)
    found = run_graph(reader(tmp_path / "network.nir"), inputs.view(6, 1, 8, 8))
    assert torch.equal(found.to(inputs), spikes_of(made, inputs))


@pytest.mark.parametrize("reset", ["zero", "subtract"])
@pytest.mark.parametrize("reader", [by_definition, by_snntorch])
def test_recurrent_connections_take_a_step(reader: Any, reset: str, tmp_path: Path) -> None:
    made = network(CONSTANT._replace(reset=reset), "gp", recurrent=True)
    write_nir(tmp_path / "network.nir", nir_graph(made))
    inputs = torch.rand(6, 64)
    expected = spikes_of(made, inputs)
    assert torch.equal(run_graph(reader(tmp_path / "network.nir"), inputs).to(expected), expected)
    made.layers[0].cell.recurrent.weight.data.zero_()
    assert not torch.equal(spikes_of(made, inputs), expected)


def test_neurons_without_a_leak_are_integrate_and_fire(tmp_path: Path) -> None:
    made = network(CONSTANT._replace(reset="zero", membrane_decay=1.0), "gp")
    graph = nir_graph(made)
    assert isinstance(graph.nodes["layer0_spikes"], nir.IF)
    write_nir(tmp_path / "network.nir", graph)
    inputs = 0.2 * torch.rand(6, 64)
    assert torch.equal(run_graph(by_definition(tmp_path / "network.nir"), inputs), spikes_of(made, inputs))


@pytest.mark.parametrize("image", [False, True])
@pytest.mark.parametrize("reset", ["zero", "subtract"])
def test_every_node_has_its_shape(image: bool, reset: str, tmp_path: Path) -> None:
    write_nir(tmp_path / "network.nir", nir_graph(network(CONSTANT._replace(reset=reset), image=image)))
    graph = nir.read(tmp_path / "network.nir")
    assert all(
        len(np.atleast_1d(one)) for one in (graph.nodes[name].output_type["output"] for name in graph.nodes)
    )
    assert graph.nodes["layer0_spikes"].v_threshold.shape == ((4, 4, 4) if image else (20,))
    assert graph.nodes["input"].input_type["input"].tolist() == ([1, 8, 8] if image else [64])


def test_a_frozen_trace_is_in_the_weights() -> None:
    made = network(CONSTANT._replace(current_gain=1.0))
    cell: Any = made.layers[0].cell
    expected = cell.linear.weight + (made.layers[0].trace * cell.alpha).T
    assert np.allclose(nir_graph(made).nodes["layer0_weights"].weight, expected.detach())
    without = network(CONSTANT._replace(current_gain=1.0), trace_at_test="zero")
    assert np.array_equal(
        nir_graph(without).nodes["layer0_weights"].weight, without.layers[0].cell.linear.weight.detach()
    )


def test_the_decay_of_weights_is_refused_or_replaced_by_its_mean() -> None:
    made = network(CONSTANT._replace(weight_time_constant=40.0), "gp")
    with pytest.raises(InputError, match=r"fall to 76\.0% within 12 steps.*weight_time_constant=1e9"):
        nir_graph(made)
    graph = nir_graph(made, mean_decay=True)
    mean = np.exp(-np.arange(STEPS) / 40).mean()
    expected = 0.8 * mean * made.layers[0].cell.linear.weight.detach().numpy()
    assert np.allclose(graph.nodes["layer0_weights"].weight, expected)
    assert graph.metadata["weight_decay"] == "mean over the window"
    assert np.allclose(graph.nodes["layer0_weights"].bias, 0.8 * made.layers[0].cell.linear.bias.detach())


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: network(CONSTANT, trace_at_test="batch"), "trace_at_test=batch changes the trace"),
        (lambda: network(PAPER._replace(weight_time_constant=1e9)), "trace_at_test=sample changes the trace"),
        (lambda: network(CONSTANT, trace_at_test="stream"), "trace_at_test=stream changes the trace"),
        (lambda: network(CONSTANT, "gp", norm=True), "no batch norm of currents"),
        (lambda: DenseNetwork([64, 5]), "DenseNetwork is no network of HP layers"),
    ],
)
def test_what_nir_cannot_express_is_refused(made: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        nir_graph(made())


def test_the_graph_says_how_it_is_run(tmp_path: Path) -> None:
    write_nir(tmp_path / "network.nir", nir_graph(network(CONSTANT)))
    metadata = nir.read(tmp_path / "network.nir").metadata
    assert metadata["steps"] == STEPS
    assert metadata["step_seconds"] == DT
    assert metadata["encoding"] == "direct"
