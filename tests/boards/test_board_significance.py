"""Which differences are significant, and the ranges of ranks that follow."""

import math
import random
import statistics
import warnings

import pandas as pd
import pytest
from board_rows import make_row
from hypothesis import given, settings
from hypothesis import strategies as st

from hpbench.boards.ranking import Group, groups
from hpbench.boards.significance import LEVEL, RankRange, compare, holm, paired_p, rank_ranges
from hpbench.protocols.table import PROTOCOLS
from hpbench.report.pairs import pairs_table

# Multiples of 1/1024 are exact, and so are their sums and differences: shifting them changes nothing else.
SCORES = st.dictionaries(
    st.integers(0, 5), st.integers(0, 512).map(lambda one: one / 1024), min_size=1, max_size=6
)
TABLES = st.lists(SCORES, min_size=1, max_size=5)


def _ranked(table):
    return sorted(table, key=lambda scores: -statistics.fmean(scores.values()))


def _group(table) -> Group:
    [group] = groups(_frame(table))
    return group


def _frame(table) -> pd.DataFrame:
    rows = [
        make_row(strategy=f"s{number}", seed=seed, accuracy=accuracy)
        for number, scores in enumerate(table)
        for seed, accuracy in scores.items()
    ]
    return pd.DataFrame(rows)


def test_p_of_three_differences_by_hand():
    # Mean 2, standard deviation 1, t = 2 √3 with 2 degrees of freedom, where p = 1 − t / √(2 + t²).
    assert paired_p([0.01, 0.02, 0.03]) == pytest.approx(1 - math.sqrt(12 / 14), rel=1e-9)
    assert paired_p([-0.01, -0.02, -0.03]) == paired_p([0.01, 0.02, 0.03])


def test_p_of_two_differences_by_hand():
    # Mean 2, standard deviation √2, t = 2 with 1 degree of freedom (Cauchy), where p = 1 − 2/π arctan t.
    assert paired_p([0.01, 0.03]) == pytest.approx(1 - 2 / math.pi * math.atan(2), rel=1e-9)


def test_p_of_five_differences_from_a_printed_table():
    # 2.776 is the two-sided 5 % point of t for 4 degrees of freedom; these have standard deviation √2.5.
    shift = 2.776 * math.sqrt(2.5 / 5)
    assert paired_p([shift + one for one in (-2, -1, 0, 1, 2)]) == pytest.approx(0.05, rel=1e-3)


