"""The states of random generators: the global ones, and those that a run's data hold."""

import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch


def global_generators() -> dict[str, Any]:
    """The states of Python's, NumPy's and torch's generators."""
    return {
        "python": random.getstate(),
        "numpy": np.random.get_state(),
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None,
    }


def set_global_generators(states: Mapping[str, Any]) -> None:
    """Put the generators into these states."""
    random.setstate(states["python"])
    np.random.set_state(states["numpy"])
    torch.set_rng_state(states["torch"])
    if states["cuda"] is not None:
        torch.cuda.set_rng_state_all(states["cuda"])


def generators_among(objects: Mapping[str, Any]) -> dict[str, Any]:
    """The states of the generators among these objects, by their names."""
    return {name: _state(one) for name, one in objects.items() if isinstance(one, _KINDS)}


def set_generators_among(objects: Mapping[str, Any], states: Mapping[str, Any]) -> None:
    """Put the generators among these objects into these states."""
    for name, state in states.items():
        one = objects[name]
        if isinstance(one, random.Random):
            one.setstate(state)
        elif isinstance(one, np.random.RandomState):
            one.set_state(state)
        elif isinstance(one, np.random.Generator):
            one.bit_generator.state = state
        else:
            one.set_state(state)


_KINDS = (random.Random, np.random.RandomState, np.random.Generator, torch.Generator)


def _state(one: Any) -> Any:
    if isinstance(one, random.Random):
        return one.getstate()
    if isinstance(one, np.random.Generator):
        return one.bit_generator.state
    return one.get_state()
