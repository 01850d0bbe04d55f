"""hpbench: continual and few-shot learning benchmarks for hybrid-plasticity spiking networks.

The Python interface is imported on use: `run`, `load`, `board`, `scenario_from_arrays`,
`strategy_from_module`, and `InputError`, which all of them raise for bad input.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hpbench.core.errors import InputError as InputError
    from hpbench.interface.look import board as board
    from hpbench.interface.look import load as load
    from hpbench.interface.made import scenario_from_arrays as scenario_from_arrays
    from hpbench.interface.made import strategy_from_module as strategy_from_module
    from hpbench.interface.run import run as run

_WHERE = {
    "InputError": "hpbench.core.errors",
    "board": "hpbench.interface.look",
    "load": "hpbench.interface.look",
    "run": "hpbench.interface.run",
    "scenario_from_arrays": "hpbench.interface.made",
    "strategy_from_module": "hpbench.interface.made",
}

__all__ = ["InputError", "board", "load", "run", "scenario_from_arrays", "strategy_from_module"]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'hpbench' has no attribute {name!r}; it has {', '.join(__all__)}")
    import importlib

    return getattr(importlib.import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return __all__
