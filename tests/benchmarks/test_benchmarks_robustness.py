"""The robustness benchmark runs, and compares forms that compute the same. Nothing here depends on time."""

from pathlib import Path

import pandas as pd
import pytest
import torch

ROOT = Path(__file__).parents[2]


def test_it_measures_images_without_any_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks.robustness import main

    threads = torch.get_num_threads()
    try:
        main(["--rounds", "1", "--images", "200", "--out", str(tmp_path / "robustness.csv")])
    finally:
        torch.set_num_threads(threads)
    table = pd.read_csv(tmp_path / "robustness.csv")
    assert list(table["what"]) == ["evaluation, frozen", "evaluation, batch", "fgsm, frozen"]
    assert (table["samples_per_s"] > 0).all()
