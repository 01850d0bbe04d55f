"""Which rows are compared, which count, and the figures of an entry."""

import io
import math
import statistics

import pandas as pd
import pytest
from board_rows import make_few_shot_row, make_row
from rich.console import Console

from hpbench.board.markdown import ranking_markdown
from hpbench.board.ranking import groups, mean_and_interval
from hpbench.core.identity import short_hash
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
    found = _groups(make_row(), make_row(settings_hash=short_hash("other"), **changes))
    assert [len(group.entries) for group in found] == [1, 1]
    assert [group.entries[0].n for group in found] == [1, 1]


def test_settings_of_the_strategy_make_entries_and_not_groups():
    tuned = make_row(
        overrides="scenario.passes=2 strategy.lr=0.01", settings_hash=short_hash("tuned"), accuracy=0.9
    )
    plain = make_row(overrides="scenario.passes=2", settings_hash=short_hash("plain"), accuracy=0.5)
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


def test_a_newer_source_supersedes_and_does_not_erase():
    old = make_row(seed=0, accuracy=0.1, source_hash=short_hash("old"), finished="2026-01-01T00:00:00Z")
    older = make_row(seed=0, accuracy=0.2, source_hash=short_hash("older"), finished="2025-01-01T00:00:00Z")
    # The other way to write UTC, which sorts before Z as text and is later in time.
    new = make_row(seed=0, accuracy=0.9, finished="2026-01-01T00:00:00.5+00:00")
    other_seed = make_row(seed=1, accuracy=0.7, source_hash=short_hash("old"))
    [group] = _groups(new, old, other_seed, older)
    [entry] = group.entries
    assert (entry.n, entry.superseded, entry.accuracy) == (2, 2, pytest.approx(0.8))


@pytest.mark.parametrize("changes", [{"seed": 1}, {"strategy": "gp"}, {"dataset_sha256": "0" * 64}])
def test_rows_of_another_run_are_not_superseded(changes):
    old = make_row(source_hash=short_hash("old"), finished="2020-01-01T00:00:00Z", **changes)
    found = _groups(make_row(), old)
    assert sum(entry.n for group in found for entry in group.entries) == 2
    assert sum(entry.superseded for group in found for entry in group.entries) == 0


def test_rows_of_older_sources_are_counted():
    rows = [make_row(seed=seed, source_hash=short_hash(source)) for seed, source in enumerate("aab")]
    now = {("split_mnist", "hp"): short_hash("b")}
    for source in (now, lambda scenario, strategy: now.get((scenario, strategy))):
        assert _groups(*rows, current_source=source)[0].entries[0].older_sources == 2
    assert _groups(*rows, current_source={})[0].entries[0].older_sources is None
    assert _groups(*rows)[0].entries[0].older_sources is None


def test_dirty_rows_are_counted():
    [group] = _groups(make_row(seed=0, dirty=True), make_row(seed=1), make_row(seed=2, dirty=True))
    assert group.entries[0].dirty == 2


def test_details_that_differ_within_an_entry_are_all_told():
    [group] = _groups(make_row(seed=0, memory_samples=200), make_row(seed=1, memory_samples=500))
    assert group.entries[0].details["memory_samples"] == "200/500"


def test_no_rows_no_groups():
    assert groups(pd.DataFrame([make_row()]).iloc[:0]) == []


def test_few_shot_rows_show_how_they_were_trained() -> None:
    rows = [
        make_few_shot_row(seed=0, network="spiking", train_ways=60, train_shots=1),
        make_few_shot_row(seed=1, network="spiking", train_ways=60, train_shots=1),
        make_few_shot_row(n_way=20, overrides="scenario.n_way=20", settings_hash=short_hash("20")),
    ]
    five, twenty = sorted(groups(pd.DataFrame(rows)), key=lambda group: group.overrides)
    assert five.overrides == ()
    assert twenty.overrides == ("scenario.n_way=20",)
    assert five.details == ["network", "train_ways", "train_shots", "transductive"]
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
    console = Console(width=300, record=True, file=io.StringIO())
    console.print(ranking_table(group), pairs_table(group))
    shown = console.export_text()
    assert "scenario.classes=[a,b]" in shown
    assert shown.count("hp strategy.kernels=[c,d]") == 2
