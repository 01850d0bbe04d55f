"""The executors by name."""

from collections.abc import Sequence

from hpbench.core.run import Run
from hpbench.plan.command import CommandSettings
from hpbench.sweeps.executor import Executor, Watch


def executor_for(settings: CommandSettings, runs: Sequence[Run], watch: Watch) -> Executor:
    """The executor that the settings of a command ask for.

    Raises InputError for a GPU, a library or a cluster that is not there.
    """
    threads = max(run.threads for run in runs)
    if settings.executor == "ray":
        from hpbench.sweeps.on_ray import RayCluster

        return RayCluster(settings.address, settings.most(), threads, watch)
    if settings.executor == "slurm":
        from hpbench.sweeps.on_slurm import Slurm

        return Slurm(settings.address, settings.most(), threads, settings.job_minutes, watch)
    if any(run.device == "cuda" for run in runs):
        from hpbench.runs.device import find_device

        find_device("cuda")
    workers = settings.processes(threads)
    if min(workers, len(runs)) == 1:
        from hpbench.sweeps.serial import Serial

        return Serial(watch)
    from hpbench.sweeps.processes import Processes

    return Processes(min(workers, len(runs)), watch)
