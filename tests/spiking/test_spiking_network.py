"""The family hp, gp, lp, and how inputs are encoded."""

import pytest
import torch

from hpbench.spiking.choices import ENCODINGS, LEARNERS
from hpbench.spiking.encoder import Encoder
from hpbench.spiking.network import SpikingNetwork
from hpbench.spiking.parameters import DIALECTS
from hpbench.spiking.surrogate import rectangular


def network(learner: str, encoding: str = "direct", dialect: str = "release") -> SpikingNetwork:
    torch.manual_seed(0)
    encoder = Encoder(encoding, 10, 500.0)
    return SpikingNetwork(
        [12 * encoder.widening, 20, 3], encoder, learner, DIALECTS[dialect], dialect=dialect
    )


def test_rectangular_surrogate_has_height_one_and_width_one() -> None:
    distance = torch.tensor([-0.6, -0.4, 0.0, 0.4, 0.6], requires_grad=True)
    spikes = rectangular(distance)
    spikes.sum().backward()
    assert spikes.tolist() == [0, 0, 0, 1, 1]
    assert distance.grad.tolist() == [0, 1, 1, 1, 0]


def test_read_out_is_the_membrane_over_threshold_cut_at_its_ceiling() -> None:
    net = network("gp")
    with torch.no_grad():
        net.layers[-1].cell.linear.bias.fill_(10.0)
    assert torch.allclose(net(torch.rand(2, 12)), torch.full((2, 3), 1.1))


def test_lp_learns_in_its_last_layer_only_but_all_traces_move() -> None:
    net = network("lp")
    net(torch.rand(5, 3, 4)).pow(2).sum().backward()
    assert all(parameter.grad is None for parameter in net.layers[0].parameters())
    assert all(parameter.grad is not None for parameter in net.layers[-1].parameters())
    assert float(net.layers[0].trace.abs().max()) > 0


def test_gp_has_neither_theta_nor_trace() -> None:
    net = network("gp")
    assert net.theta() == [] and not list(net.buffers())
    assert net.facts()["trace_at_test"] is None


def test_theta_starts_between_0_and_a_hundredth() -> None:
    for parameter in network("hp").theta():
        assert float(parameter.detach().min()) >= 0 and float(parameter.detach().max()) <= 0.01


@pytest.mark.parametrize("learner", LEARNERS)
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_encoding_drives_every_learner(learner: str, encoding: str, dialect: str) -> None:
    net = network(learner, encoding, dialect)
    scores = net(torch.rand(4, 12))
    assert scores.shape == (4, 3) and bool(torch.isfinite(scores).all())
    scores.sum().backward()


def test_the_gradient_of_poisson_spikes_is_that_of_their_expected_number() -> None:
    values = torch.tensor([[0.2, 0.8]], requires_grad=True)
    torch.manual_seed(0)
    spikes = Encoder("poisson", 50, 500.0)(values).values
    torch.manual_seed(0)
    assert torch.equal(spikes, Encoder("poisson", 50, 500.0)(values.detach()).values)
    weights = torch.rand(50, 1, 2)
    [gradient] = torch.autograd.grad((weights * spikes).sum(), values)
    torch.testing.assert_close(gradient, 0.5 * weights.sum(0))


def test_poisson_rate_and_latency_order() -> None:
    torch.manual_seed(0)
    values = torch.tensor([[0.0, 0.2, 1.0]]).expand(400, 3)
    rates = Encoder("poisson", 50, 500.0)(values).values.mean((0, 1))
    assert rates[0] == 0
    assert rates[1:].tolist() == pytest.approx([0.1, 0.5], abs=0.02)
    spikes = Encoder("latency", 20, 500.0)(torch.tensor([[0.0, 0.2, 0.5, 1.0]])).values[:, 0]
    assert spikes.sum(0).tolist() == [0, 1, 1, 1]
    first = spikes.argmax(0)
    assert first[3] < first[2] < first[1]


def test_parameters_and_trace_are_in_the_state() -> None:
    net = network("hp")
    net(torch.rand(5, 12))
    twin = network("hp")
    twin.load_state_dict(net.state_dict())
    values = torch.rand(5, 12)
    assert torch.equal(net.eval()(values), twin.eval()(values))
