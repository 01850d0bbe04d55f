"""Each neuron model against its equations: one neuron at a time, in plain numbers, in double precision."""

import math
from collections.abc import Callable, Sequence

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hpbench.networks.lone_neuron import lone_neuron_settings, responses
from hpbench.spiking.neurons.adaptive import Adaptive
from hpbench.spiking.neurons.izhikevich import PATTERNS, Izhikevich
from hpbench.spiking.neurons.lif import Lif
from hpbench.spiking.neurons.neuron import Neuron
from hpbench.spiking.neurons.spike_response import SpikeResponse
from hpbench.spiking.parameters import RELEASE, HybridParameters

Trains = tuple[list[float], list[float]]
"""Membranes and spikes of one neuron."""


def run(neuron: Neuron, currents: torch.Tensor, p: HybridParameters) -> tuple[torch.Tensor, torch.Tensor]:
    """Membranes and spikes of currents (T, …)."""
    state, membranes, spikes = neuron.rest(currents[0]), [], []
    for current in currents:
        state = neuron.step(current, state, p)
        membranes.append(state.membrane)
        spikes.append(state.spikes)
    return torch.stack(membranes), torch.stack(spikes)


def lif(currents: Sequence[float], neuron: Lif, p: HybridParameters) -> Trains:
    u = s = 0.0
    membranes, spikes = [], []
    for current in currents:
        u = p.membrane_decay * (u - p.threshold * s if p.reset == "subtract" else (1 - s) * u)
        u += p.current_gain * current
        s = float(u > p.threshold)
        membranes.append(u)
        spikes.append(s)
    return membranes, spikes


def adaptive(currents: Sequence[float], neuron: Adaptive, p: HybridParameters) -> Trains:
    """The threshold is v_th + β Σ of past spikes, each times ρ to the power of its age."""
    u = s = 0.0
    membranes, spikes = list[float](), list[float]()
    for step, current in enumerate(currents):
        u = p.membrane_decay * (u - p.threshold * s if p.reset == "subtract" else (1 - s) * u)
        u += p.current_gain * current
        raised = sum(one * neuron.adaptation_decay ** (step - 1 - then) for then, one in enumerate(spikes))
        s = float(u > p.threshold + neuron.adaptation * raised)
        membranes.append(u)
        spikes.append(s)
    return membranes, spikes


def izhikevich(currents: Sequence[float], neuron: Izhikevich, p: HybridParameters) -> Trains:
    """The published code for one cell, with v cut at 30 mV."""
    a, b, c, d = PATTERNS[neuron.izhikevich_pattern]
    v, u = -65.0, b * -65.0
    membranes, spikes = [], []
    for current in currents:
        given = neuron.izhikevich_current * p.current_gain * current / p.threshold
        if v >= 30:
            v, u = c, u + d
        v = min(30, v + 0.5 * (0.04 * v**2 + 5 * v + 140 - u + given))
        v = min(30, v + 0.5 * (0.04 * v**2 + 5 * v + 140 - u + given))
        u = u + a * (b * v - u)
        membranes.append(p.threshold * (v + 65) / 95)
        spikes.append(float(v >= 30))
    return membranes, spikes


def spike_response(currents: Sequence[float], neuron: SpikeResponse, p: HybridParameters) -> Trains:
    """Both convolutions written out."""

    def kernel(time: int, constant: float) -> float:
        return time / constant * math.exp(1 - time / constant)

    membranes, spikes = list[float](), list[float]()
    for step in range(len(currents)):
        response = sum(
            kernel(step - then, neuron.response_time_constant) * p.current_gain * one
            for then, one in enumerate(currents[: step + 1])
        )
        refractory = sum(
            -2 * p.threshold * kernel(step - then, neuron.refractory_time_constant) * one
            for then, one in enumerate(spikes)
        )
        membranes.append(response + refractory)
        spikes.append(float(membranes[-1] > p.threshold))
    return membranes, spikes


LITERAL: dict[type[Neuron], Callable[..., Trains]] = {
    Lif: lif,
    Adaptive: adaptive,
    Izhikevich: izhikevich,
    SpikeResponse: spike_response,
}

NEURONS = st.one_of(
    st.just(Lif()),
    st.builds(Adaptive, adaptation=st.floats(0, 0.5), adaptation_decay=st.floats(0, 1)),
    st.builds(
        Izhikevich,
        izhikevich_pattern=st.sampled_from(list(PATTERNS)),
        izhikevich_current=st.sampled_from([5.0, 20.0]),
    ),
    st.builds(
        SpikeResponse,
        response_time_constant=st.floats(0.3, 8),
        refractory_time_constant=st.floats(0.3, 8),
    ),
)
CONSTANTS = st.builds(
    RELEASE._replace,
    threshold=st.floats(0.1, 2),
    membrane_decay=st.floats(0, 1),
    current_gain=st.floats(0.2, 1.5),
    reset=st.sampled_from(["subtract", "zero"]),
)


