"""Event recordings cut into experiences by class."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hpbench.data.events.order import mixed
from hpbench.data.events.source import EventData, EventSource
from hpbench.data.labels import classes_of
from hpbench.frames.representation import RepresentationSettings
from hpbench.learning.settings import ClassOrderSettings
from hpbench.spiking.choices import FRAMES
from hpbench.streams.split import Labelled, cut
from hpbench.tasks.continual import ContinualTask
from hpbench.tasks.resources import Resources

EVENT_PRESET: dict[str, object] = {"kernels": [16, 32], "hidden": [128]}
"""Networks for events: convolutional, for strategies with these settings."""

LARGE_EVENT_PRESET = {**EVENT_PRESET, "kernels": [16, 32, 32]}
"""The same for sensors of 128 x 128 pixels and more, at a quarter of their resolution."""


@dataclass
class EventStreamSettings(ClassOrderSettings, RepresentationSettings):
    """The stream, and the representation of recordings."""

    encoding: ClassVar[str] = FRAMES

    def check(self) -> None:
        """Raise InputError for parts or a representation that exclude each other."""
        ClassOrderSettings.check(self)
        RepresentationSettings.check(self)


def split_events(
    data: EventData, experiences: int, settings: EventStreamSettings, resources: Resources
) -> ContinualTask:
    """Experiences as `cut` makes them; inputs are frames (N, T, P, H, W), made dense batch by batch."""
    import torch

    from hpbench.frames.framing import frames_of
    from hpbench.tasks.pieces import chosen

    classes_of(data.train.labels, data.test.labels)  # raises InputError before frames are made

    def part(source: EventSource) -> Labelled:
        frames = frames_of(source, settings, say=resources.say).to(resources.device)
        order = mixed(np.arange(len(source)))
        return Labelled(chosen(frames, torch.from_numpy(order)), source.labels[order])

    return cut(
        part(data.train),
        part(data.test),
        experiences,
        settings,
        resources.device,
        dataset=data.name,
        dataset_sha256=data.sha256,
        encoding=settings.encoding,
        time_steps=settings.time_steps,
        max_rate=0.0,
    )
