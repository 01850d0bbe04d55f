"""Which rows are compared, which count, and the figures of an entry."""

import math
import statistics

import pandas as pd
import pytest
from board_rows import make_few_shot_row, make_row

from hpbench.boards.counted import Versions
from hpbench.boards.markdown import ranking_markdown
from hpbench.boards.ranking import groups, mean_and_interval
from hpbench.cli.terminal import open_console
from hpbench.core.presets import Preset
from hpbench.report.pairs import pairs_table
from hpbench.report.ranking import ranking_table


def _groups(*rows, **options):
    return groups(pd.DataFrame(rows), **options)


def test_best_mean_first_with_its_interval():
    rows = [make_row(strategy="gp", seed=seed, accuracy=score) for seed, score in enumerate((0.7, 0.8, 0.9))]
    rows += [make_row(strategy="hp", seed=seed, accuracy=score) for seed, score in enumerate((0.9, 0.95))]
    rows += [make_row(strategy="lp", accuracy=0.1)]
    [group] = _groups(*rows)
    assert [(entry.strategy, entry.n) for entry in group.entries] == [("hp", 2), ("gp", 3), ("lp", 1)]
    hp, gp, lp = group.entries
    # Quantiles of Student's t at 0.975 from printed tables: 12.706 for 1, 4.303 for 2 degrees of freedom.
    assert hp.accuracy == pytest.approx(0.925)
    assert hp.interval == pytest.approx(12.706 * statistics.stdev([0.9, 0.95]) / math.sqrt(2), rel=1e-4)
    assert gp.interval == pytest.approx(4.303 * 0.1 / math.sqrt(3), rel=1e-3)
    assert (lp.accuracy, lp.interval) == (0.1, None)


def test_interval_of_equal_values_is_zero():
    assert mean_and_interval([0.5, 0.5, 0.5]) == (0.5, 0.0)


@pytest.mark.parametrize(
    "changes",
    [
        {"dataset": "mnist"},
        {"dataset_sha256": "0" * 64},
        {"scenario_version": "2"},
        {"regime": "task"},
        {"evaluated_on": "validation"},
        {"overrides": "scenario.passes=2"},
        {"scenario": "permuted_mnist"},
    ],
)
def test_rows_that_differ_in_the_question_are_never_together(changes):
    found = _groups(make_row(), make_row(**changes))
    assert [len(group.entries) for group in found] == [1, 1]
    assert [group.entries[0].n for group in found] == [1, 1]


def test_settings_of_the_strategy_make_entries_and_not_groups():
    tuned = make_row(overrides="scenario.passes=2 strategy.lr=0.01", accuracy=0.9)
    plain = make_row(overrides="scenario.passes=2", accuracy=0.5)
    [group] = _groups(plain, tuned)
    assert [entry.label for entry in group.entries] == ["hp strategy.lr=0.01", "hp"]
    assert group.overrides == ("scenario.passes=2",)


def test_boards_without_the_continual_columns():
    frame = pd.DataFrame([make_row()]).drop(
        columns=["regime", "evaluated_on", "forgetting", "memory_samples"]
    )
    [group] = groups(frame)
    assert (group.regime, group.evaluated_on) == (None, None)
    assert group.entries[0].figures == {"forgetting": None}
    assert group.entries[0].details == {"trace_at_test": "frozen", "task_identity_at_test": "no"}


def test_figures_are_means_of_what_is_there():
    [group] = _groups(
        make_row(seed=0, forgetting=0.2), make_row(seed=1, forgetting=0.4), make_row(seed=2, forgetting=None)
    )
    [entry] = group.entries
    assert entry.figures == {"forgetting": pytest.approx(0.3)}


def present(scenario: str, strategy: str) -> Versions:
    """Versions as they are here, for these tests."""
    return Versions("1", "2", "1")


def test_rows_of_the_present_version_count_however_old_and_erase_none():
    new = [make_row(seed=seed, strategy_version="2", accuracy=0.9) for seed in range(2)]
    old = [make_row(seed=seed, accuracy=0.1, finished="2026-03-01T00:00:00Z") for seed in range(3)]
    [group] = _groups(*old, *new, present=present)
    [entry] = group.entries
    assert (entry.n, entry.superseded, entry.accuracy) == (2, 3, pytest.approx(0.9))
    assert (entry.earlier, entry.notes) == ("", ["superseded: 3"])


