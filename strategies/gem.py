"""Gradient episodic memory (GEM): no step may raise the loss on stored samples of any earlier experience.

Rule: g' = argmin ½ ‖g' − g‖² with ⟨g', g_e⟩ ≥ 0 for every earlier experience e, by a quadratic program whose
multipliers are at least `margin`. Each batch costs one more pass over the stored samples of every e.
Source: Lopez-Paz and Ranzato, NeurIPS 2017; Avalanche's plugin. The program adds 1e-3 to the diagonal, as the
authors' does; where gradients are small, this corrects them less than the rule says.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpbench.core.acting import LATER_EXPERIENCES
from hpbench.core.settings import setting
from hpbench.core.stream import Stream
from hpbench.learning.reasons import needs_boundaries
from hpbench.learning.settings import ContinualSettings
from hpbench.learning.supervised import supervised
from hpbench.tasks.continual import ContinualTask

if TYPE_CHECKING:
    from avalanche.training.templates import SupervisedTemplate

VERSION = "1"
PRESETS = {
    "class_memory": (
        "linear discriminant (LDA) on the last layer's inputs, in place of the network's scores",
        {"prototypes": True},
    ),
}


@dataclass
class Settings(ContinualSettings):
    """Training, network and memory."""

    memory: int = setting(
        1000,
        "samples stored in total, equally many of each experience",
        unit="samples",
        low=1,
        acts_with=LATER_EXPERIENCES,
    )
    margin: float = setting(
        0.5, "least multiplier of an earlier gradient, γ", low=0, acts_with=LATER_EXPERIENCES
    )


def skip(settings: Settings, stream: Stream) -> str:
    """Why the strategy cannot be run on a stream; empty if it can."""
    return needs_boundaries(stream, "GEM")


def continual(settings: Settings, task: ContinualTask) -> "SupervisedTemplate":
    """Projects gradients that would raise an earlier experience's loss."""
    from hpbench.learning.rules.gradient_memory import GradientMemory

    share = max(1, settings.memory // len(task.train))
    return supervised(settings, task, plugins=[GradientMemory(share, settings.margin)])
