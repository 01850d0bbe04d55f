"""Local plasticity (LP): hidden weights stay random; only Hebbian traces and the last layer learn.

Rule: the trace of `hp` in every layer; w, b and θ of hidden layers keep their initial values; the last layer
learns by surrogate gradient. Few-shot, the binding of `hp` on random features; the scores depend on the order
of the support. Source: Wu et al., Nat. Commun. 13:65 (2022), the LP of its comparisons, as the authors
released it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpbench.core.published import PROTOTYPES_NEXT, SPLIT_MNIST_NONE
from hpbench.core.settings import with_default
from hpbench.few_shot.bound import BoundSettings, bound
from hpbench.learning.settings import TrainingSettings
from hpbench.learning.supervised import supervised
from hpbench.networks.settings import TraceSettings
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.few_shot import FewShotTask

if TYPE_CHECKING:
    from avalanche.training.templates import SupervisedTemplate

    from hpbench.few_shot.learner import Learner

VERSION = "1"
PRESETS = {
    "class_memory": (
        "linear discriminant (LDA) on the last layer's inputs, in place of the network's scores",
        {"prototypes": True},
    ),
    "classification": (
        "the authors' network for images: 128, 256 and 256 kernels, half an hour a pass of MNIST on a core",
        {
            "kernels": [128, 256, 256],
            "kernel_size": 3,
            "stride": 1,
            "pool": 2,
            "dropout": 0.5,
            "threshold": 0.45,
            "membrane_decay": 0.75,
            "weight_time_constant": 30.0,
            "reset": "zero",
            "output_gain": 0.5,
            "trace_in": "hidden",
            "trace_decay": 0.9,
            "post": "linear_falling",
            "theta_start": "classification",
            "batch": 50,
            "lr": 5e-4,
        },
    ),
    "classification_small": (
        "classification",
        "the same with 32, 64 and 64 kernels",
        {"kernels": [32, 64, 64]},
    ),
    "adapting": (
        "the trace also adapts to each test batch, as in the authors' code",
        {"trace_at_test": "batch"},
    ),
    "streaming": (
        "the trace goes on through the test stream: each sample is answered before it moves the trace, of "
        "which 0.99 is then left",
        {"trace_at_test": "stream", "trace_decay_at_test": 0.99},
    ),
    "real_valued": ("few-shot: features of a real-valued network", {"network": "ann"}),
}
PUBLISHED = SPLIT_MNIST_NONE
NEXT = (PROTOTYPES_NEXT,)


@dataclass
class Settings(TrainingSettings, TraceSettings):
    """Settings of `hp`."""


def continual(settings: Settings, task: ContinualTask) -> "SupervisedTemplate":
    """Fine-tunes the read-out of an LP network through the stream."""
    return supervised(settings, task, "lp")


@dataclass
class FewShotSettings(BoundSettings):
    """Settings of `hp` without inner steps; fewer meta-steps, since only the output layer learns."""

    meta_steps: int = with_default(BoundSettings, "meta_steps", 2000)


def few_shot(settings: FewShotSettings, task: FewShotTask) -> "Learner":
    """Binds labels to features of a network with random weights; the output's W and θ are meta-learned."""
    return bound(settings, task, features_learn=False)
