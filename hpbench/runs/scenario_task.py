"""The task of a run's scenario, outside of the run itself."""

from collections.abc import Callable
from typing import Any

from hpbench import registry
from hpbench.core.run import Run
from hpbench.tasks.resources import Resources


def scenario_task(run: Run, device: str, say: Callable[[str], None], *, seed: int | None = None) -> Any:
    """What the scenario builds for the run's settings; `seed` in place of the run's own, if given.

    Raises InputError if its data are not here.
    """
    module = registry.load(registry.find("scenarios", run.scenario))
    chosen = run.seed if seed is None else seed
    return module.build(run.scenario_settings, Resources(run.data_root, device, say, seed=chosen))
