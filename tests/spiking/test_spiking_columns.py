"""Competing columns against neurons simulated one by one."""

import pytest
import torch

from hpbench.core.errors import InputError
from hpbench.metrics.cost import measure
from hpbench.spiking.random import columns as columns_file
from hpbench.spiking.random.columns import SpikingColumns, first_spikes


def loop(current: list[float], steps: int, threshold: float) -> list[int]:
    """One column, step by step."""
    membranes, fired = [0.0] * len(current), [0] * len(current)
    for _ in range(steps):
        membranes = [one + more for one, more in zip(membranes, current, strict=True)]
        if max(membranes) >= threshold:
            fired[membranes.index(max(membranes))] = 1
            break  # all are silenced
    return fired


def test_the_first_neuron_to_fire_silences_its_column() -> None:
    current = torch.randn(6, 5, 3, 3, generator=torch.Generator().manual_seed(0)) * 0.1
    spikes = first_spikes(current, 4, 0.35)
    for image in range(6):
        for place in range(9):
            column = current[image].flatten(1)[:, place].double().tolist()
            assert spikes[image].flatten(1)[:, place].tolist() == loop(column, 4, 0.35)
    assert 0 < int(spikes.sum()) < 6 * 9, "some columns fire, some do not"


def test_features_are_shares_of_the_columns_of_an_area() -> None:
    columns = SpikingColumns(36, 4, 10, 0, field=3, pool=2)
    images = torch.rand(2, 36)
    won = first_spikes(columns.currents(images), 10, 0.35)
    assert won.shape == (2, 4, 4, 4)
    features = columns(images).view(2, 4, 3, 3)
    for down in range(3):
        for across in range(3):
            area = won[:, :, down : down + 2, across : across + 2]
            assert torch.allclose(features[:, :, down, across], area.mean((2, 3)))


def test_images_are_computed_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    made, images = SpikingColumns(36, 4, 10, 0, field=3, pool=2), torch.rand(7, 36)
    whole, seen = made(images), list[int]()
    monkeypatch.setattr(columns_file, "_CURRENTS", 3 * 4 * 16)  # three images of 4 x 4 places, 4 filters
    currents = made.currents

    def counted(some: torch.Tensor) -> torch.Tensor:
        seen.append(len(some))
        return currents(some)

    monkeypatch.setattr(made, "currents", counted)
    assert torch.allclose(made(images), whole) and seen == [3, 3, 1]


def test_filters_are_drawn_by_their_seed_and_blind_to_brightness() -> None:
    drawn = [SpikingColumns(144, 8, 10, seed).filters for seed in (0, 0, 1)]
    assert torch.equal(drawn[0], drawn[1]) and not torch.equal(drawn[0], drawn[2])
    assert torch.allclose(drawn[0].sum((1, 2, 3)), torch.zeros(8), atol=1e-5)
    lengths = drawn[0].square().sum((1, 2, 3))
    assert torch.allclose(lengths, lengths[:1])
    blank = SpikingColumns(144, 8, 10, 0)(torch.full((1, 144), 0.7))
    assert not blank.any()


def test_a_window_of_any_length_gives_the_same_features() -> None:
    images = torch.rand(3, 144)
    short, long = (SpikingColumns(144, 8, steps, 0)(images) for steps in (5, 20))
    assert torch.equal(short, long)


@pytest.mark.parametrize(
    ("pixels", "words"),
    [(140, "140 values in a row are no square image"), (100, "do not fit into images of 10 x 10")],
)
def test_what_does_not_fit_is_refused(pixels: int, words: str) -> None:
    with pytest.raises(InputError, match=words):
        SpikingColumns(pixels, 8, 10, 0)


def test_its_cost_counts_every_neuron_at_every_step() -> None:
    columns = SpikingColumns(36, 4, 10, 0, field=3, pool=2)
    images = torch.zeros(1, 36)
    images[0, 14] = 0.5  # row 2, column 2: within nine fields
    network = torch.nn.Sequential(columns, torch.nn.Linear(36, 2))
    cost = measure(network, lambda: network(images))
    layer = cost.layers["0"]
    assert layer.dense == 16 * 9 * 4 * 10
    assert layer.multiply_accumulates == 9 * 4 * 10
    spikes = int(first_spikes(columns.currents(images), 10, 0.35).sum())
    assert cost.activation_sparsity == 1 - spikes / (16 * 4 * 10)
