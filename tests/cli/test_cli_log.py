"""log=tensorboard: curves beside the record, figures as without, refusals."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from event_files import curves
from toy import QUICK

from hpbench.core.errors import InputError
from hpbench.learning.logs import logged

Command = Callable[..., Any]
ANN = ("scenario=toy", "strategy=ann", *QUICK)


def record(out: Path) -> dict[str, Any]:
    [path] = out.glob("runs/*/record.json")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_curves_and_accuracies_lie_beside_the_record(
    hpbench: Command, finished: Path, toy_path: Path, tmp_path: Path
) -> None:
    ended = hpbench("run", *ANN, "log=tensorboard", "--out", tmp_path / "logged")
    assert ended.code == 0, ended.err
    [folder] = (tmp_path / "logged").glob("runs/*/tensorboard")
    assert ended.out.rstrip().endswith(f"tensorboard --logdir {folder}")
    plain, log = record(finished), record(tmp_path / "logged")
    assert log["R"] == plain["R"]
    assert log["curve"] == plain["curve"]
    assert log["row"]["run_id"] == plain["row"]["run_id"]
    found = curves(folder)
    losses = next(points for name, points in found.items() if name.startswith("Loss_MB/train"))
    assert len(losses) == 36  # of 360 training samples in batches of 10
    tested = {
        name: points for name, points in found.items() if name.startswith("Top1_Acc_Exp/eval_phase/test")
    }
    assert [round(points[-1][1], 6) for points in tested.values()] == [round(one, 6) for one in log["R"][-1]]


def test_a_run_that_is_skipped_or_repeated_says_what_becomes_of_its_log(
    hpbench: Command, toy_path: Path, out: Path
) -> None:
    words = (*ANN, "log=tensorboard", "--out", out)
    assert "is on the board and not trained again; --force does so" in hpbench("run", *words).out
    [folder] = out.glob("runs/*")
    (folder / "tensorboard").mkdir()
    (folder / "tensorboard" / "events.out.tfevents.1.of.an.earlier.run").write_bytes(b"")
    assert hpbench("run", *words, "--force").code == 0
    assert len(list((folder / "tensorboard").iterdir())) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("scenario=glyphs", "strategy=ncm", "log=tensorboard"), "log=tensorboard has no effect on few-shot"),
        (("scenario=toy", "strategy=ann", "log=wandb"), "log=wandb"),
        (("scenario=toy", "strategy=ann", "save=modell"), "save=modell: did you mean 'model'?"),
    ],
)
def test_bad_input_is_one_message(
    words: tuple[str, ...], message: str, hpbench: Command, toy_path: Path, tmp_path: Path
) -> None:
    ended = hpbench("run", *words, "--out", tmp_path / "out")
    assert ended.code == 2
    assert message in ended.err
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="log=tensorboard: cannot write"), logged(tmp_path / "file" / "log"):
        pass
