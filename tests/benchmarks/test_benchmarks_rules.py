"""The benchmark of the learning rules: it writes its table, and its literal forms have the same gradients."""

from pathlib import Path

import pandas as pd
import pytest
import torch

ROOT = Path(__file__).parents[2]
pytest.importorskip("spikingjelly", reason="group benchmark")


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The benchmarks are scripts beside the package, not part of it."""
    monkeypatch.syspath_prepend(str(ROOT))


def test_a_quick_run_has_every_rule(tmp_path: Path) -> None:
    from benchmarks.rules import main

    threads, strict = torch.get_num_threads(), torch.get_deterministic_debug_mode()
    try:
        main(["--quick", "--rounds", "1", "--out", str(tmp_path / "rules.csv")])
    finally:
        torch.set_num_threads(threads)
        torch.set_deterministic_debug_mode(strict)
    table = pd.read_csv(tmp_path / "rules.csv", index_col="step")
    online = {"eprop", "superspike", "ottt", "sltt"}
    assert {"gp", "fa", "dfa", "drtp", "dtp", "ddtp", "eventprop", "spikeprop"} | online <= set(table.index)
    assert (table.gp_steps > 0).all() and (table.mb > 0).all()


@pytest.mark.parametrize("name", ["eprop", "superspike", "ottt", "sltt"])
def test_the_literal_form_has_the_same_gradients(name: str) -> None:
    from benchmarks.rules import KAPPA, ONLINE, LiteralOnline
    from hpbench.spiking.credit.online_network import OnlineNetwork
    from hpbench.spiking.encoder import Encoder

    torch.manual_seed(0)
    network = OnlineNetwork([9, 12, 4], Encoder("direct", 6, 500.0), "gp", output_decay=KAPPA, **ONLINE[name])
    network.double()
    images, targets = torch.rand(5, 9).double(), torch.rand(5, 4).double()
    found = []
    for learn in (network.learn, LiteralOnline(network).learn):
        network.zero_grad()
        learn(images, lambda scores: (scores - targets.repeat(len(scores) // 5, 1)).square().mean())
        found.append([layer.cell.weight.grad for layer in network.layers])  # type: ignore[union-attr]
    assert bool(found[0][0].any())  # type: ignore[union-attr]
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other)
