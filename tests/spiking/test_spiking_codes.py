"""Every neural code against its equation, written as a loop over samples, values and steps."""

import math
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from hpbench.core.stream import Stream
from hpbench.learning.reasons import no_gradient, widened
from hpbench.learning.settings import EncodingSettings
from hpbench.spiking.choices import ENCODINGS
from hpbench.spiking.codes.burst import Burst
from hpbench.spiking.codes.code import Code
from hpbench.spiking.codes.delta import Delta
from hpbench.spiking.codes.direct import Direct
from hpbench.spiking.codes.latency import Latency
from hpbench.spiking.codes.phase import Phase
from hpbench.spiking.codes.poisson import Poisson
from hpbench.spiking.codes.population import Population
from hpbench.spiking.codes.regular import Regular
from hpbench.spiking.codes.table import CODES
from hpbench.spiking.encoder import Encoder

Spike = Callable[[float, int, int], float]
"""What a code makes of a value x at step t of a window, counted from 1."""


def regular(code: Regular) -> Spike:
    r = code.max_rate / 1000

    def count(x: float, t: int) -> int:
        return math.floor(r * x * t + 0.5)

    return lambda x, t, window: count(x, t) - count(x, t - 1)


def weighted(code: Phase) -> Spike:
    def spike(x: float, t: int, window: int) -> float:
        k = 1 + (t - 1) % code.phase_period
        digits = format(math.floor(x * (2**code.phase_period - 1) + 0.5), f"0{code.phase_period}b")
        return 2.0**-k * int(digits[k - 1])

    return spike


def shifted(code: Phase) -> Spike:
    period = code.phase_period
    return lambda x, t, window: float(1 + (t - 1) % period == period + 1 - math.floor(period * x + 0.5))


def burst(code: Burst) -> Spike:
    def spike(x: float, t: int, window: int) -> float:
        longest, least = max(window, code.burst_interval), code.burst_interval
        apart = math.ceil(longest - (longest - least) * x)
        return float(t in [1 + j * apart for j in range(math.ceil(code.burst_length * x))])

    return spike


def latency(code: Latency) -> Spike:
    share = float(torch.tensor(0.1))  # a step of 1 ms of τ = 10 ms; Norse's constants are of single precision

    def spike(x: float, t: int, window: int) -> float:
        v = 0.0
        for step in range(1, window + 1):
            v += share * (10 * x - v)
            if v > 1:
                return float(step == t)
        return 0.0

    return spike


DETERMINISTIC: list[tuple[Callable[..., Any], Callable[[Any], Spike]]] = [
    (Regular, regular),
    (Phase, weighted),
    (lambda: Phase(phase_form="shifted"), shifted),
    (Burst, burst),
    (Latency, latency),
]

VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=6)


def compare(code: Code, spike: Spike, values: Tensor, steps: int) -> None:
    expected = [[spike(x, t, steps) for x in values.flatten().tolist()] for t in range(1, steps + 1)]
    made = code.coded(values, steps)
    torch.testing.assert_close(made.flatten(1), torch.tensor(expected, dtype=values.dtype), rtol=0, atol=0)
    assert made.shape == (steps, *values.shape)


@pytest.mark.parametrize(("make", "literal"), DETERMINISTIC)
@given(values=VALUES, steps=st.integers(1, 25))
@settings(max_examples=30, deadline=None)
def test_a_code_is_its_equation(
    make: Callable[..., Any], literal: Callable[[Any], Spike], values: list[float], steps: int
) -> None:
    code = make()
    compare(code, literal(code), torch.tensor([values], dtype=torch.float64), steps)


@given(values=VALUES, steps=st.integers(1, 25), rate=st.floats(0, 1000))
@settings(max_examples=20, deadline=None)
def test_regular_spikes_at_any_rate(values: list[float], steps: int, rate: float) -> None:
    code = Regular(rate)
    compare(code, regular(code), torch.tensor(values, dtype=torch.float64).view(-1, 1), steps)
    counts = code.coded(torch.tensor(values, dtype=torch.float64), steps).sum(0)
    torch.testing.assert_close(
        counts, torch.tensor(values, dtype=torch.float64) * rate * steps / 1000, rtol=0, atol=0.5 + 1e-9
    )


@given(values=VALUES, steps=st.integers(1, 25), period=st.integers(1, 16))
@settings(max_examples=20, deadline=None)
def test_phases_of_any_cycle(values: list[float], steps: int, period: int) -> None:
    inputs = torch.tensor([values], dtype=torch.float64)
    compare(Phase(period), weighted(Phase(period)), inputs, steps)
    code = Phase(period, "shifted")
    compare(code, shifted(code), inputs, steps)
    cycle = Phase(period).coded(inputs, period).sum(0)
    assert float((cycle - inputs).abs().max()) <= 1.5 * 2.0**-period


@given(values=VALUES, steps=st.integers(1, 25), length=st.integers(1, 9), interval=st.integers(1, 30))
@settings(max_examples=20, deadline=None)
def test_bursts_of_any_length(values: list[float], steps: int, length: int, interval: int) -> None:
    code = Burst(length, interval)
    compare(code, burst(code), torch.tensor([values], dtype=torch.float64), steps)


def test_eight_phases_are_the_bits_of_a_pixel() -> None:
    pixels = torch.arange(256)
    cycle = Phase().coded(pixels.float() / 255, 8).sum(0)
    assert torch.equal(cycle * 256, pixels.float())


