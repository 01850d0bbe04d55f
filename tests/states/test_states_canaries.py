"""Every variant of every strategy, ended at a random one of its states, goes on exactly."""

import random
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from hpbench import registry
from hpbench.canaries.apart import apart
from hpbench.canaries.measure import settings_of
from hpbench.canaries.tiny_tasks import TASKS
from hpbench.canaries.variant import Variant
from hpbench.canaries.variants import variants_of
from hpbench.core.errors import InputError
from hpbench.learning.strategy import learner
from hpbench.protocols.table import PROTOCOLS
from hpbench.states.states import States

OFTEN = 1e-9


class EndedError(Exception):
    """The run has been ended."""


class Ending(States):
    """Ends the run after some states have been written, or tried."""

    count = 0
    last = -1

    def write(self) -> None:
        super().write()
        self.count += 1
        if self.count == self.last:
            raise EndedError


def left(variant: Variant, states: States | None) -> tuple[str, str, dict[str, torch.Tensor]]:
    """Row and details without times, and the weights, of a run of a variant."""
    entry = registry.find("strategies", variant.strategy)
    protocol = PROTOCOLS[variant.protocol]
    build, built = getattr(registry.load(entry), protocol.builder), []

    def builder(settings: Any, task: Any) -> Any:
        built.append(build(settings, task))
        return built[-1]

    builder.__module__ = build.__module__
    with apart(single=variant.change.single):
        settings = settings_of(entry, variant.protocol, variant.change.settings)
        task = TASKS[variant.protocol](**variant.change.task)
        outcome = protocol.part("runs")(builder, settings, task, lambda _: None, states)
        made = built[0] if isinstance(built[0], torch.nn.Module) else learner(built[0])
        weights = {name: one.clone() for name, one in made.state_dict().items()}
    row = {name: value for name, value in outcome.row.items() if not name.endswith("_seconds")}
    return repr(row), re.sub(r"'seconds': [0-9.e-]+", "", repr(outcome.details)), weights


@pytest.mark.slow
@pytest.mark.parametrize(
    "variant",
    [
        pytest.param(one, id=f"{one.strategy} {one.protocol} {one.name}")
        for entry in registry.shipped("strategies")
        for protocol in entry.protocols
        for one in variants_of(entry.name, protocol)
    ],
)
def test_a_run_that_is_ended_at_any_state_goes_on_exactly(variant: Variant, tmp_path: Path) -> None:
    try:
        whole = left(variant, None)
    except InputError as refusal:
        pytest.skip(str(refusal))
    writing = Ending(tmp_path, "run", {}, OFTEN, lambda _: None)
    assert left(variant, writing)[:2] == whole[:2]
    writing.remove()
    ending = Ending(tmp_path, "run", {}, OFTEN, lambda _: None)
    ending.last = random.Random(0).randint(1, max(1, writing.count))
    try:
        left(variant, ending)
    except EndedError:
        random.seed(9)
        np.random.seed(9)
        torch.manual_seed(9)
    row, details, weights = left(variant, States(tmp_path, "run", {}, 1e9, lambda _: None))
    assert (row, details) == whole[:2]
    assert weights.keys() == whole[2].keys()
    for name, one in weights.items():
        assert torch.equal(one.nan_to_num(7), whole[2][name].nan_to_num(7)), name
