"""Direct random target projection (DRTP): hidden layers of `gp` that learn from the label alone.

Rule: ∂s_l(t) = −y* B_l / T, with the one-hot target y* and fixed random B_l; no layer waits for the output.
The output layer learns as in `gp`. Source: Frenkel, Lefebvre and Bol, Front. Neurosci. 15:629892 (2021): 95
to 96 % MNIST with real-valued dense layers of 500 and 1,000.
"""

from typing import TYPE_CHECKING

from hpbench.core.published import classification
from hpbench.learning.credit_settings import CreditSettings
from hpbench.learning.supervised import supervised
from hpbench.tasks.continual import ContinualTask

if TYPE_CHECKING:
    from avalanche.training.templates import SupervisedTemplate

VERSION = "1"
PRESETS = {"cross_entropy": ("cross-entropy in place of squared error", {"loss": "cross_entropy"})}
PUBLISHED = classification(
    "mnist",
    0.955,
    "DRTP, real-valued layers",
    "Frenkel, Lefebvre and Bol, Front. Neurosci. 15:629892 (2021)",
    band=0.01,
)
Settings = CreditSettings


def continual(settings: CreditSettings, task: ContinualTask) -> "SupervisedTemplate":
    """Fine-tunes the network through the stream."""
    return supervised(settings, task, "drtp")
