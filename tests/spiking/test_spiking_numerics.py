"""Safety: long windows, low precision, memory, repeatability."""

import gc
import math
import weakref

import psutil
import pytest
import torch

from hpbench.core.errors import InputError
from hpbench.spiking.encoder import Encoder
from hpbench.spiking.hybrid.cell import HybridCell
from hpbench.spiking.hybrid.window import HybridWindow
from hpbench.spiking.network import SpikingNetwork
from hpbench.spiking.parameters import DIALECTS
from hpbench.spiking.surrogate import SURROGATES
from hpbench.spiking.window import Window

EACH = pytest.mark.parametrize("dialect", DIALECTS)


def network(dialect: str) -> SpikingNetwork:
    torch.manual_seed(0)
    return SpikingNetwork([20, 30, 4], Encoder("direct", 10, 500.0), "hp", DIALECTS[dialect], dialect=dialect)


@EACH
@pytest.mark.parametrize("static", [True, False])
def test_a_thousand_steps_stay_finite_and_the_trace_bounded(dialect: str, static: bool) -> None:
    torch.manual_seed(0)
    layer = HybridWindow(HybridCell(8, 6, DIALECTS[dialect]))
    with torch.no_grad():
        for one in layer.cell.theta():
            one.mul_(50)
    values = torch.rand(5, 8) if static else torch.rand(1000, 5, 8)
    response = layer(Window(values, 1000 if static else 0))
    response.spikes.mean().backward()
    assert bool(torch.isfinite(response.membranes).all())
    for one in layer.parameters():
        assert one.grad is not None and bool(torch.isfinite(one.grad).all())
    if dialect == "release":
        assert float(layer.trace.abs().max()) <= layer.cell.p.trace_bound


@EACH
@pytest.mark.parametrize("name", SURROGATES)
def test_autocast_to_bfloat16_trains(dialect: str, name: str) -> None:
    torch.manual_seed(0)
    p = DIALECTS[dialect]._replace(surrogate=name)
    net = SpikingNetwork([20, 30, 4], Encoder("direct", 10, 500.0), "hp", p, dialect=dialect)
    with torch.autocast("cpu", torch.bfloat16):
        scores = net(torch.rand(6, 20))
        loss = scores.float().square().mean()
    loss.backward()
    assert bool(torch.isfinite(scores).all())
    grads = [one.grad for one in net.parameters() if one.grad is not None]
    assert grads and all(bool(torch.isfinite(grad).all()) for grad in grads)


@EACH
def test_the_same_seed_gives_the_same_bits(dialect: str) -> None:
    found = []
    for _ in range(2):
        net = network(dialect)
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
        for _ in range(5):
            optimizer.zero_grad()
            net(torch.rand(6, 20)).square().mean().backward()
            optimizer.step()
        found.append([one.clone() for one in net.state_dict().values()])
    assert all(torch.equal(one, other) for one, other in zip(*found, strict=True))


@EACH
def test_memory_is_flat_over_500_steps(dialect: str) -> None:
    net = network(dialect)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    process, sizes = psutil.Process(), []
    for step in range(500):
        optimizer.zero_grad()
        net(torch.rand(32, 20)).square().mean().backward()
        optimizer.step()
        if step in (100, 499):
            gc.collect()
            sizes.append(process.memory_info().rss)
    assert sizes[1] - sizes[0] < 2e6


def test_nothing_of_a_batch_outlives_it() -> None:
    """Without the garbage collector: a reference cycle would keep the graph of a batch alive."""
    net, kept = network("release"), []
    net.layers[0].register_forward_hook(lambda module, shown, response: kept.append(weakref.ref(response[0])))
    gc.disable()
    try:
        scores = net(torch.rand(6, 20))
        assert kept[0]() is not None
        scores.sum().backward()
        del scores
        assert kept[0]() is None
    finally:
        gc.enable()


def test_time_constants_may_be_infinite() -> None:
    p = DIALECTS["release"]._replace(weight_time_constant=math.inf)
    assert p.weight_scale(5) == 1.0


def test_shapes_are_checked_with_a_clear_error() -> None:
    with pytest.raises(InputError, match=r"shape \(batch, 20\) .* not \(6, 21\)"):
        network("release")(torch.rand(6, 21))
    with pytest.raises(InputError, match=r"shape \(steps, batch, 8\)"):
        HybridWindow(HybridCell(8, 6))(Window(torch.rand(5, 8)))
    with pytest.raises(InputError, match=r"shape \(batch, 8\), not \(5, 7\)"):
        HybridCell(8, 6)(torch.rand(5, 7))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"threshold": 0.0}, "threshold and weight_time_constant must be above 0"),
        ({"membrane_decay": 1.5}, "membrane_decay=1.5: expected a value from 0.0 to 1.0"),
        ({"trace_decay": -0.1}, "trace_decay=-0.1"),
        ({"surrogate": "rectangle"}, "did you mean 'rectangular'"),
        ({"post": "tan"}, "post=tan: did you mean 'tanh'"),
        ({"trace_scope": "layer"}, "trace_scope=layer: there are: batch, sample"),
    ],
)
def test_ranges_are_checked_with_a_clear_error(change: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        HybridCell(8, 6, DIALECTS["release"]._replace(**change))


@pytest.mark.parametrize("static", [True, False])
@EACH
def test_a_compiled_layer_is_the_same_layer(dialect: str, static: bool) -> None:
    found = []
    for compiled in (False, True):
        torch.manual_seed(0)
        layer = HybridWindow(HybridCell(8, 6, DIALECTS[dialect]))
        torch.compiler.reset()
        forward = torch.compile(layer, backend="eager") if compiled else layer
        values = torch.rand(5, 8) if static else torch.rand(4, 5, 8)
        for _ in range(2):
            forward(Window(values, 4 if static else 0)).membranes.square().sum().backward()
        found.append([one.grad for one in layer.parameters()] + list(layer.buffers()))
    assert all(torch.allclose(one, other, atol=1e-6) for one, other in zip(*found, strict=True))
