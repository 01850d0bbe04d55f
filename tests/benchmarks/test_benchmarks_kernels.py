"""The benchmarks of the kernels and of whole runs write their tables. Nothing here depends on time."""

from pathlib import Path

import pandas as pd
import pytest
import torch

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The benchmarks are scripts beside the package, not part of it."""
    monkeypatch.syspath_prepend(str(ROOT))


def test_a_quick_run_has_every_step_in_both_forms(tmp_path: Path) -> None:
    from benchmarks.kernels import main

    threads, strict = torch.get_num_threads(), torch.get_deterministic_debug_mode()
    try:
        main(["--quick", "--rounds", "1", "--out", str(tmp_path / "kernels.csv")])
    finally:
        torch.set_num_threads(threads)
        torch.set_deterministic_debug_mode(strict)
    table = pd.read_csv(tmp_path / "kernels.csv", index_col="step")
    names = {"gp, release", "hp, release", "gp, paper", "hp, paper", "conv-4", "few-shot meta-training"}
    forms = {f"{one}{form}" for one in names for form in ("", ", plain", ", as before")}
    convolutional = {"conv-4", "few-shot meta-training"}
    parts = {f"{one}, convolutions and norms" for one in convolutional}
    products = ("matrix products", "matrix products, torch.matmul")
    parts |= {f"{one}, {how}" for one in names - convolutional for how in products}
    assert set(table.index) == forms | parts
    assert table.than_plain[sorted(names)].notna().all()
    assert not torch.utils.deterministic.fill_uninitialized_memory
    assert table.plain_gp_steps["gp, release, plain"] == 1
    assert table.of_convolutions_and_norms["conv-4"] > 0


def test_the_convolutions_and_norms_of_a_step_are_all_repeated() -> None:
    from benchmarks.kernels import conv, parts_of

    ran = parts_of(conv(quick=True))
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as seen:
        ran()
    counts = {one.key: one.count for one in seen.key_averages()}
    layers = 2
    assert counts["aten::convolution"] == counts["aten::convolution_backward"] == layers
    assert counts["aten::native_batch_norm_backward"] == layers


def test_a_step_on_images_is_timed_beside_other_libraries(tmp_path: Path) -> None:
    from benchmarks.images import main

    threads, strict = torch.get_num_threads(), torch.get_deterministic_debug_mode()
    try:
        main(["--quick", "--rounds", "1", "--out", str(tmp_path / "images.csv")])
    finally:
        torch.set_num_threads(threads)
        torch.set_deterministic_debug_mode(strict)
    table = pd.read_csv(tmp_path / "images.csv", index_col="step")
    assert {"hpbench, gp", "hpbench, hp", "convolutions of gp", "Norse"} <= set(table.index)
    assert (table.cpu_ms > 0).all() and table.ours_times_quicker["hpbench, gp"] == 1
