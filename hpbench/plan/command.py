"""Settings of a command that are no part of any run: how its runs are executed."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from hpbench.core.checkpoints import CHECKPOINT_MINUTES
from hpbench.core.errors import InputError
from hpbench.core.settings import check_settings, setting
from hpbench.plan.sweep import combinations


@dataclass
class CommandSettings:
    """How the runs of a command are executed. They change no figure."""

    workers: str = setting(
        "",
        "runs at a time, each in a process of its own; auto: as many as the cores over `threads`; if empty, "
        "1, on a cluster as many as it takes",
    )
    executor: str = setting(
        "processes",
        "where runs are performed: on this machine, on a Ray cluster, or as jobs of Slurm",
        choices=("processes", "ray", "slurm"),
    )
    address: str = setting(
        "",
        "ray: host:port of the head, auto, or empty for a cluster of its own; slurm: the partition, or "
        "local for processes in place of jobs",
    )
    checkpoint_minutes: float = setting(
        CHECKPOINT_MINUTES,
        "time between two states of a run, from which it goes on if it is killed; 0: none",
        unit="min",
        low=0,
    )
    job_minutes: int = setting(24 * 60, "slurm: the longest time of a job", unit="min", low=1)

    def check(self) -> None:
        """Raise InputError for a number of workers that is none, and for an address that nothing uses."""
        if self.workers not in ("", "auto") and not (
            self.workers.isdecimal() and 1 <= int(self.workers) <= _MOST
        ):
            raise InputError(f"workers={self.workers}: expected a number from 1 to {_MOST}, or auto")
        if self.address and self.executor == "processes":
            raise InputError(f"address={self.address} has no effect without executor=ray or executor=slurm")

    def most(self) -> int | None:
        """The number of workers on a cluster; None for as many as it takes."""
        return int(self.workers) if self.workers.isdecimal() else None

    def processes(self, threads: int) -> int:
        """The number of workers on this machine, for runs with this many threads."""
        if self.workers != "auto":
            return self.most() or 1
        import loky

        return max(1, loky.cpu_count() // threads)


_MOST = 1024

NAMES = tuple(one.name for one in dataclasses.fields(CommandSettings))


def command_settings(overrides: Sequence[str]) -> tuple[CommandSettings, list[str]]:
    """The settings of the command, and the overrides that are left, of its runs.

    Raises InputError for a value that is none of a setting, and for a sweep over one.
    """
    return settings_among(overrides, CommandSettings)


_Settings = TypeVar("_Settings")


def settings_among(overrides: Sequence[str], settings_class: type[_Settings]) -> tuple[_Settings, list[str]]:
    """The settings of this dataclass that are among the overrides of a command, and the overrides left.

    Raises InputError for a value that is none of a setting, and for a sweep over one.
    """
    fields: tuple[dataclasses.Field[Any], ...] = dataclasses.fields(settings_class)  # type: ignore[arg-type]
    names = {one.name for one in fields}
    own = [one for one in overrides if one.partition("=")[0] in names]
    chosen = combinations(own)
    if len(chosen) > 1:
        swept = next(name for name in chosen[0] if len({one[name] for one in chosen}) > 1)
        raise InputError(f"{swept} is a setting of the whole command: give it one value")
    try:
        schema = OmegaConf.structured(settings_class)
        merged = OmegaConf.merge(schema, OmegaConf.from_dotlist([f"{k}={v}" for k, v in chosen[0].items()]))
        settings = OmegaConf.to_object(merged)
    except OmegaConfBaseException as error:
        key = getattr(error, "full_key", "") or ""
        raise InputError(f"{key}={chosen[0].get(key, '')}: {str(error).splitlines()[0]}") from error
    check_settings(settings, "")
    return cast(_Settings, settings), [one for one in overrides if one not in own]
