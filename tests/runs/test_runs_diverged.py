"""A run whose loss or scores are no numbers says so in its row."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from toy import QUICK, strategy_text, write_file

from hpbench.boards.table import read
from hpbench.tasks.divergence import unusable

TOY = ("run", "scenario=toy", *QUICK)

NAN_NETWORK = '''
import torch


class Broken(torch.nn.Module):
    """Scores that are no numbers {when}."""

    def __init__(self, outputs):
        super().__init__()
        self.layer = torch.nn.Linear(64, outputs)

    def forward(self, inputs):
        scores = self.layer(inputs)
        return scores * float("nan") if {condition} else scores
'''


def network_strategy(condition: str) -> str:
    text = NAN_NETWORK.format(when="sometimes", condition=condition) + strategy_text()
    docstring, rest = '"""A strategy for a test."""\n', text.replace('"""A strategy for a test."""\n', "")
    return docstring + rest.replace('"ann")', "Broken(task.outputs))")


@pytest.mark.parametrize(
    ("condition", "says"),
    [("self.training", "loss in experience 1, by sample"), ("not self.training", "scores at test")],
)
def test_when_it_diverged_is_in_the_row(
    hpbench: Callable, toy_path: Path, tmp_path: Path, condition: str, says: str
) -> None:
    write_file(toy_path / "strategies" / "broken.py", network_strategy(condition))
    ended = hpbench(*TOY, "strategy=broken", "--out", tmp_path / "out")
    assert ended.code == 0, ended.err
    [row] = read(tmp_path / "out" / "toy.csv").to_dict("records")
    assert row["diverged"].startswith(says)
    assert "DIVERGED" in ended.out and says in ended.out


def test_a_run_of_finite_numbers_says_nothing(out: Path) -> None:
    assert list(read(out / "toy.csv")["diverged"]) == [""]


@pytest.mark.parametrize("strategy", ["slda", "ncm", "icarl"])
def test_the_scores_of_classes_not_seen_yet_are_no_divergence(
    hpbench: Callable, toy_path: Path, tmp_path: Path, strategy: str
) -> None:
    ended = hpbench(
        "run", "scenario=toy", "strategy.batch=10", f"strategy={strategy}", "--out", tmp_path / "out"
    )
    assert ended.code == 0, ended.err
    assert list(read(tmp_path / "out" / "toy.csv")["diverged"]) == [""] and "DIVERGED" not in ended.out


def test_a_learning_rate_that_can_only_diverge_is_refused(
    hpbench: Callable, toy_path: Path, out: Path
) -> None:
    ended = hpbench("run", "scenario=toy", "strategy=ann", "strategy.lr=1e30", "--out", out)
    assert ended.code == 2 and "strategy.lr=1e+30: expected a value between 0 and 10" in ended.err


@pytest.mark.parametrize(
    ("scores", "usable"),
    [
        ([0.0, 1.0], True),
        ([float("-inf"), 1.0], True),
        ([float("inf"), 1.0], False),
        ([float("nan"), 1.0], False),
    ],
)
def test_minus_infinity_may_stand_for_an_output_that_is_out_of_play(
    scores: list[float], usable: bool
) -> None:
    assert bool(unusable(torch.tensor([scores])).any()) != usable
