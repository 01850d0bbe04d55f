"""Pixels of an event camera: each sends an event when its log intensity has changed by a threshold.

A pixel has a reference. It sends ON when its log intensity L has risen above the reference by θ_on, and OFF
when L has fallen below it by θ_off. Then it is blind for the refractory time, and L at the end of that is its
new reference. Source: Lichtsteiner, Posch and Delbruck, IEEE J. Solid-State Circuits 43:566 (2008).

L is interpolated linearly between the times at which it is given, so that the times of events are computed
exactly, without small time steps.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Indices = NDArray[np.intp]
Times = NDArray[np.float64]


class Fired(NamedTuple):
    """E events in no order: pixel numbers, times in microseconds, whether ON; (E,) each."""

    pixel: Indices
    time: Times
    on: NDArray[np.bool_]


class Pixels:
    """M pixels, whose initial references are `log_intensity` (M,).

    on, off: thresholds (M,). refractory: microseconds. clock: (M,), each pixel's index into the times that
    `advance` gets.
    """

    def __init__(
        self, log_intensity: Floats, on: Floats, off: Floats, refractory: float, clock: Indices
    ) -> None:
        self._rise, self._fall, self._refractory, self._clock = on, -off, refractory, clock
        self._level = log_intensity
        self._reference = log_intensity.copy()
        self._blind: Indices = np.empty(0, np.intp)  # pixels still blind after the last step
        self._sees_at: Times = np.empty(0)  # end of their blindness

    def advance(self, log_intensity: Floats, begin: Times, end: Times) -> Fired:
        """The events of one step, in which L changes linearly to `log_intensity` (M,).

        begin, end: microseconds on each clock; a step begins where the one before it ended.
        """
        before, self._level = self._level, log_intensity
        length = end - begin
        blind, sees_at = [], []

        def refer(pixels: Indices, share: Times) -> None:
            """Set references to L after this share of the step; with a share above 1, pixels stay blind."""
            start = before[pixels]
            now = start + np.minimum(share, 1) * (log_intensity[pixels] - start)
            self._reference[pixels] = now
            beyond = share > 1
            blind.append(pixels[beyond])
            clock = self._clock[blind[-1]]
            sees_at.append(begin[clock] + share[beyond] * length[clock])

        clock = self._clock[self._blind]
        refer(self._blind, (self._sees_at - begin[clock]) / length[clock])
        change = log_intensity - self._reference
        at = np.flatnonzero((change >= self._rise) | (change <= self._fall))
        change = change[at]
        found = [_NONE]
        while at.size:
            on, start, clock = change > 0, before[at], self._clock[at]
            crossed = self._reference[at] + np.where(on, self._rise[at], self._fall[at])
            share = (crossed - start) / (log_intensity[at] - start)
            found.append(Fired(at, begin[clock] + share * length[clock], on))
            refer(at, share + self._refractory / length[clock])
            change = log_intensity[at] - self._reference[at]
            again = (change >= self._rise[at]) | (change <= self._fall[at])
            at, change = at[again], change[again]
        self._blind, self._sees_at = np.concatenate(blind), np.concatenate(sees_at)
        return Fired(*map(np.concatenate, zip(*found, strict=True)))


_NONE = Fired(np.empty(0, np.intp), np.empty(0), np.empty(0, bool))
