"""What a run does to its process."""

import pytest
import torch

from hpbench.runs.processor import prepare_processor


def test_denormal_numbers_are_zero_and_threads_as_asked() -> None:
    before = torch.get_num_threads()
    smallest = torch.tensor([1.2e-38])
    try:
        if not torch.set_flush_denormal(False):
            pytest.skip("this processor cannot flush denormal numbers")
        assert (smallest * 0.5).item() != 0
        prepare_processor(threads=1)
        assert (smallest * 0.5).item() == 0
        assert torch.get_num_threads() == 1
    finally:
        torch.set_flush_denormal(False)
        torch.set_num_threads(before)
