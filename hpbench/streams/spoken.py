"""Settings of streams of spoken words as spikes: recordings of one row of channels, all spikes alike."""

from dataclasses import dataclass

from hpbench.core.settings import setting, with_default
from hpbench.frames.representation import RepresentationSettings
from hpbench.streams.disturbed_events import EventRobustnessSettings
from hpbench.streams.events import EventStreamSettings

SPOKEN_PRESET: dict[str, object] = {
    "hidden": [256],
    "batch": 20,
    "loss": "cross_entropy",
    "read_out": "membrane_mean",
}
"""For spoken words, for strategies with these settings: dense networks, whose outputs do not have to fire."""

ONE_DIMENSIONAL = (
    "background_activity",
    "hot_pixels",
    "drop_events",
    "drop_time",
    "dead_pixels",
    "time_jitter",
)
"""Disturbances of recordings that need neither an area nor polarities; a pixel is a channel."""


@dataclass
class SpikeTrainSettings(RepresentationSettings):
    """The representation of spike trains: by default steps of 50 ms, and sums over five channels."""

    representation: str = setting(
        "frames",
        "frames (counts of spikes), or time_surface (exponentially decaying age of a channel's last spike)",
        choices=("frames", "time_surface"),
    )
    polarity: str = setting("merged", "spikes have no polarity", choices=("merged",))
    time_steps: int = with_default(RepresentationSettings, "time_steps", 20)
    duration: float = with_default(RepresentationSettings, "duration", 1000.0)
    downsampling: int = setting(
        5, "factor by which the number of channels is divided, rounded up", low=1, high=32
    )


@dataclass
class SpokenStreamSettings(SpikeTrainSettings, EventStreamSettings):
    """The stream, and the representation of spike trains."""


@dataclass
class SpokenRobustnessSettings(SpikeTrainSettings, EventRobustnessSettings):
    """Representation and disturbances of spike trains."""

    disturbances: list[str] = setting(
        ["background_activity"],
        "disturbances of the tested recordings, of those that a single row of channels can have; the board "
        "ranks by the first",
        choices=ONE_DIMENSIONAL,
        at_test_only=True,
    )
