"""Online rules in convolutions, against a loop of single steps with traces and detached states."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, conv2d
from torch.nn.grad import conv2d_weight

from hpbench.spiking.credit import online_network
from hpbench.spiking.credit.locality import OnlineRule
from hpbench.spiking.credit.online_network import OnlineNetwork
from hpbench.spiking.encoder import Encoder
from hpbench.spiking.network import Convolution
from hpbench.spiking.neurons.adaptive import Adaptive
from hpbench.spiking.parameters import RELEASE
from hpbench.spiking.surrogate import SURROGATES

KAPPA, SIZE = 0.8, (2, 8, 7)


def made(trace: bool, steps: int, *, frames: bool = False, pool: int = 2, **p: Any) -> Any:
    torch.manual_seed(0)
    network = OnlineNetwork(
        [112, 6, 3],
        Encoder("frames" if frames else "direct", steps, 500.0),
        "gp",
        RELEASE._replace(threshold=0.2, **p),
        convolutions=[Convolution(3, 3, 1, pool), Convolution(4, 3, 2, 1)],
        image=SIZE,
        rule=OnlineRule(trace=trace),
        output_decay=KAPPA,
    )
    return network.double()


def images(steps: int, *, frames: bool) -> Tensor:
    draws = torch.Generator().manual_seed(1)
    shape = (5, steps, *SIZE) if frames else (5, *SIZE)
    return torch.rand(shape, generator=draws, dtype=torch.double)


def judged(scores: Tensor) -> Tensor:
    wanted = torch.eye(3, dtype=scores.dtype)[torch.arange(len(scores)) % 5 % 3]
    return (scores - wanted).square().mean()


def literal(network: Any, inputs: Tensor, steps: int, *, trace: bool) -> dict[str, Tensor]:
    """Gradients of weights and biases: at every step δ by autograd within the step, times traces."""
    p, cells = network.p, [layer.cell for layer in network.layers]
    rest: list[Any] = [None] * 3
    y: Any = 0.0
    pre: list[Any] = [0.0] * 4
    ones: list[float] = [0.0] * 4
    found: dict[str, Tensor] = {}

    def add(name: str, one: Tensor) -> None:
        found[name] = found.get(name, 0) + one

    for step in range(steps):
        x = inputs[:, step] if inputs.ndim == 5 else inputs
        scale, currents, shown = p.weight_scale(step), [], []
        for number, cell in enumerate(cells):
            if number < 2:
                _, stride, padding = cell.shape
                ahead = conv2d(x, cell.conv.weight, None, stride, padding)
                current = scale * ahead + cell.bias[:, None, None]
            else:
                x = x.flatten(1)
                current = scale * x @ cell.linear.weight.T + cell.linear.bias
            shown.append(x.detach())
            current.retain_grad()
            currents.append(current)
            if number == 3:
                y = KAPPA * y + p.current_gain * current
                break
            before = p.neuron.rest(current.detach()) if rest[number] is None else rest[number]
            after = p.neuron.step(current.detach(), before, p)
            potential = after.membrane + p.current_gain * (current - current.detach())
            x = SURROGATES[p.surrogate](potential - p.neuron.threshold(after, p))
            rest[number] = after
            if network.pools[number] > 1:
                x = avg_pool2d(x, network.pools[number])
        (judged(y) / steps).backward()
        for number, (cell, current) in enumerate(zip(cells, currents, strict=True)):
            decay = (KAPPA if number == 3 else p.membrane_decay) if trace else 0.0
            pre[number] = decay * pre[number] + scale * shown[number]
            ones[number] = decay * ones[number] + 1
            error = current.grad
            if number < 2:
                _, stride, padding = cell.shape
                add(f"{number} w", conv2d_weight(pre[number], cell.conv.weight.shape, error, stride, padding))
                add(f"{number} b", ones[number] * error.sum((0, 2, 3)))
            else:
                add(f"{number} w", error.T @ pre[number])
                add(f"{number} b", ones[number] * error.sum(0))
        y = y.detach()
    return found


@pytest.mark.parametrize("trace", [True, False])
@pytest.mark.parametrize("frames", [True, False])
@pytest.mark.parametrize(("pool", "p"), [(2, {}), (1, {"neuron": Adaptive()}), (3, {"membrane_decay": 0.9})])
@pytest.mark.parametrize("block", [128, 3])
def test_gradients_are_those_of_a_literal_loop(
    trace: bool, frames: bool, pool: int, p: dict[str, Any], block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(online_network, "BLOCK", block)
    steps = 7
    network = made(trace, steps, frames=frames, pool=pool, **p)
    inputs = images(steps, frames=frames)
    loss, scores = network.learn(inputs, judged)
    expected = literal(made(trace, steps, frames=frames, pool=pool, **p), inputs, steps, trace=trace)
    for number, layer in enumerate(network.layers):
        cell = layer.cell
        weight, bias = (cell.conv.weight, cell.bias) if number < 2 else (cell.linear.weight, cell.linear.bias)
        for kind, one in (("w", weight), ("b", bias)):
            assert one.grad is not None
            assert torch.allclose(one.grad, expected[f"{number} {kind}"], rtol=1e-9, atol=1e-13), (
                number,
                kind,
            )
            assert one.grad.abs().sum() > 0
    network.eval()
    assert torch.allclose(scores, network(inputs), rtol=1e-9)
    assert loss > 0


def test_dropout_acts_in_training_alone() -> None:
    torch.manual_seed(0)
    network = made(True, 4)
    network.dropout = 0.5
    inputs = images(4, frames=False)
    assert not torch.equal(network.learn(inputs, judged)[1], network.learn(inputs, judged)[1])
    network.eval()
    assert torch.equal(network(inputs), network(inputs))
