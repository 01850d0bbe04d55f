"""Bad input: one clear message, exit code 2, no traceback, nothing half written, earlier rows intact."""

from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest
from toy import QUICK, files, light_strategy_text, strategy_text, write_file

TOY = ("scenario=toy", "strategy=ann", *QUICK)

Refuses = Callable[..., None]


@pytest.fixture
def refuses(hpbench: Callable, out: Path, toy_path: Path) -> Refuses:
    """Asserts that a run is refused by one line that says these things, and that no file has changed."""

    def check(*words: object, says: list[str]) -> None:
        before = files(out)
        ended = hpbench("run", *words, "--out", out)
        assert "Traceback" not in ended.out + ended.err
        [line] = ended.err.splitlines()
        assert [part for part in says if part not in line] == [], line
        assert (ended.code, files(out)) == (2, before)

    return check


def log() -> str:
    """The log file's text."""
    return Path(platformdirs.user_log_dir("hpbench"), "hpbench.log").read_text()


def test_unknown_strategy(refuses: Refuses) -> None:
    refuses("scenario=toy", "strategy=replai", says=["unknown strategy 'replai'", "'replay'"])


def test_unknown_scenario(refuses: Refuses) -> None:
    refuses("scenario=tyo", "strategy=ann", says=["unknown scenario 'tyo'", "'toy'"])


def test_unknown_setting(refuses: Refuses) -> None:
    refuses(*TOY, "strategy.bacth=5", says=["'ann' has no setting 'bacth'", "did you mean batch?"])


def test_wrong_type(refuses: Refuses) -> None:
    refuses("scenario=toy", "strategy=ann", "strategy.batch=many", says=["strategy.batch=many", "Integer"])


def test_out_of_range(refuses: Refuses) -> None:
    refuses(
        "scenario=toy",
        "strategy=ann",
        "strategy.batch=0",
        says=["strategy.batch=0: expected at least 1 (samples per batch, in training and at test)"],
    )
    says = [
        "strategy.kernel_size=0: expected at least 1 (side of a kernel; the padding is half of it, in pixels)"
    ]
    refuses("scenario=toy", "strategy=hp", "strategy.kernels=[2]", "strategy.kernel_size=0", says=says)


def test_a_list_is_written_in_brackets(refuses: Refuses) -> None:
    said = "strategy.hidden=16: expected a list: write strategy.hidden=[16]"
    refuses("scenario=toy", "strategy=ann", "strategy.hidden=16", says=[said])


def test_setting_of_the_other_swept_strategy(refuses: Refuses) -> None:
    refuses(
        "scenario=toy",
        "strategy=ann,replay",
        "strategy.memory=5",
        says=["strategy.memory is a setting of replay, not of ann"],
    )


def test_strategy_without_the_scenarios_protocol(refuses: Refuses, toy_path: Path) -> None:
    text = (toy_path / "scenarios" / "toy.py").read_text().replace('"continual"', '"few_shot"')
    write_file(toy_path / "scenarios" / "shots.py", text)
    refuses("scenario=shots", "strategy=ann", says=["'ann' cannot be run on 'shots'", "'few_shot'"])


@pytest.mark.parametrize("part", ["selection", "evaluate_on"])
def test_no_validation_data_where_they_are_needed(refuses: Refuses, part: str) -> None:
    words = ("scenario=toy", "strategy=ann", "scenario.validation_share=0", f"scenario.{part}=validation")
    refuses(*words, says=["scenario.validation_share=0", "set a share such as 0.1"])


def test_missing_data_without_a_network(
    refuses: Refuses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(tmp_path / "empty"))
    words = ("scenario=split_mnist", "strategy=ann", "scenario.dataset=mnist")
    refuses(*words, says=["complete MNIST is not in", "HPBENCH_OFFLINE", "To get it"])
    assert not (tmp_path / "empty").exists()


def test_data_root_that_is_not_there(refuses: Refuses, tmp_path: Path) -> None:
    words = ("scenario=split_mnist", "strategy=ann", f"data_root={tmp_path / 'no where'}")
    refuses(*words, says=["no where: there is no such folder"])


def test_unwritable_folder(hpbench: Callable, toy_path: Path, tmp_path: Path) -> None:
    file = write_file(tmp_path / "file", "kept")
    ended = hpbench("run", *TOY, "--out", file / "boards")
    assert ended.code == 2
    assert ended.err.startswith(f"hpbench: cannot write to {file}/boards (Not a directory): choose another")
    assert ended.err.count("\n") == 1
    assert ended.out == ""
    assert file.read_text() == "kept"


