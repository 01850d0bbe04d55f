"""Recorded noise made up for tests."""

from pathlib import Path

import numpy as np

FIELDS = [("x", "<i2"), ("y", "<i2"), ("t", "<i4"), ("p", "u1")]


def write_noise(root: Path, **changed: object) -> Path:
    """Two excerpts of 5x4 pixels and 1 s: 30 and 10 events, so 1 Hz per pixel. `changed` replaces keys."""
    random = np.random.RandomState(0)
    events = np.zeros(40, FIELDS)
    events["x"], events["y"] = random.randint(5, size=40), random.randint(4, size=40)
    events["t"] = np.concatenate([np.sort(random.randint(10**6, size=size)) for size in (30, 10)])
    events["p"] = random.randint(2, size=40)
    clip = np.repeat([0, 1], [30, 10]).astype(np.uint8)
    path = root / "dvs_noise" / "made.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"events": events, "clip": clip, "duration_us": np.int32(10**6), "sensor_size": [5, 4, 2]}
    np.savez(path, **{**content, **changed})
    return path
