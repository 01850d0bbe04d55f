"""What the state of an unfinished run is named by, and what it must have been made by to be used."""

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from hpbench import registry
from hpbench.core.identity import short_hash
from hpbench.core.run import Run
from hpbench.data.places import states_folder
from hpbench.made import ORIGIN
from hpbench.own_code import code_files
from hpbench.states.states import States

_MACHINE = ("device", "processor", "threads")
"""Columns that are part of the name: the same run on two machines has two states."""


def states_of(
    run: Run,
    identity: Mapping[str, Any],
    entries: tuple[registry.Entry, registry.Entry],
    machine: Mapping[str, Any],
    minutes: float,
    say: Callable[[str], None],
) -> States:
    """The states of a run; `identity` and `machine` have the columns of its row, `entries` are its files.

    Its name follows from what the user asked for, so that a state of another version is found, and replaced.
    A strategy made in Python has none: what the module that made it remembers is not known.
    """
    if any(one.kind == "strategies" and one.origin == ORIGIN for one in entries):
        return States()
    named = [run.scenario, run.strategy, run.settings, run.seed, [machine[name] for name in _MACHINE]]
    code = {f"code of {one.singular} {one.name}": one.code for one in entries}
    versions = {name: value for name, value in identity.items() if name.endswith(("_version", "_sha256"))}
    made_by = {**versions, **code, **machine, "run_id": identity["run_id"]}

    own = [one for one in entries if one.origin not in ("hpbench", ORIGIN)]
    files = [path for one in own for path in code_files(one.path, one.module)]

    def modules() -> list[ModuleType]:
        from hpbench.states.own_modules import loaded_from

        return loaded_from(files)

    return States(states_folder(), short_hash(named), made_by, minutes, say, modules)
