"""Gradients of spike times: against a literal form, finite differences, and the rule's own equations."""

import math
from dataclasses import fields
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from literal_spike_times import literal_network
from torch import Tensor

from hpbench import registry
from hpbench.core.errors import InputError
from hpbench.core.stream import Stream, why_not
from hpbench.spiking.encoder import Encoder
from hpbench.spiking.spike_times.membrane import Membrane, crosses, crossing, may_cross, over_step
from hpbench.spiking.spike_times.networks import EventProp, SpikeProp, SpikeTimeNetwork
from hpbench.spiking.window import Window

LIF = Membrane(20.0, 5.0)
ALPHA = Membrane(4.0, 4.0, reset=False)


@pytest.fixture(autouse=True)
def _double() -> Any:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def made(
    kind: str, widths: list[int], steps: int, m: Membrane | None = None, seed: int = 0
) -> SpikeTimeNetwork:
    torch.manual_seed(seed)
    encoder = Encoder("frames", steps, 500.0)
    if kind == "eventprop":
        drawn = {"weight_mean": 2.2, "weight_spread": 0.6}
        return EventProp(widths, encoder, m or LIF, read_out="membrane_mean", **drawn)
    drawn = {"weight_mean": 1.5, "weight_spread": 1.0}
    return SpikeProp(widths, encoder, m or ALPHA, score_scale=2.0, **drawn)


