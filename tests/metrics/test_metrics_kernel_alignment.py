"""Kernel alignment, held against its definition and against what it must not depend on."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as some
from torch import Tensor

from hpbench.metrics.kernel_alignment import kernel_alignment


def literal_hsic(one: Tensor, other: Tensor) -> float:
    """The unbiased estimate of Song et al. 2012, Eq. 4, from sums over the samples (N, n), (N, m)."""
    count = len(one)
    first, second = (
        [[float(a @ b) if i != j else 0.0 for j, b in enumerate(rows)] for i, a in enumerate(rows)]
        for rows in (one, other)
    )
    places = range(count)
    traced = sum(first[i][j] * second[j][i] for i in places for j in places)
    sums = sum(map(sum, first)) * sum(map(sum, second))
    crossed = sum(first[i][j] * second[j][k] for i in places for j in places for k in places)
    rest = sums / ((count - 1) * (count - 2)) - 2 * crossed / (count - 2)
    return (traced + rest) / (count * (count - 3))


@given(count=some.integers(5, 9), widths=some.tuples(some.integers(1, 4), some.integers(1, 4)))
def test_equals_its_definition(count: int, widths: tuple[int, int]) -> None:
    draws = torch.Generator().manual_seed(count)
    shared = torch.randn(count, 1, generator=draws, dtype=torch.double)
    one, other = (
        shared + torch.randn(count, width, generator=draws, dtype=torch.double) / 2 for width in widths
    )
    own = literal_hsic(one, one) * literal_hsic(other, other)
    if own <= 0:  # an estimate of so few samples
        return
    expected = min(1.0, max(0.0, literal_hsic(one, other) / own**0.5))
    assert kernel_alignment([one], [other])[0][0] == pytest.approx(expected, abs=1e-9)


def test_is_blind_to_rotation_scale_and_offset_and_sees_what_is_independent() -> None:
    draws = torch.Generator().manual_seed(0)
    layer = torch.randn(400, 20, generator=draws, dtype=torch.double)
    turned, _ = torch.linalg.qr(torch.randn(20, 20, generator=draws, dtype=torch.double))
    strange = torch.randn(400, 30, generator=draws, dtype=torch.double)
    [[same, foreign]] = kernel_alignment([layer], [3 * layer @ turned + 5, strange])
    assert same == pytest.approx(1, abs=1e-9)
    assert foreign < 0.02  # without the correction it would be 0.06
