"""A neural code apart from any scenario: the settings of its picture."""

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

from hpbench.core.settings import setting
from hpbench.spiking.codes.table import CODES


@dataclass
class LoneCodeSettings:
    """What is common to all codes; `lone_code_settings` adds those of one."""

    encoding: ClassVar[str]
    time_steps: int = setting(50, "time steps that are shown", unit="ms", low=1, high=1000)


def lone_code_settings(name: str) -> type:
    """The settings of a code: its own, and the steps of its picture."""
    fields = dataclasses.fields(CODES[name])  # type: ignore[arg-type]
    return dataclasses.make_dataclass(
        "Settings",
        [(one.name, one.type, setting(one.default, **one.metadata)) for one in fields],
        bases=(LoneCodeSettings,),
        namespace={"encoding": name},
    )
