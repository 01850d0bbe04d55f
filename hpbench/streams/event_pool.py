"""Recordings of one source or several as samples to select from, clean or disturbed."""

import numpy as np
import torch
from numpy.typing import NDArray

from hpbench.data.events.source import EventSource
from hpbench.disturb.events.disturbances import DisturbedBy
from hpbench.frames.framing import frames_of
from hpbench.frames.representation import RepresentationSettings
from hpbench.tasks.continual import Inputs, Part
from hpbench.tasks.pieces import chosen, together
from hpbench.tasks.resources import Resources


class EventPool:
    """All recordings of the sources, one source after another: their `labels` (N,) and their frames."""

    def __init__(
        self, sources: list[EventSource], settings: RepresentationSettings, resources: Resources
    ) -> None:
        self.sources, self.settings, self.resources = sources, settings, resources
        self.labels = np.concatenate([one.labels for one in sources])
        self.clean = self._frames()

    def part(self, rows: NDArray[np.int64]) -> Part:
        """The clean samples in `rows`."""
        targets = torch.from_numpy(self.labels[rows]).to(self.clean.device)
        return Part(chosen(self.clean, torch.from_numpy(rows)), targets)

    def disturbed(self, rows: NDArray[np.int64], by: DisturbedBy) -> Inputs:
        """The samples in `rows` under a disturbance."""
        return chosen(self._frames(by), torch.from_numpy(rows))

    def _frames(self, by: DisturbedBy | None = None) -> Inputs:
        """Frames of all recordings."""
        made, first = [], 0
        for one in self.sources:
            numbered = by and by._replace(first=first)
            frames = frames_of(one, self.settings, numbered, say=self.resources.say)
            made.append(frames.to(self.resources.device))
            first += len(one)
        return together(made)
