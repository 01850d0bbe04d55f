"""Noisy Fashion-MNIST: trained on clean images, tested under noise, loss of pixels, and attacks.

The board's accuracy is the mean over seven variances of Gaussian noise, 0 to 0.06, those of the published
table. Without Fashion-MNIST and network, generated drawings are used instead, and the row says `garments`.
With trace_at_test=batch the Hebbian trace adapts to each tested batch, as in the authors' code: predictions
then depend on the other samples of the batch.
Source: Wu et al., Nat. Commun. 13:65 (2022), and its reproduction with FGSM; the images of Xiao, Rasul and
Vollgraf, arXiv:1708.07747 (2017).
"""

from dataclasses import dataclass

from hpbench.core.published import noisy_fashion_mnist
from hpbench.data.images.fashion import FashionSettings, load_fashion
from hpbench.streams.disturbed_images import ImageRobustnessSettings, image_task
from hpbench.tasks.resources import Resources
from hpbench.tasks.robustness import RobustnessTask

VERSION = "1"
PROTOCOL = "robustness"
PUBLISHED = {
    "hp": noisy_fashion_mnist("HP", 0.8820, 0.8265, 0.7870, 0.7471, 0.7256, 0.6960, 0.6768),
    "gp": noisy_fashion_mnist("GP", 0.8731, 0.8145, 0.7638, 0.7152, 0.6794, 0.6424, 0.6118),
    "lp": noisy_fashion_mnist("LP", 0.7359, 0.7257, 0.7102, 0.6992, 0.6840, 0.6673, 0.6574),
    "hp_fgsm": noisy_fashion_mnist(
        "HP + FGSM 0.01", 0.8804, 0.8735, 0.8654, 0.8627, 0.8537, 0.8510, 0.8472, epsilon=0.01
    ),
}
"""Published figures by strategy."""


@dataclass
class Settings(ImageRobustnessSettings, FashionSettings):
    """Training, disturbances and data."""


def build(settings: Settings, resources: Resources) -> RobustnessTask:
    """Load the data and prepare their disturbances."""
    return image_task(load_fashion(settings.dataset, resources.data_root, resources.say), settings, resources)
