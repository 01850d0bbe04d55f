"""Direct feedback alignment (DFA): the network of `gp`; the error of the output reaches all layers.

Rule: ∂s_l(t) = ∂(W x)_out(t) B_l, with fixed random B_l from the outputs; what a layer makes of it in time is
as in `gp`. Source: Nøkland, NeurIPS 2016 (98.5 % MNIST, a real-valued network).
"""

from typing import TYPE_CHECKING

from hpbench.core.published import classification
from hpbench.learning.credit_settings import CreditSettings
from hpbench.learning.supervised import supervised
from hpbench.tasks.continual import ContinualTask

if TYPE_CHECKING:
    from avalanche.training.templates import SupervisedTemplate

VERSION = "1"
PRESETS = {
    "recurrent": ("with recurrent connections", {"recurrent": True}),
    "cross_entropy": ("cross-entropy in place of squared error", {"loss": "cross_entropy"}),
}
PUBLISHED = classification("mnist", 0.985, "DFA, real-valued layers", "Nøkland, NeurIPS 2016", band=0.01)
Settings = CreditSettings


def continual(settings: CreditSettings, task: ContinualTask) -> "SupervisedTemplate":
    """Fine-tunes the network through the stream."""
    return supervised(settings, task, "dfa")
