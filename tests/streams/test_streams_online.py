"""Online streams: each sample once, and what a strategy is told of their boundaries."""

from typing import Any

import pytest
import torch
from avalanche.core import SupervisedPlugin
from avalanche.training.plugins import ReplayPlugin
from avalanche.training.storage_policy import ReservoirSamplingBuffer
from stream import small_task

from hpbench.core.errors import InputError
from hpbench.core.outcome import Outcome
from hpbench.learning.benchmark import Benchmark
from hpbench.learning.online import Arrivals
from hpbench.learning.reasons import needs_boundaries
from hpbench.learning.settings import ContinualSettings
from hpbench.learning.supervised import supervised
from hpbench.runs.continual import run
from hpbench.runs.seeding import seed_everything
from hpbench.streams.online import ARRIVAL, OnlineSettings, online


class Heard(SupervisedPlugin):
    """What reaches a strategy."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[torch.Tensor] = []
        self.experiences = 0

    def before_training_exp(self, strategy: Any, **kwargs: Any) -> None:
        self.experiences += 1

    def after_training_iteration(self, strategy: Any, **kwargs: Any) -> None:
        self.batches.append(strategy.mb_x)


def outcome(boundaries: str, *plugins: SupervisedPlugin, batch: int = ARRIVAL) -> Outcome:
    settings = ContinualSettings(network="ann", hidden=[16], batch=batch, lr=0.01)
    seed_everything(0)
    task = online(small_task(), OnlineSettings(boundaries=boundaries))
    return run(
        lambda settings, task: supervised(settings, task, plugins=plugins), settings, task, lambda _: None
    )


@pytest.mark.parametrize(("boundaries", "experiences"), [("told", 2), ("hidden", 18)])
def test_every_sample_is_seen_once_in_the_order_of_the_experiences(boundaries: str, experiences: int) -> None:
    heard = Heard()
    made = outcome(boundaries, heard)
    assert heard.experiences == experiences
    assert [len(batch) for batch in heard.batches] == [ARRIVAL] * 18
    for number, part in enumerate(small_task().train):
        seen = torch.cat(heard.batches[9 * number : 9 * number + 9])
        assert sorted(map(tuple, seen.tolist())) == sorted(map(tuple, part.inputs.tolist()))
        assert not torch.equal(seen, part.inputs)
    assert made.row["epochs"] == 1 and made.row["experiences"] == 2 and made.row["batch"] == ARRIVAL
    assert len(made.details["R"]) == 2
    points = made.details["curve"]
    assert points[-1]["samples"] == 180
    assert {point["experience"] for point in points} == {0, 1}


def test_an_online_experience_hides_its_origin() -> None:
    pieces = Arrivals(Benchmark(small_task()).train[0], ARRIVAL)
    listed = list(pieces)
    assert len(listed) == len(pieces) == 9
    experience = listed[0].train()
    for name in ("origin_experience", "is_first_subexp", "is_last_subexp"):
        with pytest.raises(Exception, match=name):
            getattr(experience, name)


def test_a_reservoir_is_replayed_without_boundaries() -> None:
    heard = Heard()
    made = outcome(
        "hidden",
        ReplayPlugin(mem_size=24, storage_policy=ReservoirSamplingBuffer(24)),
        heard,
    )
    assert made.row["memory_samples"] == 24
    assert [len(batch) for batch in heard.batches] == [ARRIVAL] + [2 * ARRIVAL] * 17


def test_another_batch_than_the_streams_is_refused() -> None:
    with pytest.raises(InputError, match=r"strategy.batch=20: this stream has batches of 10"):
        outcome("told", batch=20)


def test_a_rule_that_needs_boundaries_refuses_a_stream_without() -> None:
    hidden, told = (online(small_task(), OnlineSettings(boundaries=one)) for one in ("hidden", "told"))
    assert needs_boundaries(hidden.stream(), "EWC").startswith("EWC acts where an experience ends")
    assert needs_boundaries(told.stream(), "EWC") == ""


def test_task_labels_would_tell_hidden_boundaries() -> None:
    with pytest.raises(InputError, match="whose labels reveal the boundaries"):
        online(small_task(regime="task"), OnlineSettings())
