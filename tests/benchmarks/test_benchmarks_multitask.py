"""The benchmark of the multitask network: it writes its table, and both of its ways give the same scores."""

from pathlib import Path

import pandas as pd
import pytest
import torch

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The benchmarks are scripts beside the package, not part of it."""
    monkeypatch.syspath_prepend(str(ROOT))


def test_a_quick_run_has_both_ways_for_both_learners(tmp_path: Path) -> None:
    from benchmarks.multitask import main

    threads, strict = torch.get_num_threads(), torch.get_deterministic_debug_mode()
    try:
        main(["--quick", "--rounds", "1", "--out", str(tmp_path / "multitask.csv")])
    finally:
        torch.set_num_threads(threads)
        torch.set_deterministic_debug_mode(strict)
    table = pd.read_csv(tmp_path / "multitask.csv", index_col="step")
    assert set(table.index) == {"gp", "gp, whole matrices", "hp", "hp, whole matrices"}
    assert (table.cpu_ms > 0).all()


@pytest.mark.parametrize("learner", ["gp", "hp"])
def test_both_ways_have_the_same_scores_and_gradients(learner: str) -> None:
    from benchmarks.multitask import P, WholeMatrices
    from hpbench.spiking.encoder import Encoder
    from hpbench.spiking.multitask.network import MultitaskNetwork

    encoder = Encoder("direct", 3, 500.0)
    nets = [
        kind([9, 12, 11, 4], encoder, learner, P, mask_share=0.4).double()
        for kind in (MultitaskNetwork, WholeMatrices)
    ]
    nets[1].load_state_dict(nets[0].state_dict())
    inputs = torch.rand(6, 9, dtype=torch.float64) * 3
    scores = [net(inputs, 0) for net in nets]
    assert torch.allclose(*scores)
    for found in scores:
        found.square().sum().backward()
    for one, other in zip(nets[0].parameters(), nets[1].parameters(), strict=True):
        assert torch.allclose(one.grad, other.grad, atol=1e-12)
