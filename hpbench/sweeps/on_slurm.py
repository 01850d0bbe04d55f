"""Performs the runs of a sweep as jobs of a Slurm cluster, or as processes in its place."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from hpbench.core.errors import InputError
from hpbench.core.extras import need_extra
from hpbench.data.places import cache_folder
from hpbench.sweeps.executor import Task, Watch
from hpbench.sweeps.sent import Sent

if TYPE_CHECKING:
    from hpbench.runs.perform import Performed

_JOBS = 64
"""Jobs in the queue at a time, unless `workers` says otherwise."""

LOCAL = "local"
"""The address that stands for processes on this machine."""


class Slurm:
    """A job for each run, with `threads` processors and at most `minutes`.

    `address` is the partition; if empty, the default one; "local": processes on this machine. The folder of
    the checkout and the cache must be shared by all nodes. Raises InputError if submitit or Slurm is not
    there.
    """

    def __init__(self, address: str, workers: int | None, threads: int, minutes: int, watch: Watch) -> None:
        need_extra("slurm", "executor=slurm")
        import submitit

        folder = cache_folder() / "jobs"
        cluster = LOCAL if address == LOCAL else "slurm"
        try:
            self._submit = submitit.AutoExecutor(folder=folder, cluster=cluster)
        except RuntimeError as error:
            raise InputError(
                f"executor=slurm: Slurm is not found here ({error}): run this on a node that can submit "
                "jobs, or try address=local"
            ) from error
        self._submit.update_parameters(name="hpbench", timeout_min=minutes, cpus_per_task=threads)
        if address not in ("", LOCAL):
            self._submit.update_parameters(slurm_partition=address)
        self._failed = submitit.core.utils.UncompletedJobError, submitit.core.utils.FailedJobError
        self.slots = workers or _JOBS
        self._jobs: list[tuple[Any, Task]] = []
        watch.said(f"Slurm: up to {self.slots} jobs at a time, their logs in {folder}")

    def start(self, task: Task) -> None:
        """Submit a job."""
        try:
            self._jobs.append((self._submit.submit(_perform, Sent.of(task)), task))
        except self._failed as error:  # sbatch refuses
            reason = " ".join(str(error).split())
            raise InputError(f"executor=slurm: the job was refused: {reason}") from error

    def ended(self, seconds: float) -> "Iterator[tuple[Task, Performed | Exception]]":
        """The tasks whose jobs have ended."""
        done = [one for one in self._jobs if one[0].done()]
        if not done:
            time.sleep(seconds)
        for job, task in done:
            self._jobs.remove((job, task))
            try:
                result = job.result()
            except self._failed as error:
                reason = " ".join(str(error).split())
                yield task, InputError(f"{task.run}: job {job.job_id} failed: {reason}")
            else:
                yield task, result

    def close(self) -> None:
        """Cancel the jobs that still go on."""
        for job, _ in self._jobs:
            job.cancel()


def _perform(sent: Sent) -> "Performed | Exception":
    """Perform a task in a job; bad input comes back as it is, not as a failed job."""
    try:
        return sent.perform(lambda line: None, lambda progress: None)
    except Exception as error:
        return error
