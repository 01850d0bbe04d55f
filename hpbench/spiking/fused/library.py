"""The compiled kernels: when they are used, and how they are called.

Their results are those of the plain form, in torch's operations, to the last bit, where torch's own CPU
kernels use fused multiply-adds (AVX2, AVX-512). Elsewhere, without a C++ compiler, and for tensors or
surrogates that the kernels do not know, the plain form is used. So it is at the beginning of the first
process after an installation: only one with much to compute pays for the compiler.
"""

import ctypes
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import POINTER, c_double, c_int64, c_void_p
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from hpbench.spiking.fused.compiler import compile_to, is_stored, store, stored
from hpbench.spiking.neurons.lif import Lif
from hpbench.spiking.parameters import HybridParameters

Kernel = Callable[..., None]

SURROGATES = ("rectangular", "superspike", "superspike_corrected", "triangular", "arctan")
"""Surrogates of which there are kernels, in the order of the enumeration in kernels.cpp."""

RESETS = ("subtract", "zero")
"""Resets, in the order of the enumeration in kernels.cpp."""

ENTRIES_BEFORE_COMPILING = 300_000_000
"""Entries (neurons times steps) that a process computes in the plain form, in about a second, before it
compiles."""

_ROUNDS_ALIKE = ("AVX2", "AVX512")
"""torch's names of the instructions with which its kernels round as ours do."""

_PRECISIONS = {torch.float32: "float32", torch.float64: "float64"}


class Constants(ctypes.Structure):
    """The struct of this name in kernels.cpp."""

    _fields_ = (
        ("threshold", c_double),
        ("decay", c_double),
        ("gain", c_double),
        ("reset", c_int64),
        ("surrogate", c_int64),
    )


_NEURON, _TENSOR = POINTER(Constants), c_void_p
_ARGUMENTS = {
    "window_forward": (_NEURON, _TENSOR, c_int64, c_int64, c_int64, _TENSOR),
    "window_backward": (_NEURON, _TENSOR, c_int64, c_int64, c_int64, _TENSOR, c_int64, _TENSOR),
    "layer_forward": (
        *(_NEURON, c_int64, c_int64, c_int64, _TENSOR, _TENSOR, c_int64, POINTER(c_double), c_int64),
        *[_TENSOR] * 2,
    ),
    "layer_backward": (
        *(_NEURON, c_int64, c_int64, c_int64, _TENSOR, _TENSOR, c_int64, POINTER(c_double), c_int64),
        *[_TENSOR] * 4,
    ),
    "adam_means": (c_int64, *[_TENSOR] * 3, *[c_double] * 3),
    "adam_move": (c_int64, *[_TENSOR] * 3, *[c_double] * 3),
    "step_forward": (
        *(_NEURON, c_int64, c_int64, _TENSOR, _TENSOR, c_double, _TENSOR, c_int64, _TENSOR, c_double),
        *[_TENSOR] * 5,
    ),
    "step_backward": (
        *(_NEURON, c_int64, c_int64, *[_TENSOR] * 9, c_double, c_int64, _TENSOR, c_int64, _TENSOR),
    ),
}


class _State:
    """What this process knows: whether the kernels are off, how much it has computed without them."""

    off = False
    computed = 0


def usable(entries: int, *tensors: Tensor | None, neuron: HybridParameters | None = None) -> bool:
    """Whether to compute with the kernels: so many entries, these tensors, this neuron if any."""
    if _State.off or torch.compiler.is_compiling():
        return False
    if neuron is not None and not (isinstance(neuron.neuron, Lif) and neuron.surrogate in SURROGATES):
        return False
    kinds = {one.dtype for one in tensors if one is not None}
    if len(kinds) != 1 or not all(map(_known, tensors)) or not _rounds_alike():
        return False
    if _State.computed < ENTRIES_BEFORE_COMPILING and not is_stored():
        _State.computed += entries
        return False
    return library() is not None


def _known(one: Tensor | None) -> bool:
    """Whether a tensor is a piece of memory of a known kind, and not one of vmap's or of a tracer's."""
    return one is None or (
        one.dtype in _PRECISIONS
        and one.device.type == "cpu"
        and type(one) in (Tensor, torch.nn.Parameter)
        and not torch._C._functorch.is_functorch_wrapped_tensor(one)
    )


@contextmanager
def plain_form() -> Iterator[None]:
    """Within this, layers compute in torch's operations: the reference for tests and benchmarks."""
    before, _State.off = _State.off, True
    try:
        yield
    finally:
        _State.off = before


def kernel(name: str, like: Tensor) -> Kernel:
    """A function of kernels.cpp in the precision of a tensor."""
    found = library()
    assert found is not None
    return found[f"{name}_{_PRECISIONS[like.dtype]}"]


@cache
def constants(p: HybridParameters) -> "ctypes._Pointer[Constants]":
    """The constants of a neuron, as the kernels take them."""
    return ctypes.pointer(
        Constants(
            p.threshold,
            p.membrane_decay,
            p.current_gain,
            RESETS.index(p.reset),
            SURROGATES.index(p.surrogate),
        )
    )


@cache
def library() -> dict[str, Kernel] | None:
    """All kernels by name, compiled if they are not stored; None if that does not succeed."""
    place = stored()
    if place is not None and is_stored() and (found := _loaded(place)) is not None:
        return found
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        made = compile_to(Path(folder))
        if made is None or (found := _loaded(made)) is None:
            return None
        store(made)
        return found


@cache
def _rounds_alike() -> bool:
    return torch.backends.cpu.get_cpu_capability() in _ROUNDS_ALIKE


def _loaded(file: Path) -> dict[str, Kernel] | None:
    """The functions of a shared library; None if it cannot be loaded."""
    found: dict[str, Kernel] = {}
    try:
        opened = ctypes.CDLL(str(file))
        for name, arguments in _ARGUMENTS.items():
            for precision in _PRECISIONS.values():
                function = getattr(opened, f"{name}_{precision}")
                function.argtypes, function.restype = arguments, None
                found[f"{name}_{precision}"] = function
    except (OSError, AttributeError):
        return None
    return found
