"""Recordings made up for tests, and their files in tonic's layouts."""

from pathlib import Path

import numpy as np

from hpbench.data.events.source import EVENT, Events


def made(*rows: tuple[int, int, int, int]) -> Events:
    """A recording of events x, y, t, p."""
    return np.array(list(rows), dtype=EVENT)


def random_events(
    number: int, width: int = 34, height: int = 34, duration: int = 300_000, seed: int = 0
) -> Events:
    """Sorted in time."""
    random = np.random.RandomState(seed)
    events = np.empty(number, EVENT)
    events["x"], events["y"] = random.randint(width, size=number), random.randint(height, size=number)
    events["t"], events["p"] = np.sort(random.randint(duration, size=number)), random.randint(2, size=number)
    return events


def as_bin(events: Events) -> bytes:
    """N-MNIST's format: 8 bits x, 8 bits y, 1 bit polarity, 23 bits time."""
    content = bytearray()
    for x, y, t, p in events.tolist():
        content += bytes([x, y]) + ((p << 23) | t).to_bytes(3, "big")
    return bytes(content)


def write_nmnist(root: Path, train: int = 20, test: int = 10) -> list[Events]:
    """Recordings of digits 0, 1, …, numbered as in the real set; returns them, training first."""
    found = []
    for part, number in (("Train", train), ("Test", test)):
        for index in range(number):
            path = root / "NMNIST" / part / str(index % 10) / f"{index + 1:05d}.bin"
            path.parent.mkdir(parents=True, exist_ok=True)
            events = random_events(50, seed=len(found))
            path.write_bytes(as_bin(events))
            found.append(events)
    return found


def write_clip(path: Path, events: Events) -> None:
    """DVS Gesture in tonic's layout: int32 rows x, y, p, t with t in milliseconds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = (events["x"], events["y"], events["p"], events["t"] // 1000)
    np.save(path, np.stack([one.astype(np.int32) for one in columns], 1))


class Generated:
    """An EventSource whose recordings are made when they are asked for."""

    name = "made"
    sha256 = "made up"

    def __init__(
        self, number: int = 7, sensor_size: tuple[int, int, int] = (10, 6, 2), events: int = 40
    ) -> None:
        self.sensor_size = sensor_size
        self.labels = np.arange(number) % 3
        self.events = events
        self.asked: list[tuple[int, int]] = []

    def __len__(self) -> int:
        return len(self.labels)

    def chunk(self, start: int, stop: int) -> list[Events]:
        self.asked.append((start, stop))
        width, height, _ = self.sensor_size
        return [random_events(self.events, width, height, seed=index) for index in range(start, stop)]