def shown(widths: list[int], steps: int, samples: int) -> Tensor:
    """One spike of each input, as latencies are: (T, B, n), with a gradient."""
    times = torch.randint(max(steps // 2, 1), (samples, widths[0]))
    return torch.nn.functional.one_hot(times, steps).movedim(-1, 0).double().contiguous().requires_grad_()


def learned(network: SpikeTimeNetwork, values: Tensor, weights: Tensor) -> list[Tensor]:
    loss = (weights * network(values.transpose(0, 1))).sum()
    return list(torch.autograd.grad(loss, [*network.parameters(), values], allow_unused=True))


def literal_scores(network: SpikeTimeNetwork, values: Tensor) -> Tensor:
    trains, membranes = literal_network(network, values)
    if isinstance(network, EventProp):
        return membranes.mean(0)
    steps, m = len(values), network.layers[-1].m  # type: ignore[union-attr]
    rows = []
    for b, sample in enumerate(trains):
        late = steps + m.membrane_tau * (1 - membranes[-1, b])  # type: ignore[union-attr, operator]
        rows.append(torch.stack([one[0].time if one else late[k] for k, one in enumerate(sample)]))
    return (steps - torch.stack(rows)) / network.score_scale  # type: ignore[operator]


@pytest.mark.parametrize("kind", ["eventprop", "spikeprop"])
@settings(max_examples=12, deadline=None)
@given(
    widths=st.lists(st.integers(1, 4), min_size=3, max_size=4),
    steps=st.integers(3, 7),
    samples=st.integers(1, 2),
    taus=st.sampled_from([(20.0, 5.0), (6.0, 6.0), (3.0, 9.0)]),
    seed=st.integers(0, 3),
)
def test_scores_and_gradients_are_those_of_the_literal_form(
    kind: str, widths: list[int], steps: int, samples: int, taus: tuple[float, float], seed: int
) -> None:
    m = LIF if kind == "eventprop" else ALPHA
    network = made(kind, widths, steps, m._replace(membrane_tau=taus[0], synapse_tau=taus[1]), seed)
    values, weights = shown(widths, steps, samples), torch.randn(samples, widths[-1])
    scores = literal_scores(network, values)
    torch.testing.assert_close(network(values.transpose(0, 1)), scores)
    learning = [*network.parameters(), values]
    loss = (weights * scores).sum() + sum(0 * one.sum() for one in learning)  # where nothing arrives, too
    for one, other in zip(
        learned(network, values, weights), torch.autograd.grad(loss, learning), strict=True
    ):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("kind", ["eventprop", "spikeprop"])
@pytest.mark.parametrize("seed", range(2))
def test_gradients_are_derivatives_of_the_loss(kind: str, seed: int) -> None:
    widths = [5, 6, 6, 3]
    network = made(kind, widths, 12, seed=seed)
    values, weights = shown(widths, 12, 3), torch.randn(3, widths[-1])

    def loss() -> float:
        with torch.no_grad():
            return float((weights * network(values.transpose(0, 1))).sum())

    gradients = learned(network, values, weights)
    assert gradients[0].any()
    for tensor, gradient in zip([*network.parameters(), values], gradients, strict=True):
        flat = tensor.data.view(-1)
        for place in range(seed, len(flat), 7):
            kept, step = float(flat[place]), 1e-6
            flat[place] = kept + step
            above = loss()
            flat[place] = kept - step
            below = loss()
            flat[place] = kept
            assert float(gradient.reshape(-1)[place]) == pytest.approx((above - below) / 2 / step, abs=1e-6)


def epsilon(s: float) -> float:
    return s / ALPHA.membrane_tau * math.exp(1 - s / ALPHA.membrane_tau) if s > 0 else 0.0


def steepness(s: float) -> float:
    tau = ALPHA.membrane_tau
    return (1 - s / tau) / tau * math.exp(1 - s / tau) if s > 0 else 0.0


def test_spikeprop_is_its_equation() -> None:
    """∂t_j/∂w_ji = −ε(t_j − t_i) / Σ_i w_ji ε'(t_j − t_i), and ∂t_j/∂t_i = w_ji ε'(t_j − t_i) / the same."""
    network = made("spikeprop", [6, 5, 3], 12)
    values = shown([6], 12, 1)
    hidden = network.layers[0](network.encoder(values.transpose(0, 1)))
    output = network.layers[1](Window(hidden.spikes), hidden.offsets)
    count = torch.arange(12.0)[:, None]
    inputs, middle, last = [
        [
            ((count + offsets) * one).sum(0)[k].item() if one[:, k].any() else math.inf
            for k in range(one.shape[1])
        ]
        for one, offsets in (
            (values[:, 0], torch.zeros(12, 6)),
            (hidden.spikes[:, 0], hidden.offsets[:, 0]),
            (output.spikes[:, 0], output.offsets[:, 0]),
        )
    ]
    first, second = [one.tolist() for one in network.parameters()]
    assert last[0] < math.inf and sum(one < math.inf for one in middle) > 2
    of_first, of_second, _ = learned(network, values, torch.tensor([[-2.0, 0.0, 0.0]]))  # ∂t_0
    counted = [time if time < math.floor(last[0]) else math.inf for time in middle]
    slope = sum(second[0][j] * steepness(last[0] - counted[j]) for j in range(5))
    for j in range(5):
        assert of_second[0, j].item() == pytest.approx(-epsilon(last[0] - counted[j]) / slope)
        if counted[j] == math.inf:
            assert not of_first[j].any()
            continue
        through = second[0][j] * steepness(last[0] - counted[j]) / slope
        inner = sum(first[j][i] * steepness(middle[j] - inputs[i]) for i in range(6))
        for i in range(6):
            expected = through * -epsilon(middle[j] - inputs[i]) / inner
            assert of_first[j, i].item() == pytest.approx(expected)


@settings(max_examples=60, deadline=None)
@given(
    taus=st.sampled_from([(20.0, 5.0), (5.0, 20.0), (4.0, 4.0), (4.0, 4.0001), (1.0, 0.3)]),
    seed=st.integers(0, 1000),
)
def test_crossings_are_the_first_and_none_is_missed(taus: tuple[float, float], seed: int) -> None:
    torch.manual_seed(seed)
    m = Membrane(*taus)
    voltage, current = torch.randn(200), torch.randn(200) * 3 * m.membrane_tau
    times = torch.linspace(0, 1, 4001)
    path = m.voltage(voltage[:, None], current[:, None], times)
    found = crosses(voltage, current, m)
    assert (found | (path.max(1).values < 1)).all()
    assert (may_cross(voltage, current, path[:, -1], m) | ~found).all()
    found &= voltage < 1
    first = crossing(voltage[found], current[found], m)
    where = times[(path[found] >= 1 - 1e-9).double().argmax(1)]
    assert ((first - where).abs() <= 1 / 4000 + 1e-9).all() or not found.any()
    inside = (first > 0) & (first < 1)
    at = m.voltage(voltage[found], current[found], first)
    torch.testing.assert_close(at[inside], torch.ones_like(at[inside]))


def test_a_lifted_neuron_crossed_in_the_step_before() -> None:
    v = torch.tensor([1.2, 1.2, 5.0])
    i = torch.tensor([9.0, 0.5, 30.0])  # rising, falling, above the threshold for longer than a step
    time = crossing(v, i, LIF)
    assert -1 < time[0] < 0 and time[1:].tolist() == [0, -1]
    assert LIF.voltage(v, i, time)[0].item() == pytest.approx(1)


@pytest.mark.parametrize("taus", [(20.0, 5.0), (5.0, 20.0), (4.0, 4.0)])
def test_a_step_solves_the_differential_equation(taus: tuple[float, float]) -> None:
    m, count = Membrane(*taus), 200_000
    v, i = 0.3, 1.7
    for _ in range(count):
        v, i = v + (i - v) / m.membrane_tau / count, i - i / m.synapse_tau / count
    alpha, beta, gamma = over_step(m)
    assert (alpha * 0.3 + beta * 1.7, gamma * 1.7) == pytest.approx((v, i), rel=1e-5)


def test_a_silent_output_learns_to_fire() -> None:
    network = made("spikeprop", [4, 2], 10)
    for layer in network.layers:
        layer.linear.weight.data.fill_(0.02)  # type: ignore[union-attr, operator]
    values = shown([4], 10, 1)
    gradient, _ = learned(network, values, torch.tensor([[1.0, 0.0]]))
    assert (gradient[0] > 0).all() and not gradient[1].any()
    assert (network(values.transpose(0, 1)) < 0).all()


@pytest.mark.parametrize("kind", ["eventprop", "spikeprop"])
def test_constant_inputs_keep_up_their_current(kind: str) -> None:
    network = made(kind, [4, 3, 2], 6)
    images = torch.rand(3, 4)
    lost = 1 - math.exp(-1 / network.layers[0].m.synapse_tau)  # type: ignore[union-attr, operator]
    frames = network((lost * images).expand(6, 3, 4).transpose(0, 1))
    network.encoder = Encoder("direct", 6, 500.0)
    torch.testing.assert_close(network(images), frames)


def refused(name: str, stream: Stream | None = None, **changes: Any) -> str:
    module = registry.load(registry.find("strategies", name))
    made_settings = module.Settings(**changes)
    if stream is not None:
        return why_not(module.continual, made_settings, stream)
    with pytest.raises(InputError) as found:
        made_settings.check()
    return str(found.value)


def test_what_is_not_defined_is_refused_with_the_reason() -> None:
    assert "strategy.hidden=[350]" in refused("eventprop", hidden=[])
    registry.load(registry.find("strategies", "spikeprop")).Settings(hidden=[]).check()
    short = Stream("continual", encoding="latency", time_steps=2)
    for name in ("eventprop", "spikeprop"):
        assert "3 layers need 3 steps" in refused(name, short, hidden=[8, 8])
        assert refused(name, short, hidden=[8]) == ""
        assert "pass no gradient" in refused(name, short, hidden=[8], adversarial_epsilon=0.1)
        own = {one.name for one in fields(registry.load(registry.find("strategies", name)).Settings)}
        assert not own & {"neuron", "recurrent", "kernels", "surrogate", "reset"}
