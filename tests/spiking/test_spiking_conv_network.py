"""Networks with convolutions: of images and of events, against their layers one after another."""

from itertools import product
from typing import Any

import pytest
import torch

from hpbench.core.errors import InputError
from hpbench.networks.family import build_network
from hpbench.networks.settings import TraceSettings
from hpbench.spiking.encoder import Encoder
from hpbench.spiking.network import Convolution, SpikingNetwork
from hpbench.spiking.readout import read_out
from hpbench.spiking.window import Window
from hpbench.tasks.continual import ContinualTask, Part


def task(inputs: torch.Tensor, encoding: str) -> ContinualTask:
    part = Part(inputs, torch.zeros(len(inputs), dtype=torch.long))
    return ContinualTask(
        dataset="made",
        dataset_sha256="",
        regime="class",
        train=[part],
        validation=[],
        test=[part],
        outputs=4,
        passes=1,
        selection="last",
        evaluate_on="test",
        encoding=encoding,
        time_steps=5,
        max_rate=100.0,
        device="cpu",
    )


IMAGES = torch.rand(3, 81, generator=torch.Generator().manual_seed(0))
EVENTS = torch.randint(0, 3, (3, 5, 2, 9, 9), generator=torch.Generator().manual_seed(0)).float()
CASES = {"direct": IMAGES, "frames": EVENTS}


@pytest.mark.parametrize(("kind", "encoding"), list(product(["hp", "gp", "lp", "ann"], CASES)))
def test_every_kind_sees_images_and_events(kind: str, encoding: str) -> None:
    torch.manual_seed(0)
    settings = TraceSettings(kernels=[6, 8], kernel_size=3, hidden=[10])
    network = build_network(kind, settings, task(CASES[encoding], encoding))
    scores = network(CASES[encoding])
    assert scores.shape == (3, 4)
    scores.square().sum().backward()
    learning = [name for name, one in network.named_parameters() if one.grad is not None]
    assert any(name.startswith(("layers.0", "2")) for name in learning) is (kind != "lp")


@pytest.mark.parametrize("encoding", CASES)
@pytest.mark.parametrize("training", [True, False])
def test_the_network_is_its_layers_one_after_another(encoding: str, training: bool) -> None:
    torch.manual_seed(0)
    shape = (1, 9, 9) if encoding == "direct" else (2, 9, 9)
    network = SpikingNetwork(
        [81, 10, 4],
        Encoder(encoding, 5, 100.0),
        convolutions=[Convolution(6, 3, 2), Convolution(8, 3, 2)],
        image=shape,
        trace_at_test="batch",
    )
    network.train(training)
    for layer in network.layers:
        layer.trace = 0.1 * torch.randn_like(layer.trace)
    inputs: Any = CASES[encoding]
    steps = [inputs.view(3, *shape)] * 5 if encoding == "direct" else list(inputs.unbind(1))
    for number, layer in enumerate(network.layers):
        if number == 2:
            steps = [one.flatten(1) for one in steps]
        state = layer.cell.initial_state(steps[0])._replace(trace=layer.trace)
        fired, membranes = [], []
        for values in steps:
            spikes, state = layer.cell(values, state)
            fired.append(spikes)
            membranes.append(state.membrane)
        steps = fired
    expected = read_out("clipped_membrane", torch.stack(fired), torch.stack(membranes), network.p.threshold)
    torch.testing.assert_close(network(inputs), expected)


