"""Performs the runs of a sweep side by side, in processes of their own."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from multiprocessing.connection import Client, Connection, Listener
from typing import TYPE_CHECKING, Any

import loky
from loky.process_executor import BrokenProcessPool

from hpbench.core.errors import InputError
from hpbench.sweeps.executor import Task, Watch
from hpbench.sweeps.sent import Sent

if TYPE_CHECKING:
    from hpbench.runs.perform import Performed

_SECONDS_BETWEEN_REPORTS = 0.5
_STARTS = 3
"""Times that a run is started whose process died under it; a process that dies takes its neighbours along."""


class WorkerDiedError(InputError):
    """The process of a run has died again and again."""


@dataclass(frozen=True)
class Moved:
    """The progress of a run, as it travels from one process to another."""

    share: float
    text: str

    def words(self, elapsed: float) -> str:
        """The progress as text."""
        return self.text


class Processes:
    """Processes that import the libraries once and perform one run after another.

    A process is replaced by a new one when its memory has grown by 300 MB. Processes end with this one.
    """

    def __init__(self, workers: int, watch: Watch) -> None:
        self.slots = workers
        self._watch = watch
        self._listener = Listener(backlog=workers)
        threading.Thread(target=self._accept, daemon=True).start()
        self._pool = self._started()
        self._tasks: dict[Future[Performed], Task] = {}
        self._starts: dict[int, int] = {}

    def start(self, task: Task) -> None:
        """Give the task to a process that is free."""
        self._starts[task.number] = self._starts.get(task.number, 0) + 1
        self._tasks[self._pool.submit(_work, Sent.of(task))] = task

    def ended(self, seconds: float) -> "Iterator[tuple[Task, Performed | Exception]]":
        """The tasks that have ended; those whose process died are started again."""
        died: BaseException | None = None
        broken = []
        for future in wait(self._tasks, seconds, FIRST_COMPLETED).done:
            task = self._tasks.pop(future)
            try:
                yield task, future.result()
            except BrokenProcessPool as error:
                died = error
                broken.append(task)
            except Exception as error:
                yield task, error
        if died is None:
            return
        broken += self._tasks.values()
        self._tasks.clear()
        self._pool.shutdown(kill_workers=True)
        self._pool = self._started()
        reason = " ".join(str(died).split())
        for task in broken:
            if self._starts[task.number] < _STARTS:
                self._watch.said(f"The process of a run has died; started again: {task.run}")
                self.start(task)
            else:
                yield task, WorkerDiedError(f"{task.run}: its process died {_STARTS} times: {reason}")

    def close(self) -> None:
        """End the processes at once."""
        self._pool.shutdown(kill_workers=True)
        self._listener.close()

    def _started(self) -> loky.ProcessPoolExecutor:
        return loky.ProcessPoolExecutor(
            self.slots, initializer=_prepare, initargs=(os.getpid(), self._listener.address)
        )

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self._receive, args=(connection,), daemon=True).start()

    def _receive(self, connection: Connection) -> None:
        """Pass on what a process says, until it ends."""
        while True:
            try:
                number, message = connection.recv()
            except (EOFError, OSError):
                return
            if isinstance(message, Moved):
                self._watch.moved(number, message)
            else:
                self._watch.said(message)


_connection: Connection | None = None  # of a process of the pool to the one that started it


def _prepare(parent: int, address: Any) -> None:
    """Prepare a process of the pool: it leaves Ctrl-C to its parent, and ends with it."""
    global _connection
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def follow() -> None:
        while os.getppid() == parent:
            time.sleep(_SECONDS_BETWEEN_REPORTS)
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
    from hpbench.core.log import start_log

    start_log(verbose=False)
    _connection = Client(address)


def _work(sent: Sent) -> "Performed":
    """Perform a task in a process of the pool."""
    assert _connection is not None
    tell = _connection.send
    started = last = time.monotonic()

    def report(progress: Any) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _SECONDS_BETWEEN_REPORTS:
            last = now
            tell((sent.task.number, Moved(progress.share, progress.words(now - started))))

    return sent.perform(lambda line: tell((sent.task.number, line)), report)