@pytest.mark.parametrize("scores", [(0.1, 0.2, 0.7), (0.3, 0.3, 0.3), (0.1, 0.9)])
@pytest.mark.parametrize("ahead", [0.0, 0.1, 0.3])
def test_the_same_difference_for_every_seed_is_not_testable_over_seeds(scores, ahead):
    # 0.1 + 0.3 − 0.1 and 0.7 + 0.3 − 0.7 differ by rounding, which must not pass for a tiny spread.
    upper = {seed: score + ahead for seed, score in enumerate(scores)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        [one] = compare([upper, dict(enumerate(scores))])
    p = None if ahead else 1.0
    assert (one.p, one.p_holm, one.spread, one.significant) == (p, p, 0.0, False)
    assert (one.untestable, one.apart) == (bool(ahead), bool(ahead))
    ranks = [RankRange(1, 1), RankRange(2, 2)] if ahead else [RankRange(1, 2)] * 2
    assert rank_ranges(2, [one]) == tuple(ranks)


def test_the_same_difference_for_every_seed_is_tested_over_samples_where_their_variance_is_known():
    upper, lower = {0: 0.8, 1: 0.8}, {0: 0.5, 1: 0.5}
    [one] = compare([upper, lower], variances=[{0: 0.01, 1: 0.01}, {0: 0.0125, 1: 0.0125}])
    # 0.3 is two standard deviations of 0.15, however many seeds there are: p = 0.0455.
    assert (one.tested_over, one.significant, one.apart) == ("samples", True, True)
    assert one.p == pytest.approx(math.erfc(math.sqrt(2)))
    [one] = compare([upper, lower], variances=[{0: 0.02, 1: 0.02}, {0: 0.0125, 1: 0.0125}])
    assert (one.significant, one.apart, rank_ranges(2, [one])) == (False, False, (RankRange(1, 2),) * 2)
    [one] = compare([upper, lower], variances=[{0: 0.01, 1: 0.01}, {0: 0.0125}])
    assert (one.tested_over, one.p, one.untestable) == ("", None, True)


def test_the_same_difference_for_every_seed_is_tested_over_episodes():
    ahead = {seed: [0.9, 0.8, 1.0, 0.9] for seed in (0, 1)}
    behind = {seed: [0.2, 0.2, 0.3, 0.1] for seed in (0, 1)}
    [one] = compare([{0: 0.9, 1: 0.9}, {0: 0.2, 1: 0.2}], [ahead, behind])
    assert (one.tested_over, one.significant, rank_ranges(2, [one])[0]) == ("episodes", True, RankRange(1, 1))
    near = {seed: [0.2, 0.2, 0.3, 0.02] for seed in (0, 1)}
    [one] = compare([{0: 0.2, 1: 0.2}, {0: 0.18, 1: 0.18}], [behind, near])
    assert (one.tested_over, one.significant, one.apart) == ("episodes", False, False)


def test_two_strategies_without_chance_do_not_widen_the_ranks_of_others():
    varied = {"s0": (0.90, 0.91, 0.92), "s1": (0.80,) * 3, "s2": (0.08,) * 3}
    group = _group([dict(enumerate(scores)) for scores in varied.values()])
    assert group.ranks == (RankRange(1, 1), RankRange(2, 2), RankRange(3, 3))


def test_counts_of_records_and_of_robustness_rows_give_the_variance():
    counts = [[[8, 2], [0, 0]], [[0, 0], [5, 5]]]
    row = {"accuracy": 0.65}
    record = {"row": row, "confusion_by_experience": counts}
    assert PROTOCOLS["continual"].variance(row, None) is None
    together = 14 / 22 * 8 / 22 / 20
    assert PROTOCOLS["continual"].variance(row, record) == pytest.approx(together)
    counts[1] = [[0, 0], [50, 50]]
    by_experience = (9 / 12 * 3 / 12 / 10 + 51 / 102 * 51 / 102 / 100) / 4
    assert PROTOCOLS["continual"].variance(row, record) == pytest.approx(by_experience)
    row = {"accuracy": 0.5, "tested_samples": 10}
    assert PROTOCOLS["robustness"].variance(row, None) == pytest.approx(0.025)
    assert PROTOCOLS["robustness"].variance(row | {"accuracy": 0.0}, None) > 0


def test_records_decide_between_strategies_that_do_not_depend_on_the_seed():
    rows = [
        make_row(strategy=name, seed=seed, accuracy=accuracy, memory_samples=0)
        for name, accuracy in (("slda", 0.9), ("other", 0.2))
        for seed in (0, 1)
    ]
    counts = {"slda": [[[9, 1], [0, 0]]], "other": [[[2, 8], [0, 0]]]}
    recorded = {
        row["run_id"]: {"row": row, "confusion_by_experience": counts[row["strategy"]]} for row in rows
    }
    [group] = groups(pd.DataFrame(rows))
    assert [one.tested_over for one in group.comparisons] == [""]
    [group] = groups(pd.DataFrame(rows), recorded=recorded)
    assert [(one.tested_over, one.significant) for one in group.comparisons] == [("samples", True)]


def test_differing_threads_are_told_in_rankings_and_pairs():
    def rows(first, second):
        threads = {"hp": [first, first], "gp": [first, second], "ann": [None, None]}
        return pd.DataFrame(
            [
                make_row(strategy=name, seed=seed, threads=one, accuracy=0.5 + seed / 10)
                for name, numbers in threads.items()
                for seed, one in enumerate(numbers)
            ]
        ).astype({"threads": "Int64"})

    [group] = groups(rows(1, 4))
    notes = {entry.strategy: entry.notes for entry in group.entries}
    assert notes == {"hp": ["threads: 1"], "gp": ["threads: 1/4"], "ann": []}
    results = {frozenset((a.strategy, b.strategy)): result for a, b, result in _results(group)}
    assert results[frozenset(("hp", "gp"))].endswith("; threads differ")
    assert not results[frozenset(("hp", "ann"))].endswith("; threads differ")
    [group] = groups(rows(2, 2))
    assert [entry.notes for entry in group.entries] == [[]] * 3


def _results(group):
    cells = list(pairs_table(group).columns[-1].cells)
    return [
        (group.entries[one.upper], group.entries[one.lower], cell)
        for one, cell in zip(group.comparisons, cells, strict=True)
    ]


def test_holm_by_hand():
    # Ascending 0.005 × 4 = 0.02, 0.01 × 3 = 0.03, 0.03 × 2 = 0.06, and 0.04 × 1, raised to the one before.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.4]) == [0.8, 0.8]
    assert holm([0.9, 0.6]) == [1.0, 1.0]
    assert holm([0.04]) == [0.04]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), max_size=7))
