"""Recorded characters as a few-shot task, whose samples are frames of events."""

import hashlib
from dataclasses import dataclass, fields
from typing import ClassVar

from hpbench.core.errors import InputError
from hpbench.core.settings import with_default
from hpbench.data.characters.recordings import CharacterRecordings
from hpbench.data.characters.splits import Indices, divide
from hpbench.few_shot.characters import few_shot_task
from hpbench.few_shot.settings import EpisodeSettings
from hpbench.frames.representation import RepresentationSettings
from hpbench.spiking.choices import FRAMES
from hpbench.tasks.few_shot import FewShotTask
from hpbench.tasks.resources import Resources


@dataclass
class EventEpisodeSettings(EpisodeSettings, RepresentationSettings):
    """Episodes, and the representation of recordings.

    By default two steps for each of three saccades, and half the sensor's resolution, which makes
    meta-training several times as fast.
    """

    time_steps: int = with_default(RepresentationSettings, "time_steps", 6)
    downsampling: int = with_default(RepresentationSettings, "downsampling", 2)

    encoding: ClassVar[str] = FRAMES


def recorded_character_task(
    data: CharacterRecordings, settings: EventEpisodeSettings, resources: Resources
) -> FewShotTask:
    """The task; its frames are stored sparse, and dense for an episode at a time.

    With `rotations`, recordings turned by 90°, 180° and 270° are of further classes in meta-training. Raises
    InputError if test episodes cannot be drawn, and for rotations of frames that are not square.
    """
    import torch

    from hpbench.few_shot.frame_classes import FrameClasses
    from hpbench.frames.framing import frames_of

    division = divide(data, settings.split)
    own = {one.name: getattr(settings, one.name) for one in fields(RepresentationSettings)}
    frames = frames_of(data.source, RepresentationSettings(**own), say=resources.say).to(resources.device)
    height, width = frames.shape[-2:]
    if settings.rotations and height != width:
        raise InputError(
            f"frames of {data.name} are {height} x {width} and cannot be turned by 90°: set "
            "scenario.rotations=off"
        )

    def classes(chosen: Indices, *, rotated: bool = False) -> FrameClasses:
        times = 4 if rotated else 1
        return FrameClasses(
            frames,
            data.samples,
            torch.from_numpy(chosen).repeat(times),
            torch.arange(times).repeat_interleave(len(chosen)),
            tuple(map(str, data.alphabets[chosen])) * times,
        )

    return few_shot_task(
        settings,
        resources,
        dataset=data.name,
        dataset_sha256=hashlib.sha256(data.source.sha256.encode()).hexdigest(),
        train=classes(division.train, rotated=settings.rotations),
        validation=classes(division.validation),
        test=classes(division.test),
    )
