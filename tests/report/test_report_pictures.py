"""What pictures say: units, ranges, whose episodes; and that a legend never lies over a curve."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from hpbench.boards.ranking import Entry, Group
from hpbench.disturb.attacks import ATTACKS
from hpbench.disturb.corruptions.table import CORRUPTIONS
from hpbench.disturb.drifts import DRIFTS
from hpbench.disturb.events.disturbances import EVENT_DISTURBANCES
from hpbench.disturb.images import IMAGE_DISTURBANCES
from hpbench.disturb.known import known
from hpbench.protocols.robustness import ROBUSTNESS
from hpbench.report import episodes, level_curves, plot

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "robustness.md").read_text()
ROW = {
    "strategy": "gp",
    "scenario": "made",
    "dataset": "made",
    "regime": "class",
    "seed": 0,
    "accuracy": 0.5,
    "interval": 0.01,
    "n_way": 5,
    "k_shot": 1,
    "kept_step": 20,
    "evaluated_on": "test",
}


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Figure]]:
    """The figures that pictures are made of."""
    figures: list[Figure] = []
    png = plot.png

    def keep(figure: Figure) -> bytes:
        figures.append(figure)
        return png(figure)  # which places what the layout moves

    for module in (plot, level_curves, episodes):
        monkeypatch.setattr(module, "png", keep)
    yield figures


def legends(figure: Any) -> list[Any]:
    parts = [figure, *figure.subfigs]
    own = [axis.get_legend() for axis in figure.axes if axis.get_legend() is not None]
    return [*own, *(legend for part in parts for legend in part.legends)]


def covered(figure: Any) -> bool:
    """Whether a legend lies over axes that have a line."""
    curves = [axis.get_window_extent() for axis in figure.axes if axis.lines]
    return any(one.get_window_extent().overlaps(curve) for one in legends(figure) for curve in curves)


def words(figure: Any) -> str:
    return " | ".join(text.get_text() for text in figure.findobj(lambda one: hasattr(one, "get_text")))


def of_run(experiences: int) -> Any:
    matrix = np.full((experiences, experiences), 0.9).tolist()
    curve = [
        {"experience": e, "samples": 100 * e + k, "accuracy": k / 99}
        for e in range(experiences)
        for k in (0, 50, 99)
    ]
    return SimpleNamespace(row=ROW, details={"R": matrix, "curve": curve})


@pytest.mark.parametrize("experiences", [5, 20])
def test_matrix_and_learning_curve_are_both_in_per_cent(drawn: list[Figure], experiences: int) -> None:
    plot.run_picture(of_run(experiences))
    [figure] = drawn
    left, right, *bar = figure.axes
    assert "%" in left.get_title() and "%" in right.get_ylabel()
    assert max(max(line.get_ydata()) for line in right.lines) == 100
    assert right.get_ylim() == (0, 102)
    assert not covered(figure)
    assert bool(legends(figure)) is (experiences == 5)
    assert bool(bar) is (experiences == 20), "cells without numbers need a scale"


def test_an_axis_of_another_range_says_so() -> None:
    def axis(*accuracies: float) -> tuple[Any, str]:
        panel = Figure().subplots()
        plot.accuracy_axis(panel, accuracies)
        return panel.get_ylim(), panel.get_ylabel()

    assert axis(0.1, 0.9) == ((0, 102), "accuracy (%)")
    assert axis() == ((0, 102), "accuracy (%)")
    (bottom, top), label = axis(0.90, 0.94)
    assert label == "accuracy (%), axis from 89 to 95" and (bottom, round(top)) == (89, 95)
    (bottom, top), label = axis(0.98, 1.0)
    assert label == "accuracy (%), axis from 97 to 100" and 100 < top < 101
    assert axis(0.12, 0.4)[1] == "accuracy (%), axis from 0 to 43", "no cut just above 0"
    assert axis(float("nan"), 0.5)[1] == "accuracy (%), axis from 49 to 51"


def of_board(by_level: dict[str, dict[float, list[float]]], entries: int) -> Group:
    shared: dict[str, Any] = {"superseded": 0, "earlier": "", "uncommitted": 0, "details": {}, "figures": {}}
    shared |= {"diverged": 0, "threads": "", "lineage": ""}
    return Group(
        protocol=ROBUSTNESS,
        scenario="made",
        scenario_version="1",
        dataset="made",
        dataset_sha256="",
        regime=None,
        evaluated_on="test",
        overrides=(),
        entries=tuple(
            Entry(f"s{one}", "", f"s{one}", 1, 0.9, None, by_level=by_level, **shared)
            for one in range(entries)
        ),
        ranks=(),
        comparisons=(),
        compared={},
    )


@pytest.mark.parametrize("panels", [1, 2, 3, 4])
def test_a_board_has_quantity_and_unit_on_its_axes_and_legends_beside(
    drawn: list[Figure], panels: int
) -> None:
    labels = {
        "gaussian": "gaussian: variance σ²",
        "background_activity": "background_activity: rate of added events (Hz per pixel)",
        "occlusion": "occlusion: side of the square (pixels)",
        "of_ones_own": "level of of_ones_own",
    }
    names = list(labels)[:panels]
    by_level = {name: {0.0: [0.91, 0.93], 4.0: [0.9, 0.92]} for name in names}
    groups = [of_board(by_level, 12), of_board({"gaussian": by_level["gaussian"]}, 2)]
    level_curves.level_picture(groups, "s1")
    [figure] = drawn
    axes = [axis for axis in figure.axes if axis.lines]
    assert [axis.get_xlabel() for axis in axes] == [labels[one] for one in [*names, "gaussian"]]
    assert {axis.get_ylabel() for axis in axes} == {"accuracy (%), axis from 89 to 94"}
    assert len(legends(figure)) == 2 and not covered(figure)
    lines = [(line.get_color(), line.get_linestyle()) for line in axes[0].lines]
    assert len(set(lines)) == 12, "no two strategies look alike"


def of_episodes(looks: int) -> Any:
    episode = SimpleNamespace(
        support=np.zeros((5, 8, 8)), query=np.zeros((10, 8, 8)), predicted=np.arange(10) % 4, ways=5
    )
    curve = [
        {"step": 10 * k, "accuracy": 0.3 + k / 10, "interval": 0.02, "loss": 1.0 - k / 9}
        for k in range(looks)
    ]
    shape = {"ways": 20, "shots": 3, "queries": 10, "episodes": 200}
    details = {"training": {"looks": curve}, "validated": shape if looks else None}
    return SimpleNamespace(row=ROW, details=details, shown=[episode])


def test_a_few_shot_curve_says_which_episodes_it_is_of_and_predictions_stand_in_their_frame(
    drawn: list[Figure],
) -> None:
    episodes.episodes_picture(of_episodes(3))
    [figure] = drawn
    said = words(figure)
    assert "20-way 3-shot validation episodes" in said and "of 200 episodes" in said
    assert "gp on made (made, 5-way 1-shot" in said
    assert "→" not in said
    curve = next(axis for axis in figure.axes if "meta-training" in axis.get_xlabel())
    assert "%" in curve.get_ylabel() and max(curve.lines[0].get_ydata()) == pytest.approx(50)
    assert not covered(figure)
    framed = [axis for axis in figure.axes if axis.images]
    assert len(framed) == 15
    for axis in framed:
        [text] = axis.texts
        assert axis.get_window_extent().overlaps(text.get_window_extent())
        below = axis.transData.inverted().transform(text.get_window_extent())[:, 1]
        assert min(below) >= 7.5, "under the image of 8 rows, not on it"
    wrong = [axis for axis in framed if axis.texts[0].get_color() == "red"]
    assert [axis.texts[0].get_text() for axis in wrong[:1]] == ["class 1"]


def test_a_learner_without_meta_training_has_no_curve(drawn: list[Figure]) -> None:
    episodes.episodes_picture(of_episodes(0))
    [figure] = drawn
    assert all(axis.images for axis in figure.axes)


def test_every_disturbance_names_what_its_level_is() -> None:
    for table in (IMAGE_DISTURBANCES, CORRUPTIONS, EVENT_DISTURBANCES, ATTACKS, DRIFTS):
        for name, one in table.items():
            assert one.quantity and one.axis.startswith(one.quantity)
            assert known(name, one.levels) is one, "images and events are told apart"
            assert f"`{name}`" in DOCUMENT
    assert known("gaussian", [0.0, 11.0]) is None
    assert known("of_ones_own", [0.0]) is None
    assert EVENT_DISTURBANCES["time_jitter"].at(1000) == "standard deviation of times 1000 µs"
    assert IMAGE_DISTURBANCES["gaussian"].at(0.01) == "variance σ² 0.01"
