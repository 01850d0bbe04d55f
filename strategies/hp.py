"""Hybrid plasticity (HP): surrogate-gradient learning combined with a Hebbian trace whose rates are learned.

Rule: current (W + α P) x, with P ← λ P + mean (β ∘ x) tanh(u/v_th − η)^T; W, b and θ = {α, β, η} by Adam.
Few-shot, in the output layer alone: u = x (α ∘ W + (1 − α) ∘ P), with P ← λ P + (η ∘ x) softmax(u − β)^T over
the support, whose labels are bound by a current; features, W and θ = {α, η, β} are meta-learned. The scores
depend on the order of the support.
Source: Wu et al., Nat. Commun. 13:65 (2022), Eqs. 1-9, `release` dialect (the authors' code); Eqs. 14-16.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpbench.core.published import PROTOTYPES_NEXT, SPLIT_MNIST_NONE
from hpbench.core.settings import with_default
from hpbench.few_shot.bound import BoundSettings, bound
from hpbench.few_shot.feature_networks import CreditFeatureSettings
from hpbench.few_shot.settings import InnerStepSettings
from hpbench.learning.settings import TrainingSettings
from hpbench.learning.supervised import supervised
from hpbench.networks.multitask_settings import RehearsalSettings
from hpbench.networks.settings import TraceSettings
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
    "prototypes_cosine": (
        "prototypes",
        "the same, with the cosine to the class means instead of LDA",
        {"prototype_read_out": "cosine"},
    ),
    "prototypes_omniglot": (
        "prototypes",
        "as `prototypes`, with the shrinkage that was best on split_omniglot",
        {"prototype_shrinkage": 0.3},
    ),
    "prototypes_128": (
        "prototypes",
        "as `prototypes`, with 128 columns",
        {"columns": 128},
    ),
    "prototypes_glyphs": (
        "prototypes_128",
        "the same 128 columns after their filters have learned by competition on other data, `glyphs`",
        {"column_learning": "glyphs"},
    ),
    "prototypes_stream": (
        "prototypes_128",
        "the same 128 columns, whose filters learn by competition from the stream's first 2,000 samples",
        {"column_learning": "stream"},
    ),
    "prototypes_glyphs_omniglot": (
        "prototypes_omniglot",
        "`prototypes_omniglot` with filters that have learned by competition on other data, `glyphs`",
        {"column_learning": "glyphs"},
    ),
    "prototypes_units": (
        "prototypes_plain",
        "nearest class mean of 400 units per experience; units and the 64 columns below learn by competition",
        {"prototype_decay": 0.998, "column_learning": "stream", "units": 400},
    ),
    "prototypes_units_random": (
        "prototypes_plain",
        "the same with random columns and with units that do not learn",
        {"prototype_decay": 0.998, "units": 400, "unit_plasticity": False},
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
        {"prototypes": True, "hidden": [2048], "lr": 0.0, "theta_lr": 0.0},
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
    "multitask": (
        "the authors' network for permuted_mnist, scenario.regime=task: a mask of 3 % of the weights for "
        "each task, θ learned from stored samples after each of the first 35 tasks",
        {
            "architecture": "multitask",
            "task_masks": 0.03,
            "theta_rehearsal": 35,
            "theta_start": "multitask",
        },
    ),
    "multitask_joint": (
        "the same masks, where θ learns with the weights and no samples are kept",
        {"architecture": "multitask", "task_masks": 0.03, "theta_start": "multitask"},
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
    "paper": ("Eq. 8 of the paper instead of the authors' code", {"dialect": "paper"}),
    "cross_entropy": ("cross-entropy in place of squared error", {"loss": "cross_entropy"}),
    "integrating": (
        "few-shot: neurons of the last layer integrate and do not fire; their mean currents are the features",
        {"last_layer": "integrates"},
    ),
    "dfa_features": (
        "few-shot: the error reaches hidden feature layers at once, through fixed random weights (DFA)",
        {"outer_rule": "dfa"},
    ),
    "eprop_features": (
        "few-shot: the same, and there each synapse's own eligibility trace, not earlier steps (e-prop)",
        {"outer_rule": "eprop"},
    ),
    "at_once": ("few-shot: the support is bound at once, so that its order has no effect", {"at_once": True}),
    "real_valued": ("few-shot: features of a real-valued network", {"network": "ann"}),
}
PUBLISHED = SPLIT_MNIST_NONE
NEXT = (PROTOTYPES_NEXT,)


@dataclass
class Settings(RehearsalSettings, TrainingSettings, TraceSettings):
    """Defaults: the authors' Fashion-MNIST demo."""


def continual(settings: Settings, task: ContinualTask) -> "SupervisedTemplate":
    """Fine-tunes an HP network through the stream."""
    return supervised(settings, task, "hp")


@dataclass
class FewShotSettings(BoundSettings, CreditFeatureSettings, InnerStepSettings):
    """Features, binding, and optional inner steps of W (Eq. 10)."""

    inner_steps: int = with_default(InnerStepSettings, "inner_steps", 0)


def few_shot(settings: FewShotSettings, task: FewShotTask) -> "Learner":
    """Binds the support's labels in the output trace; features, W and θ are meta-learned."""
    return bound(settings, task, settings)
