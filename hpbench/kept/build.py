"""A trained model, built again from the description and the tensors of its file."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from hpbench import registry
from hpbench.core.errors import InputError
from hpbench.core.seeded_draws import seeded_draws
from hpbench.few_shot.learner import Learner
from hpbench.kept.blank_task import blank
from hpbench.learning.strategy import checked
from hpbench.learning.trained_model import TrainedModel
from hpbench.protocols.table import PROTOCOLS, protocol_named
from hpbench.tasks.continual import ContinualTask


class Built(NamedTuple):
    """A module in evaluation mode, and the Avalanche strategy around it (None for a few-shot learner)."""

    module: torch.nn.Module
    strategy: Any


def built(
    builder: Callable[[Any, Any], Any],
    settings: Any,
    described: dict[str, Any],
    state: dict[str, Tensor],
    device: str = "cpu",
) -> Built:
    """What the strategy's function makes for the described task, in the stored state.

    What a strategy draws when it is built depends on the seed, so the generators start as in the run. Raises
    InputError for a state that does not fit.
    """
    seed = described["seed"]
    with seeded_draws(python=seed, numpy=seed % 2**32, torch=seed):
        task = blank(described["task"], device)
        made = builder(settings, task)
    if isinstance(task, ContinualTask):
        strategy = checked(made, settings)
        module: torch.nn.Module = TrainedModel(strategy, len(task.train) if task.multi_head else 1)
    else:
        strategy, module = None, made
        if not isinstance(made, Learner):
            raise TypeError(f"few_shot() returned {type(made).__name__}: it must return a Learner")
    try:
        module.load_state_dict(state)
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"the tensors do not fit the network that the settings describe ({reason})"
        ) from error
    return Built(module.to(device).eval(), strategy)


def rebuilt(described: dict[str, Any], state: dict[str, Tensor], device: str = "cpu") -> Built:
    """The model of a file, by the strategy of its name that is found here.

    Raises InputError if the strategy is not here, is of another version, or no longer has these settings.
    """
    name, protocol = described["strategy"], protocol_named(described["protocol"])
    entry = registry.find("strategies", name)
    for column, here in (("strategy_version", entry.version), ("protocol_version", protocol.version)):
        if described[column] != here:
            what = f"strategy {name!r}" if column == "strategy_version" else f"protocol {protocol.name!r}"
            raise InputError(
                f"the model of run {described['run_id']} was trained by {what} of version "
                f"{described[column]}, here is {here}: install hpbench "
                f"{described['versions']['hpbench']} as it was, or train again with save=model"
            )
    try:
        settings = registry.settings_class(entry, protocol.name)(**described["settings"]["strategy"])
    except TypeError as error:
        raise InputError(
            f"the model of run {described['run_id']} has settings that strategy {name!r} does not have here "
            f"({error}): install hpbench {described['versions']['hpbench']}, or train again with save=model"
        ) from error
    builder = getattr(registry.load(entry), PROTOCOLS[protocol.name].builder)
    return built(builder, settings, described, state, device)
