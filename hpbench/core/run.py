"""One run: a scenario, a strategy, their settings and a seed."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hpbench.core.settings import canonical, shapes_run, typed


@dataclasses.dataclass(frozen=True)
class Run:
    """All choices of the user. `threads` is the number of CPU threads of torch.

    `save` names what is kept besides the row ("model", or "" for nothing), `log` what is
    written of its training ("tensorboard", "snapshots", or "" for nothing); neither is part of the run's
    identity.
    """

    scenario: str
    strategy: str
    scenario_settings: Any
    strategy_settings: Any
    seed: int
    device: str
    threads: int
    data_root: Path | None
    save: str = ""
    log: str = ""

    @property
    def settings(self) -> dict[str, dict[str, Any]]:
        """All settings that are part of the run's identity, by group."""
        return {
            "scenario": _shaping(self.scenario_settings),
            "strategy": _shaping(self.strategy_settings),
        }

    @property
    def training_settings(self) -> dict[str, dict[str, Any]]:
        """The settings used in training, by group."""
        return {
            "scenario": _shaping(self.scenario_settings, training=True),
            "strategy": _shaping(self.strategy_settings, training=True),
        }

    @property
    def overrides(self) -> str:
        """Settings that differ from their defaults, in canonical form, sorted, as typed on the command line.

        They are part of the run's identity. Two spellings of a value are one run; settings at their defaults
        are left out, so that adding a setting to the program changes no earlier identity.
        """
        changed = []
        for group, instance in (("scenario", self.scenario_settings), ("strategy", self.strategy_settings)):
            defaults = _shaping(type(instance)())
            for name, value in _shaping(instance).items():
                if value != defaults[name]:
                    changed.append(f"{group}.{name}={typed(value)}")
        return " ".join(sorted(changed))

    @property
    def words(self) -> tuple[str, ...]:
        """The words of a command line that asks for this run, device and data included."""
        changed = []
        for group, instance in (("scenario", self.scenario_settings), ("strategy", self.strategy_settings)):
            defaults = type(instance)()
            for field in dataclasses.fields(instance):
                value = getattr(instance, field.name)
                if value != getattr(defaults, field.name):
                    changed.append(f"{group}.{field.name}={'null' if value is None else typed(value)}")
        where = [f"device={self.device}", f"threads={self.threads}"]
        where += [f"data_root={self.data_root}"] if self.data_root else []
        where += [f"{name}={value}" for name, value in (("save", self.save), ("log", self.log)) if value]
        names = [f"scenario={self.scenario}", f"strategy={self.strategy}", f"seed={self.seed}"]
        return (*names, *changed, *where)

    def __str__(self) -> str:
        names = {"scenario": self.scenario, "strategy": self.strategy, "seed": self.seed}
        return " ".join(command_words({**names, "overrides": self.overrides}))


def command_words(row: Mapping[str, Any]) -> list[str]:
    """The words of a command line that asks for the run of a row: scenario, strategy, settings, seed."""
    return [
        f"scenario={row['scenario']}",
        f"strategy={row['strategy']}",
        *row["overrides"].split(),
        f"seed={row['seed']}",
    ]


def _shaping(settings: Any, *, training: bool = False) -> dict[str, Any]:
    chosen = canonical(settings)
    return {
        field.name: getattr(chosen, field.name)
        for field in dataclasses.fields(settings)
        if shapes_run(field) and not (training and field.metadata.get("at_test_only", False))
    }