def test_holm_rejects_what_its_steps_reject(p_values):
    """Holm's own form: from the smallest p on, reject while p (m − k) ≤ α; stop at the first that is not."""
    rejected = set()
    left = set(range(len(p_values)))
    while left:
        smallest = min(left, key=lambda position: (p_values[position], position))
        if p_values[smallest] * len(left) > LEVEL:
            break
        rejected.add(smallest)
        left.remove(smallest)
    assert {position for position, p in enumerate(holm(p_values)) if p <= LEVEL} == rejected


def test_ranges_by_hand():
    """A clear first, two with the same mean, one whose single seed says nothing, a clear last.

    p = 1 − t / √(2 + t²) for three seeds. In the order of p:
    0-4 t 241, 0-2 t 122, 2-4 t 119, 0-1 t 33.8, 1-4 t 29.7, times 6, 5, 4, 3 and 2 all below 0.3 %; 1-2 t 0.
    """
    first, upper, lower = (
        {0: 0.90, 1: 0.93, 2: 0.92},
        {0: 0.51, 1: 0.50, 2: 0.52},
        {0: 0.50, 1: 0.52, 2: 0.51},
    )
    single, last = {0: 0.30}, {0: 0.10, 1: 0.13, 2: 0.11}
    comparisons = compare([first, upper, lower, single, last])
    assert len(comparisons) == 10
    corrected = {(one.upper, one.lower): one.p_holm for one in comparisons if one.p is not None}
    assert len(corrected) == 6
    assert corrected[0, 4] == pytest.approx(6 * (1 - 241 / math.sqrt(2 + 241**2)))
    assert corrected[0, 2] == pytest.approx(5 * (1 - 122 / math.sqrt(2 + 122**2)))
    assert corrected[1, 2] == 1.0
    better = {(one.upper, one.lower) for one in comparisons if one.significant}
    assert better == {(0, 1), (0, 2), (0, 4), (1, 4), (2, 4)}
    assert [str(one) for one in rank_ranges(5, comparisons)] == ["1-2", "2-4", "2-4", "1-5", "4-5"]
    without = compare([first, upper, lower, last])
    assert [str(one) for one in rank_ranges(4, without)] == ["1", "2-3", "2-3", "4"]


def test_a_pair_has_what_p_follows_from():
    [one] = compare([{0: 0.5, 1: 0.75, 7: 0.9}, {1: 0.25, 0: 0.25, 8: 0.1}])
    assert (one.upper, one.lower, one.seeds) == (0, 1, 2)
    assert (one.difference, one.spread) == (0.375, pytest.approx(0.125 * math.sqrt(2)))
    # t = 0.375 / 0.125 = 3 with 1 degree of freedom.
    assert one.p == pytest.approx(1 - 2 / math.pi * math.atan(3))


@pytest.mark.parametrize(
    ("upper", "seeds", "difference"), [({5: 0.75}, 0, None), ({0: 0.75, 5: 0.9}, 1, 0.5)]
)
def test_fewer_than_two_shared_seeds_say_nothing(upper, seeds, difference):
    [one] = compare([upper, {0: 0.25, 1: 0.4, 2: 0.5}])
    assert (one.seeds, one.difference) == (seeds, difference)
    assert (one.spread, one.p, one.p_holm, one.significant) == (None, None, None, False)
    assert rank_ranges(2, [one]) == (RankRange(1, 2), RankRange(1, 2))


