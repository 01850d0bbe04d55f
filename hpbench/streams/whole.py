"""Streams of a single experience: classification of all classes at once."""

from dataclasses import dataclass
from typing import ClassVar

from hpbench.core.settings import with_default
from hpbench.data.images.image_data import ImageData
from hpbench.learning.settings import EncodingSettings, HoldoutSettings
from hpbench.streams.image_stream import image_part, image_stream
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.resources import Resources


@dataclass
class WholeSettings(HoldoutSettings, EncodingSettings):
    """Training on all classes at once; the best pass is selected on validation data, never on the test."""

    selection: str = with_default(HoldoutSettings, "selection", "validation")

    regime: ClassVar[str] = "class"
    experiences: ClassVar[int] = 1


def whole(data: ImageData, settings: WholeSettings, resources: Resources) -> ContinualTask:
    """One experience with all classes of an image set."""
    device = resources.device
    return image_stream(data, settings, device, lambda images, labels: [image_part(images, labels, device)])
