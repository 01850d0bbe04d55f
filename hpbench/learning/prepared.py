"""A strategy and its data, ready to be trained: what all protocols of experiences begin with."""

from collections.abc import Callable
from typing import Any, NamedTuple

from hpbench.core.errors import InputError
from hpbench.core.facts import checked_facts
from hpbench.core.stages import Stages
from hpbench.core.stream import refuse
from hpbench.learning.benchmark import Benchmark
from hpbench.learning.best_pass import BestPass
from hpbench.learning.pauses import Pauses
from hpbench.learning.reasons import wrong_arrival
from hpbench.learning.strategy import adopt, checked, network_of, prototypes_of
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.parts import check_parts

Builder = Callable[[Any, ContinualTask], Any]


class Prepared(NamedTuple):
    """An Avalanche strategy that holds the task's tensors, and the task as a benchmark."""

    strategy: Any
    benchmark: Benchmark


def prepared(builder: Builder, settings: Any, task: ContinualTask, protocol: str) -> Prepared:
    """What `builder(settings, task)` returns, with the task's data.

    Raises InputError for a stream that the strategy cannot learn, and for experiences without samples or
    without one of their classes.
    """
    stream = task.stream(protocol)
    refuse(builder, settings, stream)
    check_parts(task)
    strategy = checked(builder(settings, task), settings)
    checked_facts(network_of(strategy))  # before training, not after
    reason = wrong_arrival(stream, strategy.train_mb_size)  # of any strategy, whatever its settings
    if reason:
        raise InputError(reason)
    benchmark = Benchmark(task, with_rows=prototypes_of(strategy) is not None)
    return Prepared(adopt(strategy, benchmark.store), benchmark)


def watch(
    ready: Prepared, task: ContinualTask, pauses: Pauses, *plugins: Any, stages: Stages | None = None
) -> None:
    """Put these plugins before the strategy's own, before them the choice of the best pass, if wanted, and
    after all others the one that writes states. `stages` gets the accuracies by which a pass is chosen."""
    strategy, benchmark = ready
    strategy.plugins[:0] = plugins
    if task.selection == "validation":
        strategy.plugins.insert(
            0, BestPass(benchmark.scenario.streams["validation"], benchmark.store, stages)
        )
    strategy.plugins.append(pauses)
