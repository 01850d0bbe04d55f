"""The other commands: list, show, data, board, completion."""

from collections.abc import Callable
from pathlib import Path

import pytest
from toy import QUICK, files, light_strategy_text, write_file

Command = Callable


def test_list_says_what_runs_on_what(hpbench: Command, toy_path: Path) -> None:
    path = write_file(toy_path / "strategies" / "mine.py", light_strategy_text(summary="A rule of mine."))
    ended = hpbench("list")
    assert (ended.code, ended.err) == (0, "")
    lines = {line.split()[0]: line for line in ended.out.splitlines() if line.startswith("  ")}
    assert {"split_mnist", "toy", "hp", "gp", "lp", "ann", "ewc", "replay", "joint"} <= set(lines)
    assert "A rule of mine. [continual, robustness]" in lines["mine"]
    assert str(path) in lines["mine"]


def test_list_shows_a_file_that_fails_at_import_without_importing_it(
    hpbench: Command, toy_path: Path
) -> None:
    text = light_strategy_text(summary="Heavy.") + "\nraise RuntimeError\n"
    write_file(toy_path / "strategies" / "heavy.py", text)
    ended = hpbench("list")
    assert ended.code == 0
    assert "Heavy. [continual, robustness]" in ended.out


def test_show_tells_what_a_strategy_is_and_its_settings(hpbench: Command) -> None:
    ended = hpbench("show", "strategy=hp")
    assert (ended.code, ended.err) == (0, "")
    for said in ("Hybrid plasticity (HP)", "Wu et al.", "trace_decay", "0.95", "membrane units", "84.3%"):
        assert said in ended.out


def _defaults(shown: str) -> dict[str, str]:
    """The default of each setting in what `show` prints, with the mark of a preset."""
    cells = [line.split() for line in shown.partition("under few_shot")[0].splitlines()]
    return {one[0]: " ".join(one[1:3] if one[2:3] == ["*"] else one[1:2]) for one in cells if len(one) > 2}


def test_show_has_the_defaults_of_a_preset_marked(hpbench: Command) -> None:
    plain, preset = (hpbench("show", f"strategy={one}").out for one in ("hp", "hp:prototypes"))
    assert "defaults of hp:prototypes (* as the preset sets it)" in preset
    before, after = _defaults(plain), _defaults(preset)
    assert {name: after[name] for name in ("prototypes", "prototype_of", "columns")} == {
        "prototypes": "True *",
        "prototype_of": "input *",
        "columns": "64 *",
    }
    assert before["columns"] == "0"
    assert sum(one.endswith("*") for one in after.values()) == 3


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("hp", {"current_gain": "1.0", "reset": "subtract", "trace_at_test": "frozen"}),
        (
            "hp:paper",
            {"current_gain": "0.6", "reset": "zero", "trace_at_test": "sample", "trace_bound": "inf"},
        ),
        ("decolle", {"hidden": "[512,", "gains": "unit"}),
        ("decolle:published", {"kernels": "[16,", "gains": "release"}),
    ],
)
def test_show_has_the_value_that_an_empty_default_stands_for(
    hpbench: Command, what: str, expected: dict[str, str]
) -> None:
    shown = hpbench("show", f"strategy={what}").out
    assert {name: _defaults(shown)[name] for name in expected} == expected
    assert "by dialect" not in shown


def test_show_has_the_range_of_a_setting(hpbench: Command) -> None:
    shown = hpbench("show", "strategy=hp", "scenario=split_mnist").out
    assert "samples per batch, in training and at test (at least 1)" in shown
    assert "share k of the membrane left after a step (between 0 and 1)" in shown


def test_show_tells_what_a_scenario_is(hpbench: Command) -> None:
    ended = hpbench("show", "scenario=split_mnist")
    assert ended.code == 0
    for said in ("Split MNIST: five experiences", "Version: 1", "order_seed", "class, task, domain"):
        assert said in ended.out


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("strategy=hpp", "did you mean 'hp'"),
        ("strategy=hp:prototype", "strategy 'hp' has no preset 'prototype': did you mean 'prototypes'"),
        ("hp", "write strategy=NAME"),
        ("network=hp", "write strategy=NAME"),
    ],
)
def test_show_refuses_what_it_does_not_know(hpbench: Command, what: str, said: str) -> None:
    ended = hpbench("show", what)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_data_says_what_is_here_and_how_to_get_the_rest(hpbench: Command) -> None:
    ended = hpbench("data")
    assert (ended.code, ended.err) == (0, "")
    assert "mnist: missing, 60,000 + 10,000 samples" in ended.out
    assert "mnist5k: shipped with hpbench, 4,000 + 1,000 samples" in ended.out


