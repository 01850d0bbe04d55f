"""From recordings to frames: events are loaded, disturbed, converted to frames, and cached on disk."""

import dataclasses
import functools
import hashlib
import importlib.metadata
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpbench.core.settings import check_settings
from hpbench.data.events.source import EventSource
from hpbench.disturb.events.disturbances import RECORDED, DisturbedBy, disturbed
from hpbench.disturb.events.noise import load_noise
from hpbench.frames import cache
from hpbench.frames.representation import RepresentationSettings, frame_shape, represent
from hpbench.frames.sparse_frames import SparseFrames, pack

CHUNK = 100
"""Recordings whose events are in memory at a time."""

_SHAPING = ("data/events", "disturb", "frames")
"""Subpackages whose code frames depend on."""


def frames_of(
    source: EventSource,
    settings: RepresentationSettings,
    disturbance: tuple[str, float, int] | DisturbedBy | None = None,
    *,
    say: Callable[[str], None] = lambda _: None,
) -> SparseFrames:
    """Frames of all recordings from the cache; if missing, they are made and cached, with a line to `say`.

    disturbance: name, level and noise seed; level 0 is no disturbance. The cache key is a hash of all that
    frames depend on: events, settings, disturbance, source code, tonic's and NumPy's versions. A damaged
    entry is made again; if the cache cannot be written, the frames stay in memory.

    Raises InputError for an unknown disturbance, a level out of range, and recordings that cannot be read.
    """
    check_settings(settings, "")
    by = DisturbedBy(*disturbance) if disturbance else None
    if by:
        by.check()
        by = by if by.level else None
    frame = frame_shape(settings, source.sensor_size)
    key = _key(source, settings, by)
    kept = cache.read(key, frame)
    if kept is not None:
        return kept
    begin = time.monotonic()
    frames = pack(_represented(source, settings, by), frame)
    seconds = time.monotonic() - begin
    under = f" under {by.name} {by.level:g}" if by else ""
    made = f"{settings.representation} of {len(source):,} recordings of {source.name}{under}"
    say(f"Made {made} in {seconds:.1f} s.")
    cache.keep(key, frames)
    return cache.read(key, frame) or frames


def _represented(
    source: EventSource, settings: RepresentationSettings, by: DisturbedBy | None
) -> Iterator[NDArray[Any]]:
    for start in range(0, len(source), CHUNK):
        stop = min(start + CHUNK, len(source))
        for sample, events in enumerate(source.chunk(start, stop), start):
            if by:
                events = disturbed(events, by, source.sensor_size, sample)
            yield represent(events, settings, source.sensor_size)


def _key(source: EventSource, settings: RepresentationSettings, by: DisturbedBy | None) -> str:
    shaping = {
        "events": source.sha256,
        "settings": {
            one.name: getattr(settings, one.name) for one in dataclasses.fields(RepresentationSettings)
        },
        "disturbance": [by.name, by.level, by.seed, by.first] if by else None,
        "noise": load_noise(by.data_root).sha256 if by and by.name == RECORDED else None,
        "source": _source_sha256(),
        "versions": [importlib.metadata.version("tonic"), np.__version__],
    }
    return hashlib.sha256(json.dumps(shaping, sort_keys=True).encode()).hexdigest()[:32]


@functools.cache
def _source_sha256() -> str:
    """SHA-256 of the code that makes and disturbs events, so that its changes invalidate the cache."""
    digest = hashlib.sha256()
    package = Path(__file__).parents[1]
    for path in sorted(path for room in _SHAPING for path in package.glob(f"{room}/**/*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
