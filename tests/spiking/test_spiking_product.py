"""The engine's matrix products and tanh: the same values as torch's, whichever library computes them."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from hpbench.plasticity.trace import tanh_
from hpbench.spiking.hybrid import product as module
from hpbench.spiking.hybrid.product import product

has_onednn = torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")


@pytest.fixture
def by_onednn(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Products of all sizes by oneDNN; the list has an entry for each that it has computed."""
    if not has_onednn:
        pytest.skip("torch without oneDNN's linear layer")
    computed: list[bool] = []

    def quicker() -> bool:
        computed.append(True)
        return True

    monkeypatch.setattr(module, "LARGE", 1)
    monkeypatch.setattr(module, "_onednn_is_quicker", quicker)
    return computed


def operands(transposed: bool, shape: tuple[int, ...], columns: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    one = torch.randn(shape, generator=generator)
    other = torch.randn(shape[-1], columns, generator=generator)
    return (one.mT.contiguous().mT, other.T.contiguous().T) if transposed else (one, other)


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("shape", [(7, 5), (1, 5), (7, 1), (3, 7, 5)])
@pytest.mark.parametrize("columns", [1, 6])
def test_products_by_onednn_are_those_in_double_precision(
    by_onednn: list[bool], transposed: bool, shape: tuple[int, ...], columns: int
) -> None:
    one, other = operands(transposed, shape, columns)
    with torch.no_grad():
        found = product(one, other)
    assert len(by_onednn) == 1
    torch.testing.assert_close(found.double(), one.double() @ other.double(), rtol=1e-5, atol=1e-5)


def test_small_products_double_precision_and_graphs_are_left_to_torch(
    by_onednn: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = operands(False, (7, 5), 6)
    with torch.no_grad():
        assert torch.equal(product(one.double(), other.double()), one.double() @ other.double())
        monkeypatch.setattr(module, "LARGE", 7 * 5 * 6 + 1)
        assert torch.equal(product(one, other), one @ other)
    monkeypatch.setattr(module, "LARGE", 1)
    assert product(one.requires_grad_(), other).requires_grad
    assert not by_onednn


@pytest.mark.parametrize(
    ("vendor", "capability", "expected"),
    [
        ("AuthenticAMD", "AVX512", has_onednn),
        ("AuthenticAMD", "AVX2", False),
        ("GenuineIntel", "AVX512", False),
    ],
)
def test_onednn_is_for_amd_with_avx512(
    vendor: str, capability: str, expected: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\nvendor_id\t: {vendor}\n")
    monkeypatch.setattr(module, "_PROCESSOR", tmp_path / "cpuinfo")
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    assert module._onednn_is_quicker.__wrapped__() is expected


@pytest.mark.parametrize(("dtype", "close"), [(torch.float32, 2e-7), (torch.float64, 5e-16)])
def test_tanh_is_written_in_place(dtype: torch.dtype, close: float) -> None:
    values = torch.linspace(-12, 12, 10_001, dtype=dtype).view(73, 137)
    expected = torch.tanh(values.double())
    assert tanh_(values) is values
    torch.testing.assert_close(values.double(), expected, rtol=0, atol=close)
