"""Metrics against a stream worked out by hand."""

import pytest

from hpbench.metrics import continual as metrics

# Rows: after learning experience 1, 2, 3. Experience 1 is best after the second.
R = [[0.8, 0.1, 0.2], [0.9, 0.7, 0.3], [0.5, 0.6, 1.0]]
BEFORE = [0.1, 0.2, 0.25]


def test_accuracy_is_the_mean_of_the_last_row() -> None:
    assert metrics.average_accuracy(R) == pytest.approx((0.5 + 0.6 + 1.0) / 3)


def test_incremental_accuracy_averages_what_was_learned_so_far() -> None:
    assert metrics.incremental_accuracy(R) == pytest.approx((0.8 + (0.9 + 0.7) / 2 + 0.7) / 3)


def test_weights_make_accuracy_that_over_all_samples() -> None:
    """8 samples of the first experience, 1 of each later: 4 + 0.6 + 1 are right of 10 at the end."""
    weights = [8, 1, 1]
    assert metrics.average_accuracy(R, weights) == pytest.approx((8 * 0.5 + 0.6 + 1.0) / 10)
    sessions = [0.8, (8 * 0.9 + 0.7) / 9, (8 * 0.5 + 0.6 + 1.0) / 10]
    assert metrics.incremental_accuracy(R, weights) == pytest.approx(sum(sessions) / 3)
    assert metrics.incremental_accuracy(R[-1:], weights) == metrics.average_accuracy(R, weights)


def test_forgetting_counts_from_the_best_earlier_accuracy() -> None:
    assert metrics.forgetting(R) == pytest.approx(((0.9 - 0.5) + (0.7 - 0.6)) / 2)


def test_cells_that_were_not_tested_count_nowhere() -> None:
    partly = [[0.8, 0.1, None], [0.9, 0.7, 0.3], [0.5, 0.6, 1.0]]
    assert metrics.average_accuracy(partly) == metrics.average_accuracy(R)
    assert metrics.incremental_accuracy(partly) == metrics.incremental_accuracy(R)
    assert metrics.forgetting(partly) == metrics.forgetting(R)
    assert metrics.forward_transfer(partly, BEFORE) == metrics.forward_transfer(R, BEFORE)


def test_backward_transfer_counts_from_the_diagonal() -> None:
    assert metrics.backward_transfer(R) == pytest.approx(((0.5 - 0.8) + (0.6 - 0.7)) / 2)


def test_forward_transfer_counts_from_before_learning() -> None:
    assert metrics.forward_transfer(R, BEFORE) == pytest.approx(((0.1 - 0.2) + (0.3 - 0.25)) / 2)
    assert metrics.forward_transfer(R, None) is None


def test_joint_training_has_no_forgetting_and_no_transfer() -> None:
    joint = [[0.9, 0.8, 0.7]]
    assert metrics.average_accuracy(joint) == pytest.approx(0.8)
    assert metrics.incremental_accuracy(joint) == pytest.approx(0.8)
    assert metrics.forgetting(joint) is metrics.backward_transfer(joint) is None
    assert metrics.forward_transfer(joint, BEFORE) is None


def test_an_experience_just_learned_is_at_chance_by_the_outputs_that_compete() -> None:
    r = [[0.9, 0.5, 0.0], [0.0, 0.1, 0.0], [0.0, 0.9, 0.3]]
    assert metrics.at_chance(r, 10) == [1], "at chance counts; what is forgotten or yet to come does not"
    assert metrics.at_chance(r, 11) == []
    assert metrics.at_chance(r, 2) == [1, 2]
    assert metrics.at_chance([[0.2, 0.05, 0.0]], 10) == [1, 2], "joint training learns all in its row"
    assert metrics.at_chance([[0.9, None], [0.0, 0.4]], 2) == [1]


def test_samples_until_a_share_of_the_last_accuracy() -> None:
    samples, accuracy = [100, 200, 300, 400], [0.2, 0.65, 0.6, 0.8]
    assert metrics.samples_until(0.8, samples, accuracy) == 200
    assert metrics.samples_until(0.9, samples, accuracy) == 400
