"""Published figures beside the ones reached, the grids, and that the committed document is up to date."""

from pathlib import Path
from typing import Any

import pytest
from board_rows import make_board, make_few_shot_row, make_row

from hpbench.boards.reproducibility import reproducibility_markdown
from hpbench.cli.board import published_figures
from hpbench.core.errors import InputError
from hpbench.core.published import Published, omniglot

LEADERBOARDS = Path(__file__).resolve().parents[2] / "leaderboards"


def figure(accuracy: float, regime: str = "class", **more: Any) -> Published:
    return Published("split_mnist", (("regime", regime),), accuracy, "method", "A paper", **more)


def lines(text: str) -> list[list[str]]:
    """The cells of the lines of the tables, without headings."""
    rows = [line.strip("|").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in row] for row in rows]
    return [row for row in cells if row[0] not in ("strategy", "---")]


def test_a_figure_is_held_against_the_mean_over_seeds_on_the_test_part(tmp_path: Path) -> None:
    make_board(
        tmp_path / "split_mnist.csv",
        make_row(seed=0, accuracy=0.80),
        make_row(seed=1, accuracy=0.84),
        make_row(seed=2, accuracy=0.10, evaluated_on="validation"),
        make_row(seed=0, accuracy=0.20, regime="task", overrides="scenario.regime=task"),
        make_row(seed=0, accuracy=0.20, strategy="gp"),
        make_row(seed=3, accuracy=0.99, prototype_share=1.0),
    )
    text = reproducibility_markdown(tmp_path, {"hp": (figure(0.83),)})
    [line] = lines(text)
    assert line == ["hp", "class", "83.0", "± 2", "method (1)", "82.00 ± 2.83", "2", "mnist5k", "yes", ""]
    assert "(1) A paper." in text


def test_few_shot_figures_are_told_apart_by_ways_and_shots(tmp_path: Path) -> None:
    shapes = [(ways, shots) for ways in (5, 20) for shots in (1, 5)]
    rows = [
        make_few_shot_row(
            n_way=ways,
            k_shot=shots,
            accuracy=0.98 - ways / 1000,
            overrides=f"scenario.k_shot={shots} scenario.n_way={ways}",
            split="characters",
        )
        for ways, shots in shapes
    ]
    make_board(tmp_path / "omniglot.csv", *rows)
    make_board(tmp_path / "tuning" / "omniglot.csv", make_few_shot_row(evaluated_on="validation"))
    text = reproducibility_markdown(
        tmp_path, {"hp": omniglot("binding", "A paper", 0.978, 0.99, 0.962, 0.90)}
    )
    found = [(line[1], line[5], line[8]) for line in lines(text) if len(line) == 10]
    assert found == [
        ("5w1s", "97.50", "yes"),
        ("5w5s", "97.50", "1.5 below"),
        ("20w1s", "96.00", "yes"),
        ("20w5s", "96.00", "6.0 above"),
    ]
    assert "| strategy | data | 5w1s |" in text  # the grid


@pytest.mark.parametrize(
    ("accuracy", "band", "verdict"),
    [(0.80, 0.02, "yes"), (0.79, 0.02, "3.0 below"), (0.90, 0.02, "8.0 above"), (0.79, 0.05, "yes")],
)
def test_what_counts_as_reached(tmp_path: Path, accuracy: float, band: float, verdict: str) -> None:
    make_board(tmp_path / "split_mnist.csv", make_row(accuracy=accuracy))
    [line] = lines(reproducibility_markdown(tmp_path, {"hp": (figure(0.82, band=band),)}))
    assert line[8] == verdict


def test_a_note_says_why_and_only_where_the_figure_is_not_reached(tmp_path: Path) -> None:
    make_board(
        tmp_path / "split_mnist.csv",
        make_row(accuracy=0.5),
        make_row(accuracy=0.9, overrides="strategy.lr=0.1"),
    )
    published = {"hp": (figure(0.9),), "gp": (figure(0.5),)}
    first, *others = lines(reproducibility_markdown(tmp_path, published))
    assert first[5] == "no rows"
    assert [line[-1] for line in others] == ["not written yet", ""]
    (tmp_path / "notes.toml").write_text('[split_mnist.hp]\nclass = "Only one pass."\n')
    _, *others = lines(reproducibility_markdown(tmp_path, published))
    assert [(line[0], line[-1]) for line in others] == [
        ("hp", "Only one pass."),
        ("hp strategy.lr=0.1", ""),
    ]


@pytest.mark.parametrize(
    "note",
    [
        '[split_mnist.hp]\ntask = "No such figure."',
        '[split_mnist.gp]\nclass = "No such strategy."',
        "[split_mnist.hp]\nclass = 3",
        "[split_mnist.hp\n",
    ],
)
def test_a_note_that_belongs_to_nothing_is_refused(tmp_path: Path, note: str) -> None:
    make_board(tmp_path / "split_mnist.csv", make_row())
    (tmp_path / "notes.toml").write_text(note)
    with pytest.raises(InputError, match=r"notes\.toml"):
        reproducibility_markdown(tmp_path, {"hp": (figure(0.9),)})


def test_a_grid_is_sorted_by_value_and_marks_the_best_of_each_regime(tmp_path: Path) -> None:
    def tried(c: str, accuracy: float, regime: str, seed: int = 0) -> dict[str, Any]:
        overrides = f"scenario.evaluate_on=validation scenario.regime={regime} strategy.c={c}"
        return make_row(
            strategy="si",
            overrides=overrides,
            accuracy=accuracy,
            regime=regime,
            seed=seed,
            evaluated_on="validation",
        )

    make_board(tmp_path / "split_mnist.csv", make_row())
    make_board(
        tmp_path / "tuning" / "split_mnist.csv",
        tried("1000.0", 0.5, "class"),
        tried("20.0", 0.4, "class", seed=0),
        tried("20.0", 0.8, "class", seed=1),
        tried("20.0", 0.3, "task"),
    )
    grid = lines(reproducibility_markdown(tmp_path, {}))
    assert grid == [
        ["si strategy.c=20.0", "mnist5k", "60.00 ± 28.28 (n 2, best)", "30.00 (n 1, best)"],
        ["si strategy.c=1000.0", "mnist5k", "50.00 (n 1)", "–"],
    ]


def test_the_committed_document_says_what_the_rows_say() -> None:
    written = (LEADERBOARDS / "REPRODUCIBILITY.md").read_text()
    assert written == reproducibility_markdown(LEADERBOARDS, published_figures()), (
        "run `hpbench board reproducibility`"
    )
