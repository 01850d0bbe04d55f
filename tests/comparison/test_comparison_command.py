"""`hpbench compare` on a stream that is learned in a moment."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from toy import QUICK

Command = Callable[..., Any]
TOY = ("scenario=toy", *QUICK)


def table(out: Path, name: str) -> pd.DataFrame:
    [path] = out.glob(f"toy-*/{name}.csv")
    return pd.read_csv(path)


def test_tables_and_pictures_of_strategies_and_seeds(
    hpbench: Command, toy_path: Path, tmp_path: Path
) -> None:
    words = (*TOY, "strategy=gp,dfa", "seed=0,1", "samples=40", "fisher_samples=5")
    ended = hpbench("compare", *words, "--out", tmp_path)
    assert ended.code == 0, ended.err
    assert "CKA of trained layers with gp" in ended.out
    [folder] = tmp_path.glob("toy-*")
    assert {one.name for one in folder.iterdir()} == {
        *(f"{name}.csv" for name in ("runs", "training", "layers", "confusion")),
        *(f"{name}.png" for name in ("accuracy", "training", "layers", "confusion")),
    }
    training = table(tmp_path, "training")
    assert set(training["compared_as"]) == {"gp", "dfa"}
    assert sorted(training["samples"].unique()) == [0, 100, 200]
    assert set(training["layer"]) == {"hidden 1", "output"}
    itself = training[(training["compared_as"] == "gp")]
    assert (itself["alignment_with_first"] == itself["alignment_with_final"]).all()
    assert (itself["angle"] < 1e-3).all()
    hidden = training[(training["compared_as"] == "dfa") & (training["layer"] == "hidden 1")]
    assert (hidden["angle"] > 10).all()
    assert (training["fisher"] > 0).all()
    pairs = table(tmp_path, "layers")
    assert pairs.groupby(["one", "other"]).size().to_dict() == {
        ("gp", "gp"): 2,
        ("gp", "dfa"): 4,
        ("dfa", "dfa"): 2,
    }  # two layers; seeds 0 and 1 of one strategy, seeds 0 and 0, 1 and 1 of two
    assert pairs["alignment"].between(0, 1).all()
    counts = table(tmp_path, "confusion")
    assert (counts.groupby(["compared_as", "seed"])["count"].sum() == 80).all()
    right = counts[counts["target"] == counts["prediction"]].groupby(["compared_as", "seed"])["count"].sum()
    accuracies = table(tmp_path, "runs").set_index(["compared_as", "seed"])["accuracy"]
    assert (right / 80 - accuracies).abs().max() < 1e-5
    board = pd.read_csv(tmp_path / "toy.csv").sort_values("run_id")
    runs = table(tmp_path, "runs").sort_values("run_id")
    assert (board["samples_to_80"].to_numpy() == runs["samples_to_80"].to_numpy()).all()


def test_what_was_trained_is_used_again_and_rows_are_those_of_a_run(
    hpbench: Command, toy_path: Path, tmp_path: Path
) -> None:
    gp = (*TOY, "strategy=gp")
    assert hpbench("run", *gp, "--out", tmp_path).code == 0  # its model and snapshots were not kept
    row = pd.read_csv(tmp_path / "toy.csv").loc[0, ["run_id", "accuracy", "forgetting"]]
    first = hpbench("compare", *TOY, "strategy=gp,ann", "--out", tmp_path)
    assert sum("strategy=gp" in line for line in first.out.splitlines()) == 1
    board = pd.read_csv(tmp_path / "toy.csv")
    assert any(one[row.index].equals(row) for _, one in board.iterrows())
    again = hpbench("compare", *TOY, "strategy=ann,gp", "samples=20", "--out", tmp_path)
    assert again.out.count("(was there)") == 2
    assert "layers with ann" in again.out


def test_groups_are_named_by_what_differs(hpbench: Command, toy_path: Path, tmp_path: Path) -> None:
    words = (*TOY, "strategy=gp", "strategy.recurrent=true,false")
    assert hpbench("compare", *words, "--out", tmp_path).code == 0
    assert set(table(tmp_path, "runs")["compared_as"]) == {"gp", "gp:recurrent"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("scenario=toy", "strategy=gp"), "there is nothing to compare with: name several strategies"),
        (("scenario=toy,mnist", "strategy=gp,fa"), "networks are compared on the samples of one scenario"),
        (("scenario=glyphs", "strategy=gp,hp"), "log=snapshots has no effect on few-shot"),
        (("scenario=toy", "strategy=gp,fa", "samples=2"), "samples=2"),
        (("scenario=toy", "strategy=gp,fa", "samples=2,3"), "samples is a setting of the whole command"),
        (("scenario=toy", "strategy=gp,nobody"), "nobody"),
    ],
)
def test_refusals(
    hpbench: Command, toy_path: Path, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    ended = hpbench("compare", *words, "--out", tmp_path)
    assert ended.code == 2
    assert message in ended.err
    assert not list(tmp_path.glob("*.csv"))


def test_a_dry_run_lists_the_runs(hpbench: Command, toy_path: Path, tmp_path: Path) -> None:
    ended = hpbench("compare", *TOY, "strategy=gp,fa", "seed=0,1", "--dry-run", "--out", tmp_path)
    assert ended.code == 0
    assert len(ended.out.splitlines()) == 4
    assert not list(tmp_path.glob("*.csv"))
