"""Settings of the authors' network for shuffled MNIST, for strategies whose network may be that one."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from hpbench.core.acting import LATER_EXPERIENCES
from hpbench.core.errors import InputError
from hpbench.core.settings import setting
from hpbench.core.stream import Stream

_LAYERED = {"architecture": "feed_forward"}


@dataclass
class MultitaskSettings:
    """A network with masks; to be inherited before the settings of the network."""

    architecture: str = setting(
        "feed_forward",
        "feed_forward: layers as the other settings say; multitask: dense layers of the authors' multitask "
        "experiment, without biases, with a trace that begins empty in every batch, at test too, and with "
        "scores linear in the last hidden membranes",
        choices=("feed_forward", "multitask"),
        acts_with={"network": ("hp", "gp")},
    )
    task_masks: float = setting(
        0.0,
        "share of the weights that an experience may use, drawn at random for each and known at test; the "
        "trace acts at the others; 0: no masks",
        low=0,
        high=0.9,
        acts_with={"architecture": "multitask"},
    )

    ACTS_WITH: ClassVar[dict[Any, Any]] = dict.fromkeys(
        (
            *("neuron", "kernels", "dialect", "current_gain", "read_out", "output_gain", "recurrent"),
            *("energy_weight", "trace_scope", "trace_in", "trace_bound", "trace_form", "theta_gradient"),
            *("prototypes", "norm"),
        ),
        _LAYERED,
    )

    def implied(self) -> dict[str, object]:
        """The values that None stands for."""
        following: dict[str, object] = super().implied()  # type: ignore[misc]
        if self.architecture == "multitask":
            following |= {"trace_bound": math.inf, "trace_at_test": "batch"}
        return following

    def check(self) -> None:
        """Raise InputError for a trace that would be frozen at test, where it begins empty."""
        mode = getattr(self, "trace_at_test", None)
        if self.architecture == "multitask" and mode not in (None, "batch", "zero"):
            raise InputError(
                f"strategy.trace_at_test={mode} does not fit strategy.architecture=multitask, whose trace "
                "begins empty in every batch: choose batch or zero"
            )
        following = getattr(super(), "check", None)
        if following is not None:
            following()

    def skip(self, stream: Stream) -> str:
        """Why a strategy with these settings cannot be run on the stream; empty if it can."""
        if self.task_masks and stream.regime != "task":
            return (
                f"strategy.task_masks={self.task_masks:g}: the mask of a sample's task must be known at "
                "test: set scenario.regime=task"
            )
        following = getattr(super(), "skip", None)
        return following(stream) if following is not None else ""


@dataclass
class RehearsalSettings(MultitaskSettings):
    """Learning of the meta-parameters θ apart from the weights."""

    theta_rehearsal: int = setting(
        0,
        "θ learns not with the weights, but in a pass of its own after each of the first experiences, this "
        "many, from stored samples of all experiences so far in batches of one experience; 0: with them",
        unit="experiences",
        low=0,
        acts_with=LATER_EXPERIENCES,
    )

    ACTS_WITH: ClassVar[dict[Any, Any]] = {"theta_gradient": {"theta_rehearsal": 0}}