def test_leaderboard_damaged_by_hand(refuses: Refuses, out: Path) -> None:
    board = out / "toy.csv"
    board.write_text(board.read_text().replace(",ann,", ",ann,,", 1))
    refuses(*TOY, "seed=5", says=[f"{board} is damaged: line 2 has", "left unchanged"])


def test_syntax_error_in_the_strategy_that_is_used(refuses: Refuses, toy_path: Path) -> None:
    path = write_file(toy_path / "strategies" / "broken.py", "x = 1\ndef continual(settings task): ...\n")
    refuses("scenario=toy", "strategy=ann,broken", says=[str(path), "syntax error in line 2"])


def test_syntax_error_in_another_strategy_stops_no_run_and_is_listed(
    hpbench: Callable, toy_path: Path, out: Path
) -> None:
    write_file(toy_path / "strategies" / "broken.py", "def continual(settings task): ...\n")
    assert hpbench("run", *TOY, "seed=1", "--out", out).code == 0
    assert "cannot be used: syntax error in line 1" in hpbench("list").out


def test_strategy_that_fails_at_import_is_refused_and_the_log_has_the_traceback(
    refuses: Refuses, toy_path: Path
) -> None:
    path = write_file(toy_path / "strategies" / "heavy.py", strategy_text() + "\nimport no_such_library\n")
    refuses("scenario=toy", "strategy=ann,heavy", says=[str(path), "No module named 'no_such_library'"])
    assert "Traceback" in log() and "import no_such_library" in log()


@pytest.mark.parametrize("strategies", ["failing,ann", "ann,failing"])
def test_strategy_that_fails_while_it_runs_stops_no_other(
    hpbench: Callable, toy_path: Path, tmp_path: Path, strategies: str
) -> None:
    body = "raise RuntimeError('no spikes [/at all]')"
    path = write_file(toy_path / "strategies" / "failing.py", strategy_text(body))
    ended = hpbench("run", "scenario=toy", f"strategy={strategies}", *QUICK, "--out", tmp_path / "out")
    assert ended.code == 2
    said = f"strategy 'failing' failed: RuntimeError: no spikes [/at all] (in {path})"
    head, line = ended.err.splitlines()
    assert head == "hpbench: 1 of 2 runs failed:"
    assert said in line and "The traceback is in" in line
    assert said in ended.out
    assert "Traceback" not in ended.out + ended.err
    assert body in log()
    assert [row.split(",")[5] for row in (tmp_path / "out" / "toy.csv").read_text().splitlines()[1:]] == [
        "ann"
    ]
    assert len(list((tmp_path / "out" / "runs").iterdir())) == 1


def test_scenario_that_fails_while_it_is_built(refuses: Refuses, toy_path: Path) -> None:
    path = toy_path / "scenarios" / "leaky.py"
    write_file(path, (toy_path / "scenarios" / "toy.py").read_text().replace("repeat(np", "repeet(np"))
    refuses("scenario=leaky", "strategy=ann", says=["scenario 'leaky' failed: AttributeError", str(path)])
    assert "np.repeet" in log()


def test_builder_that_returns_no_avalanche_strategy(refuses: Refuses, toy_path: Path) -> None:
    write_file(toy_path / "strategies" / "empty.py", light_strategy_text())
    refuses("scenario=toy", "strategy=empty", says=["returned NoneType", "must return"])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_log_that_cannot_be_written_shows_no_traceback(
    refuses: Refuses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "hpbench.log").symlink_to("/dev/full")
    monkeypatch.setattr("platformdirs.user_log_dir", lambda *_, **__: str(tmp_path / "log"))
    refuses("scenario=toy", "strategy=ann", "strategy.batch=many", says=["strategy.batch=many"])


def test_a_gpu_that_is_not_there_is_refused_before_any_run(refuses: Refuses) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    refuses(*TOY, "seed=5", "device=cpu,cuda", says=["device=cuda: torch sees no GPU", "device=cpu"])


def test_a_word_that_is_no_override(refuses: Refuses) -> None:
    refuses("split_mnist", says=["'split_mnist' is not an override", "key=value"])


def test_a_path_of_ones_own_that_is_no_folder(refuses: Refuses, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HPBENCH_PATH", "/no/such/folder")
    refuses(*TOY, says=["HPBENCH_PATH names /no/such/folder, which is not a folder"])


def test_an_unknown_option_gets_click_to_offer_the_near_one(hpbench: Callable) -> None:
    ended = hpbench("run", "--forse")
    assert ended.code == 2
    assert "--force" in ended.err
    assert "Traceback" not in ended.err
