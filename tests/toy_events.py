"""Small event recordings of four classes, each a blob at a place of its own, learned in a moment."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hpbench.data.events.source import EVENT, EventData, Events
from hpbench.streams.disturbed_events import EventRobustnessSettings, event_task
from hpbench.tasks.resources import Resources
from hpbench.tasks.robustness import RobustnessTask

SIDE = 12


@dataclass(frozen=True, eq=False)
class Blobs:
    """An EventSource: ON events around one of four places, in random order of classes."""

    seed: int
    number: int = 60
    name: str = "blobs"
    sensor_size: tuple[int, int, int] = (SIDE, SIDE, 2)
    labels: Any = field(init=False)

    def __post_init__(self) -> None:
        random = np.random.RandomState(self.seed)
        object.__setattr__(self, "labels", random.permutation(np.arange(self.number) % 4))

    @property
    def sha256(self) -> str:
        return f"blobs {self.seed} {self.number}"

    def __len__(self) -> int:
        return self.number

    def chunk(self, start: int, stop: int) -> list[Events]:
        return [self._recording(index) for index in range(start, min(stop, self.number))]

    def _recording(self, index: int) -> Events:
        random = np.random.RandomState([self.seed, index])
        events = np.zeros(80, EVENT)
        middle = np.array([[3, 3], [3, 8], [8, 3], [8, 8]])[self.labels[index]]
        places = np.clip(middle + random.randint(-2, 3, (80, 2)), 0, SIDE - 1)
        events["x"], events["y"] = places.T
        events["t"] = np.sort(random.randint(0, 100_000, 80))
        events["p"] = random.rand(80) < 0.5
        return events


def blobs(train: int = 120, test: int = 40) -> EventData:
    return EventData("blobs", Blobs(0, train), Blobs(1, test), 4, "made here", skipped=3)


def events_task(
    key: str = "key",
    *,
    anew: bool = True,
    seed: int = 0,
    data: EventData | None = None,
    tested_on: EventData | None = None,
    **settings: Any,
) -> RobustnessTask:
    chosen = EventRobustnessSettings(**{"passes": 4, "time_steps": 4, "duration": 100.0, **settings})
    chosen.check()
    resources = Resources(Path(), "cpu", lambda line: None, key, anew, seed)
    return event_task(data or blobs(), chosen, resources, tested_on)