def test_data_refuses_a_folder_that_is_not_there(hpbench: Command, tmp_path: Path) -> None:
    ended = hpbench("data", "--data-root", tmp_path / "nowhere")
    assert ended.code == 2
    assert "there is no such folder" in ended.err


def test_board_ranks_the_strategies(hpbench: Command, toy_path: Path, out: Path) -> None:
    words = ("scenario=toy", "strategy=ann", *QUICK, "seed=1,2", "--quiet")
    assert hpbench("run", *words, "--out", out).code == 0
    ended = hpbench("board", "toy", "--out", out)
    assert (ended.code, ended.err) == (0, "")
    [row] = [line for line in ended.out.splitlines() if "│ ann" in line]
    cells = [cell.strip() for cell in row.split("│")]
    assert (cells[1], cells[6]) == ("1", "3"), "rank and seeds"
    assert "earlier version" not in row


def test_board_marks_rows_of_earlier_versions(hpbench: Command, toy_path: Path, out: Path) -> None:
    path = toy_path / "scenarios" / "toy.py"
    write_file(path, path.read_text().replace('VERSION = "1"', 'VERSION = "2"'))
    assert "earlier version (scenario 1, now 2)" in hpbench("board", "toy", "--out", out).out


def test_board_that_is_not_there_gets_names_offered(hpbench: Command, out: Path) -> None:
    ended = hpbench("board", "toi", "--out", out)
    assert (ended.code, ended.out) == (2, "")
    assert f"there is no board 'toi' in {out}: did you mean 'toy'?" in ended.err


def test_board_check_passes_what_run_wrote_and_finds_what_a_hand_changed(hpbench: Command, out: Path) -> None:
    ended = hpbench("board", "check", "--out", out)
    assert (ended.code, ended.err) == (0, "")
    assert "no problems" in ended.out
    board = out / "toy.csv"
    board.write_text(board.read_text().replace(",toy,1,", ",toy,7,", 1))
    before = files(out)
    ended = hpbench("board", "check", "--out", out)
    assert ended.code == 2
    assert "toy.csv: line 2, column 'run_id'" in ended.err
    assert files(out) == before


def test_a_board_without_levels_has_no_picture(hpbench: Command, toy_path: Path, out: Path) -> None:
    ended = hpbench("board", "toy", "--picture", "--out", out)
    assert ended.code == 2
    assert "--picture: toy has no levels of a disturbance to draw" in ended.err


def test_board_publish_merges_the_rows(hpbench: Command, out: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    ended = hpbench("board", "publish", there, "--include-uncommitted", "--out", out)
    assert (ended.code, ended.err) == (0, "")
    assert "toy: 1 rows added" in ended.out
    assert (there / "toy.csv").read_bytes() == (out / "toy.csv").read_bytes()
    assert "ann" in (there / "README.md").read_text()
    again = hpbench("board", "publish", there, "--include-uncommitted", "--out", out)
    assert "toy: 0 rows added, 1 already there" in again.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(hpbench: Command, shell: str) -> None:
    ended = hpbench("completion", shell)
    assert ended.code == 0
    assert "_HPBENCH_COMPLETE" in ended.out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("hpbench run strategy = replay scenario = t", {"toy"}),
        ("hpbench run scenario = split_s", {"split_saccade_mnist", "split_shd"}),
        ("hpbench show strategy = rep", {"replay", "replay:class_memory"}),
        ("hpbench run devi", {"device=auto", "device=cpu", "device=cuda"}),
        ("hpbench bo", {"board"}),
    ],
)
def test_bash_is_offered_names_though_it_cuts_words_at_the_equals_sign(
    hpbench: Command, toy_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, expected: set[str]
) -> None:
    monkeypatch.setenv("_HPBENCH_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "\n".join(words.split()))
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
    assert {line.partition(",")[2] for line in hpbench().out.splitlines()} == expected


def test_zsh_is_offered_whole_words(
    hpbench: Command, toy_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_HPBENCH_COMPLETE", "zsh_complete")
    monkeypatch.setenv("COMP_WORDS", "hpbench run scenario=t")
    monkeypatch.setenv("COMP_CWORD", "2")
    assert "scenario=toy" in hpbench().out.split()


def test_a_bug_of_ours_ends_in_one_line_and_code_1(hpbench: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: str) -> list:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("hpbench.registry.entries", broken)
    ended = hpbench("list")
    assert ended.code == 1
    [line] = ended.err.splitlines()
    assert "unexpected ZeroDivisionError: oops. The traceback is in" in line
