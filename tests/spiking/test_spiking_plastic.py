"""Columns and units that learn by competition."""

import torch

from hpbench.metrics.cost import measure
from hpbench.spiking.plastic.columns import PlasticColumns
from hpbench.spiking.plastic.units import CompetingUnits, compressed
from hpbench.spiking.random.columns import SpikingColumns


def columns(samples: int, seed: int = 0) -> PlasticColumns:
    return PlasticColumns(144, 8, 10, seed, samples=samples, repulsion=0.2, homeostasis=0.03, field=5, pool=4)


def stripes(number: int) -> torch.Tensor:
    """Images (N, 144) of vertical stripes of width 2, whose phase is random."""
    phase = torch.randint(4, (number, 1, 1), generator=torch.Generator().manual_seed(0))
    across = (torch.arange(12) + phase) % 4 < 2
    return across.expand(number, 12, 12).flatten(1).float()


def test_filters_start_as_those_of_random_columns_with_the_same_seed() -> None:
    assert torch.equal(columns(100).filters, SpikingColumns(144, 8, 10, 0, field=5, pool=4).filters)


def test_filters_learn_what_the_fields_see() -> None:
    made, images = columns(200), stripes(200)
    fields = made._fields(images, 0)
    before = (fields @ made.filters.flatten(1).T).amax(1).mean()
    for batch in images.split(20):
        made.learn(batch)
    assert (fields @ made.filters.flatten(1).T).amax(1).mean() > 1.5 * before
    lengths = made.filters.flatten(1).norm(dim=1)
    assert torch.allclose(lengths, SpikingColumns(144, 8, 10, 0, field=5, pool=4).filters[0].norm())
    assert torch.allclose(made.filters.sum((1, 2, 3)), torch.zeros(8), atol=1e-5)


def test_filters_settle_after_their_samples() -> None:
    made, images = columns(30), stripes(50)
    made.learn(images[:20])
    made.learn(images[20:40])
    settled = made.filters.clone()
    assert int(made.learned) == 30
    made.learn(images[40:])
    assert torch.equal(made.filters, settled)
    exact = columns(30)
    exact.learn(images[:20])
    exact.learn(images[20:30])
    assert torch.equal(exact.filters, settled)


def test_blank_images_teach_nothing() -> None:
    made = columns(30)
    before = made.filters.clone()
    made.learn(torch.full((10, 144), 0.5))
    assert torch.equal(made.filters, before) and made.wins.tolist() == [1.0] * 8


def features(number: int, seed: int) -> torch.Tensor:
    return torch.rand(number, 6, generator=torch.Generator().manual_seed(seed))


def test_units_that_fire_are_those_with_the_largest_cosine_to_the_roots() -> None:
    units = CompetingUnits(6, 5, 2, 0, winners=2)
    assert not units(features(3, 0)).any(), "none are recruited"
    units.begin()
    units.learn(features(20, 1))
    seen = features(4, 2)
    spikes = units(seen)
    assert spikes.shape == (4, 10) and not spikes[:, 5:].any()
    for one, fired in zip(seen, spikes, strict=True):
        roots = [float(value) ** 0.5 for value in one]
        match = [sum(a * float(b) for a, b in zip(roots, unit, strict=True)) for unit in units.weights[:5]]
        best = sorted(range(5), key=lambda i: -match[i])[:2]
        assert fired.nonzero().flatten().tolist() == sorted(best)


def test_units_of_earlier_experiences_stay_and_new_ones_start_near_the_mean() -> None:
    units = CompetingUnits(6, 5, 2, 0)
    units.begin()
    for seed in range(5):
        units.learn(features(20, seed))
    earlier = units.weights[:5].clone()
    assert not units.weights[5:].any()
    units.begin()
    first = features(20, 9)
    units.learn(first)
    units.learn(features(20, 10))
    learned = units.weights[5:].clone()
    assert torch.equal(units.weights[:5], earlier)
    units.begin()
    units.learn(features(20, 11))
    assert torch.equal(units.weights[:5], earlier) and int(units.recruited) == 10, "none are left"
    fixed = CompetingUnits(6, 5, 1, 0, plastic=False)
    fixed.begin()
    fixed.learn(first)
    started = fixed.weights.clone()
    fixed.learn(features(20, 10))
    assert torch.equal(fixed.weights, started)
    mean = compressed(first).mean(0)
    assert not torch.equal(learned, started)
    assert (started @ mean / mean.norm()).min() > 0.9


def test_cost_of_units_counts_features_at_recruited_weights() -> None:
    units = CompetingUnits(6, 5, 2, 0)
    units.begin()
    units.learn(features(20, 1))
    network = torch.nn.Sequential(units, torch.nn.Linear(10, 2))
    seen = torch.tensor([[0.5, 0, 0, 0.1, 0, 0]])
    layer = measure(network, lambda: network(seen)).layers["0"]
    assert layer.multiply_accumulates == 2 * 5
    assert (layer.neuron_steps, layer.silent) == (10, 7)
