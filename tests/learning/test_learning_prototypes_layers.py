"""Columns and units that learn in the stream, below the prototypes."""

import copy
from typing import Any

import numpy as np
import pytest
import torch
from stream import small_task

from hpbench.core.errors import InputError
from hpbench.core.settings import check_settings
from hpbench.core.stream import Stream
from hpbench.data.characters.characters import Characters
from hpbench.learning.benchmark import Benchmark
from hpbench.learning.prototypes import layers
from hpbench.learning.prototypes.plugin import HebbianPrototypes
from hpbench.learning.settings import ContinualSettings
from hpbench.learning.strategy import adopt
from hpbench.learning.supervised import supervised
from hpbench.runs.seeding import seed_everything
from hpbench.spiking.plastic.columns import PlasticColumns
from hpbench.spiking.random.columns import SpikingColumns


def settings(**changes: Any) -> ContinualSettings:
    """Four columns that learn from 30 samples and six units an experience, by the nearest mean."""
    chosen = {
        "network": "ann",
        "hidden": [4],
        "batch": 10,
        "prototypes": True,
        "prototype_of": "input",
        "prototype_read_out": "nearest",
        "columns": 4,
        "column_field": 2,
        "column_pool": 1,
        "column_learning": "stream",
        "column_samples": 30,
        "units": 6,
        "unit_winners": 2,
    }
    made = ContinualSettings(**{**chosen, **changes})
    check_settings(made, "strategy")
    return made


def started(chosen: ContinualSettings, **stream: Any) -> tuple[Any, HebbianPrototypes, Benchmark]:
    task = small_task(**stream)
    seed_everything(0)
    strategy = supervised(chosen, task)
    benchmark = Benchmark(task, with_rows=True)
    [prototypes] = [one for one in strategy.plugins if isinstance(one, HebbianPrototypes)]
    return adopt(strategy, benchmark.store), prototypes, benchmark


def trained(chosen: ContinualSettings, **stream: Any) -> HebbianPrototypes:
    strategy, prototypes, benchmark = started(chosen, **stream)
    for experience in benchmark.train:
        strategy.train(experience, eval_streams=[])
    return prototypes


def test_features_are_spikes_of_units_and_every_experience_has_its_own() -> None:
    prototypes = trained(settings())
    assert prototypes.memory.means.shape == (4, 12)
    assert prototypes.reader.units is not None and int(prototypes.reader.units.recruited) == 12
    means = prototypes.memory.means
    assert means.min() >= 0 and means.sum(1).max() <= 2 + 1e-5
    assert not means[:2, 6:].any(), "classes of the first experience were never seen with units of the second"
    assert means[2:, 6:].any()


def test_samples_teach_once_whatever_the_passes() -> None:
    once, twice = (trained(settings(column_samples=10_000), passes=passes) for passes in (1, 3))
    samples = sum(len(part.targets) for part in small_task().train)
    for one in (once, twice):
        assert isinstance(one.reader.expansion, PlasticColumns) and one.reader.units is not None
        assert int(one.reader.expansion.learned) == samples
        assert one.reader.units.wins.sum() - len(one.reader.units.wins) == samples


def test_training_goes_on_from_a_checkpoint_as_if_it_had_not_stopped() -> None:
    chosen = settings(column_samples=10_000)
    strategy, prototypes, benchmark = started(chosen)
    strategy.train(benchmark.train[0], eval_streams=[])
    saved = copy.deepcopy((strategy.model.state_dict(), prototypes.state_dict()))
    other, fresh, again = started(chosen)
    other.model.load_state_dict(saved[0])
    fresh.load_state_dict(saved[1])
    for one, data in ((strategy, benchmark), (other, again)):
        torch.manual_seed(1)
        one.train(data.train[1], eval_streams=[])
    assert torch.equal(prototypes.memory.means, fresh.memory.means)
    for name, value in prototypes.reader.parts.state_dict().items():
        assert torch.equal(value, fresh.reader.parts.state_dict()[name]), name


def test_filters_learned_beforehand_do_not_depend_on_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = np.random.RandomState(0).randint(0, 256, (4, 3, 5, 5)).astype(np.uint8)
    texts = np.array(["a", "b", "c", "d"])
    background = np.array([True, True, False, True])
    glyphs = Characters("glyphs", drawn, texts, texts, background, source="drawn at random")
    monkeypatch.setattr(layers, "load_glyphs", lambda: glyphs)
    chosen = settings(column_learning="glyphs", column_samples=2000)
    _, before, _ = started(chosen)
    after = trained(chosen)
    columns = after.reader.expansion
    assert isinstance(columns, PlasticColumns) and isinstance(before.reader.expansion, PlasticColumns)
    assert int(columns.learned) == 9, "three characters are of the background, with three drawings each"
    assert torch.equal(columns.filters, before.reader.expansion.filters)
    random = SpikingColumns(9, 4, small_task().time_steps, 0, field=2, pool=1)
    assert not torch.allclose(columns.filters, random.filters, atol=1e-3)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"columns": 1}, "a single filter"),
        ({"units": 1}, "set as many"),
        ({"unit_winners": 7}, "set as many"),
    ],
)
def test_layers_in_which_nothing_competes_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        settings(**changes)


def test_units_need_to_know_where_experiences_begin() -> None:
    hidden = Stream(protocol="continual", boundaries=False, experiences=2)
    assert "units" in settings().skip(hidden)
    assert settings(units=0, unit_winners=3).skip(hidden) == ""
