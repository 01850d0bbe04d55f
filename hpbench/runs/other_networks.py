"""The networks on which images are made that are meant for another one."""

from typing import Any

from hpbench import registry
from hpbench.learning.attackers import OtherNetworks
from hpbench.learning.prepared import Builder
from hpbench.tasks.robustness import RobustnessTask

_NAMES = ("gp", "ann")


def other_networks(task: RobustnessTask) -> OtherNetworks:
    """A spiking network and its real-valued counterpart, with default settings."""
    return OtherNetworks(task.learned, _strategies)


def _strategies() -> dict[str, tuple[Builder, Any]]:
    entries = {name: registry.find("strategies", name) for name in _NAMES}
    return {
        name: (registry.load(entry).continual, registry.settings_class(entry, "robustness")())
        for name, entry in entries.items()
    }