@pytest.mark.parametrize(("side", "kernel", "stride"), list(product([7, 8, 34], [1, 3, 4, 5], [1, 2, 3])))
def test_the_shape_after_a_convolution_is_what_torch_makes(side: int, kernel: int, stride: int) -> None:
    made = torch.nn.Conv2d(2, 3, kernel, stride, kernel // 2)(torch.zeros(1, 2, side, side + 1))
    assert Convolution(3, kernel, stride).shape_after((2, side, side + 1)) == tuple(made.shape[1:])


@pytest.mark.parametrize("encoding", CASES)
def test_means_over_squares_are_passed_on_and_dense_layers_alone_have_a_trace(encoding: str) -> None:
    torch.manual_seed(0)
    settings = TraceSettings(kernels=[6], kernel_size=3, stride=1, pool=2, hidden=[10], trace_in="dense")
    network: Any = build_network("hp", settings, task(CASES[encoding], encoding))
    convolution, hidden, last = network.layers
    assert not convolution.cell.local and hidden.cell.local and last.cell.local
    assert hidden.cell.linear.in_features == 6 * 4 * 4
    spikes = convolution(network._shaped(network.encoder(CASES[encoding]), convolution)).spikes
    squares = spikes[..., :8, :8].unflatten(-1, (4, 2)).unflatten(-3, (4, 2))
    means = squares.sum((-1, -3)) / 4
    response = last(Window(hidden(Window(means.flatten(2))).spikes))
    expected = read_out("clipped_membrane", response.spikes, response.membranes, network.p.threshold)
    network.train()
    for layer in (hidden, last):
        layer.trace.zero_()
    torch.testing.assert_close(network(CASES[encoding]), expected)
    assert network._pooled(spikes, 0).shape == (5, 3, 6, 4, 4)


@pytest.mark.parametrize("kind", ["gp", "ann"])
def test_inputs_of_later_convolutions_are_left_out_in_training_alone(kind: str) -> None:
    torch.manual_seed(0)
    settings = TraceSettings(kernels=[6, 5], kernel_size=3, stride=1, hidden=[50], dropout=0.4)
    network: Any = build_network(kind, settings, task(IMAGES, "direct"))
    convolutions = [one for one in network.modules() if isinstance(one, torch.nn.Conv2d)]
    layers = network.layers if kind == "gp" else [*convolutions, network[-1]]
    shown: list[torch.Tensor] = []

    def values_of(given: Any) -> torch.Tensor:
        return given.values if isinstance(given, Window) else given

    for layer in layers:
        layer.register_forward_pre_hook(lambda _, args: shown.append(values_of(args[0])))

    def given() -> list[torch.Tensor]:
        shown.clear()
        network(IMAGES)
        return [one.detach() for one in shown]

    network.eval()
    first, second, *_ = given()
    assert torch.equal(first.flatten(1), IMAGES) and torch.equal(given()[1], second)
    network.train()
    first, dropped, *_ = given()
    assert torch.equal(first.flatten(1), IMAGES)
    kept = dropped != 0
    torch.testing.assert_close(dropped[kept], (second / 0.6)[kept])
    assert 0.5 < float(kept[second != 0].double().mean()) < 0.7
    if kind == "gp":
        both = (second[0] != 0) & (second[1] != 0)
        assert not torch.equal(kept[0][both], kept[1][both])  # drawn anew in every step


def test_the_last_layers_weights_and_theta_start_as_the_settings_say() -> None:
    scales = []
    for gain in (1.0, 0.5):
        torch.manual_seed(0)
        settings = TraceSettings(hidden=[20], output_gain=gain, theta_start="classification")
        network: Any = build_network("hp", settings, task(IMAGES, "direct"))
        scales.append([float(layer.cell.linear.weight.detach().abs().sum()) for layer in network.layers])
        cell = network.layers[0].cell
        assert float(cell.alpha) == pytest.approx(0.1) and not cell.offset.any()
        assert torch.equal(cell.rate.detach(), torch.full((81,), 1e-3))
    assert scales[0][0] == scales[1][0] and scales[0][1] == pytest.approx(2 * scales[1][1])


def test_dense_layers_before_the_last_have_a_trace() -> None:
    settings = TraceSettings(kernels=[6], hidden=[10], trace_in="hidden")
    network: Any = build_network("hp", settings, task(IMAGES, "direct"))
    assert [layer.cell.local for layer in network.layers] == [False, True, False]
    assert network.facts()["trace_at_test"] == "frozen"


@pytest.mark.parametrize(("kernels", "hidden", "where"), [([], [10], "dense"), ([3], [], "hidden")])
def test_a_trace_in_layers_that_are_not_there_is_refused(
    kernels: list[int], hidden: list[int], where: str
) -> None:
    with pytest.raises(InputError, match=f"strategy.trace_in={where}"):
        TraceSettings(kernels=kernels, hidden=hidden, trace_in=where).check()


def test_the_ann_sees_time_steps_as_channels() -> None:
    network = build_network("ann", TraceSettings(kernels=[6], hidden=[10]), task(EVENTS, "frames"))
    [convolution] = [one for one in network.modules() if isinstance(one, torch.nn.Conv2d)]
    assert convolution.in_channels == 5 * 2
    later = EVENTS.flip(1)
    assert not torch.allclose(network(EVENTS), network(later))


def test_convolutions_over_what_is_no_image_are_refused() -> None:
    with pytest.raises(InputError, match=r"strategy\.kernels: 80 values in a row are no square image"):
        build_network("hp", TraceSettings(kernels=[6]), task(IMAGES[:, :80], "direct"))


def test_theta_of_convolutions_is_a_part_of_theta() -> None:
    network = build_network("hp", TraceSettings(kernels=[6], hidden=[10]), task(EVENTS, "frames"))
    assert isinstance(network, SpikingNetwork)
    assert len(network.theta()) == 3 * 3
    assert Window(EVENTS.transpose(0, 1)).steps == 5