def test_without_rows_of_the_present_version_the_last_one_is_shown_as_earlier():
    older = make_row(strategy_version="0", accuracy=0.2, finished="2026-01-01T00:00:00Z")
    # The other way to write UTC, which sorts before Z as text and is later in time.
    newer = make_row(accuracy=0.9, finished="2026-01-01T00:00:00.5+00:00")
    [group] = _groups(newer, older, present=present)
    [entry] = group.entries
    assert (entry.accuracy, entry.superseded) == (0.9, 1)
    assert entry.notes == ["earlier version (strategy 1, now 2)", "superseded: 1"]
    assert not _groups(newer, older)[0].entries[0].earlier


@pytest.mark.parametrize("changes", [{"protocol_version": "0"}, {"strategy_version": "code-0123"}])
def test_every_version_makes_a_row_an_earlier_one(changes):
    [group] = _groups(make_row(**{"strategy_version": "2"} | changes), present=present)
    assert group.entries[0].earlier


@pytest.mark.parametrize("changes", [{"seed": 1}, {"strategy": "gp"}, {"dataset_sha256": "0" * 64}])
def test_rows_of_another_run_are_not_superseded(changes):
    found = _groups(make_row(), make_row(finished="2020-01-01T00:00:00Z", **changes))
    assert sum(entry.n for group in found for entry in group.entries) == 2
    assert sum(entry.superseded for group in found for entry in group.entries) == 0


def test_rows_without_a_known_commit_are_counted():
    states = ("changed", "clean", "unknown", "none")
    [group] = _groups(*(make_row(seed=seed, checkout=one) for seed, one in enumerate(states)))
    assert group.entries[0].uncommitted == 2


def test_labels_use_the_preset_that_says_most():
    presets = [
        Preset("some", "Some.", {"lr": 0.1}),
        Preset("more", "More.", {"lr": 0.1, "prototypes": True}),
        Preset("other", "Other.", {"lr": 0.2}),
    ]
    words = "strategy.batch=10 strategy.lr=0.1 strategy.prototypes=True"
    [group] = _groups(make_row(overrides=words), presets=lambda strategy: presets)
    assert group.labels == ["hp:more strategy.batch=10"]
    assert _groups(make_row(), presets=lambda strategy: presets)[0].labels == ["hp"]


def test_details_that_differ_within_an_entry_are_all_told():
    [group] = _groups(make_row(seed=0, memory_samples=200), make_row(seed=1, memory_samples=500))
    assert group.entries[0].details["memory_samples"] == "200/500"


def test_no_rows_no_groups():
    assert groups(pd.DataFrame([make_row()]).iloc[:0]) == []


def test_few_shot_rows_show_how_they_were_trained() -> None:
    rows = [
        make_few_shot_row(seed=0, network="spiking", train_ways=60, train_shots=1),
        make_few_shot_row(seed=1, network="spiking", train_ways=60, train_shots=1),
        make_few_shot_row(n_way=20, overrides="scenario.n_way=20"),
    ]
    five, twenty = sorted(groups(pd.DataFrame(rows)), key=lambda group: group.overrides)
    assert five.overrides == ()
    assert twenty.overrides == ("scenario.n_way=20",)
    assert list(five.details) == ["network", "train_ways", "train_shots", "transductive"]
    assert five.entries[0].details["train_ways"] == "60"
    assert not five.figures
    assert "forgetting" not in ranking_markdown([five, twenty])


def test_smoke_tests_are_not_ranked():
    frame = pd.DataFrame([make_row(), make_row(dataset="dvs_gesture-10clips")])
    assert [one.dataset for one in groups(frame)] == ["mnist5k"]
    assert len(groups(frame, smoke=True)) == 2


def test_lists_among_the_settings_are_shown_in_full():
    words = "scenario.classes=[a,b] strategy.kernels=[c,d]"
    rows = [make_row(strategy=name, seed=seed, overrides=words) for name in ("hp", "gp") for seed in range(2)]
    [group] = _groups(*rows)
    console = open_console()
    with console.capture() as captured:
        console.print(ranking_table(group), pairs_table(group))
    shown = captured.get()
    assert "scenario.classes=[a,b]" in shown
    assert shown.count("hp strategy.kernels=[c,d]") == 2