@given(
    st.lists(st.lists(st.floats(-1, 1), min_size=3, max_size=3), min_size=1, max_size=20),
    st.floats(0.01, 1),
)
@settings(max_examples=30, deadline=None)
def test_delta_fires_where_a_value_has_moved_since_its_last_spike(
    sequence: list[list[float]], threshold: float
) -> None:
    reference, expected = [0.0] * 3, []
    for frame in sequence:
        row = []
        for place, x in enumerate(frame):
            on, off = x - reference[place] >= threshold, reference[place] - x >= threshold
            reference[place] += threshold * (float(on) - float(off))
            row.append([float(on), float(off)])
        expected.append([row])
    made = Delta(threshold).coded(torch.tensor([sequence], dtype=torch.float64), len(sequence))
    assert made.tolist() == expected


def test_delta_spikes_follow_a_value_that_changes_slowly() -> None:
    values = 0.5 + 0.5 * torch.linspace(-1.5, 12, 400, dtype=torch.float64).sin().view(1, -1, 1)
    on, off = Delta(0.05).coded(values, 400).unbind(-1)
    followed = 0.05 * (on - off).cumsum(0)
    assert float((followed[:, 0] - values[0]).abs().max()) < 0.05 + 1e-9


def test_population_fires_by_its_fields() -> None:
    code = Population(max_rate=800.0, population_fields=5, population_spacing=1.2)
    values = torch.tensor([[0.0, 0.3, 1.0]], dtype=torch.float64)
    sigma = 1 / (1.2 * 3)
    literal = [
        [[math.exp(-((x - (2 * i - 3) / 6) ** 2) / (2 * sigma**2)) for i in range(1, 6)] for x in (0, 0.3, 1)]
    ]
    torch.testing.assert_close(code.activity(values), torch.tensor(literal, dtype=torch.float64))
    torch.manual_seed(0)
    rates = code.coded(values.expand(3000, 3), 4).double().mean((0, 1))
    torch.testing.assert_close(rates, code.expected(values)[0], rtol=0, atol=0.02)
    torch.testing.assert_close(code.expected(values), 0.8 * code.activity(values))


@pytest.mark.parametrize("name", CODES)
def test_a_gradient_is_that_of_the_mean_or_there_is_none(name: str) -> None:
    sequence = name == "delta"
    values = torch.rand(2, 6, 3, dtype=torch.float64) if sequence else torch.rand(2, 3, dtype=torch.float64)
    encoder = Encoder(name, 6, 400.0)
    torch.manual_seed(0)
    plain = encoder(values)
    values.requires_grad_()
    torch.manual_seed(0)
    window = encoder(values)
    torch.testing.assert_close(window.values, plain.values)
    code = CODES[name]
    assert bool(code.no_gradient) != window.values.requires_grad
    if code.no_gradient:
        return
    made: Any = encoder.code
    weights = torch.rand(6, *made.expected(values).shape, dtype=torch.float64)
    steps = torch.stack(window.each_step())
    [found] = torch.autograd.grad((weights * steps).sum(), values)
    [expected] = torch.autograd.grad((weights.sum(0) * made.expected(values)).sum(), values)
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("name", CODES)
def test_what_is_said_of_a_code_is_so(name: str) -> None:
    values = (
        torch.linspace(0, 1, 12).view(1, 4, 3) if name == "delta" else torch.linspace(0, 1, 12).view(2, 6)
    )
    code = CODES[name]()
    torch.manual_seed(0)
    one, other = code.coded(values, 4), code.coded(values, 4)
    assert torch.equal(one, other) != code.drawn
    if name != "delta":
        assert one.numel() == 4 * values.numel() * code.widening
    assert (one == one[:1]).all() == code.constant
    assert code.equation.count("$") % 2 == 0


def test_constant_currents_are_not_stored_for_every_step() -> None:
    values = torch.rand(2, 3)
    window = Encoder("direct", 7, 0.0)(values)
    assert window.values is values and window.static_steps == 7
    assert torch.equal(Direct().coded(values, 7), torch.stack(window.each_step()))


def test_poisson_draws_what_the_rate_says() -> None:
    torch.manual_seed(0)
    made = Poisson(300.0).coded(torch.tensor([[0.0, 0.5, 1.0]]).expand(4000, 3), 5).mean((0, 1))
    assert made.tolist() == pytest.approx([0, 0.15, 0.3], abs=0.01)


@pytest.mark.parametrize("name", ENCODINGS)
def test_settings_of_a_code_reach_the_task(name: str) -> None:
    encoded = EncodingSettings(encoding=name, time_steps=5).encoded
    others = {"max_rate": encoded["max_rate"], **encoded["code"]}
    known = {one.name for one in fields(CODES[name])}  # type: ignore[arg-type]
    assert set(encoded["code"]) == known - {"max_rate"}
    made = Encoder(name, encoded["time_steps"], **others).code
    assert made == CODES[name](**{key: one for key, one in others.items() if key in known})


@pytest.mark.parametrize(
    ("encoding", "instead"),
    [("latency", "direct or poisson"), ("phase", "direct"), ("burst", "direct"), ("delta", "frames")],
)
def test_attacks_in_training_are_refused_without_a_gradient(encoding: str, instead: str) -> None:
    stream = Stream("continual", encoding=encoding)
    said = no_gradient(stream, 0.1)
    assert "pass no gradient" in said or "passes no gradient" in said
    assert f"scenario.encoding={instead}" in said
    assert not no_gradient(stream, 0.0)


def test_convolutions_over_several_inputs_of_a_value_are_refused() -> None:
    assert "scenario.encoding=population" in widened(Stream("continual", encoding="population"), [16])
    assert not widened(Stream("continual", encoding="population"), [])
    assert not widened(Stream("continual", encoding="burst"), [16])
    assert not widened(Stream("continual", encoding="frames"), [16])
