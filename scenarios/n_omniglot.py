"""N-Omniglot, N-way K-shot: Omniglot's characters before an event camera, while they are being written.

1,623 classes of 20 recordings; classes and splits are those of `omniglot`. Frames of a recording divide the
time from its first event to its last, and the square with the characters is reduced to 28x28. A part of
N-Omniglot can be used, with its classes in its name. Without it: `saccade_omniglot`, `saccade_glyphs`.
Source: Li, Dong, Zhao and Zeng, Sci. Data 9:746 (2022).
"""

from dataclasses import dataclass

from hpbench.core.extras import need_extra
from hpbench.core.settings import with_default
from hpbench.data.characters.n_omniglot import load_n_omniglot
from hpbench.few_shot.recorded_characters import EventEpisodeSettings, recorded_character_task
from hpbench.tasks.few_shot import FewShotTask
from hpbench.tasks.resources import Resources

VERSION = "1"
PROTOCOL = "few_shot"


@dataclass
class Settings(EventEpisodeSettings):
    """The episodes and the representation."""

    time_steps: int = with_default(EventEpisodeSettings, "time_steps", 8)
    duration: float = with_default(EventEpisodeSettings, "duration", 0.0)
    downsampling: int = with_default(EventEpisodeSettings, "downsampling", 9)

    def check(self) -> None:
        """Raise InputError for settings that exclude each other, or if the extra `aedat` is missing."""
        super().check()
        need_extra("aedat", "reading the recordings of N-Omniglot")


def build(settings: Settings, resources: Resources) -> FewShotTask:
    """Read the recordings, or load their frames from the cache, and split their classes."""
    return recorded_character_task(load_n_omniglot(resources.data_root, resources.say), settings, resources)
