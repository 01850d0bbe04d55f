"""The neural codes by name."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from hpbench.spiking.codes.burst import Burst
from hpbench.spiking.codes.code import Code
from hpbench.spiking.codes.delta import Delta
from hpbench.spiking.codes.direct import Direct
from hpbench.spiking.codes.latency import Latency
from hpbench.spiking.codes.phase import Phase
from hpbench.spiking.codes.poisson import Poisson
from hpbench.spiking.codes.population import Population
from hpbench.spiking.codes.regular import Regular

CODES: Mapping[str, type[Code]] = {
    "direct": Direct,
    "poisson": Poisson,
    "latency": Latency,
    "regular": Regular,
    "phase": Phase,
    "population": Population,
    "burst": Burst,
    "delta": Delta,
}
"""Those of `hpbench.spiking.choices.ENCODINGS` are for values that do not change; delta is for sequences."""


def settings_of_code(name: str, settings: Any) -> dict[str, Any]:
    """The settings that the code of this name has, from an object with them; none for what is no code."""
    if name not in CODES:
        return {}
    return {one.name: getattr(settings, one.name) for one in fields(CODES[name])}  # type: ignore[arg-type]
