"""Feedback alignment (FA): the spiking network of `gp`, whose errors come back through fixed random weights.

Rule: ∂s_l(t) = ∂(W x)_{l+1}(t) B_{l+1}, with B_{l+1} in place of W_{l+1}, drawn once as W starts; all else as
`gp`: a layer's error still passes back through its own time steps.
Source: Lillicrap, Cownden, Tweed and Akerman, Nat. Commun. 7:13276 (2016).
"""

from typing import TYPE_CHECKING

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
Settings = CreditSettings


def continual(settings: CreditSettings, task: ContinualTask) -> "SupervisedTemplate":
    """Fine-tunes the network through the stream."""
    return supervised(settings, task, "fa")
