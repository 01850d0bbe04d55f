"""`hpbench board NAME WORDS`: one table, words that show the others, and rows that words fit."""

import pytest
from board_rows import make_board, make_few_shot_row, make_row

from hpbench.boards.filters import filtered, telling_words
from hpbench.boards.markdown import ranking_markdown
from hpbench.boards.ranking import groups
from hpbench.boards.table import read
from hpbench.core.errors import InputError

ROWS = [
    make_row(strategy="hp", memory_samples=0),
    make_row(strategy="gp", memory_samples=200, accuracy=0.5),
    make_row(strategy="hp", memory_samples=0, overrides="strategy.lr=0.001"),
    make_row(strategy="hp", overrides="scenario.passes=3"),
    make_row(strategy="hp", overrides="scenario.regime=task", regime="task"),
    make_row(strategy="gp", overrides="scenario.passes=3 scenario.regime=task", regime="task"),
    make_row(strategy="gp", dataset_sha256="1" * 64),
]
"""Five groups: two of the class and two of the task regime that differ in passes, one of other data."""


@pytest.fixture
def folder(tmp_path):
    make_board(tmp_path / "split_mnist.csv", *ROWS)
    return tmp_path


def _frame(folder):
    return read(folder / "split_mnist.csv")


def _selected(folder, *words):
    return [
        (row["strategy"], row["overrides"])
        for _, row in filtered(_frame(folder), "continual", words).iterrows()
    ]


def test_words_are_columns_or_settings(folder):
    assert len(_selected(folder)) == len(ROWS)
    assert _selected(folder, "strategy=gp", "memory_samples=200") == [("gp", "")]
    assert _selected(folder, "strategy.lr=1e-3") == [("hp", "strategy.lr=0.001")]
    assert _selected(folder, "scenario.passes=3", "regime=class") == [("hp", "scenario.passes=3")]
    assert len(_selected(folder, "scenario.passes=")) == 5
    assert len(_selected(folder, "prototype_share=", "task_identity_at_test=false")) == len(ROWS)


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("class", "expected a column and a value such as strategy=hp"),
        ("regim=class", "did you mean 'regime'"),
        ("regime=clas", "no row has regime=clas: did you mean 'class'"),
        ("memory_samples=many", "'many' is not a whole number"),
        ("scenario.pases=3", "did you mean 'scenario.passes'"),
        ("scenario.passes=7", "no row has scenario.passes=7: there are: 3"),
        ("=", "expected a column"),
    ],
)
def test_words_that_fit_nothing_are_refused(hpbench, folder, word, says):
    with pytest.raises(InputError, match=says):
        filtered(_frame(folder), "continual", [word])
    ended = hpbench("board", "split_mnist", word, "--out", folder)
    assert (ended.code, ended.out) == (2, "") and says in ended.err


def test_words_single_out_every_table(folder):
    found = groups(_frame(folder))
    assert len(found) == 5
    for group in found:
        words = telling_words(group, found)
        assert len(words) <= 3
        [again] = groups(filtered(_frame(folder), "continual", words))
        assert (again.compared, again.overrides) == (group.compared, group.overrides)
    assert telling_words(found[0], found[:1]) == []


def test_a_hash_tells_tables_apart_only_where_nothing_else_does(tmp_path):
    rows = [
        make_few_shot_row(),
        make_few_shot_row(overrides="scenario.k_shot=5", k_shot=5, episodes_sha256="2" * 64),
        make_few_shot_row(overrides="scenario.k_shot=5", k_shot=5, episodes_sha256="3" * 64, seed=4),
    ]
    make_board(tmp_path / "omniglot.csv", *rows)
    found = groups(read(tmp_path / "omniglot.csv"))
    told = sorted(telling_words(group, found) for group in found)
    k = "scenario.k_shot="
    assert told == [[k], [f"{k}5", f"episodes_sha256={'2' * 64}"], [f"{k}5", f"episodes_sha256={'3' * 64}"]]


def test_the_largest_table_is_shown_and_the_others_are_named(hpbench, folder):
    ended = hpbench("board", "split_mnist", "--out", folder)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.count("┏") == 1 and "strategy.lr=0.001" in ended.out
    listed = ended.out.partition("Other tables of this board:\n")[2].splitlines()
    assert len(listed) == 4
    for line in listed:
        words = line.partition("  (")[0].split()
        assert words[:3] == ["hpbench", "board", "split_mnist"]
        shown = hpbench(*words[1:])
        assert shown.code == 0 and shown.out.count("┏") == 1 and "Other tables" not in shown.out


def test_words_show_all_tables_that_they_fit(hpbench, folder):
    ended = hpbench("board", "split_mnist", "regime=task", "--pairs", "--out", folder)
    assert ended.code == 0 and ended.out.count("task regime") == 2 and "class regime" not in ended.out


def test_headings_of_the_readme_tell_the_tables_apart(folder):
    text = ranking_markdown(groups(_frame(folder)))
    headings = [line for line in text.splitlines() if line.startswith("### ")]
    assert len(set(headings)) == len(headings) == 5
    plain = "### split_mnist 1, mnist5k, class-incremental, on the test part"
    assert f"{plain}, scenario.passes=3" in headings and f"{plain}, dataset 11111111, episodes" not in text
    assert sum(heading.startswith(f"{plain}, dataset ") for heading in headings) == 2
