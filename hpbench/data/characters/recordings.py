"""Characters as event recordings: by a camera, or generated from drawings."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpbench.data.characters.characters import Characters
from hpbench.data.events.saccades.generated import saccade_recordings
from hpbench.data.events.saccades.settings import SaccadeSettings
from hpbench.data.events.source import EventSource


@dataclass(frozen=True, eq=False)
class CharacterRecordings:
    """One set of recorded characters: `samples` recordings of each of C, class after class in `source`.

    `alphabets` (C,) and `background` (C,) as in `Characters`, and in the same order.
    """

    name: str
    source: EventSource
    samples: int
    alphabets: NDArray[np.str_]
    background: NDArray[np.bool_]


def saccade_characters(data: Characters, settings: SaccadeSettings) -> CharacterRecordings:
    """Every drawing moved along three saccades, as "saccade_<name>"; generated on access.

    A drawing's recording is the same whatever the split. Raises InputError for a setting out of range, and
    for drawings other than 28x28.
    """
    classes, samples = data.images.shape[:2]
    source = saccade_recordings(
        f"saccade_{data.name}",
        data.images.reshape(-1, *data.images.shape[2:]),
        np.repeat(np.arange(classes), samples),
        settings,
        data.sha256,
    )
    return CharacterRecordings(source.name, source, samples, data.alphabets, data.background)
