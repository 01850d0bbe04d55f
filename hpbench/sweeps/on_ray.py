"""Performs the runs of a sweep on a Ray cluster."""

import contextlib
import logging
import os
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from hpbench.core.errors import InputError
from hpbench.core.extras import need_extra
from hpbench.sweeps.executor import Task, Watch
from hpbench.sweeps.sent import Sent

if TYPE_CHECKING:
    from hpbench.runs.perform import Performed

_SECONDS_TO_CONNECT = 10.0
_RETRIES = 3
"""Times that Ray starts a run again whose node or process has died."""
_RUNS_OF_A_PROCESS = 50
"""Runs after which Ray replaces a process, which bounds its memory."""


class RayCluster:
    """Runs on all processors of a Ray cluster, which must have hpbench and the data.

    `address` is that of its head ("host:port", or "auto" for one that runs on this machine); if empty, a
    cluster of its own is started on this machine. `workers`: the most runs at a time; None: as many as
    processors, over `threads`. Raises InputError if Ray is not installed or the head is not reached.
    """

    def __init__(self, address: str, workers: int | None, threads: int, watch: Watch) -> None:
        need_extra("cluster", "executor=ray")
        os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")  # nodes have an environment of their own
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # a task without a GPU hides none
        os.environ.setdefault("RAY_DEDUP_LOGS_SKIP_REGEX", ".")  # or pages about every node that died
        import ray

        self._ray = ray
        _connect(ray, address)
        cores = int(ray.cluster_resources().get("CPU", 1))
        self.slots = max(1, min(workers or cores, cores // threads))
        self._perform = ray.remote(num_cpus=threads, max_retries=_RETRIES, max_calls=_RUNS_OF_A_PROCESS)(
            _perform
        )
        self._tasks: dict[Any, Task] = {}
        watch.said(f"Ray: {self.slots} runs at a time on {len(ray.nodes())} nodes")

    def start(self, task: Task) -> None:
        """Give the task to the cluster."""
        self._tasks[self._perform.remote(Sent.of(task))] = task

    def ended(self, seconds: float) -> "Iterator[tuple[Task, Performed | Exception]]":
        """The tasks that have ended. Ray has tried those of nodes that died on others."""
        if not self._tasks:
            return
        done, _ = self._ray.wait(list(self._tasks), timeout=seconds)
        for reference in done:
            task = self._tasks.pop(reference)
            try:
                yield task, self._ray.get(reference)
            except self._ray.exceptions.RayTaskError as error:
                yield task, error.cause if isinstance(error.cause, Exception) else error
            except self._ray.exceptions.RayError as error:
                reason = next(iter(str(error).splitlines()), type(error).__name__)
                yield task, InputError(f"{task.run}: its node or process died {_RETRIES + 1} times: {reason}")

    def close(self) -> None:
        """Cancel what still goes on, and leave the cluster."""
        for reference in self._tasks:
            with contextlib.suppress(self._ray.exceptions.RayError):
                self._ray.cancel(reference, force=True)
        self._ray.shutdown()


def _connect(ray: Any, address: str) -> None:
    if address not in ("", "auto"):
        host, _, port = address.rpartition(":")
        try:  # Ray itself would try for minutes
            socket.create_connection((host, int(port)), _SECONDS_TO_CONNECT).close()
        except (OSError, ValueError) as error:
            raise InputError(
                f"address={address} is not reached ({error}): give the address that `ray start --head` "
                "shows, host:port, or leave it out for a cluster of its own"
            ) from error
    try:
        ray.init(
            address=address or "local",
            log_to_driver=False,
            logging_level=logging.ERROR,
            include_dashboard=None if address else False,
        )
    except (ConnectionError, RuntimeError, ValueError) as error:
        reason = next(iter(str(error).splitlines()), "")
        raise InputError(f"address={address}: no Ray cluster is reached: {reason}") from error


def _perform(sent: Sent) -> "Performed":
    """Perform a task on a node."""
    return sent.perform(lambda line: None, lambda progress: None)
