"""Interleaved timing and peak memory, shared by the benchmarks.

Ways are timed in turns, one after another in every round, so that a change of the machine's load meets all of
them. What is compared is the ratio of two ways within a round; the median of those ratios is reported.
"""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

import torch

Way = Callable[[], object]


def interleaved(
    ways: Mapping[str, Way], rounds: int, span: float = 0.0, device: str = "cpu"
) -> dict[str, list[float]]:
    """Milliseconds of each way in each round, after a round that warms up.

    Within a round a way runs until `span` seconds have gone by, at least once, and its median counts: a quick
    way then does not pay for the memory that a large one gave back just before it.
    """
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            runs: list[float] = []
            while not runs or sum(runs) < span:
                start = time.perf_counter()
                way()
                if device == "cuda":
                    torch.cuda.synchronize()
                runs.append(time.perf_counter() - start)
            if number:
                times[name].append(1e3 * statistics.median(runs))
    return times


class Times(NamedTuple):
    """Milliseconds of a way in each round: by the clock, and of the processor, which is steadier."""

    ms: list[float]
    cpu_ms: list[float]


def interleaved_by_both(ways: Mapping[str, Way], rounds: int, span: float = 0.0) -> dict[str, Times]:
    """As `interleaved`, on the CPU, by the clock and by the processor's time."""
    times = {name: Times([], []) for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            runs: list[tuple[float, float]] = []
            while not runs or sum(one for one, _ in runs) < span:
                start, used = time.perf_counter(), time.process_time()
                way()
                runs.append((time.perf_counter() - start, time.process_time() - used))
            if number:
                times[name].ms.append(1e3 * statistics.median(one for one, _ in runs))
                times[name].cpu_ms.append(1e3 * statistics.median(used for _, used in runs))
    return times


def ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """Median of the ratios within the rounds."""
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


def peak_mb(way: Way, device: str = "cpu") -> float:
    """Megabytes of tensors alive at once during a call, above those that were alive before it.

    On the CPU every allocation and release that the profiler records is added up, which is exact and the
    same in every run, unlike the resident memory of the process; on a GPU it is the allocator's own peak.
    """
    if device == "cuda":
        torch.cuda.synchronize()
        before = torch.cuda.memory_allocated()
        torch.cuda.reset_peak_memory_stats()
        way()
        torch.cuda.synchronize()
        return (torch.cuda.max_memory_allocated() - before) / 1e6
    with torch.profiler.profile(
        activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True
    ) as seen:
        way()
    events = [one for one in seen.profiler.kineto_results.events() if one.name() == "[memory]"]  # type: ignore[union-attr]
    events.sort(key=lambda one: one.start_ns())
    return max(accumulate((one.nbytes() for one in events), initial=0)) / 1e6
