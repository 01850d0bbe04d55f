"""Matrix products, by the quicker of the two libraries that torch has for them.

torch.matmul calls MKL, which leaves AVX-512 unused on AMD's processors. oneDNN, which torch uses for
convolutions, does not: on one thread of a Zen 5 its large products in single precision take half the time.
torch has no public switch for them, so the operation is called by which torch.compile replaces linear layers.
"""

from functools import cache
from pathlib import Path

import torch
from torch import Tensor

LARGE = 2**20
"""Multiply-accumulates from which oneDNN is quicker: its calls take 10 µs longer than MKL's."""

_PROCESSOR = Path("/proc/cpuinfo")


def product(one: Tensor, other: Tensor) -> Tensor:
    """one @ other: (…, k) by (k, m).

    By oneDNN if it is large and in single precision, on an AMD processor with AVX-512, where no graph is
    recorded and autocast is off; else by torch.matmul. Nothing is timed, so that runs can be repeated.
    """
    recorded = torch.is_grad_enabled() or torch.compiler.is_compiling() or torch.is_autocast_enabled("cpu")
    large = one.numel() * other.shape[-1] >= LARGE
    plain = recorded or not large or one.dtype != torch.float32 or one.device.type != "cpu"
    if plain or not _onednn_is_quicker():
        return torch.matmul(one, other)
    found: Tensor = torch.ops.mkldnn._linear_pointwise.default(one, other.T, None, "none", [], "")
    return found


@cache
def _onednn_is_quicker() -> bool:
    """Whether the processor is AMD's and has AVX-512, and this version of torch has the operation."""
    return (
        torch.backends.cpu.get_cpu_capability() == "AVX512"
        and torch.backends.mkldnn.is_available()
        and hasattr(torch.ops.mkldnn, "_linear_pointwise")
        and _PROCESSOR.exists()
        and "AuthenticAMD" in _PROCESSOR.read_text()
    )
