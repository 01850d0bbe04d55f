"""A trace that goes on through a test stream: against a literal loop, causal, and the same in any batches."""

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from hpbench.core.errors import InputError
from hpbench.learning.adapting import adapting
from hpbench.spiking.encoder import Encoder
from hpbench.spiking.fused.library import plain_form
from hpbench.spiking.hybrid.cell import HybridCell
from hpbench.spiking.hybrid.conv_cell import HybridConvCell
from hpbench.spiking.hybrid.conv_window import HybridConvWindow
from hpbench.spiking.hybrid.streamed import carry
from hpbench.spiking.hybrid.window import HybridWindow
from hpbench.spiking.network import SpikingNetwork
from hpbench.spiking.parameters import PAPER, RELEASE, HybridParameters
from hpbench.spiking.window import Window

STEPS = 5
DIALECTS = {
    "release": RELEASE,
    "paper": PAPER._replace(trace_scope="batch"),
    "clamped": RELEASE._replace(trace_bound=0.6),
    "falling": RELEASE._replace(post="linear_falling"),
}


def dense(p: HybridParameters = RELEASE, share: float | None = 0.8, **options: Any) -> HybridWindow:
    torch.manual_seed(0)
    layer = HybridWindow(HybridCell(8, 6, p, **options), "stream", stream_share=share).double()
    return trained(layer, torch.rand(5, 10, 8, dtype=torch.double))


def convolution(p: HybridParameters = RELEASE, share: float | None = 0.8) -> HybridConvWindow:
    torch.manual_seed(0)
    cell = HybridConvCell(2, 3, p, kernel_size=3, stride=2, padding=1)
    return trained(HybridConvWindow(cell, "stream", share).double(), torch.rand(5, 10, 2, 4, 4).double())


def trained(layer: Any, batches: Tensor) -> Any:
    with torch.no_grad():
        for parameter in layer.cell.theta():
            parameter.mul_(60)
        for batch in batches:
            layer(Window(batch, STEPS))
    return layer.eval()


@torch.no_grad()
def literal(layer: Any, window: Window) -> tuple[Tensor, Tensor]:
    """Spikes, and the trace after the last sample: step by step, connection by connection."""
    cell, p, trace = layer.cell, layer.cell.p, layer.trace.clone()
    every = []
    for sample in range(window.batch):
        shown = [one[sample : sample + 1] for one in window.each_step()]
        state = cell.initial_state(shown[0])._replace(trace=trace)
        own, spikes = torch.zeros_like(trace), []
        for step, one in enumerate(shown):
            ahead, local = cell.currents(one, state)
            state = cell.advance(ahead + local, one, state, learn=False)
            spikes.append(state.spikes)
            own = written(cell, one, state, own, step)
        every.append(torch.stack(spikes))
        share = p.trace_decay**STEPS if layer.stream_share is None else layer.stream_share
        gain = (1 - share) / (1 - p.trace_decay**STEPS)
        trace = (share * trace + gain * own).clamp(-p.trace_bound, p.trace_bound)
    return torch.cat(every, 1), trace


def written(cell: Any, shown: Tensor, state: Any, trace: Tensor, step: int) -> Tensor:
    """λ P + r ∘ e_t x g^T without its clamp, the mean over places."""
    p, places = cell.p, [(shown[0], state.membrane[0], state.spikes[0])]
    if isinstance(cell, HybridConvCell):
        patches = cell.patches(shown)[0]
        places = list(zip(patches, state.membrane[0].flatten(1).T, state.spikes[0].flatten(1).T, strict=True))
    moved = p.trace_decay * trace
    for values, membrane, spikes in places:
        post = HybridCell.post(cell, membrane[None], spikes[None])[0]
        for entry in range(len(values)):
            moved[entry] += cell.rate[entry] * p.trace_scale(step) * values[entry] * post / len(places)
    return moved


def answers(layer: Any, window: Window, batch: int = 100) -> Tensor:
    """Spikes of a whole stream, shown in batches."""
    batches = window.values.split(batch, 0 if window.static_steps else 1)
    with adapting(layer, layer), torch.no_grad():
        return torch.cat([layer(window._replace(values=one)).spikes for one in batches], 1)


def windows(layer: Any, samples: int = 12, seed: int = 1) -> list[Window]:
    """A constant input and one that changes."""
    shape = (2, 4, 4) if isinstance(layer, HybridConvWindow) else (8,)
    generator = torch.Generator().manual_seed(seed)
    constant = torch.rand(samples, *shape, dtype=torch.double, generator=generator)
    changing = torch.rand(STEPS, samples, *shape, dtype=torch.double, generator=generator).round()
    return [Window(constant, STEPS), Window(changing)]


LAYERS = {
    **{f"dense, {name}": (lambda p=p: dense(p)) for name, p in DIALECTS.items()},
    "dense, decay of training": lambda: dense(share=None),
    "dense, recurrent": lambda: dense(recurrent=True),
    **{f"convolution, {name}": (lambda p=p: convolution(p)) for name, p in DIALECTS.items()},
}


