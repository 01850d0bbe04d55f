"""Metrics of robustness against cases worked out by hand."""

import pytest

from hpbench.metrics.robustness import area_under_curve, mean_accuracy, relative_drop


def test_mean_over_levels() -> None:
    assert mean_accuracy([0.9, 0.6, 0.3]) == pytest.approx(0.6)


def test_drop_is_that_of_the_last_level_as_a_share_of_the_clean_accuracy() -> None:
    assert relative_drop(0.8, [0.8, 0.1, 0.6]) == pytest.approx(0.25)
    assert relative_drop(0.0, [0.0, 0.1]) is None


def test_area_by_trapezoids_over_unequal_levels() -> None:
    # 0 to 1: 1·0.75; 1 to 3: 2·0.35; together 1.45 of a span of 3.
    assert area_under_curve([0, 1, 3], [0.9, 0.6, 0.1]) == pytest.approx(1.45 / 3)
    assert area_under_curve([0.5, 0.6], [0.7, 0.7]) == pytest.approx(0.7)
    assert area_under_curve([0.1], [0.7]) is None
