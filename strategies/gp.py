"""Global plasticity (GP): the spiking network of `hp` without trace, fine-tuned by surrogate gradients.

Rule: backpropagation through time with a rectangular surrogate, Adam; α is fixed at 0. No measure against
forgetting, so this is also naive fine-tuning of a spiking network.
Source: Wu et al., Nat. Commun. 13:65 (2022), the GP of its comparisons.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpbench.core.published import PROTOTYPES_NEXT, SPLIT_MNIST_NONE
from hpbench.core.settings import with_default
from hpbench.few_shot.adapted import AdaptedSettings, adapted
from hpbench.learning.settings import TrainingSettings
from hpbench.learning.supervised import supervised
from hpbench.networks.multitask_settings import MultitaskSettings
from hpbench.networks.norm_settings import NormSettings
from hpbench.networks.settings import NeuronSettings
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.few_shot import FewShotTask

if TYPE_CHECKING:
    from avalanche.training.templates import SupervisedTemplate

    from hpbench.few_shot.learner import Learner

VERSION = "2"
PRESETS = {
    "prototypes": (
        "linear discriminant (LDA) on 64 fixed random spiking neurons that compete at each place of an image",
        {"prototypes": True, "prototype_of": "input", "columns": 64},
    ),
    "prototypes_plain": (
        "prototypes",
        "the same, with the nearest class mean instead of LDA",
        {"prototype_read_out": "nearest"},
    ),
    "class_memory": (
        "linear discriminant (LDA) on the last layer's inputs, in place of the network's scores",
        {"prototypes": True},
    ),
    "wide": (
        "LDA on 2,048 hidden neurons, which are trained in the first experience, then fixed",
        {"prototypes": True, "hidden": [2048]},
    ),
    "wide_plain": (
        "wide",
        "the same, with the nearest class mean instead of LDA",
        {"prototype_read_out": "nearest"},
    ),
    "random": (
        "LDA on 2,048 hidden neurons with random weights",
        {"prototypes": True, "hidden": [2048], "lr": 0.0},
    ),
    "random_plain": (
        "random",
        "the same, with the nearest class mean instead of LDA",
        {"prototype_read_out": "nearest"},
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
            "batch": 50,
            "lr": 5e-4,
        },
    ),
    "classification_small": (
        "classification",
        "the same with 32, 64 and 64 kernels",
        {"kernels": [32, 64, 64]},
    ),
    "multitask": (
        "the authors' network for permuted_mnist, scenario.regime=task: a mask of 3 % of the weights for "
        "each task",
        {"architecture": "multitask", "task_masks": 0.03},
    ),
    "recurrent": ("with recurrent connections", {"recurrent": True}),
    "cross_entropy": ("cross-entropy in place of squared error", {"loss": "cross_entropy"}),
    "norm": (
        "cross-entropy, and a batch norm before hidden neurons",
        {"loss": "cross_entropy", "norm": "batch"},
    ),
    "statistics": (
        "norm",
        "the same, whose means and variances at test are those of the test batch",
        {"adapt_at_test": "statistics"},
    ),
    "tent": (
        "norm",
        "the same, whose gains and offsets also learn at test, by entropy minimisation (TENT)",
        {"adapt_at_test": "tent", "tent_lr": 1e-4},
    ),
    "real_valued": ("few-shot: features of a real-valued network", {"network": "ann"}),
}
PUBLISHED = SPLIT_MNIST_NONE
NEXT = (PROTOTYPES_NEXT,)


@dataclass
class Settings(MultitaskSettings, TrainingSettings, NeuronSettings, NormSettings):
    """Settings of `hp` without those of the trace."""


def continual(settings: Settings, task: ContinualTask) -> "SupervisedTemplate":
    """Fine-tunes a spiking network through the stream."""
    return supervised(settings, task, "gp")


@dataclass
class FewShotSettings(AdaptedSettings):
    """Meta-training, features, inner steps."""

    inner_lr: float = with_default(AdaptedSettings, "inner_lr", 1.0)


def few_shot(settings: FewShotSettings, task: FewShotTask) -> "Learner":
    """Learns the support by gradient steps alone, since there is no trace."""
    return adapted(settings, task)