@pytest.mark.parametrize("which", LAYERS)
def test_a_stream_is_the_literal_loop_over_samples(which: str) -> None:
    layer = LAYERS[which]()
    for window in windows(layer):
        spikes, trace = literal(layer, window)
        with adapting(layer, layer), torch.no_grad():
            assert torch.equal(layer(window).spikes, spikes)
            assert torch.allclose(layer._streaming, trace)
        assert not torch.allclose(trace, layer.trace)
        frozen = layer(window).spikes
        assert torch.equal(spikes[:, 0], frozen[:, 0]), "the first sample is answered by the trained trace"


@pytest.mark.parametrize("which", LAYERS)
@settings(max_examples=10, deadline=None)
@given(batch=st.integers(1, 12), changed=st.integers(0, 11))
def test_answers_depend_on_earlier_samples_alone_and_on_no_batches(
    which: str, batch: int, changed: int
) -> None:
    layer = LAYERS[which]()
    for window in windows(layer):
        whole = answers(layer, window)
        assert torch.equal(answers(layer, window, batch), whole)
        values = window.values.clone()
        place = values[changed:] if window.static_steps else values[:, changed:]
        place.copy_(1 - place)
        other = answers(layer, window._replace(values=values), batch)
        assert torch.equal(other[:, :changed], whole[:, :changed])


def test_earlier_samples_matter() -> None:
    for layer in (dense(), convolution()):
        window = windows(layer, 40)[0]
        dark = window.values.clone()
        dark[:20] = 0
        other = answers(layer, window._replace(values=dark))
        assert not torch.equal(answers(layer, window)[:, 20:], other[:, 20:])


def test_the_kernels_and_torchs_operations_give_the_same_bits() -> None:
    for p in DIALECTS.values():
        layer = dense(p)
        for window in windows(layer):
            found = answers(layer, window)
            with plain_form():
                assert torch.equal(answers(layer, window), found)


def test_a_trace_that_is_left_whole_is_frozen() -> None:
    for layer in (dense(share=1.0), convolution(share=1.0)):
        for window in windows(layer):
            assert torch.equal(answers(layer, window), layer(window).spikes)


def test_the_trained_trace_is_as_it_was_and_each_stream_begins_with_it() -> None:
    for layer in (dense(), convolution()):
        before = layer.trace.clone()
        window = windows(layer)[0]
        first = answers(layer, window)
        assert torch.equal(answers(layer, window), first)
        assert torch.equal(layer.trace, before) and layer._streaming is None


def test_with_the_decay_of_training_it_is_the_trace_of_training_on_single_samples() -> None:
    """Where the trace adds no current: in training it also moves while a sample is shown."""
    layer = dense(share=None)
    with torch.no_grad():
        layer.cell.alpha.zero_()
    window = windows(layer)[0]
    with adapting(layer, layer), torch.no_grad():
        layer(window)
        streamed = layer._streaming.clone()
    layer.train()
    for one in window.values.split(1):
        layer(Window(one, STEPS))
    assert torch.allclose(layer.trace, streamed)


@given(share=st.floats(0, 1), decay=st.floats(0, 0.999), steps=st.integers(1, 20))
def test_the_mean_of_the_trace_does_not_depend_on_its_decay(share: float, decay: float, steps: int) -> None:
    """Constant updates U keep a trace of U/(1 − λ^T), that of training, whatever is left after a sample."""
    moving = carry(RELEASE._replace(trace_decay=decay), steps, share, torch.zeros(1, dtype=torch.double))
    kept = 1 / (1 - decay**steps)
    assert moving.share * kept + moving.gain == pytest.approx(kept)


def test_a_trace_without_decay_keeps_no_mean() -> None:
    like = torch.zeros(1)
    with pytest.raises(InputError, match="set a trace_decay below 1"):
        carry(RELEASE._replace(trace_decay=1.0), 3, 0.5, like)
    assert carry(RELEASE._replace(trace_decay=1.0), 3, None, like)[:2] == (1.0, 1.0)


def test_layer_by_layer_is_sample_by_sample() -> None:
    """A network that is shown a batch gives what it gives for one sample after another."""
    torch.manual_seed(0)
    made = SpikingNetwork(
        [16, 12, 4], Encoder("direct", STEPS, 0.0), trace_at_test="stream", trace_decay_at_test=0.5
    ).double()
    with torch.no_grad():
        for parameter in made.theta():
            parameter.mul_(60)
    images = torch.rand(30, 16, dtype=torch.double)
    made(images)
    made.eval()
    with torch.no_grad():
        with adapting(made, made):
            whole = made(images)
        with adapting(made, made):
            apart = torch.cat([made(one) for one in images.split(1)])
        assert torch.allclose(whole, apart)
        assert not torch.allclose(whole, made(images))
    assert made.facts()["trace_at_test"] == "stream"
