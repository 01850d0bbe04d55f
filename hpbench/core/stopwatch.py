"""Time spent in a part of a run."""

import time


class Stopwatch:
    """Adds up the seconds spent in its `with` blocks. A copy is one that stands at the same seconds."""

    def __init__(self) -> None:
        self._before = 0.0
        self._start: float | None = None

    @property
    def seconds(self) -> float:
        """Seconds so far."""
        running = 0.0 if self._start is None else time.perf_counter() - self._start
        return self._before + running

    def __getstate__(self) -> dict[str, float | None]:
        return {"_before": self.seconds, "_start": None}

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._before, self._start = self.seconds, None