@settings(max_examples=40, deadline=None)
@given(NEURONS, CONSTANTS, st.integers(1, 40), st.integers(0, 1000))
def test_membranes_and_spikes_are_those_of_the_equations(
    neuron: Neuron, p: HybridParameters, steps: int, seed: int
) -> None:
    torch.manual_seed(seed)
    currents = torch.randn(steps, 2, 3, dtype=torch.double) * p.threshold + 0.5 * p.threshold
    membranes, spikes = run(neuron, currents, p)
    for place in [(row, column) for row in range(2) for column in range(3)]:
        own = currents[:, *place].tolist()
        theirs = LITERAL[type(neuron)](own, neuron, p)
        torch.testing.assert_close(membranes[:, *place], torch.tensor(theirs[0], dtype=torch.double))
        assert spikes[:, *place].tolist() == theirs[1]


def test_an_adaptive_neuron_without_adaptation_is_lif() -> None:
    torch.manual_seed(0)
    currents = torch.randn(30, 4, dtype=torch.double)
    for ours, theirs in zip(
        run(Adaptive(adaptation=0.0), currents, RELEASE), run(Lif(), currents, RELEASE), strict=True
    ):
        torch.testing.assert_close(ours, theirs)


def intervals(pattern: str, current: float, steps: int = 300) -> list[int]:
    """Intervals in ms between the spikes of a cell under a constant I, in mV/ms, from the start."""
    neuron = Izhikevich(pattern, izhikevich_current=current)
    p = RELEASE._replace(threshold=1.0)
    spikes = run(neuron, torch.ones(steps, 1, dtype=torch.double), p)[1][:, 0]
    return [int(one) for one in spikes.nonzero()[:, 0].diff()]


def test_regular_spiking_slows_down() -> None:
    found = intervals("regular_spiking", 14)
    assert len(found) > 5
    assert found[0] < 0.5 * found[1] and max(found[1:]) - min(found[1:]) <= 1


def test_fast_spiking_is_faster_and_hardly_adapts() -> None:
    found = intervals("fast_spiking", 10)
    assert max(found[1:]) - min(found[1:]) <= 1
    assert max(found) < 0.5 * min(intervals("regular_spiking", 10)[1:])


def test_chattering_bursts_again_and_again() -> None:
    found = intervals("chattering", 10)
    within, between = [one for one in found if one <= 6], [one for one in found if one > 40]
    assert len(within) + len(between) == len(found)
    assert len(between) >= 3 and len(within) >= 2 * len(between)


def test_intrinsically_bursting_bursts_once_then_fires_single_spikes() -> None:
    found = intervals("intrinsically_bursting", 10)
    first = next(number for number, one in enumerate(found) if one > 10)
    assert first == 2
    assert len(found) > first + 3 and min(found[first:]) > 30


def test_low_threshold_spiking_fires_fast_and_slows_down_at_weaker_currents_than_regular_spiking() -> None:
    found = intervals("low_threshold_spiking", 10)
    assert found[:5] == sorted(found[:5]) and found[4] > 3 * found[0]
    assert max(found) < 0.5 * max(intervals("regular_spiking", 10))
    weak = [len(intervals(one, 1.5)) for one in ("low_threshold_spiking", "regular_spiking")]
    assert weak[0] > 0 and weak[1] == 0


def test_thalamo_cortical_fires_tonically_and_rebounds_after_inhibition() -> None:
    found = intervals("thalamo_cortical", 5)
    assert len(found) > 15 and max(found[6:]) - min(found[6:]) <= 3
    neuron, p = Izhikevich("thalamo_cortical"), RELEASE._replace(threshold=1.0)
    currents = torch.zeros(400, 1, dtype=torch.double)
    currents[100:250] = -1.5
    spikes = run(neuron, currents, p)[1][:, 0]
    assert not spikes[:250].any() and spikes[250:300].sum() >= 2


def test_a_resonator_oscillates_after_a_pulse_and_others_do_not() -> None:
    """Sign changes of the distance from rest, in mV."""
    changes = {}
    for pattern in PATTERNS:
        currents = torch.zeros(900, 1, dtype=torch.double)
        currents[700] = 1.0
        p = RELEASE._replace(threshold=1.0)
        membranes = run(Izhikevich(pattern, izhikevich_current=1.0), currents, p)[0][:, 0]
        away = 95 * (membranes[700:] - membranes[699])
        changes[pattern] = int((away[away.abs() > 1e-3].sign().diff() != 0).sum())
    assert changes.pop("resonator") >= 4
    assert max(changes.values()) == 1


def test_a_lone_neuron_responds_in_units_of_the_threshold() -> None:
    torch.manual_seed(0)
    currents = torch.rand(30, 3, dtype=torch.double)
    settings = lone_neuron_settings("adaptive")(threshold=2.0, adaptation=0.4, reset="zero")
    found = responses(settings, currents)
    p = RELEASE._replace(threshold=2.0, reset="zero")
    membranes, spikes = run(Adaptive(adaptation=0.4), 2 * currents, p)
    assert spikes.any() and torch.equal(found.spikes, spikes)
    torch.testing.assert_close(found.membranes, membranes / 2)
    assert torch.equal(found.membranes > found.thresholds, spikes == 1)
    assert float(found.thresholds.max()) > 1.2 and float(found.thresholds.min()) == 1