def test_pairs_that_are_not_tested_do_not_count_for_the_correction():
    two = [{0: 0.9, 1: 0.91, 2: 0.92}, {0: 0.52, 1: 0.5, 2: 0.51}]
    [alone] = compare(two)
    assert alone.p_holm == alone.p
    assert [one.p_holm for one in compare([*two, {9: 0.1}])] == [alone.p, None, None]


def test_shared_seeds_that_speak_against_the_means_over_all_decide_nothing():
    upper = {0: 0.10, 1: 0.11, 2: 0.12, 3: 0.9, 4: 0.9, 5: 0.9}
    lower = {0: 0.20, 1: 0.22, 2: 0.21}
    [one] = compare([upper, lower])
    assert one.difference < 0 and one.p_holm <= LEVEL
    assert not one.significant
    assert rank_ranges(2, [one]) == (RankRange(1, 2), RankRange(1, 2))


@settings(deadline=None, max_examples=50)
@given(TABLES)
def test_compared_as_by_a_literal_loop(table):
    table = _ranked(table)
    p_values = {}
    for upper in range(len(table)):
        for lower in range(upper + 1, len(table)):
            shared = [
                table[upper][seed] - table[lower][seed]
                for seed in range(6)
                if seed in table[upper] and seed in table[lower]
            ]
            if len(shared) > 1:
                p_values[upper, lower] = 1.0 if len(set(shared)) == 1 else paired_p(shared)
    corrected = dict(zip(p_values, holm(list(p_values.values())), strict=True))
    assert {(one.upper, one.lower): one.p_holm for one in compare(table) if one.p is not None} == corrected


@settings(deadline=None, max_examples=50)
@given(TABLES)
def test_a_range_holds_the_rank_of_the_mean(table):
    group = _group(table)
    for rank, (best, worst) in enumerate(group.ranks, start=1):
        assert 1 <= best <= rank <= worst <= len(table)


@settings(deadline=None, max_examples=50)
@given(TABLES, st.integers(-512, 512).map(lambda one: one / 1024))
def test_a_constant_added_to_all_changes_nothing(table, constant):
    table = _ranked(table)
    shifted = [{seed: score + constant for seed, score in scores.items()} for scores in table]
    assert compare(shifted) == compare(table)


@settings(deadline=None, max_examples=50)
@given(TABLES, st.lists(st.integers(-512, 512).map(lambda one: one / 1024), min_size=6, max_size=6))
def test_what_a_seed_adds_to_all_changes_no_difference(table, effects):
    """This is what pairing is for: a hard seed is hard for all."""
    table = _ranked(table)
    moved = [{seed: score + effects[seed] for seed, score in scores.items()} for scores in table]
    assert compare(moved) == compare(table)


@settings(deadline=None, max_examples=25)
@given(TABLES, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(table, shuffler):
    frame = _frame(table)
    order = list(range(len(frame)))
    shuffler.shuffle(order)
    assert groups(frame.iloc[order]) == groups(frame)


def test_equal_strategies_are_rarely_told_apart():
    """Of 200 tables of four strategies that differ by chance alone, LEVEL at most have a false "better"."""
    chance = random.Random(0)
    wrong = 0
    for _ in range(200):
        seeds = [chance.gauss(0.5, 0.05) for _ in range(4)]
        table = [{seed: mean + chance.gauss(0, 0.01) for seed, mean in enumerate(seeds)} for _ in range(4)]
        wrong += any(one.significant for one in compare(_ranked(table)))
    # The mean is 10; over 20 has a probability of 0.1 %.
    assert wrong <= 20


def test_strategies_are_compared_within_their_table_only():
    """Thirty tables of two are thirty questions: the correction does not grow with the file."""
    two = {"a": (0.90, 0.91, 0.92), "b": (0.52, 0.50, 0.51)}
    rows = [
        make_row(scenario_version=str(version), strategy=name, seed=seed, accuracy=score)
        for version in range(30)
        for name, scores in two.items()
        for seed, score in enumerate(scores)
    ]
    found = groups(pd.DataFrame(rows))
    assert len(found) == 30
    for group in found:
        [one] = group.comparisons
        assert one.p_holm == one.p
        assert group.ranks == ((1, 1), (2, 2))
