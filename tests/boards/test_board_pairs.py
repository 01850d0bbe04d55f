"""`hpbench board NAME --pairs`: what the ranks follow from."""

from board_rows import make_board, make_few_shot_row, make_row, of_episodes

SCORES = {
    "hp": {0: 0.75, 1: 0.5},
    "gp": {0: 0.25, 1: 0.25, 2: 0.25},
    "ann": {1: 0.25, 2: 0.25},
    "lp": {2: 0.125},
}


def _board(folder, scores):
    rows = [
        make_row(strategy=name, seed=seed, accuracy=score)
        for name, of_seeds in scores.items()
        for seed, score in of_seeds.items()
    ]
    make_board(folder / "split_mnist.csv", *rows)


def _cells(text):
    return [
        [cell.strip() for cell in line.strip("│").split("│")] for line in text.splitlines() if "│" in line
    ]


def test_every_pair_with_its_result(hpbench, tmp_path):
    _board(tmp_path, SCORES)
    ended = hpbench("board", "split_mnist", "--pairs", "--out", tmp_path)
    assert (ended.code, ended.err) == (0, "")
    lines = _cells(ended.out)
    assert [line[:2] for line in lines[:4]] == [["1-4", name] for name in ("hp", "ann", "gp", "lp")]
    few = "tie: fewer than 2 shared seeds"
    # t = 0.375 / 0.125 = 3 with 1 degree of freedom: p = 1 − 2/π arctan 3 = 0.2048, times 2 tests.
    assert lines[4:] == [
        ["hp", "ann", "+25.00", "", "1", "", "", few],
        ["hp", "gp", "+37.50", "17.68", "2", "0.2", "0.41", "tie"],
        ["hp", "lp", "", "", "0", "", "", few],
        ["ann", "gp", "+0.00", "0.00", "2", "1", "1", "tie"],
        ["ann", "lp", "+12.50", "", "1", "", "", few],
        ["gp", "lp", "+12.50", "", "1", "", "", few],
    ]


def test_without_the_option_there_is_the_ranking_alone(hpbench, tmp_path):
    _board(tmp_path, SCORES)
    ended = hpbench("board", "split_mnist", "--out", tmp_path)
    assert len(_cells(ended.out)) == len(SCORES)
    assert "paired t-test over shared seeds (differences taken as normal), Holm-corrected" in ended.out


def test_a_clear_difference_and_one_that_other_seeds_speak_against(hpbench, tmp_path):
    scores = {
        "hp": {0: 0.90, 1: 0.91, 2: 0.92, 3: 0.1, 4: 0.1, 5: 0.1},
        "gp": {3: 0.50, 4: 0.51, 5: 0.49},
        "lp": {3: 0.30, 4: 0.32, 5: 0.31},
    }
    _board(tmp_path, scores)
    lines = _cells(hpbench("board", "split_mnist", "--pairs", "--out", tmp_path).out)
    assert [line[0] for line in lines[:3]] == ["1-3", "1-2", "2-3"]
    against = "tie: the means over all seeds say otherwise"
    assert [[*line[:2], line[-1]] for line in lines[3:]] == [
        ["hp", "gp", against],
        ["hp", "lp", against],
        ["gp", "lp", "better"],
    ]


def test_few_shot_differences_are_paired_over_episodes_too(hpbench, tmp_path):
    """By hand: hp − gp, mean over seeds, is 0.2, 0, 0.3 in three episodes, so ± 1.96 · 0.1528 / √3."""
    rows = [
        make_few_shot_row(strategy=name, seed=seed, queries=1, **of_episodes(right, 5))
        for name, seed, right in (
            ("hp", 0, "5 3 4"),
            ("gp", 0, "4 3 2"),
            ("hp", 1, "4 4 4"),
            ("gp", 1, "3 4 3"),
        )
    ]
    make_board(tmp_path / "omniglot.csv", *rows)
    [line] = _cells(hpbench("board", "omniglot", "--pairs", "--out", tmp_path).out)[2:]
    assert line[:6] == ["hp", "gp", "+16.67", "4.71", "17.29", "2"]
