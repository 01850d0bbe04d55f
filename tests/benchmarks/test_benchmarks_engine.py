"""The engine benchmark runs, and compares forms that compute the same. Nothing here depends on time."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch

ROOT = Path(__file__).parents[2]

COLUMNS = {"form", "dialect", "device", "n", "m", "batch", "steps", "ms", "peak_mb", "ratio_to_literal"}


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The benchmarks are scripts beside the package, not part of it."""
    monkeypatch.syspath_prepend(str(ROOT))


def test_quick_run_writes_every_column_and_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from benchmarks.engine import main

    threads = torch.get_num_threads()
    try:
        main(["--quick", "--out", str(tmp_path / "engine.csv")])
    finally:
        torch.set_num_threads(threads)
    table = pd.read_csv(tmp_path / "engine.csv")
    assert set(table.columns) >= COLUMNS
    table = table[table.device == "cpu"]
    for dialect in ("release", "paper"):
        forms = set(table[(table.dialect == dialect) & table.axis.isna()].form)
        assert {"literal", "ours", "gp", "matrix_products ours"} <= forms
    assert (table.ms > 0).all()
    assert table[table.form == "literal"].ratio_to_literal.eq(1).all()
    assert set(table.axis.dropna()) == {"B", "n", "T", "B and n"}
    assert "ours and literal differ by" in capsys.readouterr().out


@pytest.mark.parametrize("dialect", ["release", "paper"])
def test_ours_and_literal_agree(dialect: str) -> None:
    from benchmarks.engine_literal import distance
    from benchmarks.engine_step import Batch, Size, draw, network

    size = Size(40, 12, 6, 5)
    images, targets = draw(size, "cpu")
    ours = network(size, dialect, "hp", "cpu").double()
    assert distance(ours, Batch(images.double(), targets.double())) < 1e-9


def test_forms_that_differ_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks import engine_literal
    from benchmarks.engine_step import Size, draw, network

    size = Size(40, 12, 6, 5)
    step = engine_literal._release

    def wrong(*state: Any) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        membrane, spikes, trace = step(*state)
        return membrane, spikes, trace * 1.01

    monkeypatch.setattr(engine_literal, "_release", wrong)
    with pytest.raises(AssertionError, match="nothing is timed"):
        engine_literal.check(network(size, "release", "hp", "cpu"), [draw(size, "cpu")])


def test_peak_memory_counts_what_is_alive_at_once() -> None:
    from benchmarks.timing import peak_mb

    def way() -> None:
        for _ in range(3):
            torch.zeros(250_000)  # 1 MB, released before the next
        kept = [torch.zeros(250_000) for _ in range(2)]
        del kept

    assert peak_mb(way) == pytest.approx(2.0, rel=0.01)


def test_matrix_products_are_those_of_the_step() -> None:
    from benchmarks.engine_products import products_of

    left, right = torch.rand(4, 3, requires_grad=True), torch.rand(3, 5, requires_grad=True)
    run = products_of(lambda: (left @ right).sum().backward())
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as seen:
        run()
    counts = {one.key: one.count for one in seen.key_averages()}
    assert counts["aten::mm"] == 3  # forward, and one for each operand backward
